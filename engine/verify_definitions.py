"""Checking what is in force: definitions and campaign files as they are stored, against their hash and against the record."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine.campaign_schema import CampaignDoc
from engine.canonical import canonical, digest, parsed
from engine.clock import to_us
from engine.definition_schema import DefinitionDoc
from engine.errors import DubanError
from engine.log_entries import log_stream
from engine.published import F, V
from engine.publishing import C, get_meta
from engine.source import Source
from engine.statutes import statutes_json
from engine.store import Statement, Tx
from engine.strictyaml import CAMPAIGN_BOUNDS, DEFINITION_BOUNDS, parse
from engine.verify_findings import Findings
from engine.verify_others import Others

VERSIONS = Statement(
    select(V.c.kind, V.c.version, V.c.published_at, V.c.published_by, V.c.doc, V.c.source, V.c.digest).order_by(
        V.c.kind, V.c.version
    )
)
NOW = Statement(select(C.c.doc, C.c.source, C.c.digest).where(C.c.id == bindparam("campaign_id")))
CAMPAIGNS = Statement(select(C.c.id))
ONCE = Statement(
    select(F.c.number, F.c.doc, F.c.source, F.c.digest)
    .where(F.c.campaign_id == bindparam("campaign_id"))
    .order_by(F.c.number)
)
Stored = tuple[str, str, str, str]
"""A name for people, and as they are stored: the content, the text it was read from, the hash."""


def check_definitions(tx: Tx, campaign_id: int, code: str, others: Others, found: Findings) -> int:
    """Hold every published definition and every version of the campaign's file against text, hash and record.

    What cannot be read any more (an older release read it) is reserved. Returns how many there are.
    """
    said = others.said("definition/", "campaign/", "log/", campaign_id=campaign_id)
    records = [each.record for each in said if not each.stream.startswith("log/") or each.trigger == "init"]
    definitions, campaigns, modes = _told(records)
    published = _published(records)
    alone = len(tx.rows(CAMPAIGNS)) == 1
    mode = get_meta(tx, "mode") or "production"
    if modes and mode not in modes:
        words = f"it is called a {mode} database and was begun as one of {', '.join(sorted(modes))}"
        found.add("mode_differs", words, log_stream(code))
    count = 0
    unread: list[str] = []
    there = set()
    for kind, version, at, by, *stored in tx.rows(VERSIONS):
        name, stream = f"{kind}@{version}", f"definition/{kind}"
        known = definitions.get(name)
        count += 1
        there.add(name)
        if campaigns and known is None and alone:
            found.add("definition_differs", f"{name}: nobody entered that it was published", stream)
        if name in published and (at, by) not in published[name]:
            found.add("definition_differs", f"{name}: it was published by another or at another time", stream)
        unread += _check((name, *stored), _definition_digest, known, stream, found)
    for name in sorted(definitions.keys() - there):
        found.add(
            "definition_differs", f"{name}: it was published, and is gone", f"definition/{name.partition('@')[0]}"
        )
    files = [(f"{code} ({number})", *stored) for number, *stored in tx.rows(ONCE, campaign_id=campaign_id)]
    files += [(code, *stored) for stored in tx.rows(NOW, campaign_id=campaign_id)]
    for file in files:
        count += 1
        unread += _check(file, _campaign_digest, campaigns, f"campaign/{code}", found)
    if unread:
        found.reserve("definition_unread", f"they cannot be read any more, and were not checked: {', '.join(unread)}")
    return count


def _published(records: Iterable[str]) -> dict[str, set[tuple[int, str]]]:
    """Of each version with an entry of its own: when and by whom it was published."""
    found: dict[str, set[tuple[int, str]]] = {}
    for record in records:
        body = parsed(record)
        if body["kind"] == "published":
            at = to_us(datetime.fromisoformat(body["recorded_at"]))
            found.setdefault(body["trigger"], set()).add((at, body["actor"]))
    return found


def _told(records: Iterable[str]) -> tuple[dict[str, set[str]], set[str], set[str]]:
    """What is on record: hashes of definitions by ``kind@version``, of the campaign's files if its first is known, modes."""
    modes: set[str] = set()
    definitions: dict[str, set[str]] = {}
    campaigns: set[str] = set()
    begun = False
    for record in records:
        body = parsed(record)
        said = body.get("configured", body)
        named = said.get("definitions") or {}
        if body["kind"] == "published":
            named = {body["trigger"]: body["digest"]}
        for name, value in named.items():
            definitions.setdefault(name, set()).add(value)
        begun = begun or body["kind"] == "configured"
        modes |= {said["mode"]} if body["kind"] == "configured" and "mode" in said else set()
        campaigns |= {str(value) for value in (said.get("campaign"), said.get("digest")) if isinstance(value, str)}
    return definitions, campaigns if begun else set(), modes


def _check(
    stored: Stored,
    digest_of: Callable[[str, str], tuple[str, bool]],
    known: set[str] | None,
    stream: str,
    found: Findings,
) -> Iterator[str]:
    """Find what is wrong with one; yield its name if it cannot be read."""
    name, doc, text, said = stored
    try:
        parsed(doc)
    except ValueError:
        found.add("definition_differs", f"{name}: what is in force is no JSON, as none of ours ever was", stream)
    if known and said not in known:
        found.add("definition_differs", f"{name}: its hash {said[:12]}… is not the one on record", stream)
    try:
        counted, same = digest_of(doc, text)
    except (DubanError, ValueError):  # pydantic's complaint is a ValueError
        yield name
        return
    if counted != said:
        found.add("definition_differs", f"{name}: its text has the hash {counted[:12]}…, not {said[:12]}…", stream)
    if not same:
        found.add("definition_differs", f"{name}: what is in force is not what its text says", stream)


def _definition_digest(doc: str, text: str) -> tuple[str, bool]:
    source, stored = parse(text, "", DEFINITION_BOUNDS), DefinitionDoc.model_validate_json(doc)
    read = DefinitionDoc.model_validate(source.data)
    taken = {code: spec for code, spec in stored.statutes.items() if code not in read.statutes}
    same = _same(read.model_copy(update={"statutes": {**read.statutes, **taken}}), stored)
    if not taken:
        return source.digest, same
    whole = {**source.data, "statutes": {**source.data.get("statutes", {}), **statutes_json(taken)}}
    return digest(canonical(whole)), same


def _campaign_digest(doc: str, text: str) -> tuple[str, bool]:
    source: Source = parse(text, "", CAMPAIGN_BOUNDS)
    stored = CampaignDoc.model_validate_json(doc)
    beside = {"words": stored.words, "rights": stored.rights}
    same = _same(CampaignDoc.model_validate(source.data).model_copy(update=beside), stored)
    named = source.digest
    if stored.words:
        words: dict[str, Any] = {key: spec.model_dump() for key, spec in stored.words.items()}
        named = digest(canonical([named, words]))
    if stored.rights is not None:
        named = digest(canonical([named, stored.rights.model_dump(by_alias=True)]))
    return named, same


def _same(read: DefinitionDoc | CampaignDoc, stored: DefinitionDoc | CampaignDoc) -> bool:
    return read.model_dump_json(by_alias=True) == stored.model_dump_json(by_alias=True)
