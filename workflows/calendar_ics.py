"""Holidays from a calendar file (iCalendar, RFC 5545): all-day events whose name says 休 or 班, nothing more of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from engine.errors import Problem
from engine.source import invalid
from engine.workdays import SATURDAY, Festival, YearNotice

LARGEST = 256 * 1024
"""Bytes of a file. PLACEHOLDER"""

LONGEST_HOLIDAY = 31
"""Days. PLACEHOLDER: a longer one is a slip of the pen."""

USE_DAYS = "write DTSTART and DTEND of each, in the file of its year"

REST, WORK = "休", "班"
"""How an event says what it is, in its SUMMARY or CATEGORIES: ``春节 休``, ``春节 班``."""

UNREAD = ("RRULE", "RDATE", "EXDATE", "EXRULE", "DURATION")
"""Properties that would make other days of an event than it begins and ends on; a notice of holidays names every day itself."""

DAY = timedelta(days=1)
_DATE = re.compile(r"[0-9]{8}")


@dataclass
class Event:
    """One VEVENT with the line on which it begins; *at* are the lines of its properties."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.taken: dict[date, str] = {}

    def flaw(self, line: int, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.name, line, 1, code, message, hint))

    def festival(self, event: Event) -> Festival | None:
        """The days of one event. Flaws are taken down; None if there is no use for it."""
        summary = event.values.get("SUMMARY", "").strip()
        said = {word for word in (REST, WORK) if word in summary + event.values.get("CATEGORIES", "")}
        if len(said) != 1:
            self.flaw(
                event.at.get("SUMMARY", event.line), "kind", f"{summary!r} says neither {REST} nor {WORK}, or both"
            )
            return None
        self._refuse_unread(event)
        days = self._days(event)
        for day in days:
            self._take(day, said, event)
        name = summary.replace(REST, "").replace(WORK, "").strip(" ()（）-：:") or summary
        rest = said == {REST}
        return Festival(name, name, tuple(days) if rest else (), () if rest else tuple(days))

    def _refuse_unread(self, event: Event) -> None:
        """Take down what would be left out in silence: a repetition, a length, a day that was called off."""
        for key in UNREAD:
            if key in event.values:
                said = f"{key}:{event.values[key][:60]}"
                self.flaw(
                    event.at[key], "repeats", f"{said} is not read: every holiday stands with its own days", USE_DAYS
                )
        if event.values.get("STATUS", "").strip().upper() == "CANCELLED":
            self.flaw(event.at["STATUS"], "cancelled", "this day was called off; take it out of the file")

    def _take(self, day: date, said: set[str], event: Event) -> None:
        line, kind = event.at.get("DTSTART", event.line), next(iter(said))
        if day in self.taken:
            both = "off and worked at once" if self.taken[day] != kind else "named twice"
            self.flaw(line, "duplicate_day", f"{day} is {both}")
        if kind == WORK and day.weekday() < SATURDAY:
            self.flaw(line, "weekday", f"{day} is no Saturday or Sunday")
        self.taken[day] = kind

    def _days(self, event: Event) -> list[date]:
        first = self._day(event, "DTSTART")
        end = self._day(event, "DTEND") if "DTEND" in event.values else (first + DAY if first else None)
        if first is None or end is None:
            return []
        if not 1 <= (end - first).days <= LONGEST_HOLIDAY:
            self.flaw(event.at["DTSTART"], "span", "DTEND must lie after DTSTART, a month at most; it is not counted")
            return []
        return [first + n * DAY for n in range((end - first).days)]

    def _day(self, event: Event, key: str) -> date | None:
        text = event.values.get(key, "")
        try:
            if _DATE.fullmatch(text):
                return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
        self.flaw(
            event.at.get(key, event.line), "date", f"{key} {text!r} is no date", "write DTSTART;VALUE=DATE:20110202"
        )
        return None


def read_ics(content: bytes, name: str) -> YearNotice:
    """Read the notice of one year from an iCalendar file. Raises Invalid with every flaw and its line.

    Its year is that of its days; some may lie in the December before. Its source is the calendar's own name.
    """
    reader = _Reader(name)
    head, events = _events(reader, content)
    festivals = [each for each in map(reader.festival, events) if each is not None]
    if not events:
        reader.flaw(1, "missing", "there is no VEVENT in the file")
    year = max((day.year for day in reader.taken), default=0)
    for event in events if year else ():
        _refuse_other_years(reader, event, year)
    if reader.problems:
        raise invalid(name, reader.problems)
    return YearNotice(year, head.get("X-WR-CALNAME") or name, tuple(festivals))


def _refuse_other_years(reader: _Reader, event: Event, year: int) -> None:
    text = event.values.get("DTSTART", "")
    if _DATE.fullmatch(text) and int(text[:4]) != year and text[:6] != f"{year - 1}12":
        message = f"{text} lies neither in {year} nor in the December before; one file is one year"
        reader.flaw(event.at["DTSTART"], "year", message)


def _events(reader: _Reader, content: bytes) -> tuple[dict[str, str], list[Event]]:
    head: dict[str, str] = {}
    events: list[Event] = []
    current: Event | None = None
    for line, text in _lines(reader, content):
        key, _, value = text.partition(":")
        key = key.partition(";")[0].upper()
        if (key, value.upper()) == ("BEGIN", "VEVENT"):
            current = Event(line)
            events.append(current)
        elif (key, value.upper()) == ("END", "VEVENT"):
            current = None
        elif current is not None:
            current.values.setdefault(key, value)
            current.at.setdefault(key, line)
        else:
            head.setdefault(key, value)
    if current is not None:
        reader.flaw(current.line, "syntax", "this VEVENT has no end")
    return head, events


def _lines(reader: _Reader, content: bytes) -> Iterator[tuple[int, str]]:
    """The logical lines with their numbers: a line that begins with white space goes on the one before it."""
    if len(content) > LARGEST:
        raise invalid(reader.name, [Problem(reader.name, 0, 0, "too_large", f"at most {LARGEST} bytes are allowed")])
    try:
        raw = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise invalid(reader.name, [Problem(reader.name, 0, 0, "encoding", f"not UTF-8: {error.reason}")]) from None
    held: tuple[int, str] | None = None
    for number, text in enumerate(raw, start=1):
        if text[:1] in (" ", "\t") and held is not None:
            held = held[0], held[1] + text[1:]
            continue
        if held is not None:
            yield held
        held = number, text
    if held is not None:
        yield held
