"""The light of a matter: red, yellow, green or none, and the instant from which it is yellow."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_terms import STARTS, WORK, at

from engine.clock import to_us
from engine.clock_ends import kept_end, yellow_us
from engine.definition_schema import Term
from engine.lights import Watched, light, yellow_at
from engine.terms import Due, due, unit_of

START = "2010-12-01 10:00"


def watched(status: str = "running", start: str = START, timer: bool = False, **term: Any) -> Watched:
    spec = Term(**(term or {"days": 10}))
    end = due(spec, at(start), WORK, roll="none", facts={})
    return Watched(status, at(start), end.last_day, end.breach_at, unit_of(spec), timer)


TEN_DAYS = watched()
"""From 1 December 10:00 to 11 December 24:00: 254 hours, 70 % of them is 177 h 48 min."""


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2010-12-01 10:00", "green"),
        ("2010-12-08 19:47:59", "green"),
        ("2010-12-08 19:48", "yellow"),
        ("2010-12-11 23:59:59", "yellow"),
        ("2010-12-12 00:00", "red"),
        ("2011-03-01", "red"),
    ],
)
def test_a_running_deadline_turns_yellow_at_seventy_percent_and_red_at_the_breach(now: str, expected: str) -> None:
    assert light([TEN_DAYS], at(now), WORK) == expected


@pytest.mark.parametrize(
    ("term", "turns"),
    [
        ({"days": 3}, "2010-12-03 22:12"),  # 70 % of 86 hours
        ({"days": 1}, "2010-12-02 00:00"),  # its last day comes before 70 %
        ({"workdays": 2}, "2010-12-03 00:00"),
        ({"hours": 24}, "2010-12-02 02:48"),
        ({"hours": 2}, "2010-12-01 11:00"),  # its last hour comes before 70 %
        ({"hours": 1}, "2010-12-01 10:00"),
        ({"until": "plan"}, START),  # past before it began
        ({"months": 1}, "2010-12-23 12:36"),
    ],
)
def test_yellow_begins_at_seventy_percent_or_with_the_last_unit(term: dict[str, Any], turns: str) -> None:
    each = watched(**term)

    instant = yellow_at(each.started_at, Due(each.last_day, each.breach_at, False), each.unit, WORK.zone)

    assert instant == at(turns)
    assert instant.utcoffset() == timedelta()


def test_a_deadline_of_the_day_it_began_on_is_yellow_from_the_start() -> None:
    each = watched(start="2010-11-26 09:00", until="plan")

    assert light([each], each.started_at, WORK) == "yellow"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("met", "green"),
        ("paused", "green"),
        ("late", "red"),
        ("breached", "red"),
        ("cancelled", None),
        ("running", "yellow"),
    ],
)
def test_a_status_has_its_light(status: str, expected: str | None) -> None:
    assert light([watched(status)], at("2010-12-11 12:00"), WORK) == expected


def test_a_paused_clock_stays_green_after_the_day_it_would_have_ended_on() -> None:
    assert light([watched("paused")], at("2011-01-01"), WORK) == "green"


@pytest.mark.parametrize("status", ["running", "breached", "late"])
def test_a_timer_gives_no_light(status: str) -> None:
    assert light([watched(status, timer=True)], at("2011-01-01"), WORK) is None


def test_without_deadlines_there_is_no_light() -> None:
    assert light([], at(START), WORK) is None


def test_a_closed_matter_has_no_light_even_if_it_was_late() -> None:
    assert light([watched("late"), TEN_DAYS], at("2011-01-01"), WORK, closed=True) is None


@pytest.mark.parametrize("order", [1, -1])
def test_the_worst_counts_whatever_the_order(order: int) -> None:
    now = at("2010-12-05")
    green, yellow, red = TEN_DAYS, watched(days=4), watched(days=3)

    assert light([green, yellow, red][::order], now, WORK) == "red"
    assert light([green, yellow, watched("met")][::order], now, WORK) == "yellow"
    assert light([green, watched("met"), watched("cancelled")][::order], now, WORK) == "green"


def test_a_threshold_that_was_computed_before_is_used() -> None:
    early = TEN_DAYS._replace(yellow_at=at("2010-12-02"))

    assert light([early], at("2010-12-02"), WORK) == "yellow"


def test_the_last_day_begins_at_local_midnight_also_when_the_clocks_change() -> None:
    zone = ZoneInfo("America/New_York")
    end = Due(date(2010, 11, 7), datetime(2010, 11, 8, 5, tzinfo=UTC), False)

    assert yellow_at(datetime(2010, 11, 6, 20, tzinfo=UTC), end, "days", zone) == datetime(2010, 11, 7, 4, tzinfo=UTC)


@given(STARTS, st.sampled_from(["days", "workdays", "months", "hours"]), st.integers(1, 40))
def test_yellow_lies_between_the_start_and_the_breach(start: datetime, unit: str, amount: int) -> None:
    end = due(Term(**{unit: amount}), start, WORK, roll=None, facts={})

    assert start <= yellow_at(start, end, unit, WORK.zone) < end.breach_at


def test_a_row_turns_yellow_at_the_instant_at_which_the_light_does() -> None:
    rng = random.Random(20101126)
    for _ in range(3000):
        began = datetime(2010, 11, rng.randrange(1, 30), tzinfo=UTC) + timedelta(microseconds=rng.randrange(10**11))
        unit = rng.choice(["hours", "days"])
        breach = began + timedelta(
            microseconds=rng.choice([10, 10**6, 10**12]) * rng.randrange(-1, 40) + rng.randrange(10)
        )
        end = Due(breach.astimezone(WORK.zone).date(), breach, rng.random() < 0.5)

        kept = kept_end(end, unit, WORK.zone)

        assert yellow_us(to_us(began), kept) == to_us(yellow_at(began, end, unit, WORK.zone))
        assert kept[:3] == (end.last_day.isoformat(), to_us(breach), int(end.provisional))
