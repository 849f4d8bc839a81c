"""A period that stood still for a while, and one that is put off."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_terms import DATES, SHANGHAI, WORK, at

from engine.definition_schema import ExtensionSpec, Term
from engine.errors import Invalid, Refused
from engine.moved_ends import extended, shifted
from engine.terms import Due, due

START = "2010-12-01 10:00"
THREE_DAYS = Term(days=3)


def running(start: str = START, roll: str | None = None, **term: Any) -> Due:
    return due(Term(**term), at(start), WORK, roll=roll, facts={})


def moved(before: Due, paused: str, resumed: str, roll: str | None = None, **term: Any) -> Due:
    return shifted(before, at(paused), at(resumed), Term(**term), WORK, roll=roll)


def rule(**spec: Any) -> ExtensionSpec:
    return ExtensionSpec(role=["group"], **spec)


def put_off(before: Due, spec: ExtensionSpec, until: date | None = None, roll: str | None = None) -> Due:
    return extended(before, spec, WORK, at(START), until, roll=roll)


def test_hours_move_by_exactly_the_pause() -> None:
    before = running(hours=24)

    after = moved(before, "2010-12-01 12:00:01", "2010-12-04 13:30:00.5", hours=24)

    assert after.breach_at - before.breach_at == timedelta(days=3, hours=1, minutes=29, seconds=59.5)
    assert after.last_day == date(2010, 12, 5)


@pytest.mark.parametrize(
    ("paused", "resumed", "last_day"),
    [
        ("2010-12-02 00:00", "2010-12-02 23:59", "2010-12-13"),
        ("2010-12-02 23:59", "2010-12-03 00:00", "2010-12-14"),
        ("2010-12-02 09:00", "2010-12-09 17:00", "2010-12-20"),
        ("2010-12-02 09:00", "2010-12-07 17:00", "2010-12-20"),
    ],
)
def test_days_move_by_the_civil_days_lost_and_roll(paused: str, resumed: str, last_day: str) -> None:
    before = running(days=12)

    after = moved(before, paused, resumed, days=12)

    assert before.last_day == date(2010, 12, 13)
    assert after == Due(date.fromisoformat(last_day), at(f"{last_day} 00:00") + timedelta(days=1), False)


def test_a_period_that_does_not_roll_does_not_roll_after_a_pause_either() -> None:
    before = running(days=12, roll="none")

    after = moved(before, "2010-12-02", "2010-12-07", roll="none", days=12)

    assert after.last_day == date(2010, 12, 18)  # a Saturday


def test_a_count_of_working_days_ends_on_a_working_day_after_a_pause() -> None:
    before = running(start="2011-01-24", workdays=5)

    after = moved(before, "2011-01-25", "2011-01-30", workdays=5)

    assert before.last_day == date(2011, 1, 30)  # a Sunday that is worked
    assert after.last_day == date(2011, 2, 10)


def test_a_fixed_date_moves_by_the_pause_and_stays_where_it_falls() -> None:
    before = running(until="plan")

    after = moved(before, "2010-11-20", "2010-11-22", until="plan")

    assert after.last_day == date(2010, 11, 28)  # a Sunday


def test_a_pause_within_one_day_leaves_even_a_named_rest_day_alone() -> None:
    named = put_off(running(days=3), rule(free=True), date(2010, 12, 11))

    assert moved(named, "2010-12-07 09:00", "2010-12-07 17:00", days=3) == named


def test_a_pause_into_a_year_not_announced_makes_the_date_provisional() -> None:
    before = running(start="2026-12-20", days=5)

    after = moved(before, "2026-12-21", "2027-01-21", days=5)

    assert (before.provisional, after.provisional) == (False, True)


def test_a_pause_that_ends_before_it_began_is_invalid() -> None:
    with pytest.raises(Invalid):
        moved(running(days=3), "2010-12-03", "2010-12-02", days=3)


@given(st.integers(0, 500), st.integers(0, 500), st.sampled_from(["days", "workdays", "hours", "months"]))
def test_a_longer_pause_never_ends_the_period_earlier(hours: int, more: int, unit: str) -> None:
    before, begun = running(**{unit: 4}), at("2010-12-02 09:00")

    ends = [
        shifted(before, begun, begun + timedelta(hours=lost), Term(**{unit: 4}), WORK, roll=None)
        for lost in (0, hours, hours + more)
    ]

    assert before.breach_at == ends[0].breach_at <= ends[1].breach_at <= ends[2].breach_at


@pytest.mark.parametrize(
    ("by", "roll", "last_day"),
    [
        (Term(days=3), None, "2010-12-09"),
        (Term(days=5), None, "2010-12-13"),
        (Term(days=5), "none", "2010-12-11"),
        (Term(workdays=5), None, "2010-12-13"),
        (Term(months=1), None, "2011-01-06"),
        (Term(until="summary"), None, "2011-03-31"),
    ],
)
def test_an_extension_by_a_term_counts_from_the_old_last_day(by: Term, roll: str | None, last_day: str) -> None:
    before = running(days=3)

    after = put_off(before, rule(by=by), roll=roll)

    assert before.last_day == date(2010, 12, 6)
    assert (after.last_day, after.breach_at) == (
        date.fromisoformat(last_day),
        at(f"{last_day} 00:00") + timedelta(days=1),
    )


def test_an_extension_by_hours_counts_from_the_old_breach() -> None:
    before = running(hours=24)

    after = put_off(before, rule(by=Term(hours=48)))

    assert after == Due(date(2010, 12, 4), at("2010-12-04 10:00"), False)


def test_an_extension_to_a_term_counts_from_the_old_start() -> None:
    after = put_off(running(days=3), rule(to=Term(days=30)))

    assert after.last_day == date(2010, 12, 31)


def test_a_free_extension_ends_on_the_day_that_was_named_rest_day_or_not() -> None:
    after = put_off(running(days=3), rule(free=True), date(2010, 12, 11))

    assert after == Due(date(2010, 12, 11), at("2010-12-12 00:00"), False)


def test_less_than_the_rule_allows_may_be_asked_for() -> None:
    spec = rule(by=Term(days=30))

    assert put_off(running(days=3), spec, date(2010, 12, 11)).last_day == date(2010, 12, 11)
    assert put_off(running(days=3), spec, date(2011, 1, 5)) == put_off(running(days=3), spec)


@pytest.mark.parametrize(
    ("spec", "until", "told"),
    [
        (rule(free=True), None, "not stated"),
        (rule(free=True), date(2010, 12, 6), "later than 2010-12-06"),
        (rule(free=True), date(2010, 11, 30), "later than 2010-12-06"),
        (rule(by=Term(days=3)), date(2010, 12, 10), "2010-12-09 at most"),
        (rule(to=Term(days=5)), None, "later than 2010-12-06"),
        (rule(by=Term(until="plan")), None, "later than 2010-12-06"),
    ],
)
def test_an_extension_that_is_none_or_too_long_is_refused(spec: ExtensionSpec, until: date | None, told: str) -> None:
    with pytest.raises(Refused, match=told) as refusal:
        put_off(running(days=3), spec, until)

    assert refusal.value.reasons[0].zh


def test_a_named_day_out_of_reason_is_invalid() -> None:
    with pytest.raises(Invalid):
        put_off(running(days=3), rule(free=True), date.max)


def test_an_extension_by_a_stated_date_takes_it_from_the_facts() -> None:
    spec = rule(by=Term(fact="agreed_on"))

    after = extended(running(days=3), spec, WORK, at(START), None, facts={"agreed_on": "2010-12-20"})

    assert after.last_day == date(2010, 12, 20)


def test_an_extension_into_a_year_not_announced_is_provisional() -> None:
    before = running(start="2026-12-20", days=5)

    after = extended(before, rule(by=Term(workdays=15)), WORK, at("2026-12-20"), None)

    assert (before.provisional, after.provisional) == (False, True)


def test_the_world_of_these_tests_is_the_campaigns() -> None:
    assert (WORK.zone, WORK.remind_at, DATES["plan"]) == (SHANGHAI, time(9), date(2010, 11, 26))
    assert at("2010-11-26 09:00") == datetime(2010, 11, 26, 1, tzinfo=UTC)
