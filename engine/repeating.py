"""Insisting: an overdue notice that nobody acknowledges comes again, and what was acknowledged and then lay goes further up.

Both are the campaign's policy (``delivery.repeat``, ``delivery.idle``), at the hour of reminders of working days, each with
a key that makes it once only, chained in ``notices/<ref>``, and over when the deadline stops.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import bindparam, literal_column, select

from engine.campaign import Campaign
from engine.campaign_schema import RungSpec
from engine.clock import from_us, to_us
from engine.definition_schema import Label
from engine.desk import Desk
from engine.dunning import IDLE, REPEAT, Dun, told_of
from engine.firing import DEADLINES
from engine.forecasting import Foreseen, desk_at, foreseen
from engine.held import Held, unpack
from engine.history import Line, append, chain_at
from engine.notices import compose, matter_values
from engine.orders import SYSTEM
from engine.owed_record import OWED, said_owed
from engine.owing import would_owe
from engine.people import People
from engine.rows import INSERT_OWED, DeadlineRow, E, M, MatterRow, NoticeRow
from engine.rungs import Step, deadline_values, reached_by
from engine.store import IDS, Statement, Tx

ACTS = ("moved", "document", "corrected")
"""Kinds of entry that are acts on a matter: an urging, a rung or an extension does not move it."""

LOCKED = Statement(select(M).where(M.c.id.in_(IDS)).order_by(M.c.id), lock="lock_matter")
ACTED = Statement(
    select(E.c.seq)
    .where(
        E.c.campaign_id == bindparam("campaign_id"),
        E.c.stream == bindparam("stream"),
        E.c.recorded_at > bindparam("since"),
        E.c.kind.in_([literal_column(f"'{kind}'") for kind in ACTS]),
        E.c.actor != literal_column(f"'{SYSTEM.login}'"),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Due:
    """One notice that insisting owes: the *number* of the repetition, or of the step up, and to which *circle* that is."""

    kind: str
    day: date
    number: int
    dun: Dun
    circle: str = ""


def insist(tx: Tx, campaign: Campaign, people: People, now: datetime) -> int:
    """Owe what insisting has to say on the day of *now*; return how many notices that is.

    The matters are locked first and looked at again where others can write meanwhile: whoever has just acted is not told
    that he has not.
    """
    day = now.astimezone(campaign.zone).date()
    first = [each for each in _due(tx, campaign) if each.day <= day]
    if not first:
        return 0
    matters = {row[0]: MatterRow(*row) for row in tx.among(LOCKED, sorted({each.dun.matter for each in first}))}
    clocks: dict[int, list[DeadlineRow]] = {}
    for values in tx.among(DEADLINES, sorted(matters)):
        row = DeadlineRow(*values)
        clocks.setdefault(row.matter_id, []).append(row)
    desk = Desk(campaign, people, tx, now, SYSTEM)
    owed = 0
    for each in first if tx.alone else _due(tx, campaign):
        matter = matters.get(each.dun.matter)
        if matter is not None and each.day <= day:
            owed += _owe(desk, unpack(campaign, matter, clocks[matter.id], now), each)
    return owed


def foresee_insisting(
    tx: Tx,
    campaign: Campaign,
    people: People,
    matters: Sequence[tuple[MatterRow, list[DeadlineRow]]],
    rungs: Sequence[Foreseen],
    now: datetime,
    until: datetime,
) -> Iterator[Foreseen]:
    """What will be repeated by *until*, after what was told and what the *rungs* will tell, if nobody acts or acknowledges."""
    spec = campaign.delivery.spec.repeat if campaign.delivery.spec else None
    if spec is None:
        return
    told = {(dun.deadline, dun.recipient): dun for dun in told_of(tx, campaign, [matter.id for matter, _ in matters])}
    coming: dict[tuple[int, str], list[Foreseen]] = {}
    for each in rungs:
        if each.clock is not None and each.kind in ("overdue", "escalation"):
            coming.setdefault((each.clock, each.recipient), []).append(each)
    known = {row.id: (matter, rows, row) for matter, rows in matters for row in rows}
    unpacked: dict[int, Held] = {}
    for key in sorted({*told, *coming}):
        matter, rows, row = known.get(key[0], (None, [], None))
        if matter is None or row is None or matter.closed:
            continue
        first = coming.get(key, [])
        dun = told.get(key) or Dun(row.id, row.epoch, matter.id, matter.ref, key[1], first[0].body, row.owner_body)
        for at, number in _repeats(campaign, dun, first, until):
            held = unpacked.get(matter.id)
            if held is None:
                held = unpacked[matter.id] = unpack(campaign, matter, rows, now)
            desk = desk_at(tx, campaign, people, at)
            notice = _repeated(desk, held, row, dun, number, at)
            yield from (foreseen(tx, campaign, one, row.code) for one in would_owe(tx, campaign, [notice]))


def _repeats(
    campaign: Campaign, dun: Dun, coming: Sequence[Foreseen], until: datetime
) -> Iterator[tuple[datetime, int]]:
    """When *dun* will be repeated, and which time that is; a rung on its way puts it off."""
    spec = campaign.delivery.spec.repeat if campaign.delivery.spec else None
    number, rest = len(dun.repeats) + 1, sorted(coming, key=lambda each: each.at)
    while spec is not None and dun.acknowledged_us is None and number <= spec.at_most:
        every = _days(spec.every)
        at = _at(campaign, campaign.work.calendar.shift(_day(campaign, dun.last_us), every)) if dun.overdue else until
        if rest and (not dun.overdue or rest[0].at <= at):
            rung = rest.pop(0)
            dun.last_us = max(dun.last_us, to_us(rung.goes))
            if rung.kind == "overdue":
                dun.overdue, dun.level = True, max(dun.level, rung.level)
        elif dun.overdue and at <= until:
            yield at, number
            dun.last_us, number = to_us(at), number + 1
        else:
            return


def _repeated(desk: Desk, held: Held, row: DeadlineRow, dun: Dun, number: int, at: datetime) -> NoticeRow:
    spec = held.clocks.ruled(row)
    rungs = desk.campaign.rungs[spec.ladder]
    step = Step(dun.level, at, rungs[min(dun.level, len(rungs) - 1)])
    values = {**matter_values(desk.campaign, held.machine, held.row), **deadline_values(desk, row, spec, step)}
    return compose(
        desk.campaign, kind=REPEAT, recipient=dun.recipient, body=dun.body, planned_us=to_us(at), now_us=to_us(at), dedup="",
        values={**values, "level": number}, ref=dun.ref, deadline_id=row.id, level=number,
    )  # fmt: skip


def _due(tx: Tx, campaign: Campaign) -> Iterator[Due]:
    """The next step of insisting for everything that is told and open, whenever it is due."""
    spec = campaign.delivery.spec
    if spec is None or (spec.repeat is None and spec.idle is None):
        return
    shift = campaign.work.calendar.shift
    duns = told_of(tx, campaign)
    for dun in duns if spec.repeat else ():
        number = len(dun.repeats) + 1
        if spec.repeat and dun.overdue and dun.acknowledged_us is None and number <= spec.repeat.at_most:
            yield Due(REPEAT, shift(_day(campaign, dun.last_us), _days(spec.repeat.every)), number, dun)
    if spec.idle is None:
        return
    for dun in _lying(tx, campaign, duns):
        number = len(dun.idles)
        if number < len(spec.idle.to):
            since = max(dun.acknowledged_us or 0, *dun.idles.values(), 0)
            yield Due(IDLE, shift(_day(campaign, since), _days(spec.idle.after)), number, dun, spec.idle.to[number])


def _lying(tx: Tx, campaign: Campaign, duns: Sequence[Dun]) -> Iterator[Dun]:
    """One for each deadline that somebody of its body has acknowledged and on which nobody has acted since."""
    idles: dict[int, dict[int, int]] = {}
    for dun in duns:
        idles.setdefault(dun.deadline, {}).update(dun.idles)
    seen: set[int] = set()
    for dun in duns:
        if dun.acknowledged_us is None or dun.body != dun.owner or dun.deadline in seen:
            continue
        seen.add(dun.deadline)
        where = {"stream": f"matter/{dun.ref}", "since": dun.acknowledged_us}
        if not tx.rows(ACTED, campaign_id=campaign.id, **where):
            dun.idles = idles[dun.deadline]
            yield dun


def _owe(desk: Desk, held: Held, due: Due) -> int:
    """Owe one step of insisting, and put it on record."""
    row = next((row for row in held.clocks.rows if row.id == due.dun.deadline), None)
    if row is None or row.stopped_at is not None or row.paused_at is not None or row.status != "breached":
        return 0
    spec = held.clocks.ruled(row)
    planned = _at(desk.campaign, _day(desk.campaign, to_us(desk.now)))
    rungs = desk.campaign.rungs[spec.ladder]
    if due.kind == REPEAT:
        step = Step(due.dun.level, planned, rungs[min(due.dun.level, len(rungs) - 1)])
        reached = {due.dun.recipient: (due.dun.body, "")}
    else:
        label = Label(zh="签收未办", en="Acknowledged, not done")
        step = Step(due.number, planned, RungSpec(at="0h", to=[due.circle], kind="escalation", label=label))
        reached = reached_by(desk, held, row, spec, [step])
    values = {**matter_values(desk.campaign, held.machine, held.row), **deadline_values(desk, row, spec, step)}
    return _written(desk, row, due, reached, {**values, "level": due.number}, planned)


def _written(
    desk: Desk,
    row: DeadlineRow,
    due: Due,
    reached: dict[str, tuple[str, str]],
    values: dict[str, Any],
    planned: datetime,
) -> int:
    now_us = to_us(desk.now)
    notices: list[NoticeRow] = [
        compose(
            desk.campaign, kind=due.kind, recipient=recipient, body=body, planned_us=min(to_us(planned), now_us), now_us=now_us,
            dedup=f"{due.kind}:{row.id}:{row.epoch}:{due.number}:{recipient}", values=values, ref=due.dun.ref,
            deadline_id=row.id, level=due.number,
        )
        for recipient, (body, _) in reached.items()
    ]  # fmt: skip
    rows = would_owe(desk.tx, desk.campaign, notices)
    desk.tx.put(INSERT_OWED, rows)
    chain = chain_at(desk.tx, desk.campaign.id, desk.campaign.log, f"notices/{due.dun.ref}")
    more = {
        "deadline": str(row.id), "epoch": row.epoch, "number": due.number, "recipients": sorted(reached),
        **({"circle": due.circle} if due.circle else {}), **({OWED: said_owed(rows)} if rows else {}),
    }  # fmt: skip
    append(desk.tx, chain, Line("notice", SYSTEM, to_us(planned), now_us, trigger=due.kind, more=more))
    return len(notices)


def _days(text: str) -> int:
    """How many working days ``3 workdays`` are."""
    return int(text.split(maxsplit=1)[0])


def _day(campaign: Campaign, us: int) -> date:
    return from_us(us).astimezone(campaign.zone).date()


def _at(campaign: Campaign, day: date) -> datetime:
    """The hour of reminders of *day*, or of the first working day after it."""
    rolled = campaign.work.calendar.roll(day)
    return datetime.combine(rolled, campaign.work.remind_at, campaign.zone).astimezone(UTC)
