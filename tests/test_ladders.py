"""When the rungs of a ladder fall: working days, rest days that give way, hours, and what is not owed."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_terms import STARTS, WORK, at

from engine.definition_schema import Term
from engine.errors import Invalid
from engine.ladders import Rung, compiled, parse_rung, plan, rung_instant
from engine.terms import Clockwork, Due, due, end_of_day

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CAMPAIGN = compiled(["-3wd", "-1wd", "0", "+2wd", "+5wd", "+10wd"])


def ending(last_day: str, work: Clockwork = WORK) -> Due:
    day = date.fromisoformat(last_day)
    return Due(day, end_of_day(day, work.zone), False)


@pytest.mark.parametrize(
    ("rung", "last_day", "expected"),
    [
        ("-1d", "2010-11-26", "2010-11-25 09:00"),
        ("-1d", "2010-11-29", "2010-11-26 09:00"),  # a Sunday gives way to the Friday before
        ("-3d", "2011-02-09", "2011-02-01 09:00"),  # Spring Festival gives way to the eve of it
        ("-1d", "2011-01-31", "2011-01-30 09:00"),  # a Sunday that is worked does not
        ("-1wd", "2010-11-29", "2010-11-26 09:00"),
        ("-3wd", "2011-02-10", "2011-01-31 09:00"),
        ("-1wd", "2010-11-28", "2010-11-26 09:00"),  # a fixed date on a Sunday
        ("0", "2010-11-26", "2010-11-26 09:00"),
        ("0", "2010-11-28", "2010-11-29 09:00"),  # a rest day gives way to the working day after
        ("0", "2011-02-05", "2011-02-09 09:00"),
        ("+0d", "2010-11-28", "2010-11-29 09:00"),
        ("-0wd", "2010-11-28", "2010-11-29 09:00"),
        ("+1d", "2010-11-25", "2010-11-26 09:00"),
        ("+1d", "2010-11-26", "2010-11-29 09:00"),
        ("+1d", "2011-02-11", "2011-02-12 09:00"),  # a Saturday that is worked
        ("+2wd", "2010-11-26", "2010-11-30 09:00"),
        ("+2wd", "2011-02-01", "2011-02-10 09:00"),
        ("+10wd", "2010-11-26", "2010-12-10 09:00"),
        ("+1wd", "2010-11-28", "2010-11-29 09:00"),
        ("-12h", "2010-11-26", "2010-11-26 12:00"),
        ("0h", "2010-11-26", "2010-11-27 00:00"),
        ("+4h", "2010-11-26", "2010-11-27 04:00"),
    ],
)
def test_a_rung_falls_where_the_rule_says(rung: str, last_day: str, expected: str) -> None:
    assert rung_instant(rung, ending(last_day), WORK) == at(expected)
    assert rung_instant(parse_rung(rung), ending(last_day), WORK) == at(expected)


def test_the_first_rung_owed_is_the_first_after_the_opening() -> None:
    owed = plan(CAMPAIGN, ending("2010-11-26"), WORK, at("2010-11-25 15:00"))

    assert owed == (
        (2, at("2010-11-26 09:00")),
        (3, at("2010-11-30 09:00")),
        (4, at("2010-12-03 09:00")),
        (5, at("2010-12-10 09:00")),
    )


@pytest.mark.parametrize(("opened", "first"), [("2010-11-25 08:59:59", 1), ("2010-11-25 09:00", 2)])
def test_a_rung_at_the_very_instant_is_not_owed(opened: str, first: int) -> None:
    assert plan(CAMPAIGN, ending("2010-11-26"), WORK, at(opened))[0][0] == first


def test_equal_instants_stay_apart_in_the_order_of_the_ladder() -> None:
    rungs = compiled(["+2d", "+1d", "0", "-1d", "-2wd", "-3d"])

    owed = plan(rungs, ending("2010-11-28"), WORK, LONG_AGO)

    assert owed == (
        (4, at("2010-11-25 09:00")),
        (5, at("2010-11-25 09:00")),
        (3, at("2010-11-26 09:00")),
        (1, at("2010-11-29 09:00")),
        (2, at("2010-11-29 09:00")),
        (0, at("2010-11-30 09:00")),
    )


def test_nothing_is_owed_when_all_is_past() -> None:
    assert plan(CAMPAIGN, ending("2010-11-26"), WORK, at("2011-03-01")) == ()
    assert plan((), ending("2010-11-26"), WORK, LONG_AGO) == ()


def test_hours_count_from_the_breach_of_a_term_of_hours() -> None:
    end = due(Term(hours=24), at("2011-02-01 16:00"), WORK, roll=None, facts={})

    owed = plan(compiled(["-12h", "-2h", "0h", "+24h"]), end, WORK, at("2011-02-01 16:00"))

    assert [instant for _, instant in owed] == [
        at("2011-02-02 04:00"),
        at("2011-02-02 14:00"),
        at("2011-02-02 16:00"),
        at("2011-02-03 16:00"),
    ]


def test_nine_in_the_morning_is_nine_on_both_sides_of_a_clock_change() -> None:
    work = Clockwork(ZoneInfo("America/New_York"), WORK.calendar, {}, time(9, 30))

    days = [rung_instant(rung, ending("2011-03-14", work), work) for rung in ("-3d", "0")]

    assert [day.isoformat() for day in days] == ["2011-03-11T14:30:00+00:00", "2011-03-14T13:30:00+00:00"]


@pytest.mark.parametrize("place", ["", "1", "00", "-3", "3w", "+1000d", "0 ", "d", "-h", "0m", "+-1d", "１d"])
def test_a_place_of_another_form_is_invalid(place: str) -> None:
    with pytest.raises(Invalid):
        parse_rung(place)


def test_a_place_is_read_into_distance_and_unit() -> None:
    assert compiled(["-3wd", "+1d", "0", "0h"]) == (Rung(-3, "wd"), Rung(1, "d"), Rung(0, "d"), Rung(0, "h"))


@given(STARTS, st.integers(1, 40), st.lists(st.tuples(st.integers(-99, 99), st.sampled_from(["d", "wd", "h"]))))
def test_a_plan_is_sorted_and_its_days_are_worked(start: Any, amount: int, places: list[tuple[int, str]]) -> None:
    end = due(Term(days=amount), start, WORK, roll="none", facts={})
    rungs = compiled(f"{n:+d}{unit}" for n, unit in places)

    owed = plan(rungs, end, WORK, start)

    assert list(owed) == sorted(owed, key=lambda each: (each[1], each[0]))
    for index, instant in owed:
        assert instant > start
        assert instant.utcoffset() == timedelta()
        local = instant.astimezone(WORK.zone)
        if rungs[index].unit != "h":
            assert (local.time(), WORK.calendar.is_workday(local.date())) == (time(9), True)
            assert (local.date() < end.last_day) <= (rungs[index].amount < 0)
