"""The machines of the office moved by hand: what they allow, what they refuse, and what their clocks do."""

from collections.abc import Callable
from typing import Any

import pytest
from officewalk import Walk

from engine.errors import DubanError, Forbidden, Refused


def task_in(state: str) -> Walk:
    """A price bureau that did everything on time up to *state*."""
    walk = Walk("department_task", "wujia", "2010-11-25T15:00")
    steps: list[Callable[[], str]] = [
        lambda: walk.do("system", "assign"),
        lambda: walk.do("wujia.head", "acknowledge", at="2010-11-25T16:00"),
        lambda: walk.do("wujia.head", "submit_plan", docs="own_plan organisation", at="2010-11-26T17:00"),
        lambda: walk.do(
            "wujia.head",
            "submit_self_check",
            docs="self_check_report",
            at="2010-12-08T10:00",
            problems_found=0,
        ),
        lambda: walk.do("system", "begin_summary", at="2011-03-01T00:00"),
        lambda: walk.do("wujia.head", "submit_summary", docs="summary", at="2011-03-30T10:00", **summary_figures(walk)),
    ]
    for step in steps:
        if walk.state == state:
            break
        step()
    assert walk.state == state
    return walk


def summary_figures(walk: Walk) -> dict[str, Any]:
    asks = next(arrow.asks for arrow in walk.machine.doc.transitions if arrow.trigger == "submit_summary")
    assert len(asks) >= 12
    return dict.fromkeys(asks, 0)


def test_the_three_deliverable_clocks_run_from_the_opening_to_the_days_of_the_notice() -> None:
    walk = Walk("department_task", "wujia", "2010-11-25T15:00")

    assert walk.clock("plan") == ("running", "2010-11-26")
    assert walk.clock("self_check_report") == ("running", "2010-12-10")
    assert walk.clock("summary") == ("running", "2011-03-31")


def test_a_department_that_missed_the_plan_still_owes_and_can_meet_the_report() -> None:
    walk = task_in("mobilising")
    walk.clocks.move_to(walk.on("2010-12-01T09:00"))

    walk.clocks.documents_in({"self_check_report"}, walk.clocks.now, 3)

    assert walk.state == "mobilising"
    assert walk.clock("plan")[0] == "breached"
    assert walk.clock("self_check_report")[0] == "met"
    walk.do("wujia.head", "submit_plan", docs="own_plan organisation")
    assert walk.clock("plan")[0] == "late"


def test_a_returned_report_stays_submitted_and_starts_three_working_days() -> None:
    walk = task_in("implementing")
    walk.do("bgs.admin", "return_report", at="2010-12-09T10:00", reason="问题未梳理")

    assert walk.state == "self_check"
    assert walk.clock("self_check_report")[0] == "met"
    assert walk.clock("rework_report") == ("running", "2010-12-14")
    with pytest.raises(Refused, match="self_check_report"):
        walk.do("wujia.head", "submit_self_check", problems_found=2)
    walk.do("wujia.head", "submit_self_check", docs="self_check_report", problems_found=2)
    assert walk.clock("rework_report")[0] == "met"


def test_the_summary_begins_by_itself_when_implementation_is_over() -> None:
    walk = task_in("implementing")

    assert walk.clock("summary_start") == ("running", "2011-02-28")
    with pytest.raises(Refused):
        walk.do("system", "begin_summary", at="2011-02-28T23:59")
    assert walk.do("system", "begin_summary", at="2011-03-01T00:00") == "summarising"


def test_acceptance_is_the_groups_and_rework_has_ten_days() -> None:
    walk = task_in("under_acceptance")

    with pytest.raises(Forbidden):
        walk.do("wujia.head", "accept", docs="score_sheet")
    walk.do("lxz.chair", "reject", docs="defects_list", reason="数据不符", at="2011-03-31T10:00")
    assert walk.clock("rework") == ("running", "2011-04-11")  # the tenth day is a Sunday
    walk.do("wujia.head", "resubmit", at="2011-04-06T10:00")
    walk.do("lxz.chair", "accept", docs="score_sheet")
    assert walk.do("bgs.admin", "archive") == "archived"


def test_suspension_stops_the_clocks_and_resuming_goes_back() -> None:
    walk = task_in("self_check")
    walk.do("lxz.chair", "suspend", at="2010-12-01T10:00", decision_no="1")

    assert walk.clock("self_check_report")[0] == "paused"
    assert walk.do("lxz.chair", "resume", at="2010-12-03T10:00", decision_no="2") == "self_check"
    assert walk.clock("self_check_report") == ("running", "2010-12-12")


