"""A bundle to hand out: entries, proofs, checkpoints, and the program that verifies them without us, in one zip file."""

import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, select

from engine.anchors import Anchor
from engine.campaign import Campaign
from engine.checkpoints import CHECKPOINTS, Sealed
from engine.documents import DocumentStore
from engine.errors import DubanError, Unavailable
from engine.hashes import hash_name
from engine.log_entries import log_story, log_stream, origin_of
from engine.log_proofs import newest, proofs
from engine.rows import E
from engine.sequencing import L
from engine.sight import Sight
from engine.signed_notes import LOG, Key
from engine.store import Statement, Tx
from engine.tables import EntryPrivate, table_of

P = table_of(EntryPrivate)

CHUNK = 2000
"""Entries read at once."""

IN_ORDER = Statement(
    select(L.c.idx, E.c.stream, E.c.seq, E.c.record)
    .join(E, (E.c.campaign_id == L.c.campaign_id) & (E.c.stream == L.c.stream) & (E.c.seq == L.c.seq))
    .where(L.c.campaign_id == bindparam("campaign_id"), L.c.idx >= bindparam("low"), L.c.idx < bindparam("high"))
    .order_by(L.c.idx)
)

README = """Evidence of the log {log} · 日志 {log} 的证据包

python verify_bundle.py {name} --policy YOUR-POLICY [--receipt FILE]

needs Python 3.11 and the package cryptography, nothing else. Take verify_bundle.py from a source you trust, not from this
bundle; policy.txt states the log's key as the bundle knows it: compare it with what you were given before.
核验只需 Python 3.11 和 cryptography 库，不需要本系统；核验程序请从可信来源取得，不要用证据包中的；
policy.txt 中的钥是证据包自己所称的，请与事先得到的核对。退出码：0 未发现问题，9 有问题，2 没有该文件或缺少该库。
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a bundle: of all or of one *matter*; documents and private values only where asked for."""

    matter: str | None = None
    documents: DocumentStore | None = None
    private: bool = False
    anchors: Sequence[Anchor] = ()
    verifier: bytes = b""
    made_at: str = ""


def refuse_taking(sight: Sight, matter: str | None, *, private: bool) -> None:
    """Raise Forbidden unless who takes a bundle may: all of it, or that of one matter; private values unmasked."""
    functions = ("exports_all", "exports_audit", *(("exports_own",) if matter is not None else ()))
    if not any(sight.may(each) for each in functions):
        sight.require(functions[-1], "导出证据包", "take a bundle of the record")
    if private and not (sight.may("exports_all") or (matter is not None and sight.may("exports_own"))):
        sight.require("exports_all", "导出个人信息原文", "take private values out of the house")


def write_bundle(tx: Tx, campaign: Campaign, path: Path, contents: Contents) -> dict[str, Any]:
    """Write the bundle to *path*, whole or not at all; return what is in it. Raises NotFound without a checkpoint, Unavailable."""
    sealed = newest(tx, campaign)
    tx.unhurried()
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as bundle:
            said = _fill(bundle, tx, campaign, sealed, contents, path.name)
        fresh.replace(path)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}", "disk") from None
    finally:
        fresh.unlink(missing_ok=True)
    return said


