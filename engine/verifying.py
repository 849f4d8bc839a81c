"""Checking the record: every chain recomputed, every copy compared, every matter replayed against its row."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine.campaign import Campaign
from engine.canonical import ZERO_HASH, commitment, leaf_hash
from engine.clock import to_us
from engine.replay import differences, replay
from engine.rows import DeadlineRow, E, MatterRow
from engine.store import Statement, Tx
from engine.tables import EntryPrivate, table_of

P = table_of(EntryPrivate)

EVERYTHING = Statement(
    select(
        E.c.stream, E.c.seq, E.c.kind, E.c.trigger, E.c.src, E.c.dst, E.c.actor, E.c.recorded_at, E.c.record, E.c.hash
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
        commits[stream, seq] = json.loads(record).get("commit", {})
        entries += 1
    findings += _private(tx, campaign, commits)
    count = 0
    for matter, rows in matters:
        count += 1
        wrong = differences(campaign, matter, rows, replay(tx, campaign, matter))
        findings += [_finding("row_differs", f"matter/{matter.ref}", None, words) for words in wrong]
    return {"ok": not findings, "streams": len(streams), "entries": entries, "matters": count, "findings": findings}


def _finding(code: str, stream: str, seq: int | None, message: str) -> dict[str, Any]:
    return {"code": code, "stream": stream, "seq": seq, "message": message}


def _entry(row: Any, last: tuple[int, str], log: str) -> Iterator[tuple[str, str]]:
    stream, seq, kind, trigger, src, dst, actor, recorded_at, record, digest = row
    body = json.loads(record)
    if leaf_hash(record) != digest:
        yield "hash", "the entry's text does not have the entry's hash"
    if seq != last[0] + 1:
        yield "gap", f"after {last[0]} comes {seq}"
    if body["prev"] != last[1]:
        yield "chain", "it does not follow the entry before it"
    said = (
        body["stream"],
        body["seq"],
        body["kind"],
        body["trigger"],
        body["from"],
        body["to"],
        body["actor"],
        body["log"],
    )
    if said != (stream, seq, kind, trigger, src, dst, actor, log):
        yield "column", "a column says something else than the entry's text"
    if to_us(datetime.fromisoformat(body["recorded_at"])) != recorded_at:
        yield "column", "recorded_at differs from the entry's text"


def _private(tx: Tx, campaign: Campaign, commits: dict[tuple[str, int], dict[str, str]]) -> Iterator[dict[str, Any]]:
    """A private value must be what was committed to; one that is gone was erased and is no finding."""
    for stream, seq, field, salt, value in tx.rows(PRIVATE, campaign_id=campaign.id):
        if commits.get((stream, seq), {}).get(field) != commitment(salt, json.loads(value)):
            yield _finding("private", stream, seq, f"the value of {field} is not what was committed to")
