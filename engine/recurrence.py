"""Days that come back: every Monday, the 4th of a month, its last Friday; and what a rest day among them does."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from engine.recurrence_schema import WEEKDAYS, Recurrence
from engine.terms import Clockwork, within_horizon
from engine.workdays import WorkCalendar

WEEK = 7
"""Days."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that something comes back: on *day*, by its rule due on *nominal*, for the *period* of that.

    *period* is ``2010-W50`` or ``2011-02`` and does not move with the day. *provisional*: nobody has announced yet
    whether the days between are worked.
    """

    day: date
    nominal: date
    period: str
    provisional: bool


def occurrences(rule: Recurrence, first: date, last: date, clockwork: Clockwork) -> list[Occurrence]:
    """List the times of *rule* whose nominal day lies from *first* to *last*, both included, by nominal day.

    A rest day may move an occurrence out of that stretch, and two onto one day; each keeps its period.
    Raises Invalid if *first* or *last* lies where no date of ours can.
    """
    within_horizon(first), within_horizon(last)
    days = _weekly(rule.weekly, first, last) if rule.weekly else _monthly(rule, first, last)
    return [_placed(rule, day, clockwork.calendar) for day in days]


def _placed(rule: Recurrence, nominal: date, calendar: WorkCalendar) -> Occurrence:
    if rule.holiday == "none":
        return Occurrence(nominal, nominal, _period(rule, nominal), False)
    day = calendar.back(nominal) if rule.holiday == "before" else calendar.roll(nominal)
    guessed = calendar.guesses(min(day, nominal), max(day, nominal))
    return Occurrence(day, nominal, _period(rule, nominal), guessed)


def _period(rule: Recurrence, nominal: date) -> str:
    week = nominal.isocalendar()
    return f"{week.year}-W{week.week:02d}" if rule.weekly else f"{nominal.year}-{nominal.month:02d}"


def _weekly(weekday: str, first: date, last: date) -> Iterator[date]:
    day = first + (WEEKDAYS.index(str(weekday)) - first.weekday()) % WEEK * DAY
    while day <= last:
        yield day
        day += WEEK * DAY


def _monthly(rule: Recurrence, first: date, last: date) -> Iterator[date]:
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        day = _day_of_month(rule, number // 12, number % 12 + 1)
        if day is not None and first <= day <= last:
            yield day


def _day_of_month(rule: Recurrence, year: int, month: int) -> date | None:
    starts_on, length = monthrange(year, month)
    if rule.monthly is not None:
        return date(year, month, length if rule.monthly == "last" else min(int(rule.monthly), length))
    which, weekday = rule.monthly_weekday or (1, WEEKDAYS[0])
    earliest = 1 + (WEEKDAYS.index(str(weekday)) - starts_on) % WEEK
    latest = earliest + (length - earliest) // WEEK * WEEK
    wanted = latest if which == "last" else earliest + (int(which) - 1) * WEEK
    return date(year, month, wanted) if wanted <= latest else None
