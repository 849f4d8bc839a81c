"""China's working days: the State Council's notices as the office took them down, over published tables."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import chinese_calendar

from engine import strictyaml
from engine.calendar_notices import stored_notices
from engine.counted import VERSION_KEPT
from engine.errors import Invalid
from engine.publishing import get_meta
from engine.source import Findings
from engine.source import Path as Way
from engine.store import Tx
from engine.suggest import did_you_mean
from engine.workdays import SATURDAY, Festival, WorkCalendar, YearNotice

FOLDER = Path(__file__).with_name("calendars")
"""One file a year, ``cn-2010.yaml``: what a notice of the State Council's General Office says."""

SCHEMA = "calendar/1"

MARKS = ("V", "P", "S", "N")
"""How far the words of a notice were verified: text read, excerpt read, secondary source, not verified."""

KNOWN = "calendar_known"
"""The property of a database that knows of our own notices only what was issued by that day; a rehearsal's choice."""

FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of the holidays that follow the solar calendar, assumed for years without a notice.

Source: 全国年节及纪念日放假办法 as revised 2024 (国务院令第795号, from 2025-01-01), art. 2; not verified (N).
Festivals by the lunar calendar, Qingming and all exchanges of days (调休) are unknown until the notice.
"""

LONGEST_HOLIDAY = timedelta(days=31)
"""PLACEHOLDER: a longer one is a slip of the pen; Spring Festival 2020 had ten days."""

NOTICE_KEYS = ("schema", "year", "source", "issued_on", "festivals")
FESTIVAL_KEYS = ("name", "off", "work", "mark")
LANGUAGES = ("zh", "en")

FORMS: dict[type, str] = {str: "a text", int: "a number", list: "a list", dict: "a mapping"}
EMPTY: tuple[Any, ...] = ("", [], {})

T = TypeVar("T")


def load_calendar(
    names: Iterable[str] | None = None, imported: Iterable[YearNotice] = (), known_on: date | None = None
) -> WorkCalendar:
    """Build the calendar of the notices *names* (``cn-2010``; None: all we have) and of those *imported*.

    An imported notice replaces ours of the same year. With *known_on* ours count only as far as they were issued by
    that day, published tables only up to its year. Equal arguments give the same calendar, with its cache.
    """
    return _calendar(notice_names() if names is None else tuple(names), tuple(imported), known_on)


def calendar_in(tx: Tx, *more: YearNotice) -> tuple[WorkCalendar, dict[str, WorkCalendar]]:
    """The calendar of a database, and all it has ever had by the beginning of their digest; *more* are not stored yet."""
    known = get_meta(tx, KNOWN)
    known_on = date.fromisoformat(known) if known else None
    imported = (*stored_notices(tx), *more)
    all_of_them = [load_calendar(None, imported[:count], known_on) for count in range(len(imported) + 1)]
    return all_of_them[-1], {each.digest[:VERSION_KEPT]: each for each in all_of_them}


@cache
def notice_names() -> tuple[str, ...]:
    """List the notices that come with duban."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def shipped_notice(name: str) -> YearNotice:
    """Read one of the notices that come with duban."""
    if name not in notice_names():
        raise Invalid(f"there is no calendar '{name}'", hint=did_you_mean(name, notice_names()))
    return read_notice((FOLDER / f"{name}.yaml").read_bytes(), f"{name}.yaml")


def published(day: date) -> bool | None:
    """Say whether *day* is worked by the tables of chinesecalendar; None outside their years."""
    return chinese_calendar.is_workday(day) if day.year in _published_years() else None


def read_notice(content: str | bytes, name: str) -> YearNotice:
    """Read a notice in the form of our own files; raise Invalid with every flaw of the file *name*."""
    source = strictyaml.parse(content, name)
    return _Reader(Findings(source)).notice(source.data)


@lru_cache(maxsize=64)
def _calendar(names: tuple[str, ...], imported: tuple[YearNotice, ...], known_on: date | None) -> WorkCalendar:
    ours = [each for each in map(shipped_notice, names) if known_on is None or _issued(each) <= known_on]
    years = {notice.year: notice for notice in [*ours, *imported]}
    name = f"chinesecalendar {version('chinesecalendar')}"
    if known_on is None:
        return WorkCalendar(years, published, fixed=FIXED_HOLIDAYS, base_name=name)

    def known(day: date) -> bool | None:
        return published(day) if day.year <= known_on.year else None

    return WorkCalendar(years, known, fixed=FIXED_HOLIDAYS, base_name=f"{name} (–{known_on.year})")


