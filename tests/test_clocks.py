"""Clocks that are stopped for a while, put off, begun again or set right: one is always running, never two, and it says why."""

from collections import Counter
from typing import Any

import pytest
from world import (
    advance,
    attach,
    begin,
    clock_of,
    do,
    everything,
    extend,
    flaws,
    notices,
    open_one,
    set_clock,
    statuses,
    to_review,
)

from engine.errors import DubanError, Forbidden, Refused
from workflows.workspace import Workspace

TASK = "department_task/wujia"


def clocks(workspace: Workspace, ref: str, code: str) -> list[tuple[str, str]]:
    """Every clock of that code there ever was: status and last day, oldest first."""
    rows = workspace.reader.show(ref)["deadlines"]
    return [(each["status"], each["last_day"]) for each in rows if each["code"] == code]


def told(workspace: Workspace, ref: str, code: str) -> list[tuple[int, str]]:
    """What that deadline has said, and when it was planned."""
    ident = clock_of(workspace, ref, code)["id"]
    said = Counter(
        (each["level"], each["planned_at"]) for each in notices(workspace, ref=ref) if each["deadline"] == ident
    )
    return sorted(said, key=lambda each: each[1])


def why(workspace: Workspace, ref: str, code: str) -> list[str]:
    """The steps of the explanation, without the rest days."""
    return [step["step"] for step in clock_of(workspace, ref, code)["derivation"] if step["step"] != "skipped"]


def refusal(work: Any) -> DubanError:
    with pytest.raises(DubanError) as caught:
        work()
    return caught.value


