"""Two instants of a campaign side by side: what was opened, moved, ended, and which dates and lights are others now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from engine.campaign import Campaign
from engine.clock import rfc3339, to_us
from engine.errors import Invalid
from engine.reading import Reader, Rows
from engine.rows import D, DeadlineRow, M, MatterRow
from engine.shapes import light_of
from engine.steady import steady
from engine.watches import WATCHED

Pair = tuple[MatterRow, list[DeadlineRow]]


def compare(reader: Reader, since: datetime, until: datetime, body: str | None = None) -> dict[str, Any]:
    """What differs between *since* and *until*: ``opened[]``, ``moved[]``, ``closed[]``, ``lights[]``, ``deadlines[]``.

    With *body* only its matters, and the deadlines that it owes in any matter. Raises Invalid if *until* is not later.
    """
    now = reader.clock.now()
    until = min(until, now)
    if since >= until:
        raise Invalid(f"{rfc3339(since)} is not before {rfc3339(until)}", "order")
    with reader.database.snapshot() as tx:
        whole = select(func.count()).select_from(M).where(M.c.campaign_id == reader.campaign.id, *reader.within())
        same = tx.select(whole)[0][0] - tx.select(whole.where(may_differ(since, until)))[0][0]
        only = [may_differ(since, until)]
        before = _by_ref(reader.matters(tx, since, only))
        after = _by_ref(reader.matters(tx, until, only))
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in ("opened", "moved", "closed", "lights", "deadlines")}
    for ref, pair in after.items():
        _matter(reader.campaign, before.get(ref), pair, (since, until), found, body)
    return {
        "since": rfc3339(since),
        "until": rfc3339(until),
        "matters": [same + len(before), same + len(after)],
        **found,
    }


def may_differ(since: datetime, until: datetime) -> ColumnElement[bool]:
    """Whether anything has happened to a matter since, or time alone has turned a light or run out in between.

    To all others nothing has happened: their rows tell how they stood at both instants.
    """
    first, last = to_us(since), to_us(until)
    turned = [and_(column > first, column <= last) for column in (M.c.red_at, M.c.yellow_at)]
    over = select(D.c.matter_id).where(D.c.stopped_at.is_(None), D.c.breach_at > first, D.c.breach_at <= last)
    return or_(M.c.updated_at > first, *turned, M.c.id.in_(over))


def how_many(reader: Reader, since: datetime, until: datetime) -> int:
    """How many matters of *reader* a comparison has to read."""
    within = (M.c.campaign_id == reader.campaign.id, *reader.within(), may_differ(since, until))
    with reader.database.snapshot() as tx:
        return int(steady(tx, reader.campaign, select(func.count()).select_from(M).where(*within))[0][0])


def _by_ref(rows: Rows) -> dict[str, Pair]:
    return {matter.ref: (matter, clocks) for matter, clocks in rows}


def _matter(
    campaign: Campaign, was: Pair | None, now: Pair, when: tuple[datetime, datetime],
    found: Mapping[str, list[dict[str, Any]]], body: str | None,
) -> None:  # fmt: skip
    matter, rows = now
    about = {"ref": matter.ref, "title": matter.title, "body": matter.body, "kind": matter.kind}
    found["deadlines"].extend(_clocks(campaign, matter, was[1] if was else [], rows, when, body))
    if body not in (None, matter.body):
        return
    old = was[0].state if was else None
    if was is None:
        found["opened"].append({**about, **_states(campaign, None, now)})
    elif old != matter.state:
        found["moved"].append({**about, **_states(campaign, was, now)})
    if matter.closed and not (was and was[0].closed):
        found["closed"].append({**about, **_states(campaign, was, now)})
    lights = [light_of(campaign, *was, when[0]) if was else None, light_of(campaign, *now, when[1])]
    if lights[0] != lights[1]:
        found["lights"].append({**about, "from": lights[0], "to": lights[1]})


def _states(campaign: Campaign, was: Pair | None, now: Pair) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for side, pair in (("from", was), ("to", now)):
        leaf = campaign.machines[pair[0].definition_id].tree.leaves[pair[0].state] if pair else None
        said[side] = leaf.code if leaf else None
        said[f"{side}_label"] = leaf.label.model_dump() if leaf else None
    return said


def _clocks(
    campaign: Campaign, matter: MatterRow, before: Sequence[DeadlineRow], after: Sequence[DeadlineRow],
    when: tuple[datetime, datetime], body: str | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The deadlines that began, ended, were breached or moved to another date."""
    old = {row.id: _standing(row, when[0]) for row in before}
    machine = campaign.machines[matter.definition_id]
    found = []
    for row in after:
        new = _standing(row, when[1])
        if row.status in WATCHED or new == old.get(row.id) or body not in (None, row.owner_body):
            continue
        said = {"ref": matter.ref, "code": row.code, "label": machine.deadline(row.code).label.model_dump()}
        status, last_day = old.get(row.id, (None, None))
        found.append({**said, "owner": row.owner_body, "from": status, "to": new[0],
                      "last_day_from": last_day, "last_day": new[1]})  # fmt: skip
    return found


def _standing(row: DeadlineRow, at: datetime) -> tuple[str, str]:
    """Status and last day of a deadline at an instant; one whose time is over counts as breached."""
    over = row.status == "running" and row.breach_at <= to_us(at)
    return ("breached" if over else row.status), row.last_day