def _issued(notice: YearNotice) -> date:
    """The day from which a notice can be known; one that says none, from the beginning of its year."""
    return notice.issued_on or date(notice.year, 1, 1)


@cache
def _published_years() -> range:
    holidays = chinese_calendar.constants.holidays
    return range(min(holidays).year, max(holidays).year + 1)


class _Reader:
    """Reads a notice and takes down every flaw before it gives up; wrong parts are read as empty."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._year = 0
        self._taken: set[date] = set()

    def notice(self, data: dict[str, Any]) -> YearNotice:
        self._keys(data, (), NOTICE_KEYS)
        if self._value(data, (), "schema", str, SCHEMA) != SCHEMA:
            self._findings.add(("schema",), "schema", f"this is no {SCHEMA} file", f"write schema: {SCHEMA}")
        self._year = self._value(data, (), "year", int, 0)
        source = self._value(data, (), "source", str, "")
        issued_on = self._day(data["issued_on"], ("issued_on",)) if "issued_on" in data else None
        listed = self._value(data, (), "festivals", list, [])
        festivals = tuple(self._festival(each, ("festivals", at)) for at, each in enumerate(listed))
        self._findings.raise_if_any()
        return YearNotice(self._year, source, festivals, issued_on)

    def _festival(self, data: Any, path: Way) -> Festival:
        if not isinstance(data, dict):
            self._findings.add(path, "type", "a festival is a mapping with name, off, work, mark")
            return Festival("", "", ())
        self._keys(data, path, FESTIVAL_KEYS)
        name = self._value(data, path, "name", dict, {})
        self._keys(name, (*path, "name"), LANGUAGES)
        zh, en = (self._value(name, (*path, "name"), each, str, "") if name else "" for each in LANGUAGES)
        mark = self._value(data, path, "mark", str, "N") if "mark" in data else "N"
        self._findings.expect((*path, "mark"), "mark", mark, MARKS)
        off = self._span(self._days(data, path, "off"), (*path, "off"))
        work = self._days(data, path, "work") if "work" in data else []
        for at, day in enumerate(work):
            if day.weekday() < SATURDAY:
                self._findings.add((*path, "work", at), "weekday", f"{day} is no Saturday or Sunday")
        for key, days in (("off", off), ("work", work)):
            self._once(days, (*path, key))
        return Festival(zh, en, tuple(off), tuple(work), mark)

    def _keys(self, data: dict[str, Any], path: Way, known: tuple[str, ...]) -> None:
        for key in data:
            if key not in known:
                hint = did_you_mean(key, known)
                self._findings.add((*path, key), "unknown_key", f"there is no key '{key}' here", hint, key=True)

    def _value(self, data: dict[str, Any], path: Way, key: str, form: type[T], instead: T) -> T:
        if key not in data:
            self._findings.add(path, "missing", f"the key '{key}' is missing")
            return instead
        value = data[key]
        if type(value) is form and value not in EMPTY:
            return value
        self._findings.add((*path, key), "type", f"'{key}' must be {FORMS[form]}, not {value!r}")
        return instead

    def _days(self, data: dict[str, Any], path: Way, key: str) -> list[date]:
        listed = self._value(data, path, key, list, [])
        days = [self._day(text, (*path, key, at)) for at, text in enumerate(listed)]
        for at, day in enumerate(days):
            if day and day.year != self._year and (day.year, day.month) != (self._year - 1, 12):
                message = f"{day} lies neither in {self._year} nor in the December before"
                self._findings.add((*path, key, at), "year", message)
        return [day for day in days if day]

    def _day(self, text: Any, path: Way) -> date | None:
        if isinstance(text, str) and len(text) == len("YYYY-MM-DD"):
            with suppress(ValueError):
                return date.fromisoformat(text)
        self._findings.add(path, "date", f"{text!r} is no date", "write YYYY-MM-DD")
        return None

    def _span(self, ends: list[date], path: Way) -> list[date]:
        first, last = (ends[0], ends[-1]) if 1 <= len(ends) <= 2 else (date.max, date.min)
        if not timedelta() <= last - first <= LONGEST_HOLIDAY:
            self._findings.add(path, "span", "give the first and the last day off, in this order")
            return []
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def _once(self, days: list[date], path: Way) -> None:
        for day in days:
            if day in self._taken:
                self._findings.add(path, "duplicate_day", f"{day} is named twice")
            self._taken.add(day)
