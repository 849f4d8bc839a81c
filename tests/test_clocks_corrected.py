"""A start or an end that was recorded wrongly is set right by a correction, and the date with it; an old date keeps its reasons."""

from typing import Any

import pytest
from world import advance, begin, clock_of, correct, do, extend, flaws, notices, open_one, set_clock

from engine.errors import DubanError
from workflows.workspace import Workspace


def supervised(url: str, due_on: str) -> tuple[Workspace, str]:
    """Begin an item of supervision in hand at the price bureau, due on that day."""
    baodi = begin(url, "baodi-2010", at="2010-12-01T09:00")
    ref = open_one(baodi, "supervision", "bgs.admin", "wujia", requirement="清理市场").ref
    do(baodi, ref, "open_item", "bgs.admin", item_no="1号")
    do(baodi, ref, "assign", "bgs.admin", due_on=due_on)
    do(baodi, ref, "sign", "wujia.head")
    do(baodi, ref, "start", "wujia.head")
    return baodi, ref


def clocks(workspace: Workspace, ref: str, code: str) -> list[dict[str, Any]]:
    return [each for each in workspace.reader.show(ref)["deadlines"] if each["code"] == code]


def ends(clock: dict[str, Any]) -> list[str]:
    """The days on which the explanation says that the clock ends."""
    return [step["date"] for step in clock["derivation"] if step["step"] in ("end", "now")]


def test_a_receipt_that_is_set_right_moves_the_one_clock_that_counts_from_it(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison").ref
    set_clock(rich, "2010-11-03T10:00")
    do(rich, ref, "receive", "alpha.liaison", received_at="2010-11-02T17:00:00+08:00")

    correct(rich, ref, "alpha.head", reason="笔误", received_at="2010-11-03T08:00:00+08:00")

    (clock,) = clocks(rich, ref, "reply")
    assert (clock["status"], clock["started_at"], clock["last_day"]) == (
        "running",
        "2010-11-03T00:00:00Z",
        "2010-11-08",
    )
    assert ends(clock)[-1] == "2010-11-08"
    advance(rich, "2010-11-09T12:00")
    assert clock_of(rich, ref, "reply")["breached_at"] == "2010-11-08T16:00:00Z"
    assert {each["planned_at"] for each in notices(rich, ref=ref)} == {"2010-11-08T12:00:00Z", "2010-11-08T16:00:00Z"}
    assert flaws(rich) == []


def test_an_end_that_is_set_right_moves_the_one_clock_that_ends_there(db_url: str) -> None:
    baodi, ref = supervised(db_url, "2010-12-10")

    correct(baodi, ref, "bgs.admin", reason="笔误", due_on="2010-12-13")

    (clock,) = clocks(baodi, ref, "item")
    assert (clock["status"], clock["last_day"], ends(clock)[-1]) == ("running", "2010-12-13", "2010-12-13")
    advance(baodi, "2010-12-14T00:00")
    assert baodi.reader.show(ref)["state"] == "overdue"
    assert flaws(baodi) == []
    baodi.close()


def test_a_correction_of_something_else_leaves_the_clocks_alone(workspace: Workspace) -> None:
    before = clock_of(workspace, "errand/alpha", "answer")

    correct(workspace, "errand/alpha", "alpha.head", reason="漏填", cost_fen=100)

    assert clock_of(workspace, "errand/alpha", "answer") == before
    assert flaws(workspace) == []


def test_what_has_run_out_stays_breached_when_its_start_is_set_right(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison").ref
    advance(rich, "2010-11-07T10:00")
    do(rich, ref, "receive", "alpha.liaison", received_at="2010-11-02T17:00:00+08:00")
    assert clock_of(rich, ref, "reply")["status"] == "breached"
    correct(rich, ref, "alpha.head", reason="笔误", received_at="2010-11-05T08:00:00+08:00")

    (clock,) = clocks(rich, ref, "reply")
    assert (clock["status"], clock["last_day"]) == ("breached", "2010-11-06")
    other = open_one(rich, "probe", "alpha.liaison", occurred="2010-11-06T09:00").ref
    do(rich, other, "receive", "alpha.liaison", received_at="2010-11-06T17:00:00+08:00")
    correct(rich, other, "alpha.head", reason="笔误", received_at="2010-10-01T08:00:00+08:00")
    assert [(each["status"], each["last_day"]) for each in clocks(rich, other, "reply")] == [("breached", "2010-10-06")]
    assert flaws(rich) == []


def test_an_old_date_is_explained_by_what_it_was_counted_from_then(sqlite_url: str) -> None:
    baodi, ref = supervised(sqlite_url, "2010-12-10")
    do(baodi, ref, "submit_feedback", "wujia.head", docs="feedback_report")
    do(baodi, ref, "return_feedback", "bgs.admin", reason="不完整", due_on="2010-12-20")

    old, new = clocks(baodi, ref, "item")

    assert (old["status"], old["last_day"], ends(old)) == ("met", "2010-12-10", ["2010-12-10"])
    assert (new["status"], new["last_day"], ends(new)) == ("running", "2010-12-20", ["2010-12-20"])
    baodi.close()


def test_the_refusal_to_extend_a_paused_clock_does_not_call_it_run_out(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    do(workspace, "errand/alpha", "pause", "alpha.head", reason="等待鉴定")

    with pytest.raises(DubanError) as caught:
        extend(workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-20", reason="来函")

    assert "run out" not in caught.value.message
    assert "paused" in caught.value.message