def test_an_extension_is_asked_for_before_the_day_is_over() -> None:
    walk = task_in("mobilising")
    asked: dict[str, Any] = {
        "docs": "extension_request",
        "reason": "人员调整",
        "extended_until": "2010-12-01",
    }

    assert walk.do("bgs.admin", "extend", at="2010-11-26T16:00", **asked) == "mobilising"
    with pytest.raises(DubanError):
        walk.do("bgs.admin", "extend", at="2010-11-27T00:00", **asked)


def test_a_duty_is_carried_out_in_february_and_reported_in_march() -> None:
    walk = Walk("duty", "lxz", "2010-11-25T15:00")
    walk.do("lxz.head", "acknowledge", at="2010-11-26T09:00")
    walk.do("lxz.head", "conclude", at="2011-02-25T09:00")
    walk.do("lxz.head", "report_done", docs="result", at="2011-03-10T09:00")

    assert walk.clock("carry_out") == ("met", "2011-02-28")
    assert walk.clock("result") == ("met", "2011-03-31")
    with pytest.raises(Forbidden):
        walk.do("lxz.head", "accept")  # the group's own duty: not by whoever reported it
    assert walk.do("lxz.chair", "accept") == "accepted"


def test_a_supervision_item_runs_out_and_climbs_to_accountability() -> None:
    walk = Walk("supervision", "wujia", "2010-12-01T09:00", requirement="补报")
    walk.do("bgs.admin", "open_item", item_no="督办〔2010〕1号")
    walk.do("bgs.admin", "assign", due_on="2010-12-06")
    assert walk.clock("item") == ("running", "2010-12-06")
    assert walk.machine.doc.deadlines["item"].on_breach == "expire"

    walk.do("system", "expire", at="2010-12-07T00:00")
    walk.do("bgs.admin", "urge", docs="urge_note", at="2010-12-07T09:00")
    assert walk.clock("after_urging") == ("running", "2010-12-09")
    walk.do("bgs.admin", "supervise", docs="supervision_notice", at="2010-12-10T09:00")
    walk.do("lxz.chair", "notify_all", docs="criticism", at="2010-12-20T09:00")
    walk.do("lxz.chair", "interview", docs="interview_record", at="2010-12-30T09:00")
    with pytest.raises(Refused, match="chief_approval"):
        walk.do("lxz.chair", "propose_accountability", reason="拒不整改")
    walk.do("lxz.chair", "propose_accountability", docs="chief_approval", reason="拒不整改")
    assert walk.clock("item")[0] == "breached"


def test_a_returned_result_gets_a_new_day_and_late_stays_late() -> None:
    walk = Walk("supervision", "wujia", "2010-12-01T09:00", requirement="补报")
    walk.do("bgs.admin", "open_item", item_no="1")
    walk.do("bgs.admin", "assign", due_on="2010-12-03")
    walk.do("system", "expire", at="2010-12-04T00:00")
    walk.do("wujia.head", "submit_feedback", docs="feedback_report", at="2010-12-06T09:00")
    assert walk.clock("item")[0] == "late"

    walk.do("bgs.admin", "return_feedback", reason="未附材料", due_on="2010-12-15")
    walk.do("wujia.head", "redo")

    assert walk.clock("item") == ("running", "2010-12-15")
    assert [row.status for row in walk.clocks.rows if row.code == "item"] == ["late", "running"]


def test_a_second_extension_is_the_groups_and_a_third_is_nobodys() -> None:
    walk = Walk("supervision", "wujia", "2010-12-01T09:00", requirement="补报")
    walk.do("bgs.admin", "open_item", item_no="1")
    walk.do("bgs.admin", "assign", due_on="2010-12-31")
    walk.do("wujia.head", "sign")
    walk.do("wujia.liaison", "start")
    ask: dict[str, Any] = {
        "docs": "extension_request",
        "reason": "检测未完",
        "requested_until": "2011-01-20",
        "progress": "已送检",
    }
    walk.do("wujia.head", "ask_extension", **ask)
    walk.do("bgs.admin", "grant_extension", extended_until="2011-01-10")
    walk.do("wujia.head", "ask_extension", **ask)

    with pytest.raises(Refused):
        walk.do("bgs.admin", "grant_extension", extended_until="2011-01-15")
    walk.do("lxz.chair", "grant_extension", extended_until="2011-01-15")
    walk.do("wujia.head", "ask_extension", **ask)
    with pytest.raises(DubanError):
        walk.do("lxz.chair", "grant_extension", extended_until="2011-01-20")
    assert walk.do("lxz.chair", "refuse_extension", reason="不再延期") == "in_progress"


