"""What holds of every count: additions, halves of months, custody, hours, and twenty years held against other tables."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_terms import SHANGHAI, STARTS, WORK, at, elsewhere, ends

from engine.definition_schema import Term
from engine.terms import Clockwork, due, end_of_day, local_day
from workflows.calendars import load_calendar

DAY = timedelta(days=1)
TABLES = Path(__file__).parent / "samples" / "cn_days.txt"
"""Working days by another package than ours; where they come from is said in the file."""

PUBLISHED = Clockwork(SHANGHAI, load_calendar([]), {}, time(9))
COUNTS = st.integers(1, 90)
DAYS = st.dates(date(2007, 1, 1), date(2026, 6, 30))


def tables() -> dict[tuple[int, str], set[date]]:
    """Read the days of each year that differ from plain weekends."""
    found = {}
    for line in TABLES.read_text().splitlines():
        if not line.startswith("#"):
            year, kind, *days = line.split()
            found[int(year), kind] = {date.fromisoformat(f"{year}-{day}") for day in days}
    return found


def years() -> Iterator[tuple[int, set[date]]]:
    """Give each year of the tables with the days worked in it."""
    found = tables()
    for year in sorted({year for year, _ in found}):
        whole = {date(year, 1, 1) + n * DAY for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)}
        weekdays = {day for day in whole if day.weekday() < 5}
        yield year, (weekdays - found[year, "off"]) | found[year, "work"]


YEARS = list(years())


@pytest.mark.parametrize("names", [None, []], ids=["with_our_notices", "published_tables"])
def test_twenty_years_of_days_are_as_independent_tables_say(names: list[str] | None) -> None:
    calendar = load_calendar(names)

    for year, worked in YEARS:
        whole = [date(year, 1, 1) + n * DAY for n in range(366)]
        wrong = [day for day in whole if day.year == year and calendar.is_workday(day) != (day in worked)]
        assert not wrong, (year, wrong)


@given(DAYS, st.integers(1, 60))
def test_working_days_are_those_of_the_independent_tables_counted_one_by_one(start: date, amount: int) -> None:
    worked = sorted(day for _, days in YEARS for day in days if day > start)

    assert ends(str(start), PUBLISHED, workdays=amount) == worked[amount - 1]


@given(STARTS, COUNTS)
def test_a_half_month_has_fifteen_days_and_rolls_like_them(start: datetime, amount: int) -> None:
    for roll in (None, "none"):
        halves = due(Term(half_months=amount), start, WORK, roll=roll, facts={})
        assert halves == due(Term(days=15 * amount), start, WORK, roll=roll, facts={})


def test_a_half_month_after_a_month_is_not_a_month_and_a_half_of_the_calendar() -> None:
    assert ends("2011-01-31", roll="none", half_months=1) == date(2011, 2, 15)
    assert ends("2011-02-28", roll="none", half_months=2) == date(2011, 3, 30)


@given(STARTS, st.sampled_from(["days", "half_months"]), COUNTS, COUNTS)
def test_days_that_do_not_roll_may_be_counted_in_two_parts(start: datetime, unit: str, one: int, two: int) -> None:
    first = due(Term(**{unit: one}), start, WORK, roll="none", facts={}).last_day
    second = ends(str(first), roll="none", **{unit: two})

    assert second == due(Term(**{unit: one + two}), start, WORK, roll="none", facts={}).last_day


@given(STARTS, COUNTS, COUNTS)
def test_working_days_may_be_counted_in_two_parts(start: datetime, one: int, two: int) -> None:
    first = due(Term(workdays=one), start, WORK, roll=None, facts={}).last_day

    assert ends(str(first), workdays=two) == due(Term(workdays=one + two), start, WORK, roll=None, facts={}).last_day


def test_months_may_not_since_a_short_one_loses_days() -> None:
    assert ends("2011-01-31", roll="none", months=2) == date(2011, 3, 31)
    assert ends(str(ends("2011-01-31", roll="none", months=1)), roll="none", months=1) == date(2011, 3, 28)


@given(STARTS, st.integers(1, 2000), st.sampled_from([None, "next", "none"]))
def test_hours_are_so_many_hours_whatever_the_days_are(start: datetime, hours: int, roll: str | None) -> None:
    end = due(Term(hours=hours), start, WORK, roll=roll, facts={})

    assert end.breach_at - start == timedelta(hours=hours)
    assert not end.provisional


@given(STARTS, st.sampled_from(["days", "months", "half_months"]), st.integers(1, 24))
def test_custody_ends_on_its_day_and_never_waits_for_a_working_one(start: datetime, unit: str, amount: int) -> None:
    strict = due(Term(**{unit: amount}), start, WORK, roll="none", facts={})
    rolled = due(Term(**{unit: amount}), start, WORK, roll=None, facts={})

    assert rolled.last_day == WORK.calendar.roll(strict.last_day)
    assert strict.last_day <= rolled.last_day
    assert strict.breach_at == end_of_day(strict.last_day, SHANGHAI)


@given(STARTS, st.sampled_from(["days", "workdays", "months", "half_months"]), st.integers(1, 60))
def test_a_period_leaves_the_whole_of_its_last_day_and_never_ends_early(start: datetime, unit: str, n: int) -> None:
    end = due(Term(**{unit: n}), start, WORK, roll=None, facts={})

    fewest = {"days": n, "workdays": n, "months": 28 * n, "half_months": 15 * n}[unit]
    assert (end.last_day - local_day(start, SHANGHAI)).days >= fewest
    assert WORK.calendar.is_workday(end.last_day)
    assert end.breach_at - end_of_day(end.last_day - DAY, SHANGHAI) == DAY


@pytest.mark.parametrize("zone", ["America/New_York", "America/Sao_Paulo", "Europe/Berlin", "Africa/Cairo"])
@given(start=st.dates(date(2010, 1, 1), date(2013, 12, 31)))
def test_sixty_civil_days_are_sixty_dates_and_not_so_many_seconds(zone: str, start: date) -> None:
    work = elsewhere(zone)
    end = due(Term(days=60), at(str(start), work.zone), work, roll="none", facts={})

    assert end.last_day == start + 60 * DAY
    assert local_day(end.breach_at - timedelta(microseconds=1), work.zone) == end.last_day


def test_sixty_days_over_a_change_of_clocks_are_an_hour_longer_than_so_many_seconds() -> None:
    work = elsewhere("America/New_York")

    end = due(Term(days=60), at("2010-09-30 00:00", work.zone), work, roll="none", facts={})

    assert end.breach_at - at("2010-10-01 00:00", work.zone) == 60 * DAY + timedelta(hours=1)


ASK = """
from datetime import datetime
from engine.definition_schema import Term
from test_terms import WORK
from engine.terms import due
for term in (Term(days=3), Term(workdays=7), Term(months=2), Term(half_months=1), Term(hours=24)):
    print(due(term, datetime.fromisoformat("2011-01-31T23:59:00+08:00"), WORK, roll=None, facts={}))
"""


def test_a_process_in_another_zone_comes_to_the_same_dates() -> None:
    here = Path(__file__).parent
    said = set()
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Shanghai"):
        env: dict[str, Any] = {**os.environ, "TZ": zone, "PYTHONPATH": f"{here}{os.pathsep}{here.parent}"}
        said.add(
            subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True, check=True).stdout
        )

    assert len(said) == 1
    assert "2011, 2, 9" in said.pop()
