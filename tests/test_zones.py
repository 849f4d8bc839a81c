"""Days and hours where the clocks change, and where the process believes to stand."""

import os
import time as process_time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_terms import SHANGHAI, WORK, at, elsewhere, ends

from engine.definition_schema import Term
from engine.terms import Due, due, end_of_day, local_day


@pytest.mark.parametrize(("hour", "last_day"), [("15:59", "2010-12-02"), ("16:01", "2010-12-03")])
def test_the_day_of_the_start_is_the_local_one(hour: str, last_day: str) -> None:
    start = datetime.fromisoformat(f"2010-12-01 {hour}+00:00")

    assert due(Term(days=1), start, WORK, roll=None, facts={}).last_day == date.fromisoformat(last_day)


@pytest.mark.parametrize(
    ("start", "last_day", "breach_at"),
    [
        ("2010-09-10 22:00", "2010-11-09", "2010-11-10 05:00+00:00"),
        ("2011-01-20 23:30", "2011-03-21", "2011-03-22 04:00+00:00"),
    ],
)
def test_sixty_days_are_sixty_days_when_the_clocks_change(start: str, last_day: str, breach_at: str) -> None:
    work = elsewhere("America/New_York")

    end = due(Term(days=60), at(start, work.zone), work, roll="none", facts={})

    assert end == Due(date.fromisoformat(last_day), datetime.fromisoformat(breach_at), False)


def test_hours_are_hours_of_time_and_not_of_the_clock_on_the_wall() -> None:
    work = elsewhere("America/New_York")

    end = due(Term(hours=24), at("2010-11-06 12:00", work.zone), work, roll=None, facts={})

    assert end.breach_at == at("2010-11-07 11:00", work.zone)


@pytest.mark.parametrize(
    ("zone", "day", "breach_at"),
    [
        (
            "America/Sao_Paulo",
            "2010-10-16",
            "2010-10-17 03:00+00:00",
        ),  # 24:00 becomes 01:00: midnight is missing
        (
            "America/Sao_Paulo",
            "2011-02-19",
            "2011-02-20 03:00+00:00",
        ),  # 24:00 becomes 23:00: an hour comes twice
        (
            "America/Havana",
            "2010-10-30",
            "2010-10-31 04:00+00:00",
        ),  # 01:00 becomes 00:00: midnight comes twice
        (
            "America/St_Johns",
            "2010-11-06",
            "2010-11-07 03:30+00:00",
        ),  # 00:01 becomes 23:01: the day comes back
        ("Pacific/Apia", "2011-12-29", "2011-12-30 10:00+00:00"),  # the 30th was left out
        ("Pacific/Apia", "2011-12-30", "2011-12-30 10:00+00:00"),
        ("Asia/Shanghai", "1986-05-03", "1986-05-03 16:00+00:00"),
    ],
)
def test_a_day_ends_when_it_ends_whatever_the_clocks_do(zone: str, day: str, breach_at: str) -> None:
    assert end_of_day(date.fromisoformat(day), ZoneInfo(zone)) == datetime.fromisoformat(breach_at)


@given(
    st.dates(date(1970, 1, 1), date(2037, 12, 30)),
    st.sampled_from(["America/New_York", "America/Sao_Paulo", "America/St_Johns", "Asia/Shanghai", "Africa/Cairo"]),
)
def test_the_last_tick_of_a_day_is_of_that_day_and_the_next_is_not(day: date, zone: str) -> None:
    end = end_of_day(day, ZoneInfo(zone))

    assert local_day(end - timedelta(microseconds=1), ZoneInfo(zone)) == day
    assert local_day(end, ZoneInfo(zone)) == day + timedelta(days=1)


@pytest.fixture(params=["UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Shanghai"])
def process_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let the process believe it stands elsewhere."""
    monkeypatch.setitem(os.environ, "TZ", request.param)
    process_time.tzset()
    yield request.param
    monkeypatch.undo()
    process_time.tzset()


def test_the_zone_of_the_process_changes_nothing(process_zone: str) -> None:
    assert ends("2011-01-31 23:59", days=3) == date(2011, 2, 9)
    assert ends("2011-02-01 00:01", workdays=1) == date(2011, 2, 9)
    assert end_of_day(date(2010, 11, 26), SHANGHAI) == datetime(2010, 11, 26, 16, tzinfo=UTC)