def test_a_paused_clock_is_silent_and_gets_back_the_days_it_lost(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    set_clock(workspace, "2010-11-02T10:00")
    do(workspace, "errand/alpha", "pause", "alpha.head", reason="等待鉴定")

    advance(workspace, "2010-11-09T10:00")

    assert clocks(workspace, "errand/alpha", "answer") == [("paused", "2010-11-04")]
    assert told(workspace, "errand/alpha", "answer") == []

    do(workspace, "errand/alpha", "resume", "alpha.head")
    advance(workspace, "2010-11-12T10:00")

    assert clocks(workspace, "errand/alpha", "answer") == [("breached", "2010-11-11")]
    days = {0: "2010-11-10", 1: "2010-11-11", 2: "2010-11-12"}
    assert told(workspace, "errand/alpha", "answer") == [(level, f"{day}T01:00:00Z") for level, day in days.items()]
    assert why(workspace, "errand/alpha", "answer")[-3:] == ["paused", "resumed", "now"]
    assert clock_of(workspace, "errand/alpha", "answer")["derivation"][-1]["date"] == "2010-11-11"
    assert flaws(workspace) == []


def test_what_has_run_out_cannot_be_paused_any_more(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    set_clock(workspace, "2010-11-05T00:00")

    do(workspace, "errand/alpha", "pause", "alpha.head", reason="迟了")

    advance(workspace, "2010-11-08T10:00")
    clock = clock_of(workspace, "errand/alpha", "answer")
    assert (clock["status"], clock["last_day"]) == ("breached", "2010-11-04")
    assert [level for level, _ in told(workspace, "errand/alpha", "answer")] == [1, 2, 3]
    do(workspace, "errand/alpha", "resume", "alpha.head")
    assert clocks(workspace, "errand/alpha", "answer") == [("breached", "2010-11-04")]


def test_a_suspended_task_stands_still_and_comes_back_to_where_it_was(sqlite_url: str) -> None:
    baodi = begin(sqlite_url, "baodi-2010")
    do(baodi, TASK, "acknowledge", "wujia.head")
    do(baodi, TASK, "submit_plan", "wujia.head", docs="own_plan organisation")
    set_clock(baodi, "2010-11-30T10:00")
    do(baodi, TASK, "suspend", "lxz.chair", decision_no="1号")

    advance(baodi, "2010-12-14T10:00")

    assert statuses(baodi, TASK) == {
        "plan": "met",
        "acknowledge": "met",
        "self_check_report": "paused",
        "summary": "paused",
    }
    assert told(baodi, TASK, "self_check_report") == []
    do(baodi, TASK, "resume", "lxz.chair", decision_no="2号")
    assert baodi.reader.show(TASK)["state"] == "self_check"
    assert clocks(baodi, TASK, "self_check_report") == [("running", "2010-12-24")]
    assert clocks(baodi, TASK, "summary") == [("running", "2011-04-14")]
    assert clocks(baodi, TASK, "plan") == [("met", "2010-11-26")]
    advance(baodi, "2010-12-25T00:00")
    assert clock_of(baodi, TASK, "self_check_report")["breached_at"] == "2010-12-24T16:00:00Z"
    assert [level for level, _ in told(baodi, TASK, "self_check_report")] == [0, 1, 2]
    assert flaws(baodi) == []
    baodi.close()


def test_a_document_handed_in_while_the_clock_stands_still_is_in_time(sqlite_url: str) -> None:
    baodi = begin(sqlite_url, "baodi-2010")
    do(baodi, TASK, "acknowledge", "wujia.head")
    do(baodi, TASK, "suspend", "lxz.chair", decision_no="1号")
    set_clock(baodi, "2010-12-20T10:00")

    attach(baodi, TASK, "wujia.liaison", "own_plan")

    assert clock_of(baodi, TASK, "plan")["status"] == "met"
    assert clock_of(baodi, TASK, "plan")["breached_at"] is None
    baodi.close()


@pytest.mark.parametrize(
    ("at", "possible"), [("2010-11-04T23:59:59.999999", True), ("2010-11-05T00:00", False), ("2010-11-06T10:00", False)]
)
def test_an_extension_is_given_until_the_last_microsecond_and_not_after(
    at: str, possible: bool, workspace: Workspace
) -> None:
    set_clock(workspace, at)
    before = everything(workspace)

    def ask() -> Any:
        return extend(workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-30", reason="来函")

    if possible:
        ask()
        assert clocks(workspace, "errand/alpha", "answer") == [("running", "2010-11-30")]
        assert why(workspace, "errand/alpha", "answer")[-2:] == ["extended", "now"]
    else:
        error = refusal(ask)
        assert (type(error), error.code, bool(error.reasons)) == (Refused, "too_late", True)
        assert everything(workspace) == before
        advance(workspace, "2010-11-06T10:00")
        assert clocks(workspace, "errand/alpha", "answer") == [("breached", "2010-11-04")]


def test_extensions_are_counted_whichever_way_they_are_asked_for(workspace: Workspace) -> None:
    extend(workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-08", reason="来函")
    do(workspace, "errand/alpha", "put_off", "bgs.admin", extended_until="2010-11-10")
    before = everything(workspace)

    errors = [
        refusal(lambda: extend(workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-20", reason="再来函")),
        refusal(lambda: do(workspace, "errand/alpha", "put_off", "bgs.admin", extended_until="2010-11-20")),
    ]

    assert [error.code for error in errors] == ["extended_before"] * 2
    assert refusal(
        lambda: extend(workspace, "errand/beta", "answer", "beta.head", "2010-11-20", reason="自己")
    ).code == (Forbidden.code)
    assert everything(workspace) == before
    clock = clock_of(workspace, "errand/alpha", "answer")
    assert (clock["extensions"], clock["last_day"]) == (2, "2010-11-10")
    said = [step["zh"] for step in clock["derivation"] if step["step"] == "extended"]
    assert [words.rpartition("：")[2] for words in said] == ["2010-11-04 → 2010-11-08", "2010-11-08 → 2010-11-10"]


def test_after_an_extension_the_ladder_is_climbed_for_the_new_date_only(workspace: Workspace) -> None:
    advance(workspace, "2010-11-03T10:00")
    extend(workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-10", reason="来函")

    advance(workspace, "2010-11-11T10:00")

    days = [(0, "2010-11-03"), (0, "2010-11-09"), (1, "2010-11-10"), (2, "2010-11-11")]
    assert told(workspace, "errand/alpha", "answer") == [(level, f"{day}T01:00:00Z") for level, day in days]
    assert clock_of(workspace, "errand/alpha", "answer")["breached_at"] == "2010-11-10T16:00:00Z"


def test_a_paused_clock_cannot_be_extended(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    do(workspace, "errand/alpha", "pause", "alpha.head", reason="等待鉴定")
    before = everything(workspace)

    error = refusal(lambda: extend(workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-20", reason="来函"))

    assert type(error) is Refused
    assert everything(workspace) == before


def test_a_state_entered_again_begins_a_clock_of_its_own_and_the_old_one_keeps_its_end(workspace: Workspace) -> None:
    to_review(workspace)
    set_clock(workspace, "2010-11-02T08:00")
    do(workspace, "errand/alpha", "send_back", "alpha.head", reason="补正")
    set_clock(workspace, "2010-11-08T10:00")
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    do(workspace, "errand/alpha", "submit", "alpha.liaison", docs="report")

    assert clocks(workspace, "errand/alpha", "review_term") == [("met", "2010-11-02"), ("running", "2010-11-09")]
    assert clocks(workspace, "errand/alpha", "answer") == [("met", "2010-11-04")]
    advance(workspace, "2010-11-12T10:00")
    assert [status for status, _ in clocks(workspace, "errand/alpha", "review_term")] == ["met", "breached"]
    assert flaws(workspace) == []


def test_coming_back_begins_the_wait_anew_and_the_old_timer_never_strikes(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison").ref
    do(rich, ref, "wait", "alpha.liaison")
    set_clock(rich, "2010-11-03T10:00")
    do(rich, ref, "aside", "alpha.liaison")

    advance(rich, "2010-11-05T12:00")

    assert rich.reader.show(ref)["state"] == "detour", "the wait of three days is over, but nobody waits"
    do(rich, ref, "back", "alpha.liaison")
    assert clocks(rich, ref, "wait_term")[-1] == ("running", "2010-11-08")
    assert len([each for each in clocks(rich, ref, "wait_term") if each[0] == "running"]) == 1
    advance(rich, "2010-11-08T23:59:59")
    assert rich.reader.show(ref)["state"] == "waiting"
    advance(rich, "2010-11-09T00:00")
    assert rich.reader.show(ref)["state"] == "settled"
    assert rich.reader.show(ref)["deadlines"][-1]["started_at"] == "2010-11-08T16:00:00Z"
    assert flaws(rich) == []


def test_a_timer_that_struck_during_an_outage_counts_on_from_its_own_instant(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison").ref
    do(rich, ref, "wait", "alpha.liaison")
    set_clock(rich, "2010-11-06T12:00")

    advance(rich, "2010-11-06T12:00")

    settled = clock_of(rich, ref, "settle_term")
    assert (settled["started_at"], settled["breach_at"]) == ("2010-11-04T16:00:00Z", "2010-11-06T16:00:00Z")
    assert settled["status"] == "running"
    assert flaws(rich) == []


def test_an_extension_by_hours_is_exact_and_given_once(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison", size=3).ref
    do(rich, ref, "fork", "alpha.liaison")
    set_clock(rich, "2010-11-02T10:00")

    extend(rich, ref, "settle_term", "alpha.head", reason="材料多")

    assert clock_of(rich, ref, "settle_term")["breach_at"] == "2010-11-04T01:00:00Z"
    again = refusal(lambda: extend(rich, ref, "settle_term", "alpha.head", reason="材料多"))
    assert again.code == "extended_before"
    assert refusal(lambda: extend(rich, ref, "reply", "alpha.head", reason="材料多")).code in (
        "no_deadline",
        "no_extension",
    )
