"""A period that cannot fit the days of the campaign is found: its end, its phases, and the days on which its acts open and close."""

from typing import Any

import pytest
from proof_world import data_of, loaded, proved

from engine.definition import Definition

NOTE = {
    "trigger": "note_visit", "label": {"zh": "登记走访", "en": "Note a visit"}, "from": ["self_check", "implementing"], "to": "=",
    "role": "dept_head",
}  # fmt: skip

RULE = {
    "label": {"zh": "走访", "en": "Visit"}, "owner": "dept_head", "ladder": "short", "during": ["self_check"],
    "met_by": ["submit_self_check"],
}  # fmt: skip
"""A clock of the stage 自查自纠, which is a phase of fourteen days: 27 November to 10 December 2010."""


def task(rule: dict[str, Any], **arrow: Any) -> Definition:
    """The department's task with a clock more, and the act that a clock may wait for."""
    data = data_of("department_task")
    data["deadlines"]["visit"] = {**RULE, **rule}
    data["transitions"].append({**NOTE, **arrow})
    return loaded(data)


def told(definition: Definition) -> list[tuple[str, str, str]]:
    return [(each.code, each.zh, each.message) for each in proved(definition, ("states",)).problems]


def test_a_statutory_period_that_is_longer_than_the_phase_of_its_stage_is_found() -> None:
    ((code, zh, en),) = told(task({"statute": "T-SUPPINV"}))

    assert code == "ends_after_phase"
    assert "自查自纠阶段的最后一日2010-12-10" in zh and "2010-11-27" in zh
    assert "Self-correction, 2010-12-10" in en


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ({"days": 13}, []),
        ({"days": 14}, ["ends_after_phase"]),  # 11 December, a Saturday, and so Monday the 13th
        ({"workdays": 10}, []),  # on the calendar of 2010 these are two weeks
        ({"workdays": 11}, ["ends_after_phase"]),
    ],
)
def test_the_phase_is_measured_on_the_real_calendar(term: dict[str, int], found: list[str]) -> None:
    rule = {"term": term, "basis": "X"}

    assert [code for code, *_ in told(task(rule))] == found


def until(day: str) -> dict[str, Any]:
    """A clock from the opening to a date of the campaign, which one act alone stops."""
    stopped = {"during": [], "met_by": [], "from_opening": True, "stop_on": ["note_visit"], "basis": "X"}
    return {**stopped, "term": {"until": day}}


def test_a_period_that_ends_after_the_last_day_on_which_anything_stops_it_is_found() -> None:
    ((code, zh, en),) = told(task(until("phase3_end"), when="not on_or_after('phase3_start')"))

    assert code == "ends_after_closing"
    assert "自2010-12-11起不能再办" in zh and "from 2010-12-11 on" in en
    assert told(task(until("self_check_due"), when="not on_or_after('phase3_start')")) == []


def test_a_period_that_is_over_before_anything_that_stops_it_is_possible_is_found() -> None:
    ((code, zh, en),) = told(task(until("self_check_due"), when="on_or_after('phase3_start')"))

    assert code == "act_after_end"
    assert "2010-12-10届满" in zh and "最早2010-12-11才能办" in zh and "before 2010-12-11" in en


def test_a_statutory_period_that_outlasts_the_campaign_is_found_by_the_name_it_had() -> None:
    rule = {"during": [], "met_by": [], "from_opening": True, "stop_on": ["note_visit"], "statute": "T-LIMITATION"}

    ((code, zh, _),) = told(task(rule))

    assert code == "ends_after_phase" and "专项行动" in zh
