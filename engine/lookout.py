"""Looking for what did not happen: the findings that stand, now or as of an earlier instant, and who was told."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.orders import SYSTEM
from engine.reading import Reader, Rows
from engine.rows import D, DeadlineRow, E, M, MatterRow, N
from engine.shapes import at, is_late_entry, watch_json
from engine.store import IDS, Statement, Tx
from engine.watches import STANDING

NOTICED = Statement(
    select(N.c.deadline_id, N.c.recipient, N.c.body, N.c.planned_at, N.c.effective_at)
    .where(N.c.deadline_id.in_(IDS))
    .order_by(N.c.planned_at, N.c.recipient)
)

SILENCE = Statement(
    select(N.c.dedup, N.c.recipient, N.c.body, N.c.planned_at, N.c.effective_at)
    .where(N.c.campaign_id == bindparam("campaign_id"), N.c.kind == "silence")
    .order_by(N.c.planned_at, N.c.recipient)
)

ENTERED_LATE = Statement(
    select(E.c.record)
    .where(
        E.c.campaign_id == bindparam("campaign_id"), E.c.actor != SYSTEM.login,
        E.c.recorded_at > E.c.occurred_at + bindparam("late_after"),
    )
    .order_by(E.c.stream, E.c.seq)
)  # fmt: skip


def late_entries(tx: Tx, campaign: Campaign) -> list[dict[str, Any]]:
    """The bodies of all entries that were made late (补录), stream by stream; none if the campaign has no such rule."""
    if campaign.late_after is None:
        return []
    late_us = campaign.late_after // timedelta(microseconds=1)
    bodies = (json.loads(record) for (record,) in tx.rows(ENTERED_LATE, campaign_id=campaign.id, late_after=late_us))
    return [body for body in bodies if is_late_entry(body, campaign.late_after)]


def declared(reader: Reader) -> list[dict[str, Any]]:
    """Every monitor of the campaign's definitions, as it is written."""
    machines = [reader.campaign.kind(kind) for kind in sorted(reader.campaign.machines.newest)]
    return [
        {"monitor": code, "kind": machine.kind, **monitor.spec.model_dump(by_alias=True, exclude_none=True)}
        for machine in machines
        for code, monitor in machine.monitors.items()
    ]


def findings(
    reader: Reader, ref: str | None = None, body: str | None = None, as_of: datetime | None = None
) -> list[dict[str, Any]]:
    """What is found missing, the oldest first. Raises NotFound for a matter that is not there."""
    now = min(as_of, reader.clock.now()) if as_of else reader.clock.now()
    if ref is not None:
        reader.history(ref)
    with reader.database.snapshot() as tx:
        pairs = _standing(tx, reader, to_us(now)) if as_of is None else reader.matters(tx, now)
        found = [
            (watch_json(reader.campaign.machines[row.definition_id], row, matter), row.id)
            for matter, rows in pairs
            for row in rows
            if row.status in STANDING and row.breach_at <= to_us(now)
            and ref in (None, matter.ref) and body in (None, matter.body)
        ]  # fmt: skip
        told = _told(tx, [ident for _, ident in found], to_us(now))
    items = [{**shown, **_named(told.get(ident, []))} for shown, ident in found]
    return sorted(items, key=lambda item: (item["since"], item["ref"], item["monitor"]))


def _standing(tx: Tx, reader: Reader, now_us: int) -> Rows:
    """The watches that have run their time, by the index on the clocks: no other matter is loaded."""
    statement = (
        select(D, M)
        .join(M, M.c.id == D.c.matter_id)
        .where(
            D.c.campaign_id == reader.campaign.id,
            or_(*(D.c.status == status for status in STANDING)),
            D.c.breach_at <= now_us,
            *reader.within(),
        )
    )
    width = len(D.c)
    return [(MatterRow(*row[width:]), [DeadlineRow(*row[:width])]) for row in tx.select(statement)]


def _told(tx: Tx, idents: Sequence[int], now_us: int) -> dict[int, list[dict[str, Any]]]:
    """The notices of each finding, in the order in which they were owed."""
    told: dict[int, list[dict[str, Any]]] = {}
    for ident, recipient, body, planned, effective in tx.among(NOTICED, idents) if idents else ():
        if effective <= now_us:
            told.setdefault(ident, []).append({"recipient": recipient, "body": body, "at": at(planned)})
    return told


def _named(told: list[dict[str, Any]]) -> dict[str, Any]:
    return {"told": told, "times_told": len({each["at"] for each in told})}


def told_of_silence(tx: Tx, campaign_id: int, code: str, now_us: int) -> list[dict[str, Any]]:
    """The notices that a monitor of silence has owed up to *now_us*, in the order in which they were owed."""
    return [
        {"recipient": recipient, "body": body, "at": at(planned)}
        for dedup, recipient, body, planned, effective in tx.rows(SILENCE, campaign_id=campaign_id)
        if effective <= now_us and f":silence:{code}:" in dedup
    ]
