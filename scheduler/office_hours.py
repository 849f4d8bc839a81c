"""When somebody would do it: instants drawn within the hours in which offices are open, or round the clock."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from engine.campaign import Campaign
from scheduler.people_schema import Hours, Pace, Rhythm, Span

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

SHORTEST = timedelta(minutes=3)
"""The least that lies between two acts with one matter. PLACEHOLDER"""

ROUNDS = 60
"""How many times of a rhythm are looked at for one that is kept."""


class OfficeHours:
    """The working days and hours of a campaign's offices."""

    def __init__(self, campaign: Campaign, hours: Hours) -> None:
        self.zone = campaign.zone
        self.calendar = campaign.work.calendar
        self.dates = campaign.dates
        self.open, self.close = time.fromisoformat(hours.open), time.fromisoformat(hours.close)
        self._open_s = self.open.hour * 3600 + self.open.minute * 60
        self._close_s = self.close.hour * 3600 + self.close.minute * 60

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def on(self, day: date, rng: Random) -> datetime:
        """Some moment of the office hours of *day*."""
        return self._at(day, rng.randrange(self._open_s, self._close_s))

    def _at(self, day: date, second: int) -> datetime:
        clock = time(second // 3600, second // 60 % 60, second % 60)
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def in_office(self, at: datetime, rng: Random) -> datetime:
        """*at*, or if nobody is in the office then, some moment of the first hour after it opens again."""
        local = self.local(at)
        day, second = local.date(), local.hour * 3600 + local.minute * 60 + local.second
        if self.calendar.is_workday(day):
            if self._open_s <= second < self._close_s:
                return at
            if second < self._open_s:
                return self._at(day, self._open_s + rng.randrange(3600))
        return self._at(self.calendar.shift(day, 1), self._open_s + rng.randrange(3600))

    def after(self, span: Span, began: datetime, rng: Random, *, around_the_clock: bool) -> datetime:
        """A moment the drawn length after *began*."""
        if span.workdays:
            return self._workdays_after(rng.randint(*span.workdays), began, rng)
        hours = rng.randint(*span.hours) if span.hours else 24 * rng.randint(*span.days)
        at = began + timedelta(hours=hours, minutes=rng.randrange(3, 60))
        return at if around_the_clock else self.in_office(at, rng)

    def _workdays_after(self, count: int, began: datetime, rng: Random) -> datetime:
        local = self.local(began)
        if count:
            return self.on(self.calendar.shift(local.date(), count), rng)
        second = local.hour * 3600 + local.minute * 60 + local.second
        if self.calendar.is_workday(local.date()) and self._open_s <= second < self._close_s - 600:
            return self._at(local.date(), rng.randrange(second + 180, self._close_s))
        return self.in_office(began, rng)

    def within(
        self, pace: Pace, late: bool, span: tuple[datetime, datetime], rng: Random, *, around_the_clock: bool
    ) -> datetime:
        """A moment in the period *span*, or some working days after it if *late*; soon if it is over already."""
        began, end = span
        part, days = rng.randint(*pace.uses), rng.randint(*pace.late_by)
        if end - began <= SHORTEST:
            return self._workdays_after(rng.randint(0, 2), began, rng)
        if late:
            last_day = self.local(end - timedelta(seconds=1)).date()
            return max(self.on(self.calendar.shift(last_day, days), rng), began + SHORTEST)
        at = began + (end - began) * part / 1000
        return at if around_the_clock else self._in_time(at, began, end, rng)

    def _in_time(self, at: datetime, began: datetime, end: datetime, rng: Random) -> datetime:
        """Within office hours and before *end* if there is any such moment left, else before *end* all the same."""
        at = self.in_office(at, rng)
        if at < end:
            return at
        last = self.calendar.back(self.local(end - timedelta(seconds=1)).date())
        at = self._at(last, rng.randrange(self._close_s - 3600, self._close_s))
        if not began < at < end:
            at = began + (end - began) * rng.randint(200, 800) / 1000
        return at.replace(microsecond=0)

    def next_of(self, rhythm: Rhythm, since: datetime, share: int, key: str) -> datetime | None:
        """The next time of a rhythm after *since* that is kept; *share* of 1000 are, by a draw for each."""
        day = max(self.local(since).date(), self.dates[rhythm.first])
        last = self.dates[rhythm.last]
        for _ in range(ROUNDS):
            planned = self._next_day(rhythm, day)
            if planned > last:
                return None
            rng = Random(f"{key}:{planned}")  # noqa: S311 - a rehearsal must be repeatable, not secret
            at = self.on(self.calendar.roll(planned), rng)
            if at > since and rng.randrange(1000) < share:
                return at
            day = planned + timedelta(days=1)
        return None

    def _next_day(self, rhythm: Rhythm, day: date) -> date:
        while not self._fits(rhythm, day):
            day += timedelta(days=1)
        return day

    def _fits(self, rhythm: Rhythm, day: date) -> bool:
        return WEEKDAYS[day.weekday()] == rhythm.week if rhythm.week else day.day == rhythm.month
