"""Deadlines a page at a time, the next one first; how many end on which day; and whose feed has which. All by the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, not_, or_, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.contents import contents, titled
from engine.errors import Invalid, NotFound
from engine.lists import MOST, cursor_of, read_cursor, rows_of
from engine.notice_desk import number_of
from engine.outlook import LIGHTS
from engine.rows import D, DeadlineRow, M, MatterRow
from engine.shapes import deadline_json
from engine.steady import steady
from engine.store import Tx
from engine.viewing import View
from engine.watches import WATCHED

ORDER = "deadlines"
"""What the cursor of such a page says it is of."""

STATUSES = ("open", "running", "paused", "breached", "done", "met", "late", "cancelled")
"""Statuses that can be asked for; ``open`` are those that still wait for something, ``done`` those that were met or late."""

AROUND = timedelta(days=3)
"""Within so much of its last day's midnight UTC a deadline ends, in every zone and whatever the hour."""

SHOWN_AFTER = timedelta(days=60)
"""How long a feed still says that a deadline has ended: whoever subscribed sees it go. PLACEHOLDER"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDeadlines:
    """Which deadlines: all that is given must fit. *since* and *until* are last days, both included; *before* is an instant
    by which they end, included.
    """

    ref: str | None = None
    status: str | None = None
    light: str | None = None
    owner: str | None = None
    kind: str | None = None
    since: date | None = None
    until: date | None = None
    before: datetime | None = None

    def conditions(self, campaign: Campaign, now_us: int) -> list[ColumnElement[bool]]:
        """The conditions on a deadline and its matter. Raises Invalid for a status or a light that there is not."""
        found = [D.c.campaign_id == campaign.id, D.c.status.not_in(sorted(WATCHED))]
        for column, value in ((M.c.ref, self.ref), (D.c.owner_body, self.owner), (M.c.kind, self.kind)):
            if value is not None:
                found.append(column == value)
        if self.since is not None:
            found.append(D.c.last_day >= self.since.isoformat())
        if self.until is not None:
            found.append(D.c.last_day <= self.until.isoformat())
        if self.before is not None:
            found.append(D.c.breach_at <= to_us(self.before))
        if self.status is not None:
            found.append(has_status(campaign, self.status, now_us))
        if self.light is not None:
            found += [D.c.stopped_at.is_(None), has_light(campaign, self.light, now_us)]
        return found


def _timer(campaign: Campaign) -> ColumnElement[bool]:
    """Whether a clock only counts down to something and is nobody's duty."""
    machines = campaign.machines
    pairs = []
    for ident in sorted({*machines.newest.values(), *machines.by_digest.values()}):
        codes = sorted(code for code, spec in machines[ident].doc.deadlines.items() if spec.timer)
        if codes:
            pairs.append(and_(D.c.definition_id == ident, D.c.code.in_(codes)))
    return or_(*pairs) if pairs else false()


def _over(campaign: Campaign, now_us: int) -> ColumnElement[bool]:
    return and_(D.c.status == "running", D.c.breach_at <= now_us, not_(_timer(campaign)))


def has_status(campaign: Campaign, status: str, now_us: int) -> ColumnElement[bool]:
    """Whether a deadline has *status*; one that runs and whose time is over counts as breached. Raises Invalid."""
    if status not in STATUSES:
        raise Invalid(f"no status {status[:40]!r}; there are: {', '.join(STATUSES)}", "status")
    if status == "open":
        return and_(D.c.stopped_at.is_(None), D.c.status.in_(("running", "paused", "breached")))
    if status == "done":
        return D.c.status.in_(("met", "late"))
    if status == "running":
        return and_(D.c.status == "running", not_(_over(campaign, now_us)))
    if status == "breached":
        return or_(D.c.status == "breached", _over(campaign, now_us))
    return D.c.status == status


def has_light(campaign: Campaign, light: str, now_us: int) -> ColumnElement[bool]:
    """Whether a deadline that is open has *light*. Raises Invalid."""
    if light not in LIGHTS:
        raise Invalid(f"no light {light[:40]!r}; there are: {', '.join(LIGHTS)}", "light")
    if light == "none":
        return _timer(campaign)
    return and_(light_case(now_us) == light, not_(_timer(campaign)))


def light_case(now_us: int) -> ColumnElement[str]:
    """The light of an open deadline at *now_us*, of one that is no timer."""
    running = D.c.status == "running"
    return case(
        (D.c.status == "breached", "red"),
        (and_(running, D.c.breach_at <= now_us), "red"),
        (and_(running, D.c.yellow_at <= now_us), "yellow"),
        else_="green",
    )


