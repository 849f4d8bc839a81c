"""Where a period ends: the golden vectors of the law and the rules of the house."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definition_schema import Term
from engine.errors import Invalid, Refused
from engine.terms import Clockwork, Due, due, local_day, unit_of
from engine.workdays import WorkCalendar
from workflows.calendars import load_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
DATES = {"plan": date(2010, 11, 26), "summary": date(2011, 3, 31), "sunday": date(2010, 11, 28)}
WORK = Clockwork(SHANGHAI, load_calendar(["cn-2010", "cn-2011"]), DATES, time(9))

STARTS = st.builds(datetime.combine, st.dates(date(2010, 1, 1), date(2011, 12, 31)), st.times(), st.just(SHANGHAI))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    """Read a local instant; a bare date is noon of that day."""
    moment = datetime.fromisoformat(text if " " in text else f"{text} 12:00")
    return moment.replace(tzinfo=zone).astimezone(UTC)


def ends(start: str, work: Clockwork = WORK, roll: str | None = None, **term: Any) -> date:
    return due(Term(**term), at(start, work.zone), work, roll=roll, facts={}).last_day


def elsewhere(zone: str) -> Clockwork:
    """A place with weekends and no holidays."""
    return Clockwork(ZoneInfo(zone), WorkCalendar({}, lambda day: day.weekday() < 5), {}, time(9))


@pytest.mark.parametrize(
    ("vector", "term", "roll", "start", "last_day", "breach_at"),
    [
        ("V1", {"days": 3}, None, "2011-01-28", "2011-01-31", None),
        ("V2", {"days": 3}, None, "2011-01-31", "2011-02-09", None),
        ("V3", {"days": 3}, None, "2010-12-31", "2011-01-04", None),
        ("V4", {"days": 3}, None, "2010-12-01", "2010-12-06", None),
        ("V5", {"workdays": 7}, None, "2011-01-28", "2011-02-12", None),
        ("V5b", {"workdays": 15}, None, "2011-01-28", "2011-02-23", None),
        ("V6", {"workdays": 7}, None, "2010-09-17", "2010-09-28", None),
        ("V7 90", {"days": 90}, None, "2010-12-11", "2011-03-11", None),
        ("V7 120", {"days": 120}, None, "2010-12-11", "2011-04-11", None),
        ("V8", {"months": 2}, "none", "2010-12-31", "2011-02-28", None),
        ("V9", {"months": 1}, None, "2011-01-05", "2011-02-09", None),
        ("V9 custody", {"months": 1}, "none", "2011-01-05", "2011-02-05", None),
        ("V10", {"days": 7}, None, "2011-01-27", "2011-02-09", None),
        ("V11", {"days": 15}, None, "2011-01-20", "2011-02-09", None),
        ("V12", {"days": 10}, None, "2011-01-24", "2011-02-09", None),
        ("V13", {"days": 5}, None, "2011-01-28", "2011-02-09", None),
        ("V13b", {"workdays": 5}, None, "2011-01-28", "2011-02-10", None),
        ("V14", {"days": 10}, None, "2011-03-25", "2011-04-06", None),
        ("V15", {"hours": 24}, "next", "2011-02-01 16:00", "2011-02-02", "2011-02-02 16:00"),
    ],
)
def test_a_golden_vector_of_the_law_comes_out(
    vector: str, term: dict[str, int], roll: str | None, start: str, last_day: str, breach_at: str | None
) -> None:
    end = due(Term(**term), at(start), WORK, roll=roll, facts={})

    midnight = at(f"{last_day} 00:00") + timedelta(days=1)
    assert end == Due(date.fromisoformat(last_day), at(breach_at) if breach_at else midnight, False)


@pytest.mark.parametrize(
    ("first", "last", "days", "workdays"),
    [
        ("2010-10-01", "2010-11-26", 57, 37),
        ("2010-11-27", "2010-12-10", 14, 10),
        ("2010-12-11", "2011-02-28", 80, 52),
        ("2011-03-01", "2011-03-31", 31, 23),
    ],
)
def test_a_phase_of_the_campaign_has_the_length_the_law_report_counted(
    first: str, last: str, days: int, workdays: int
) -> None:
    eve = date.fromisoformat(first) - timedelta(days=1)

    assert ends(str(eve), days=days, roll="none") == date.fromisoformat(last)
    assert ends(str(eve), workdays=workdays) == date.fromisoformat(last)


@pytest.mark.parametrize("name", ["plan", "summary"])
def test_a_date_of_the_campaign_is_kept_until_midnight_of_that_day(name: str) -> None:
    end = due(Term(until=name), at("2010-11-25 15:00"), WORK, roll=None, facts={})

    assert end.last_day == DATES[name]
    assert end.breach_at == at(f"{DATES[name]} 00:00") + timedelta(days=1)
    assert local_day(end.breach_at - timedelta(microseconds=1), SHANGHAI) == DATES[name]


@pytest.mark.parametrize("roll", [None, "next", "none"])
def test_a_fixed_date_never_rolls(roll: str | None) -> None:
    assert ends("2010-11-25", roll=roll, until="sunday") == date(2010, 11, 28)


def test_a_fixed_date_in_the_past_is_breached_as_of_its_own_date() -> None:
    end = due(Term(until="plan"), at("2011-03-01"), WORK, roll=None, facts={})

    assert end.breach_at == at("2010-11-27 00:00")


@pytest.mark.parametrize("stated", ["2011-02-05", date(2011, 2, 5)])
def test_a_stated_date_is_taken_as_it_is(stated: object) -> None:
    end = due(Term(fact="hearing_on"), at("2011-01-05"), WORK, roll=None, facts={"hearing_on": stated})

    assert end == Due(date(2011, 2, 5), at("2011-02-06 00:00"), False)


def test_a_date_that_nobody_stated_is_a_refusal_in_both_languages() -> None:
    with pytest.raises(Refused) as refusal:
        due(Term(fact="hearing_on"), at("2011-01-05"), WORK, roll=None, facts={})

    (reason,) = refusal.value.reasons
    assert (reason.kind, "hearing_on" in reason.zh, "hearing_on" in reason.en) == ("fact", True, True)


@pytest.mark.parametrize("stated", ["soon", "2011-02-30", 7, "9999-12-31", "0211-03-01", "0001-01-01"])
def test_a_stated_date_that_is_none_is_invalid_and_no_fault(stated: object) -> None:
    with pytest.raises(Invalid):
        due(Term(fact="hearing_on"), at("2011-01-05"), WORK, roll=None, facts={"hearing_on": stated})


@pytest.mark.parametrize("start", ["0001-01-01T00:00", "0001-01-02T00:00", "9999-12-31T23:59", "2999-12-01T00:00"])
@pytest.mark.parametrize("term", [Term(days=60), Term(workdays=60), Term(months=2), Term(hours=1440)])
def test_a_period_outside_of_reason_is_invalid_and_no_fault(start: str, term: Term) -> None:
    for zone in ("America/New_York", "Asia/Shanghai"):
        with pytest.raises(Invalid):
            due(term, datetime.fromisoformat(f"{start}Z"), elsewhere(zone), roll=None, facts={})


def test_a_date_the_campaign_does_not_have_is_invalid() -> None:
    with pytest.raises(Invalid, match="no date nowhere"):
        due(Term(until="nowhere"), at("2011-01-05"), WORK, roll=None, facts={})


def test_an_instant_without_an_offset_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="offset"):
        due(Term(days=3), datetime(2011, 1, 5, 12), WORK, roll=None, facts={})  # noqa: DTZ001  # that is the test


@pytest.mark.parametrize(
    ("start", "months", "last_day"),
    [
        ("2010-11-30", 3, "2011-02-28"),
        ("2011-02-28", 1, "2011-03-28"),
        ("2011-01-31", 1, "2011-02-28"),
        ("2012-01-31", 1, "2012-02-29"),
        ("2010-12-15", 12, "2011-12-15"),
        ("2010-12-31", 2, "2011-02-28"),
        ("2010-10-31", 1, "2010-11-30"),
        ("2010-11-01", 14, "2012-01-01"),
    ],
)
def test_a_month_ends_on_the_corresponding_day_or_the_end_of_the_month(start: str, months: int, last_day: str) -> None:
    assert ends(start, roll="none", months=months) == date.fromisoformat(last_day)


def test_hours_that_end_at_midnight_belong_to_the_day_before() -> None:
    end = due(Term(hours=24), at("2010-12-01 00:00"), WORK, roll=None, facts={})

    assert end == Due(date(2010, 12, 1), at("2010-12-02 00:00"), False)


@given(
    STARTS,
    st.sampled_from(["days", "workdays", "months", "half_months", "hours"]),
    st.integers(1, 60),
)
def test_a_longer_term_or_a_later_start_never_ends_earlier(start: datetime, unit: str, amount: int) -> None:
    end = due(Term(**{unit: amount}), start, WORK, roll=None, facts={})

    assert end.breach_at > start
    assert due(Term(**{unit: amount + 1}), start, WORK, roll=None, facts={}).breach_at >= end.breach_at
    later = due(Term(**{unit: amount}), start + timedelta(hours=7), WORK, roll=None, facts={})
    assert later.breach_at >= end.breach_at


@pytest.mark.parametrize(
    ("term", "start", "roll", "expected"),
    [
        ({"workdays": 30}, "2026-12-20", None, True),
        ({"workdays": 3}, "2026-12-20", None, False),
        ({"days": 30}, "2026-12-20", None, True),
        ({"days": 30}, "2026-12-20", "none", False),
        ({"days": 8}, "2026-12-20", None, False),
        ({"months": 2}, "2026-12-20", None, True),
        ({"hours": 800}, "2026-12-20", None, False),
        ({"workdays": 3}, "2027-03-01", None, True),
        (
            {"workdays": 20},
            "2003-12-20",
            None,
            True,
        ),  # ends in a year we know, but not all it counted is known
        ({"days": 30}, "2003-12-20", None, False),
    ],
)
def test_a_date_that_rests_on_days_not_announced_is_provisional(
    term: dict[str, int], start: str, roll: str | None, expected: bool
) -> None:
    assert due(Term(**term), at(start), WORK, roll=roll, facts={}).provisional is expected


def test_the_unit_of_a_term_is_the_key_that_was_given() -> None:
    units = ["days", "workdays", "hours", "months", "half_months"]

    assert [unit_of(Term(**{unit: 1})) for unit in units] == units
    assert (unit_of(Term(until="plan")), unit_of(Term(fact="told_on"))) == ("until", "fact")
