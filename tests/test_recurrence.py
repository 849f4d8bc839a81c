"""Days that come back: by week, by day of the month, by its weekdays; and what a rest day among them does."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from test_terms import WORK

from engine.errors import Invalid
from engine.recurrence import Occurrence, occurrences
from engine.recurrence_schema import WEEKDAYS, Recurrence

WEEKLY = st.sampled_from([{"weekly": weekday} for weekday in WEEKDAYS])
MONTHLY = st.sampled_from([{"monthly": day} for day in [*range(1, 32), "last"]])
NTH = st.sampled_from([{"monthly_weekday": [which, day]} for which in (1, 2, 3, 4, 5, "last") for day in WEEKDAYS])
HOLIDAY = st.sampled_from(["before", "after", "none"])
DAYS = st.dates(date(2010, 1, 1), date(2012, 12, 31))


def found(first: str, last: str, **rule: Any) -> list[Occurrence]:
    return occurrences(Recurrence(**rule), date.fromisoformat(first), date.fromisoformat(last), WORK)


def days(first: str, last: str, **rule: Any) -> list[str]:
    return [str(each.day) for each in found(first, last, **rule)]


def test_every_monday_comes_back_with_the_number_of_its_week() -> None:
    come = found("2010-12-14", "2011-01-10", weekly="mon", holiday="none")

    assert [(str(each.day), each.period) for each in come] == [
        ("2010-12-20", "2010-W51"),
        ("2010-12-27", "2010-W52"),
        ("2011-01-03", "2011-W01"),
        ("2011-01-10", "2011-W02"),
    ]


@pytest.mark.parametrize(
    ("holiday", "day"), [("before", "2011-02-01"), ("after", "2011-02-09"), ("none", "2011-02-07")]
)
def test_a_monday_in_spring_festival_goes_where_its_rule_says_and_keeps_its_week(holiday: str, day: str) -> None:
    (come,) = found("2011-02-07", "2011-02-07", weekly="mon", holiday=holiday)

    assert come == Occurrence(date.fromisoformat(day), date(2011, 2, 7), "2011-W06", False)


def test_without_a_word_on_holidays_the_next_working_day_takes_the_place() -> None:
    assert days("2011-01-01", "2011-03-31", monthly=4) == ["2011-01-04", "2011-02-09", "2011-03-04"]


def test_a_make_up_day_is_a_working_day_and_stays() -> None:
    assert days("2011-02-12", "2011-02-12", weekly="sat") == ["2011-02-12"]


@pytest.mark.parametrize(
    ("monthly", "expected"),
    [
        (31, ["2011-01-31", "2011-02-28", "2011-03-31", "2011-04-30"]),
        ("last", ["2011-01-31", "2011-02-28", "2011-03-31", "2011-04-30"]),
        (29, ["2011-01-29", "2011-02-28", "2011-03-29", "2011-04-29"]),
        (1, ["2011-01-01", "2011-02-01", "2011-03-01", "2011-04-01"]),
    ],
)
def test_a_month_without_the_day_has_it_at_its_end(monthly: int | str, expected: list[str]) -> None:
    assert days("2011-01-01", "2011-04-30", monthly=monthly, holiday="none") == expected


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (1, ["2011-04-01", "2011-05-06", "2011-06-03"]),
        (4, ["2011-04-22", "2011-05-27", "2011-06-24"]),
        (5, ["2011-04-29"]),
        ("last", ["2011-04-29", "2011-05-27", "2011-06-24"]),
    ],
)
def test_the_nth_friday_of_a_month_is_found_and_a_month_without_a_fifth_passed_over(
    which: int | str, expected: list[str]
) -> None:
    assert days("2011-04-01", "2011-06-30", monthly_weekday=[which, "fri"], holiday="none") == expected


def test_the_bounds_are_for_the_nominal_day_and_a_rest_day_may_lead_out_of_them() -> None:
    assert days("2011-02-05", "2011-02-06", monthly=5, holiday="before") == ["2011-02-01"]
    assert days("2011-02-05", "2011-02-06", monthly=5, holiday="after") == ["2011-02-09"]
    assert days("2011-02-06", "2011-03-04", monthly=5, holiday="after") == []


def test_a_day_that_rests_on_holidays_not_announced_is_provisional() -> None:
    (come,) = found("2028-01-01", "2028-01-01", monthly=1)

    assert (str(come.day), come.provisional) == ("2028-01-03", True)


@given(st.one_of(WEEKLY, MONTHLY, NTH), HOLIDAY, DAYS, st.integers(0, 400))
def test_what_comes_back_lies_within_its_bounds_in_order_and_once_a_period(
    rule: dict[str, Any], holiday: str, first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    come = occurrences(Recurrence(**rule, holiday=holiday), first, last, WORK)

    assert all(first <= each.nominal <= last for each in come)
    assert [each.nominal for each in come] == sorted({each.nominal for each in come})
    assert [each.day for each in come] == sorted(each.day for each in come)
    assert len({each.period for each in come}) == len(come)
    if holiday != "none":
        assert all(WORK.calendar.is_workday(each.day) for each in come)
    if holiday == "before":
        assert all(each.day <= each.nominal for each in come)


@given(st.one_of(WEEKLY, MONTHLY, NTH), HOLIDAY, DAYS, st.integers(0, 200), st.integers(1, 200))
def test_two_stretches_side_by_side_hold_what_the_whole_one_does(
    rule: dict[str, Any], holiday: str, first: date, one: int, two: int
) -> None:
    rule_, middle = Recurrence(**rule, holiday=holiday), first + timedelta(days=one)
    last = middle + timedelta(days=two)

    parts = occurrences(rule_, first, middle, WORK) + occurrences(rule_, middle + timedelta(days=1), last, WORK)
    assert parts == occurrences(rule_, first, last, WORK)


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"weekly": "mon", "monthly": 4},
        {"weekly": "monday"},
        {"monthly": 0},
        {"monthly": 32},
        {"monthly_weekday": ["fri", 1]},
        {"monthly_weekday": [1]},
        {"monthly_weekday": [6, "fri"]},
        {"monthly_weekday": [1, 2]},
        {"weekly": "mon", "holiday": "skip"},
    ],
)
def test_a_rule_that_says_too_little_too_much_or_nonsense_is_none(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Recurrence(**rule)


def test_a_year_of_no_campaign_is_invalid() -> None:
    with pytest.raises(Invalid):
        found("2011-01-01", "9999-12-31", weekly="mon")
