"""Checking the record: every chain recomputed, every copy compared, every matter replayed against its row."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine.campaign import Campaign
from engine.canonical import ZERO_HASH, commitment, leaf_hash
from engine.clock import to_us
from engine.differences import differences
from engine.replay import replay
from engine.rows import DeadlineRow, E, MatterRow
from engine.store import Statement, Tx
from engine.tables import EntryPrivate, table_of
from engine.verifying_notices import notice_findings

P = table_of(EntryPrivate)

EVERYTHING = Statement(
    select(
        E.c.stream,
        E.c.seq,
        E.c.kind,
        E.c.trigger,
        E.c.src,
        E.c.dst,
        E.c.actor,
        E.c.recorded_at,
        E.c.record,
        E.c.hash,
        E.c.occurred_at,
        E.c.request_id,
    )
    .where(E.c.campaign_id == bindparam("campaign_id"))
    .order_by(E.c.stream, E.c.seq)
)
PRIVATE = Statement(
    select(P.c.stream, P.c.seq, P.c.field, P.c.salt, P.c.value).where(P.c.campaign_id == bindparam("campaign_id"))
)

Matters = Iterable[tuple[MatterRow, list[DeadlineRow]]]


def verify(tx: Tx, campaign: Campaign, matters: Matters) -> dict[str, Any]:
    """Verify a campaign's record; each finding has its code, stream and sequence number."""
    findings: list[dict[str, Any]] = []
    commits: dict[tuple[str, int], dict[str, str]] = {}
    streams: dict[str, tuple[int, str]] = {}
    entries = 0
    for row in tx.rows(EVERYTHING, campaign_id=campaign.id):
        stream, seq, record = row[0], row[1], row[8]
        last = streams.get(stream, (0, ZERO_HASH))
        findings += [_finding(code, stream, seq, words) for code, words in _entry(row, last, campaign.log)]
        streams[stream] = (seq, row[9])
        commits[stream, seq] = _read(record).get("commit", {})
        entries += 1
    findings += _private(tx, campaign, commits)
    pairs = list(matters)
    findings += _rows(tx, campaign, pairs)
    there = {f"matter/{matter.ref}" for matter, _ in pairs}
    lost = sorted(stream for stream in streams if stream.startswith("matter/") and stream not in there)
    findings += [_finding("no_matter", stream, None, "there is a history and no matter") for stream in lost]
    findings += notice_findings(tx, campaign)
    counts = {"streams": len(streams), "entries": entries, "matters": len(pairs)}
    return {"ok": not findings, **counts, "findings": findings}


def _rows(tx: Tx, campaign: Campaign, pairs: Sequence[tuple[MatterRow, list[DeadlineRow]]]) -> Iterator[dict[str, Any]]:
    """Every matter's row and deadlines against its history; a history that makes no sense is a finding, not a fault."""
    refs = {matter.id: matter.ref for matter, _ in pairs}
    for matter, rows in pairs:
        stream = f"matter/{matter.ref}"
        try:
            for words in differences(campaign, matter, rows, replay(tx, campaign, matter), refs):
                yield _finding("row_differs", stream, None, words)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            words = f"its history cannot be replayed on its row: {type(error).__name__}: {error}"
            yield _finding("row_differs", stream, None, words)


def _read(record: str) -> dict[str, Any]:
    """An entry's text as an object; nothing if it is none."""
    try:
        body = json.loads(record)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _finding(code: str, stream: str, seq: int | None, message: str) -> dict[str, Any]:
    return {"code": code, "stream": stream, "seq": seq, "message": message}


def _entry(row: Any, last: tuple[int, str], log: str) -> Iterator[tuple[str, str]]:
    stream, seq, kind, trigger, src, dst, actor, recorded_at, record, digest, occurred_at, request_id = row
    body = _read(record)
    if leaf_hash(record) != digest:
        yield "hash", "the entry's text does not have the entry's hash"
    if seq != last[0] + 1:
        yield "gap", f"after {last[0]} comes {seq}"
    if body.get("prev") != last[1]:
        yield "chain", "it does not follow the entry before it"
    said = tuple(body.get(name) for name in COPIED)
    if said != (stream, seq, kind, trigger, src, dst, actor, log, request_id):
        yield "column", "a column says something else than the entry's text"
    for name, at in (("recorded_at", recorded_at), ("occurred_at", occurred_at)):
        if _instant(body.get(name)) != at:
            yield "column", f"{name} differs from the entry's text"


COPIED = ("stream", "seq", "kind", "trigger", "from", "to", "actor", "log", "request_id")
"""What of an entry's text stands in columns too, for queries; its instants are compared by themselves."""


def _instant(text: Any) -> int | None:
    try:
        return to_us(datetime.fromisoformat(text))
    except (TypeError, ValueError):
        return None


def _private(tx: Tx, campaign: Campaign, commits: dict[tuple[str, int], dict[str, str]]) -> Iterator[dict[str, Any]]:
    """A private value must be what was committed to; one that is gone was erased and is no finding."""
    for stream, seq, field, salt, value in tx.rows(PRIVATE, campaign_id=campaign.id):
        if commits.get((stream, seq), {}).get(field) != commitment(salt, json.loads(value)):
            yield _finding("private", stream, seq, f"the value of {field} is not what was committed to")
