"""Each date can be explained, step by step, in two languages."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_terms import STARTS, WORK, at

from engine.definition_schema import Term
from engine.terms import derivation, due


def steps(
    start: str, roll: str | None = None, facts: dict[str, Any] | None = None, **term: Any
) -> list[dict[str, str]]:
    return derivation(Term(**term), at(start), WORK, roll=roll, facts=facts or {}, basis="国务院令第310号 第五条")


def kinds(explained: list[dict[str, str]]) -> list[str]:
    return [step["step"] for step in explained]


def days(explained: list[dict[str, str]], kind: str) -> list[str]:
    return [step["date"] for step in explained if step["step"] == kind]


def test_a_period_that_rolls_names_every_rest_day_it_passes_over() -> None:
    explained = steps("2011-01-31", days=3)

    assert kinds(explained) == ["start", "rule", *["skipped"] * 6, "roll", "end", "calendar"]
    assert days(explained, "skipped") == [f"2011-02-0{n}" for n in range(3, 9)]
    assert days(explained, "roll") == days(explained, "end") == ["2011-02-09"]


def test_working_days_name_the_rest_days_and_the_make_up_days_among_them() -> None:
    explained = steps("2011-01-28", workdays=7)

    assert days(explained, "skipped") == ["2011-01-29", *[f"2011-02-0{n}" for n in range(2, 9)]]
    assert days(explained, "make_up") == ["2011-01-30", "2011-02-12"]
    assert days(explained, "end") == ["2011-02-12"]


def test_the_sentences_name_rule_basis_festival_weekday_end_and_notice_in_both_languages() -> None:
    explained = steps("2011-01-31", days=3)
    zh, en = ("\n".join(step[language] for step in explained) for language in ("zh", "en"))

    for words in (
        "2011-01-31（星期一）不计入",
        "期限3日",
        "国务院令第310号 第五条",
        "2011-02-03（星期四，春节）",
        "24:00",
    ):
        assert words in zh
    for words in ("that day is not counted", "3 calendar days", "Thursday, Spring Festival", "24:00"):
        assert words in en
    assert "国办发明电〔2010〕40号" in zh
    assert WORK.calendar.digest[:12] in zh
    assert WORK.calendar.digest[:12] in en


@pytest.mark.parametrize(
    ("start", "roll", "term", "expected", "words"),
    [
        (
            "2011-01-05",
            "none",
            {"months": 1},
            ["start", "rule", "roll", "end"],
            "by its rule it does not roll",
        ),
        (
            "2010-11-25",
            None,
            {"until": "sunday"},
            ["start", "rule", "roll", "end"],
            "fixed date it does not roll",
        ),
        ("2010-11-25", None, {"until": "plan"}, ["start", "rule", "end"], "date of the campaign (2010-11-26)"),
        ("2010-12-01", None, {"days": 1}, ["start", "rule", "end", "calendar"], "1 calendar day;"),
        ("2011-02-01 16:00", None, {"hours": 24}, ["start", "rule", "end"], "ends at 2011-02-02 16:00"),
        ("2011-02-01 16:00:30", None, {"hours": 1}, ["start", "rule", "end"], "ends at 2011-02-01 17:00:30"),
    ],
)
def test_what_rolls_and_what_does_not_is_said(
    start: str, roll: str | None, term: dict[str, Any], expected: list[str], words: str
) -> None:
    explained = steps(start, roll, **term)

    assert kinds(explained) == expected
    assert words in "\n".join(step["en"] for step in explained)


def test_a_stated_date_is_explained_by_its_fact() -> None:
    explained = steps("2010-12-01", facts={"hearing_on": "2010-12-11"}, fact="hearing_on")

    assert "(2010-12-11)" in explained[1]["en"]
    assert days(explained, "roll") == days(explained, "end") == ["2010-12-11"]


def test_a_provisional_date_says_so_last() -> None:
    explained = steps("2026-12-20", workdays=30)

    assert kinds(explained)[-2:] == ["calendar", "provisional"]
    assert "暂定" in explained[-1]["zh"]
    assert "chinesecalendar" in explained[-2]["en"]


@given(
    STARTS,
    st.sampled_from(["days", "workdays", "months", "half_months", "hours"]),
    st.integers(1, 40),
    st.sampled_from([None, "none"]),
)
def test_a_derivation_ends_where_the_period_does(start: datetime, unit: str, amount: int, roll: str | None) -> None:
    term = Term(**{unit: amount})

    explained = derivation(term, start, WORK, roll=roll, facts={})

    end = due(term, start, WORK, roll=roll, facts={})
    if unit != "hours":
        assert days(explained, "end") == [end.last_day.isoformat()]
    assert all(not WORK.calendar.is_workday(date.fromisoformat(day)) for day in days(explained, "skipped"))
    assert all(step["zh"] and step["en"] for step in explained)
