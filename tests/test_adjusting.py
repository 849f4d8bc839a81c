"""Clocks put off, paused and resumed only as the definition allows, by whoever it allows, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from applications import ask, supervised, why_not
from commandline import small_office
from world import (
    again,
    begin,
    clock_of,
    do,
    extend,
    flaws,
    history,
    local,
    notices,
    open_one,
    papers,
    set_clock,
    statuses,
)  # fmt: skip

from engine.orders import Pause, Resume
from engine.outcome import Outcome
from workflows.workspace import Workspace

ERRAND, TASK = "errand/alpha", "department_task/wujia"
ASKED = {"requested_until": "2010-12-03", "reason": "班子调整"}


@pytest.fixture
def baodi(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url, "baodi-2010", at="2010-11-25T15:00")
    yield found
    assert flaws(found) == []
    found.close()


def pause(workspace: Workspace, ref: str, code: str, login: str, docs: str = "", **extra: Any) -> Outcome:
    order = Pause(ref=ref, deadline=code, documents=papers(workspace, docs), **extra)
    return workspace.engine.execute(order, workspace.actor(login))


def resume(workspace: Workspace, ref: str, code: str, login: str, **extra: Any) -> Outcome:
    return workspace.engine.execute(Resume(ref=ref, deadline=code, **extra), workspace.actor(login))


def test_a_clock_is_paused_and_resumed_by_its_name_through_the_machine(workspace: Workspace) -> None:
    do(workspace, ERRAND, "take", "alpha.liaison")

    pause(workspace, ERRAND, "answer", "alpha.head", reason="等待鉴定")
    resting = clock_of(workspace, ERRAND, "answer")["status"], workspace.reader.show(ERRAND)["state"]
    set_clock(workspace, "2010-11-03T09:00")
    resume(workspace, ERRAND, "answer", "alpha.head")

    assert resting == ("paused", "paused")
    clock = clock_of(workspace, ERRAND, "answer")
    assert (clock["status"], clock["last_day"]) == ("running", "2010-11-08")  # two working days more
    assert [entry["trigger"] for entry in history(workspace, ERRAND)][-2:] == ["pause", "resume"]
    assert flaws(workspace) == []


REFUSALS: dict[str, tuple[Callable[[Workspace], Any], str, str]] = {
    "without a reason": (lambda at: pause(at, ERRAND, "answer", "alpha.head"), "guard", "须说明理由"),
    "by the wrong post": (lambda at: pause(at, ERRAND, "answer", "alpha.liaison", reason="x"), "forbidden", "负责人"),
    "what does not rest": (lambda at: resume(at, ERRAND, "answer", "alpha.head"), "not_paused", "未中止"),
    "what there is not": (lambda at: pause(at, ERRAND, "none", "alpha.head", reason="x"), "no_deadline", ""),
    "what does not run": (lambda at: pause(at, ERRAND, "review_term", "alpha.head", reason="x"), "no_deadline", ""),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_pause_that_may_not_be_is_refused_with_the_reason(name: str, workspace: Workspace) -> None:
    act, code, words = REFUSALS[name]
    do(workspace, ERRAND, "take", "alpha.liaison")

    error = why_not(workspace, lambda: act(workspace))

    assert (error.code, words in "".join(reason.zh for reason in error.reasons)) == (code, True)


def test_a_clock_rests_only_once_only_from_where_it_may_and_not_after_its_end(workspace: Workspace) -> None:
    from_todo = why_not(workspace, lambda: pause(workspace, ERRAND, "answer", "alpha.head", reason="x"))
    do(workspace, ERRAND, "take", "alpha.liaison")
    pause(workspace, ERRAND, "answer", "alpha.head", reason="等待鉴定")
    twice = why_not(workspace, lambda: pause(workspace, ERRAND, "answer", "alpha.head", reason="x"))
    do(workspace, "errand/beta", "take", "beta.liaison")
    set_clock(workspace, "2010-11-05T00:00")
    over = why_not(workspace, lambda: pause(workspace, "errand/beta", "answer", "beta.head", reason="x"))

    assert [from_todo.code, twice.code, over.code] == ["not_possible_here", "paused", "too_late"]


def test_no_rule_no_pause_and_the_refusal_names_the_basis(baodi: Workspace) -> None:
    error = why_not(baodi, lambda: pause(baodi, TASK, "acknowledge", "lxz.chair", reason="x"))

    assert error.code == "no_pause" and "1个工作日内签收" in error.reasons[0].zh


def test_where_several_acts_would_pause_it_the_refusal_names_them(baodi: Workspace) -> None:
    ref = open_one(baodi, "penalty", "gongshang.officer", "gongshang").ref
    do(baodi, ref, "open", "gongshang.head", docs="filing_form", officers=2)

    error = why_not(baodi, lambda: pause(baodi, ref, "penalty", "gongshang.head"))
    pause(baodi, ref, "penalty", "gongshang.head", docs="criminal_file_notice")

    assert (error.code, error.possible) == ("several_ways", ["transfer_out", "suspend_again"])
    assert clock_of(baodi, ref, "penalty")["status"] == "paused"


def test_a_pause_told_twice_with_one_request_id_is_one_pause(workspace: Workspace) -> None:
    do(workspace, ERRAND, "take", "alpha.liaison")
    said = {"reason": "等待鉴定", "request_id": "p-1"}

    first = pause(workspace, ERRAND, "answer", "alpha.head", **said)
    second = pause(again(workspace), ERRAND, "answer", "alpha.head", **said)

    assert (first.replayed, second.replayed) == (False, True)
    assert len(history(workspace, ERRAND)) == 3


def test_a_body_asks_in_time_and_the_office_decides(baodi: Workspace) -> None:
    do(baodi, TASK, "request_extension", "wujia.head", docs="extension_request", **ASKED)
    waiting = [each["ref"] for each in baodi.reader.listed(waiting_for="bgs", kind="department_task")["items"]]
    both = {each["body"] for each in baodi.reader.show(TASK)["waits_for"]}

    do(baodi, TASK, "extend", "bgs.admin2", extended_until="2010-12-03", reason="同意")

    clock = clock_of(baodi, TASK, "plan")
    assert (waiting, both) == ([TASK], {"wujia", "bgs"})  # the department still owes what it asked to put off
    assert (clock["last_day"], clock["extensions"]) == ("2010-12-03", 1)
    assert [step["zh"].rpartition("：")[2] for step in clock["derivation"] if step["step"] == "extended"] == [
        "2010-11-26 → 2010-12-03"
    ]
    assert [each["status"] for each in baodi.reader.show(TASK)["handovers"]][-1] == "received"


def test_a_refused_application_leaves_the_old_day_and_tells_the_body_why(baodi: Workspace) -> None:
    do(baodi, TASK, "request_extension", "wujia.head", docs="extension_request", **ASKED)
    twice = why_not(
        baodi, lambda: do(baodi, TASK, "request_extension", "wujia.head", docs="extension_request", **ASKED)
    )

    do(baodi, TASK, "refuse_extension", "bgs.admin", reason="时间足够")

    assert twice.code == "guard"
    assert (clock_of(baodi, TASK, "plan")["last_day"], statuses(baodi, TASK)["plan"]) == ("2010-11-26", "running")
    told = baodi.reader.show(TASK)["handovers"][-1]
    assert (told["status"], told["reason"]) == ("returned", "时间足够")
    assert "wujia.head" in [each["recipient"] for each in notices(baodi, ref=TASK) if "不准延期" in each["text"]]


@pytest.mark.parametrize("way", ["request", "grant", "order"])
def test_after_the_last_day_nothing_is_asked_or_granted(way: str, baodi: Workspace) -> None:
    if way == "grant":
        do(baodi, TASK, "request_extension", "wujia.head", docs="extension_request", **ASKED)
    set_clock(baodi, "2010-11-27T00:00")
    acts: dict[str, Callable[[], Any]] = {
        "request": lambda: do(baodi, TASK, "request_extension", "wujia.head", docs="extension_request", **ASKED),
        "grant": lambda: do(baodi, TASK, "extend", "bgs.admin", extended_until="2010-12-03", reason="同意"),
        "order": lambda: extend(baodi, TASK, "plan", "bgs.admin", "2010-12-03", reason="x", docs="extension_request"),
    }

    error = why_not(baodi, acts[way])

    assert error.exit_code == 4 and error.reasons
    assert clock_of(baodi, TASK, "plan")["last_day"] == "2010-11-26"


def test_there_is_no_way_round_the_application(baodi: Workspace) -> None:
    error = why_not(baodi, lambda: extend(baodi, TASK, "plan", "bgs.admin", "2010-12-03", reason="口头请求"))
    elsewhere = why_not(baodi, lambda: extend(baodi, TASK, "summary", "bgs.admin", "2011-04-10", reason="提前"))

    assert "延期申请单" in error.reasons[0].zh
    assert elsewhere.code == "not_possible_here"


def test_the_second_extension_is_the_groups_and_a_third_is_nobodys(baodi: Workspace) -> None:
    ref = supervised(baodi)
    ask(baodi, ref)
    extend(baodi, ref, "item", "bgs.admin", "2010-12-20", reason="同意")
    ask(baodi, ref)

    by_office = why_not(baodi, lambda: extend(baodi, ref, "item", "bgs.admin", "2010-12-28", reason="再同意"))
    extend(baodi, ref, "item", "lxz.chair", "2010-12-28", reason="再同意")
    ask(baodi, ref)
    third = why_not(baodi, lambda: extend(baodi, ref, "item", "lxz.chair", "2011-01-10", reason="三次"))

    assert by_office.exit_code in (4, 5)
    assert third.code == "extended_before"
    clock = clock_of(baodi, ref, "item")
    days = [step["zh"].rpartition("：")[2] for step in clock["derivation"] if step["step"] == "extended"]
    assert days == ["2010-12-10 → 2010-12-20", "2010-12-20 → 2010-12-28"]


def test_an_application_that_was_not_decided_in_time_cannot_be_granted_only_refused(baodi: Workspace) -> None:
    ref = supervised(baodi)
    ask(baodi, ref)
    set_clock(baodi, "2010-12-11T00:00")

    late = why_not(baodi, lambda: do(baodi, ref, "grant_extension", "bgs.admin", extended_until="2010-12-20"))
    do(baodi, ref, "refuse_extension", "bgs.admin", reason="已过期")

    assert late.code == "too_late"
    assert baodi.reader.show(ref)["state"] == "overdue"


def test_a_statutory_period_is_put_off_by_its_own_rule_or_not_at_all(baodi: Workspace) -> None:
    ref = open_one(baodi, "case", "gongshang.officer", "gongshang", infringement="c213", case_source="lead").ref
    do(baodi, ref, "form_task_force", "gongshang.head", officers=2, must_transfer=True, must_transfer_ground="超过标准")
    do(baodi, ref, "submit_report", "gongshang.officer", docs="team_report", seized_goods=False)

    errors = [
        why_not(baodi, lambda who=who: extend(baodi, ref, "approve", who, "2010-12-31", reason="研究"))  # type: ignore[misc]
        for who in ("bgs.admin", "lxz.chair", "gongshang.head")
    ]

    assert [error.code for error in errors] == ["no_extension"] * 3
    assert all("国务院令第310号 第五条" in error.reasons[0].zh for error in errors)


def test_put_off_by_name_or_by_act_counts_as_the_same_act(baodi: Workspace) -> None:
    ref = open_one(baodi, "penalty", "gongshang.officer", "gongshang").ref

    outcome = extend(baodi, ref, "clue", "gongshang.head", reason="待鉴定")
    again_ = why_not(baodi, lambda: do(baodi, ref, "extend_check", "gongshang.head", reason="再延"))

    entry = outcome.as_json()["entry"]
    assert (entry["kind"], entry["trigger"]) == ("extension", "extend_check")
    assert "延长核查" in again_.reasons[0].zh


def test_the_command_line_pauses_resumes_and_puts_off(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    office.as_("alpha.liaison", "do", ERRAND, "take")
    ident = office("deadline", "list", ERRAND).rows[0]["id"]

    stopped = office.as_("alpha.head", "deadline", "pause", ERRAND, "answer", "--reason", "等待鉴定")
    resting = office("deadline", "list", ERRAND, "--status", "paused").rows
    office("clock", "advance", "--to", "2010-11-02")
    resumed = office.as_("alpha.head", "deadline", "resume", ident)
    refused = office.as_("alpha.head", "deadline", "resume", ident)

    assert (stopped.code, resumed.code, refused.code) == (0, 0, 4)
    assert len(resting) == 1
    assert "“办理期限”未中止计时" in refused.err


def test_a_start_of_a_clock_cannot_lie_where_it_cannot_be(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison").ref
    set_clock(rich, "2010-11-02T10:00")

    def receive(at: str) -> Callable[[], Any]:
        return lambda: do(rich, ref, "receive", "alpha.liaison", received_at=f"{at}+08:00")

    codes = [why_not(rich, receive(at)).code for at in ("2010-11-02T10:03:00", "2010-11-01T08:59:00")]
    assert codes == ["future", "before_opening"]
    receive("2010-11-01T15:00:00")()
    assert why_not(rich, receive("2010-11-01T14:00:00")).code == "received_before_sent"
    assert local("2010-11-01T15:00").isoformat()[:16] == clock_of(rich, ref, "reply")["started_at"][:16]
