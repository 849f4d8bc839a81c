"""Which days are worked: the office's notices, a published calendar under them, marked guesses beyond."""

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date

SATURDAY = 5
"""The first ``date.weekday()`` of the weekend."""

Name = tuple[str, str]
"""What a day is called, in Chinese and in English."""

WEEKEND: Name = ("周末", "weekend")
PUBLIC_HOLIDAY: Name = ("法定节假日", "public holiday")
MAKE_UP: Name = ("调休上班", "make-up working day")
WORKING_DAY: Name = ("工作日", "working day")


@dataclass(frozen=True, slots=True)
class Festival:
    """One holiday of a notice: the days *off*, the weekend days worked for it, and how it was verified."""

    zh: str
    en: str
    off: tuple[date, ...]
    work: tuple[date, ...] = ()
    mark: str = "N"


@dataclass(frozen=True, slots=True)
class YearNotice:
    """The State Council's notice for one year; it may name days of the December before (for New Year)."""

    year: int
    source: str
    festivals: tuple[Festival, ...]
    issued_on: date | None = None


class _Year:
    """The days of one year as sorted ordinals, laid out for bisection; never changed after it was made."""

    __slots__ = ("guessed", "working", "working_set")

    def __init__(self, working: list[int], guessed: list[int]) -> None:
        self.working = working
        self.working_set = frozenset(working)
        self.guessed = guessed

    def guesses(self, first: int, last: int) -> bool:
        """Say whether a guessed day lies from *first* to *last*, both included."""
        at = bisect_left(self.guessed, first)
        return at < len(self.guessed) and self.guessed[at] <= last


class WorkCalendar:
    """Working days, immutable and safe to share between threads; equal when the *digest* is.

    A day that a notice names is as the notice says; any other is as *base* says. Where *base* answers None,
    weekdays are worked except those of *fixed* (month, day), and provisional unless their year has a notice.
    """

    def __init__(
        self,
        years: Mapping[int, YearNotice],
        base: Callable[[date], bool | None],
        *,
        fixed: Collection[tuple[int, int]] = (),
        base_name: str = "",
    ) -> None:
        self.years = {year: years[year] for year in sorted(years)}
        self.base_name = base_name
        self._base = base
        self._fixed = frozenset(fixed)
        self._named = {day: name for notice in self.years.values() for day, name in _named_days(notice)}
        self._cache: dict[int, _Year] = {}  # a race computes a year twice and stores equal values
        self.digest = self._digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorkCalendar) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def is_workday(self, day: date) -> bool:
        """Say whether *day* is worked, make-up days (补班) included."""
        return day.toordinal() in self._year(day.year).working_set

    def is_provisional(self, day: date) -> bool:
        """Say whether nobody has announced yet what *day* is."""
        return self.guesses(day, day)

    def is_make_up(self, day: date) -> bool:
        """Say whether *day* is a weekend day that is worked."""
        return day.weekday() >= SATURDAY and self.is_workday(day)

    def guesses(self, first: date, last: date) -> bool:
        """Say whether any day from *first* to *last*, both included, is provisional."""
        begin, end = first.toordinal(), last.toordinal()
        return any(self._year(year).guesses(begin, end) for year in range(first.year, last.year + 1))

    def roll(self, day: date) -> date:
        """Give *day*, or the first working day after it."""
        return day if self.is_workday(day) else self.shift(day, 1)

    def back(self, day: date) -> date:
        """Give *day*, or the last working day before it."""
        return day if self.is_workday(day) else self.shift(day, -1)

    def shift(self, day: date, n: int) -> date:
        """Count *n* working days after *day*, or before it if *n* is negative; *day* itself is not counted.

        With 0 it is *day*, worked or not.
        """
        if n == 0:
            return day
        number, ordinal = day.year, day.toordinal()
        working = self._year(number).working
        if n > 0:
            at = bisect_right(working, ordinal) + n - 1
            while at >= len(working):
                at -= len(working)
                number += 1
                working = self._year(number).working
        else:
            at = bisect_left(working, ordinal) + n
            while at < 0:
                number -= 1
                working = self._year(number).working
                at += len(working)
        return date.fromordinal(working[at])

    def days_off(self, first: date, last: date) -> list[date]:
        """List the rest days from *first* to *last*, both included."""
        days = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
        return [day for day in days if not self.is_workday(day)]

    def name_of(self, day: date) -> Name:
        """Say what *day* is, by its festival if a notice names it."""
        if self.is_workday(day):
            return MAKE_UP if day.weekday() >= SATURDAY else WORKING_DAY
        return self._named[day][1] if day in self._named else self._unnamed(day)

    def sources(self, first: date, last: date) -> tuple[str, ...]:
        """List where the days from *first* to *last* come from: notice or base by year, none for guesses."""
        names = map(self._source, range(first.year, last.year + 1))
        return tuple(dict.fromkeys(filter(None, names)))

    def _source(self, number: int) -> str:
        if number in self.years:
            return self.years[number].source
        return "" if self._year(number).guessed else self.base_name

    def _unnamed(self, day: date) -> Name:
        return WEEKEND if day.weekday() >= SATURDAY else PUBLIC_HOLIDAY

    def _year(self, number: int) -> _Year:
        year = self._cache.get(number)
        if year is None:
            year = self._cache[number] = self._laid_out(number)
        return year

    def _laid_out(self, number: int) -> _Year:
        working, guessed = [], []
        for ordinal in range(date(number, 1, 1).toordinal(), date(number, 12, 31).toordinal() + 1):
            day = date.fromordinal(ordinal)
            known = self._known(day)
            if known is None and number not in self.years:
                guessed.append(ordinal)
            if self._guess(day) if known is None else known:
                working.append(ordinal)
        return _Year(working, guessed)

    def _known(self, day: date) -> bool | None:
        return self._named[day][0] if day in self._named else self._base(day)

    def _guess(self, day: date) -> bool:
        return day.weekday() < SATURDAY and (day.month, day.day) not in self._fixed

    def _digest(self) -> str:
        notices = [asdict(notice) for notice in self.years.values()]
        whole = {"notices": notices, "base": self.base_name, "fixed": sorted(self._fixed)}
        return hashlib.sha256(json.dumps(whole, default=str, sort_keys=True).encode()).hexdigest()


def _named_days(notice: YearNotice) -> list[tuple[date, tuple[bool, Name]]]:
    """List each day that *notice* names with whether it is worked and what for."""
    return [
        (day, (worked, (festival.zh, festival.en)))
        for festival in notice.festivals
        for worked, days in ((False, festival.off), (True, festival.work))
        for day in days
    ]