def _fill(
    bundle: zipfile.ZipFile, tx: Tx, campaign: Campaign, sealed: Sealed, contents: Contents, name: str
) -> dict[str, Any]:
    made = sealed.checkpoint
    papers: set[str] = set()
    if contents.matter is None:
        entries = _all(tx, campaign, made.size)
    else:
        wanted = [f"matter/{contents.matter}", f"notices/{contents.matter}", log_stream(campaign.code)]
        entries = iter(proofs(tx, campaign, wanted)["entries"])
    count = _lines(bundle, "entries.jsonl", _noting(entries, papers))
    streams = None if contents.matter is None else {f"matter/{contents.matter}", f"notices/{contents.matter}"}
    said = {
        "format": "duban-bundle/1", "log": campaign.log, "origin": made.origin, "hash": hash_name(campaign.log),
        "epoch": sealed.epoch, "scope": "full" if contents.matter is None else "matter", "ref": contents.matter,
        "size": made.size, "root": made.root.hex(), "entries": count, "made_at": contents.made_at,
    }  # fmt: skip
    if contents.private:
        said["private"] = _lines(bundle, "private.jsonl", _private(tx, campaign, streams, made.size))
    if contents.documents is not None:
        said["documents"], said["missing"] = _documents(bundle, contents.documents, papers)
    rows = tx.rows(CHECKPOINTS, campaign_id=campaign.id) if contents.matter is None else ()
    _lines(bundle, "checkpoints.jsonl", ({"note": row[3]} for row in rows if row[1] <= made.size))
    fitting = [each for each in contents.anchors if _fits(each, made.size, full=contents.matter is None)]
    _lines(bundle, "anchors.jsonl", ({"at": each.at, "note": each.note} for each in fitting))
    bundle.writestr("checkpoint.txt", sealed.note)
    keys = log_story(tx, campaign).keys
    first = Key(origin_of(campaign.log), LOG, bytes.fromhex(keys[0].public)) if keys else None
    bundle.writestr("policy.txt", f"log {first}\nquorum none\n" if first else "")
    bundle.writestr("README.txt", README.format(log=campaign.log, name=name))
    bundle.writestr("verify_bundle.py", contents.verifier)
    bundle.writestr("manifest.json", json.dumps(said, ensure_ascii=False, indent=1))
    return said


def _fits(anchor: Anchor, size: int, *, full: bool) -> bool:
    return anchor.checkpoint.size <= size if full else anchor.checkpoint.size == size


def _lines(bundle: zipfile.ZipFile, name: str, lines: Iterable[Mapping[str, Any]]) -> int:
    count = 0
    with bundle.open(name, "w", force_zip64=True) as file:
        for each in lines:
            file.write(json.dumps(each, ensure_ascii=False).encode() + b"\n")
            count += 1
    return count


def _all(tx: Tx, campaign: Campaign, size: int) -> Iterator[dict[str, Any]]:
    for low in range(0, size, CHUNK):
        for idx, stream, seq, record in tx.rows(
            IN_ORDER, campaign_id=campaign.id, low=low, high=min(low + CHUNK, size)
        ):
            yield {"idx": idx, "stream": stream, "seq": seq, "record": record}


def _noting(entries: Iterable[dict[str, Any]], papers: set[str]) -> Iterator[dict[str, Any]]:
    """Pass entries on, and note the hashes of the documents that they name."""
    for each in entries:
        if '"documents":' in each["record"]:
            papers.update(paper["sha256"] for paper in json.loads(each["record"]).get("documents", ()))
        yield each


def _private(tx: Tx, campaign: Campaign, streams: set[str] | None, size: int) -> Iterator[dict[str, Any]]:
    covered = (L.c.campaign_id == P.c.campaign_id) & (L.c.stream == P.c.stream) & (L.c.seq == P.c.seq)
    asked = select(P.c.stream, P.c.seq, P.c.field, P.c.salt, P.c.value).join(L, covered)
    asked = asked.where(P.c.campaign_id == campaign.id, L.c.idx < size).order_by(P.c.stream, P.c.seq, P.c.field)
    if streams is not None:
        asked = asked.where(P.c.stream.in_(sorted(streams)))
    for stream, seq, field, salt, value in tx.select(asked):
        yield {"stream": stream, "seq": seq, "field": field, "salt": salt, "value": value}


def _documents(bundle: zipfile.ZipFile, store: DocumentStore, papers: set[str]) -> tuple[int, list[str]]:
    """Put in the bytes of documents; one that cannot be read any more is named."""
    missing = []
    for sha256 in sorted(papers):
        try:
            bundle.writestr(f"documents/{sha256}", store.get(sha256))
        except (DubanError, KeyError):
            missing.append(sha256)
    return len(papers) - len(missing), missing