def test_a_lead_goes_to_the_competent_body_and_who_checks_does_not_decide() -> None:
    walk = Walk("lead", "bgs", "2011-01-28T10:00", channel="tel_12315", anonymous=True, content="…")
    walk.do("bgs.admin", "register", secrecy="internal")
    walk.do("bgs.admin", "assign", assignee="gongshang")
    with pytest.raises(Refused, match="Officers checking"):
        walk.do("gongshang.officer", "start_check", officers=1)
    walk.do("gongshang.officer", "start_check", officers=2)

    assert walk.clock("check") == ("running", "2011-02-12")  # seven working days, two of them make-up days
    with pytest.raises(Forbidden):
        walk.do("gongshang.officer", "substantiate", docs="evidence")
    walk.do("gongshang.head", "substantiate", docs="evidence", at="2011-02-11T10:00")
    walk.do("gongshang.head", "open_case", threshold_met=False, infringement="c214")
    assert walk.machine.doc.deadlines["nobody_to_answer"].on_expire == "skip_answer"
    assert walk.do("system", "skip_answer") == "closed"


def test_a_joint_operation_needs_two_licensed_officers_a_unit_and_reports_within_a_day() -> None:
    walk = Walk("joint_operation", "lxz", "2010-12-13T09:00", area="大口屯", purpose="集中整治")
    plan: dict[str, Any] = {
        "planned_on": "2010-12-17",
        "place": "市场",
        "units": "工商、公安",
        "secret": True,
    }
    walk.do("bgs.admin", "plan", docs="operation_plan", **plan)
    walk.do("lxz.chair", "return_plan", reason="补充依据", at="2010-12-14T09:00")
    assert walk.clock("replan") == ("running", "2010-12-16")
    walk.do("bgs.admin", "plan", docs="operation_plan", **plan)
    walk.do("lxz.chair", "approve", docs="approval")
    assert walk.clock("brief") == ("running", "2010-12-17")
    with pytest.raises(Refused, match="Licensed officers"):
        walk.do("bgs.admin", "brief", docs="roster", officers_each=1, police_contact="值班室")
    walk.do("bgs.admin", "brief", docs="roster", officers_each=2, police_contact="值班室")
    walk.do("lxz.head", "launch", at="2010-12-17T08:00")
    walk.do("lxz.head", "call_police", at="2010-12-17T09:00")
    walk.do("gongan.officer", "police_arrive", at="2010-12-17T10:30")
    assert walk.clock("police_arrival")[0] == "met"
    walk.do("lxz.head", "conclude", docs="goods_inventory", at="2010-12-17T16:00")

    assert walk.clock("report") == ("running", "2010-12-18")
    found: dict[str, Any] = dict.fromkeys(("total_persons", "total_places", "total_goods", "total_cases"), 0)
    walk.do("gongshang.liaison", "report_result", at="2010-12-18T09:00", **found)
    with pytest.raises(Refused):
        walk.do("lxz.chair", "review", follow_up=True)
    walk.do("lxz.chair", "review", follow_up=True, follow_up_body="gongshang", requirement="整改")
    assert walk.do("bgs.admin", "archive") == "archived"


def test_who_writes_a_bulletin_neither_checks_nor_issues_it() -> None:
    walk = Walk("bulletin", "bgs", "2010-12-15T09:00")
    figures: dict[str, Any] = dict.fromkeys(
        next(arrow.asks for arrow in walk.machine.doc.transitions if arrow.trigger == "draft"), 0
    )
    assert walk.clock("issue") == ("running", "2010-12-20")
    walk.do("bgs.admin", "draft", docs="draft", **figures)

    with pytest.raises(Forbidden):
        walk.do("bgs.admin", "review")
    walk.do("bgs.head", "review")
    assert walk.do("bgs.head", "issue", docs="bulletin", issue_no=1) == "issued"
    copied = next(arrow.copy_to for arrow in walk.machine.doc.transitions if arrow.trigger == "issue")
    assert {"government", "city_office"} <= set(copied)
