"""The lines of lists: matters read by their ids, each with its light, what is due next, and who is waited for."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.contents import contents, titled
from engine.handovers import pending, waits
from engine.outlook import lit
from engine.rows import D, DeadlineRow, M, MatterRow
from engine.shapes import light_of, rule_of, shown_json
from engine.store import Tx

AT_ONCE = 500
"""Matters read by their ids in one statement: below every database's limit on parameters."""


def rows_of(tx: Tx, ids: Sequence[int]) -> list[tuple[MatterRow, list[DeadlineRow]]]:
    """The matters with these ids, in this order, each with its deadlines."""
    return _read(tx, ids)


def open_rows_of(tx: Tx, ids: Sequence[int]) -> list[tuple[MatterRow, list[DeadlineRow]]]:
    """The same with only those deadlines that have not ended: what a line needs whose light the matter's row tells."""
    return _read(tx, ids, D.c.stopped_at.is_(None))


def _read(tx: Tx, ids: Sequence[int], *which: ColumnElement[bool]) -> list[tuple[MatterRow, list[DeadlineRow]]]:
    matters: dict[int, MatterRow] = {}
    clocks: dict[int, list[DeadlineRow]] = {ident: [] for ident in ids}
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        matters.update({row[0]: MatterRow(*row) for row in tx.select(select(M).where(M.c.id.in_(some)))})
        for values in tx.select(select(D).where(D.c.matter_id.in_(some), *which).order_by(D.c.id)):
            row = DeadlineRow(*values)
            clocks[row.matter_id].append(row)
    return [(matters[ident], clocks[ident]) for ident in ids]


def line_json(
    campaign: Campaign,
    matter: MatterRow,
    rows: Sequence[DeadlineRow],
    now: datetime,
    *,
    masked: bool = False,
    kept: bool = False,
) -> dict[str, Any]:
    """A matter as a list shows it, its personal facts hidden where it is *masked*.

    *kept* says that its row tells its light at *now*, and that *rows* need only be those that have not ended.
    """
    data, nearest = contents(matter.data), nearest_of(rows)
    light = lit(matter, to_us(now)) if kept else light_of(campaign, matter, rows, now)
    shown = shown_json(campaign, matter, data, light, masked=masked)
    shown["waits_for"], shown["pending_handovers"] = waits(campaign, matter, data), pending(matter, data)
    shown["due"] = due_json(campaign, matter, nearest) if nearest else None
    shown["overdue"] = None if matter.closed else overdue_json(campaign, matter, rows, now)
    if "damaged" in data:
        shown |= {"title": titled(matter.title, data), "damaged": True}
    return shown


def nearest_of(rows: Sequence[DeadlineRow]) -> DeadlineRow | None:
    """The running deadline that ends next."""
    running = (row for row in rows if row.stopped_at is None and row.status == "running")
    return min(running, key=lambda row: row.breach_at, default=None)


def due_json(campaign: Campaign, matter: MatterRow, row: DeadlineRow) -> dict[str, Any]:
    """A list's word for the deadline that ends next."""
    label = rule_of(campaign, campaign.machines[matter.definition_id], row).label
    return {"code": row.code, "label": label.model_dump(), "last_day": row.last_day}


def overdue_of(campaign: Campaign, matter: MatterRow, rows: Sequence[DeadlineRow], now_us: int) -> list[DeadlineRow]:
    """Deadlines that are over at *now_us* and not kept yet, the longest over first; timers are nobody's to keep."""
    machine = campaign.machines[matter.definition_id]
    over = [
        row
        for row in rows
        if row.stopped_at is None
        and (row.status == "breached" or (row.status == "running" and row.breach_at <= now_us))
        and not rule_of(campaign, machine, row).timer
    ]
    return sorted(over, key=lambda row: (row.breach_at, row.id))


def overdue_json(
    campaign: Campaign, matter: MatterRow, rows: Sequence[DeadlineRow], now: datetime
) -> dict[str, Any] | None:
    """What has been over longest and is not kept yet: whose it is, and how many days its last day is past.

    *owners* are all who are late with something of the matter.
    """
    over = overdue_of(campaign, matter, rows, to_us(now))
    if not over:
        return None
    past = (now.astimezone(campaign.zone).date() - date.fromisoformat(over[0].last_day)).days
    owners = list(dict.fromkeys(row.owner_body or matter.body for row in over))
    return {**due_json(campaign, matter, over[0]), "owner": owners[0], "owners": owners, "days": past}
