"""Where a period ends: from a term, a start and the calendar to its last day and the first instant too late.

The day of the start is not counted (刑诉法 105, 民法典 201). ``days`` and ``months`` end at 24:00 local of
the last day, or of the first working day after it unless the rule says ``roll: none`` (custody never rolls);
rest days in between are not deducted. A half month has 15 days. ``workdays`` count make-up days. ``hours`` are exact. A fixed date
never rolls.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from engine import explanations as say
from engine.definition_schema import Term
from engine.errors import Invalid, Reason, Refused
from engine.workdays import WorkCalendar

HORIZON = range(1900, 3000)
"""Years in which a period may begin and end. PLACEHOLDER: a year outside is a slip of the pen."""

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
"""The step of our instants: 24:00 less one tick is still the same day."""

MEMO = 10_000
"""Answers that a clockwork keeps: some megabytes. PLACEHOLDER"""

HALF_MONTH = 15 * DAY
"""半月 is 15 days, whatever the month. Source: practice on periods of criminal procedure (S)."""

AnyDay = TypeVar("AnyDay", date, datetime)
Kept = TypeVar("Kept")

NO_FACTS: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a period: *last_day* is local, *breach_at* (UTC) is the first instant too late.

    *provisional*: it rests on days that nobody has announced yet, and is to be computed again when they are.
    """

    last_day: date
    breach_at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class Clockwork:
    """What a campaign's periods are counted with: its zone, calendar, named dates and hour of reminders.

    Periods that begin on the same day end alike, so what was worked out once is kept, up to `MEMO` answers.
    """

    zone: ZoneInfo
    calendar: WorkCalendar
    dates: Mapping[str, date]
    remind_at: time
    memo: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def keep(self, key: Any, answer: Kept) -> Kept:
        """Keep *answer* under *key* and give it back."""
        if len(self.memo) >= MEMO:
            self.memo.clear()
        self.memo[key] = answer
        return answer


def unit_of(term: Term) -> str:
    """Name the unit of *term*: ``days``, ``workdays``, ``hours``, ``months``, ``half_months``, ``until`` or ``fact``."""
    return next(name for name, value in term.__dict__.items() if value is not None)


def due(term: Term, start: datetime, when: Clockwork, *, roll: str | None, facts: Mapping[str, Any]) -> Due:
    """Compute the end of the period that begins at *start*; *roll* ``none`` keeps the last day as it falls.

    Raises Refused if the fact that names the date is not stated, Invalid if the date is none.
    """
    first = within_horizon(local_day(within_horizon(start), when.zone))
    if term.hours is not None:
        return to_the_hour(start.astimezone(UTC) + timedelta(hours=term.hours), when, provisional=False)
    if term.fact is not None:
        if "T" in str(facts.get(term.fact)):
            return to_the_hour(_stated_instant(term.fact, facts), when, provisional=False)
        return rolled_end(counted_day(term, first, when, facts), first, term, when, roll)
    key = (id(term), roll, first)  # the term is kept with the answer, so that no other can get its id
    kept: tuple[Term, Due] | None = when.memo.get(key)
    if kept is None:
        kept = when.keep(key, (term, rolled_end(counted_day(term, first, when, facts), first, term, when, roll)))
    return kept[1]


def derivation(
    term: Term,
    start: datetime,
    when: Clockwork,
    *,
    roll: str | None,
    facts: Mapping[str, Any],
    basis: str = "",
    mark: str = "",
) -> list[say.Step]:
    """Explain `due` in steps: start, rule, each rest day passed over, roll, end, calendar, provisional."""
    end = due(term, start, when, roll=roll, facts=facts)
    local = start.astimezone(when.zone)
    unit = unit_of(term)
    began = say.start(unit, local)
    if unit == "hours":
        rule = say.rule(unit, getattr(term, unit), basis, mark)
        return [began, rule, say.end_of_hours(end.breach_at.astimezone(when.zone))]
    first = local.date() + DAY
    raw = counted_day(term, local.date(), when, facts)
    steps = [began, say.rule(unit, str(raw) if unit in ("until", "fact") else getattr(term, unit), basis, mark)]
    if unit == "workdays":
        steps += say.passed_over(when.calendar, first, end.last_day)
    elif not when.calendar.is_workday(raw):
        steps += say.rolled(when.calendar, raw, end.last_day, fixed=unit in ("until", "fact"))
    steps.append(say.end(end.last_day))
    read_from = first if unit == "workdays" else raw
    if rolls(term, roll):
        steps.append(say.calendar(when.calendar, read_from, end.last_day))
    return [*steps, say.provisional(when.calendar, read_from, end.last_day)] if end.provisional else steps