def deadlines_page(
    view: View, wanted: WantedDeadlines, now: datetime, limit: int = 50, cursor: str | None = None
) -> dict[str, Any]:
    """A page of deadlines, the next to end first, each with the title and the light it has. Raises Invalid."""
    if not 1 <= limit <= MOST:
        raise Invalid(f"a page has 1 to {MOST} rows, not {limit}", "limit")
    campaign, now_us = view.campaign, to_us(now)
    conditions = [*wanted.conditions(campaign, now_us), *view.within(few=True)]
    keys = select(D.c.breach_at, D.c.id).where(*conditions)
    if wanted.ref is not None or wanted.kind is not None or view.within():
        keys = keys.join(M, M.c.id == D.c.matter_id)
    if cursor is not None:
        at, ident = read_cursor(cursor, ORDER)
        keys = keys.where(D.c.breach_at >= at, or_(D.c.breach_at > at, D.c.id > ident))
    with view.database.snapshot() as tx:
        found = tx.select(keys.order_by(D.c.breach_at, D.c.id).limit(limit + 1))
        page = D.c.id.in_([ident for _, ident in found[:limit]])
        joined = select(D, M.c.ref, M.c.title, M.c.data).join(M, M.c.id == D.c.matter_id).where(page)
        rows = tx.select(joined.order_by(D.c.breach_at, D.c.id))
    items = []
    for *values, ref, title, data in rows:
        row, kept = DeadlineRow(*values), contents(data)
        shown = deadline_json(campaign, campaign.machines[row.definition_id], row, ref, now_us, kept["facts"])
        items.append({**shown, "title": titled(title, kept), "light": None if shown["timer"] else _light(row, now_us)})
    more = len(found) > limit
    return {"items": items, "next": cursor_of(ORDER, found[limit - 1]) if more else None}


def matter_of_deadline(view: View, ident: str) -> str:
    """The reference of the matter that has the deadline of an id. Raises NotFound if *view* sees none."""
    number = number_of(ident)
    statement = select(M.c.ref).join(D, D.c.matter_id == M.c.id)
    where = (
        D.c.campaign_id == view.campaign.id,
        D.c.id == number,
        D.c.status.not_in(sorted(WATCHED)),
        *view.within(few=True),
    )
    with view.database.snapshot() as tx:
        found = tx.select(statement.where(*where)) if number is not None else []
    if not found:
        raise NotFound(f"no deadline {ident!r}", "no_deadline")
    return str(found[0][0])


def _light(row: DeadlineRow, now_us: int) -> str | None:
    if row.stopped_at is not None:
        return None
    if row.status == "breached" or (row.status == "running" and row.breach_at <= now_us):
        return "red"
    return "yellow" if row.status == "running" and row.yellow_at <= now_us else "green"


def ends_by_day(
    view: View, first: date, last: date, now: datetime, wanted: WantedDeadlines
) -> dict[str, dict[str, int]]:
    """How many deadlines end on each day from *first* to *last*: the open ones by light, and ``done``."""
    campaign, now_us = view.campaign, to_us(now)
    done = D.c.status.in_(("met", "late"))
    ends = [D.c.last_day >= first.isoformat(), D.c.last_day <= last.isoformat(), not_(_timer(campaign)), *view.within()]
    soonest, latest = (datetime.combine(day, time(0), UTC) for day in (first, last))
    near = (D.c.breach_at >= to_us(soonest - AROUND), D.c.breach_at <= to_us(latest + AROUND))
    still = (has_status(campaign, "open", now_us), *near)
    found: dict[str, dict[str, int]] = {}
    with view.database.snapshot() as tx:
        rows = tx.select(_by_day(view, wanted, light_case(now_us), now_us, *still, *ends))
        rows += steady(tx, campaign, _by_day(view, wanted, literal("done"), now_us, done, *ends))
    for day, code, count in rows:
        found.setdefault(day, {})[code] = count
    return found


def _by_day(
    view: View, wanted: WantedDeadlines, what: ColumnElement[str], now_us: int, *conditions: ColumnElement[bool]
) -> Select[Any]:
    """How many of *what* end on each day."""
    ends = select(D.c.last_day.label("day"), what.label("what")).where(*wanted.conditions(view.campaign, now_us))
    if wanted.ref is not None or wanted.kind is not None or view.within():
        ends = ends.join(M, M.c.id == D.c.matter_id)
    each = ends.where(*conditions).subquery()
    return select(each.c.day, each.c.what, func.count()).group_by(each.c.day, each.c.what)


def owned_matters(
    tx: Tx, view: View, owners: Collection[str], now: datetime
) -> list[tuple[MatterRow, list[DeadlineRow]]]:
    """The matters in which one of *owners* has a deadline that is open or ended lately, each with all its deadlines."""
    lately = or_(D.c.stopped_at.is_(None), D.c.stopped_at >= to_us(now - SHOWN_AFTER))
    owned = select(D.c.matter_id).where(D.c.campaign_id == view.campaign.id, D.c.owner_body.in_(sorted(owners)), lately)
    statement = select(M.c.id).where(M.c.id.in_(owned), *view.within()).order_by(M.c.ref)
    return rows_of(tx, [row[0] for row in tx.select(statement)])
