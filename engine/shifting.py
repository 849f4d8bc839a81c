"""The dates of a campaign moved to another year: phase by phase, ends of months staying ends of months."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.campaign_schema import CampaignDoc
from engine.workdays import WorkCalendar

DAY = timedelta(days=1)

SHORT_WORKDAYS = 20
"""A phase of at most so many working days keeps their number; a longer one keeps its calendar days. PLACEHOLDER"""


@dataclass(frozen=True, slots=True)
class PhaseMove:
    """A phase, where it was and where it comes to lie; *kept* says what of its length: ``workdays``, ``days``, ``month_end``."""

    code: str
    was: tuple[date, date]
    will: tuple[date, date]
    kept: str


@dataclass(frozen=True)
class Shift:
    """How every date of one campaign moves to another year, by *calendar*."""

    doc: CampaignDoc
    start: date
    calendar: WorkCalendar
    phases: list[PhaseMove] = field(default_factory=list)

    @property
    def months(self) -> int:
        """By how many months the campaign's first day moves."""
        was = date.fromisoformat(self.doc.start)
        return (self.start.year - was.year) * 12 + self.start.month - was.month

    @property
    def years(self) -> int:
        return self.start.year - int(self.doc.start[:4])

    def worked(self, first: date, last: date) -> int:
        """The working days from *first* to *last*, both included."""
        return sum(self.calendar.is_workday(first + at * DAY) for at in range((last - first).days + 1))

    def day(self, day: date) -> date:
        """Where *day* comes to lie: a phase's bounds with it, any other as far into its phase, a month's end at one."""
        for each in self.phases:
            if day in each.was:
                return each.will[each.was.index(day)]
        if is_month_end(day):
            return month_end(self._by_months(day))
        inside = next((each for each in self.phases if each.was[0] <= day <= each.was[1]), None)
        if inside is None:
            return self._by_months(day)
        return min(inside.will[0] + (day - inside.was[0]), inside.will[1])

    def _by_months(self, day: date) -> date:
        """The same day of the month, and as many days more as the campaign's first day moves within its own."""
        was = date.fromisoformat(self.doc.start)
        first = add_months(day.replace(day=1), self.months)
        wanted = min(day.day, month_end(first).day)
        return first.replace(day=wanted) + (self.start.day - was.day) * DAY


def shifted(doc: CampaignDoc, start: date, calendar: WorkCalendar) -> Shift:
    """Lay the phases of *doc* one after the other from *start* on, with the gaps that they had."""
    shift = Shift(doc, start, calendar)
    moves: list[PhaseMove] = []
    for phase in sorted(doc.phases, key=lambda each: each.start):
        was = date.fromisoformat(phase.start), date.fromisoformat(phase.end)
        before, since = (moves[-1].will[1], moves[-1].was[1]) if moves else (start, date.fromisoformat(doc.start))
        first = before + max(was[0] - since, DAY if moves else was[0] - since)
        last, kept = _end(shift, was, first)
        moves.append(PhaseMove(phase.code, was, (first, max(last, first)), kept))
    shift.phases.extend(moves)
    return shift


def _end(shift: Shift, was: tuple[date, date], first: date) -> tuple[date, str]:
    if is_month_end(was[1]):
        return month_end(add_months(was[1].replace(day=1), shift.months)), "month_end"
    worked = shift.worked(*was)
    if 0 < worked <= SHORT_WORKDAYS:
        return shift.calendar.shift(first - DAY, worked), "workdays"
    return first + (was[1] - was[0]), "days"


def add_months(day: date, months: int) -> date:
    """The first of a month so many months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1)


def month_end(day: date) -> date:
    """The last day of the month of *day*."""
    return add_months(day.replace(day=1), 1) - DAY


def is_month_end(day: date) -> bool:
    """Say whether *day* is the last of its month."""
    return (day + DAY).month != day.month


def years_of(doc: CampaignDoc) -> Mapping[int, None]:
    """The years in which the campaign lies."""
    return dict.fromkeys(range(int(doc.start[:4]), int(doc.end[:4]) + 1))