def rolls(term: Term, roll: str | None) -> bool:
    """Say whether the last day of *term* has to be a working day."""
    if term.workdays is not None:
        return True
    return roll != "none" and not (term.days is None and term.months is None and term.half_months is None)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Give the civil day of *instant* in *zone*; a naive instant is a fault of the caller."""
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} says no offset")
    return instant.astimezone(zone).date()


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Give 24:00 of *day* in *zone* as UTC: the first instant after it, whatever the clocks do that night."""
    midnight = datetime.combine(day + DAY, time.min, zone)
    again = midnight.replace(fold=1)
    if midnight.utcoffset() == again.utcoffset():
        return midnight.astimezone(UTC)
    either = [midnight.astimezone(UTC), again.astimezone(UTC)]
    return max((at for at in either if local_day(at - TICK, zone) == day), default=either[0])


def corresponding_day(day: date, months: int) -> date:
    """Give the same day *months* later, or the end of that month if it has none (民法典 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def within_horizon(day: AnyDay) -> AnyDay:
    """Give *day* back; raise Invalid if it lies where no period of ours can."""
    if day.year not in HORIZON:
        raise Invalid(f"{day.isoformat()} is no date for a period: years {HORIZON[0]} to {HORIZON[-1]} are")
    return day


def counted_day(term: Term, first: date, when: Clockwork, facts: Mapping[str, Any]) -> date:
    """Give the raw last day of *term* from the day *first* on, before any rolling."""
    if term.days is not None:
        return first + term.days * DAY
    if term.workdays is not None:
        return when.calendar.shift(first, term.workdays)
    if term.months is not None:
        return corresponding_day(first, term.months)
    if term.half_months is not None:
        return first + term.half_months * HALF_MONTH
    return _campaign_date(term.until, when) if term.until else _stated_day(str(term.fact), facts, when.zone)


def _stated_day(fact: str, facts: Mapping[str, Any], zone: ZoneInfo) -> date:
    """The day that a fact names; of an instant the day that it ends in *zone*."""
    if "T" in str(facts.get(fact)):
        return local_day(_stated_instant(fact, facts) - TICK, zone)
    return _stated_date(fact, facts)


def _stated_instant(fact: str, facts: Mapping[str, Any]) -> datetime:
    """Read the instant at which a period ends, such as the close of an office."""
    try:
        return datetime.fromisoformat(str(facts[fact])).astimezone(UTC)
    except ValueError:
        raise Invalid(f"{fact} is no instant: {facts[fact]!r}", hint="write 2010-12-13T17:30:00+08:00") from None


def _campaign_date(name: str, when: Clockwork) -> date:
    if name not in when.dates:
        raise Invalid(f"the campaign has no date {name}", hint=f"it has: {', '.join(sorted(when.dates))}")
    return when.dates[name]


def _stated_date(fact: str, facts: Mapping[str, Any]) -> date:
    value = facts.get(fact)
    if value is None:
        raise not_so("fact", f"未说明日期：{fact}", f"the date {fact} is not stated")
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Invalid(f"{fact} is no date: {value!r}", hint="write YYYY-MM-DD") from None


def rolled_end(raw: date, since: date, term: Term, when: Clockwork, roll: str | None) -> Due:
    """Make the end of a period whose raw last day is *raw*: rolled if its rule says so; it was counted *since* that day."""
    if not rolls(term, roll):
        return at_end_of(within_horizon(raw), when)
    last = within_horizon(when.calendar.roll(raw))
    read_from = since + DAY if term.workdays is not None else raw
    return at_end_of(last, when, provisional=when.calendar.guesses(read_from, last))


def at_end_of(day: date, when: Clockwork, *, provisional: bool = False) -> Due:
    """Make an end at 24:00 of *day*."""
    return Due(day, end_of_day(day, when.zone), provisional)


def to_the_hour(breach_at: datetime, when: Clockwork, provisional: bool) -> Due:
    """Make an end at an instant: its last day is the one that the instant ends."""
    return Due(within_horizon(local_day(breach_at - TICK, when.zone)), breach_at, provisional)


def not_so(kind: str, zh: str, en: str) -> Refused:
    """Make a refusal with one reason in both languages."""
    return Refused(en, reasons=[Reason(kind, zh, en)])
