"""Lists as of an earlier instant: what has changed since is replayed, all else stands in its row as it stood then."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.contents import contents
from engine.lists import (
    Hidden,
    Page,
    Wanted,
    cursor_of,
    line_json,
    nearest_of,
    nothing_hidden,
    order_of,
    read_cursor,
    rows_of,
)
from engine.outlook import FATES, set_outlook
from engine.particulars import fits_then
from engine.rows import DeadlineRow, M, MatterRow
from engine.store import Tx

Pair = tuple[MatterRow, list[DeadlineRow]]
Changed = Callable[[Tx, datetime, Sequence[ColumnElement[bool]]], list[Pair]]
"""Gives the matters that fit and that something has happened to since an instant, as they were at it."""


def listed_then(
    tx: Tx,
    campaign: Campaign,
    wanted: Wanted,
    then: datetime,
    page: Page,
    sight: ColumnElement[bool] | None,
    changed: Changed,
    hidden: Hidden = nothing_hidden,
) -> dict[str, Any]:
    """The matters that fitted at *then*, in the form of `engine.lists.listed`."""
    keys, _ = order_of(Page(page.order))
    conditions = wanted.conditions(campaign, to_us(then), sight)
    still = [*conditions, M.c.updated_at <= to_us(then)]
    found: list[tuple[tuple[Any, int], Pair | None]] = [
        ((row[0], row[1]), None) for row in tx.select(select(*keys.values()).where(*still))
    ]
    lasting = [M.c.campaign_id == campaign.id, *([] if sight is None else [sight])]
    lasting += [M.c[name] == getattr(wanted, name) for name in ("kind", "body") if getattr(wanted, name) is not None]
    for matter, rows in changed(tx, then, lasting):
        data = contents(matter.data)
        machine = campaign.machines[matter.definition_id]
        set_outlook(matter, machine, campaign.machines, rows, data["facts"], data["marks"].get("handed", {}))
        shown, nearest = line_json(campaign, matter, rows, then), nearest_of(rows)
        asked = (wanted.facts, wanted.lacks, wanted.amounts, wanted.text)
        kept = _late(wanted.late, rows, to_us(then)) and _stood(wanted.standing, rows, to_us(then))
        about = fits_then(campaign, matter, data["facts"], asked) and kept
        if about and fits(wanted, shown, nearest.breach_at if nearest else None, matter.opened_at):
            first, second = (getattr(matter, name) for name in keys)
            found.append(((first, second), (matter, rows)))
    down = page.order == "updated"
    found.sort(key=lambda each: each[0], reverse=down)
    count = len(found)
    if page.cursor is not None:
        at = read_cursor(page.cursor, page.order)
        found = [each for each in found if (each[0] < at if down else each[0] > at)]
    more = page.limit is not None and len(found) > page.limit
    found = found[: page.limit] if page.limit is not None else found
    read = {row[0].id: row for row in rows_of(tx, [key[1] for key, pair in found if pair is None])}
    pairs = [pair or read[key[1]] for key, pair in found]
    out_of_sight = hidden(tx, [matter for matter, _ in pairs])
    items = [line_json(campaign, matter, rows, then, masked=matter.id in out_of_sight) for matter, rows in pairs]
    if page.limit is None:
        return {"items": items}
    return {"items": items, "next": cursor_of(page.order, found[-1][0]) if more else None, "total": count}


def fits(wanted: Wanted, shown: Mapping[str, Any], due_us: int | None, opened_us: int) -> bool:
    """Whether a matter fits as it was once, *shown* as a list shows it: the same question where no column answers it."""
    same = all(getattr(wanted, name) in (None, shown[name]) for name in ("kind", "body", "stage", "closed"))
    lit = wanted.light in (None, shown["light"] or "none")
    there = wanted.state in (None, shown["state"], shown["stage"])
    awaited = wanted.waiting_for is None or wanted.waiting_for in {each["body"] for each in shown["waits_for"]}
    return same and lit and there and awaited and _in_time(wanted, due_us, opened_us)


def _late(code: str | None, rows: Sequence[DeadlineRow], then_us: int) -> bool:
    """Whether a deadline *code* was not kept by then."""
    return code is None or any(
        row.code == code
        and (row.status in ("breached", "late") or (row.status == "running" and row.breach_at <= then_us))
        for row in rows
    )


def _stood(said: str | None, rows: Sequence[DeadlineRow], then_us: int) -> bool:
    """Whether the latest deadline of a code stood as *said* by then: the question of `engine.outlook.has_standing`."""
    if said is None:
        return True
    code, _, standing = said.partition(":")
    ours = [row for row in rows if row.code == code and row.status in FATES]
    if not ours:
        return False
    last = max(ours, key=lambda row: (row.breach_at, row.id))
    over = last.status in ("breached", "cancelled") or last.breach_at <= then_us
    return standing == ({"met": "on_time", "late": "late"}.get(last.status) or ("missing" if over else "open"))


def _in_time(wanted: Wanted, due_us: int | None, opened_us: int) -> bool:
    due = [(wanted.due_after, wanted.due_before, due_us), (wanted.opened_from, wanted.opened_until, opened_us)]
    return all(
        (low is None or (at is not None and at >= to_us(low)))
        and (high is None or (at is not None and at < to_us(high)))
        for low, high, at in due
    )
