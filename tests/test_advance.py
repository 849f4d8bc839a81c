"""A trigger on a matter: everything it brings is written together, or nothing is and the refusal says why."""

from collections.abc import Callable
from typing import Any

import pytest
from world import (
    advance,
    correct,
    counted,
    do,
    everything,
    flaws,
    history,
    notices,
    open_one,
    papers,
    set_clock,
    statuses,
    to_review,
)
from world import local as at

from engine.errors import DubanError, Forbidden, Invalid, NotFound, Refused, Usage
from engine.orders import Do, Open
from workflows.workspace import Workspace


def refusal(work: Callable[[], object]) -> DubanError:
    with pytest.raises(DubanError) as caught:
        work()
    return caught.value


def kinds(error: DubanError) -> list[str]:
    return [reason.kind for reason in error.reasons]


def test_a_move_writes_state_entry_deadlines_and_notices_together(workspace: Workspace) -> None:
    correct(workspace, "errand/alpha", "alpha.head", reason="漏填", urgent=False)
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    before = counted(workspace)

    said = do(workspace, "errand/alpha", "submit", "alpha.liaison", docs="report").as_json()

    after = counted(workspace)
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "entry": 1,  # it says itself what it owes
        "entry_private": 1,
        "log_pending": 1,
        "deadline": 1,
        "attachment": 1,
        "notice": len(said["notices"]),
    }
    assert (said["matter"]["state"], said["matter"]["version"]) == ("review", 4)
    assert said["entry"]["hash"] == history(workspace, "errand/alpha")[-1]["hash"]
    assert [each["code"] for each in said["deadlines_stopped"]] == ["answer"]
    assert [each["code"] for each in said["deadlines_started"]] == ["review_term"]
    assert {each["recipient"] for each in said["notices"]} == {"bgs.admin", "bgs.admin2"}
    assert statuses(workspace, "errand/alpha") == {"answer": "met", "review_term": "running"}
    assert flaws(workspace) == []


def test_what_the_order_answers_is_what_the_reader_shows(workspace: Workspace) -> None:
    said = to_review(workspace).as_json()

    shown = workspace.reader.show("errand/alpha")
    assert [paper.pop("approved_at") for paper in shown["documents"]] == [None]
    assert {name: shown[name] for name in said["matter"]} == said["matter"]
    assert said["notices"] == notices(workspace, ref="errand/alpha")
    assert said["entry"] == history(workspace, "errand/alpha")[-1]


REFUSALS: dict[str, tuple[str, dict[str, Any], type[DubanError], str, int, list[str]]] = {
    "a guard": ("submit", {"docs": "report"}, Refused, "guard", 4, ["fact"]),
    "a missing document": ("submit", {}, Refused, "guard", 4, ["document", "fact"]),
    "the wrong state": ("accept", {"grade": "good"}, Refused, "not_possible_here", 4, ["state"]),
    "the wrong role": ("pause", {"reason": "等材料"}, Forbidden, "forbidden", 5, ["role"]),
    "an unknown trigger": ("subbmit", {}, Usage, "unknown_trigger", 2, []),
    "an unknown fact": ("note_cost", {"cost_fen": 1, "colour": "red"}, Invalid, "unknown_fact", 7, []),
    "a fact that is not asked": ("note_cost", {"cost_fen": 1, "urgent": True}, Refused, "guard", 4, ["fact_not_asked"]),
    "a missing fact": ("note_cost", {}, Refused, "guard", 4, ["fact"]),
    "a fact of the wrong type": ("note_cost", {"cost_fen": "three"}, Invalid, "bad_fact", 7, []),
    "a negative amount": ("note_cost", {"cost_fen": -1}, Invalid, "bad_fact", 7, []),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_says_why_and_changes_nothing(name: str, workspace: Workspace) -> None:
    trigger, extra, kind, code, exit_code, reasons = REFUSALS[name]
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    before = everything(workspace)

    error = refusal(lambda: do(workspace, "errand/alpha", trigger, "alpha.liaison", **dict(extra)))

    assert everything(workspace) == before
    assert (type(error), error.code, error.exit_code, kinds(error)) == (kind, code, exit_code, reasons)
    assert trigger in error.message or "fact" in error.message


def test_a_guard_that_refuses_names_every_condition_and_what_is_possible(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")

    error = refusal(lambda: do(workspace, "errand/alpha", "submit", "alpha.liaison"))

    assert [reason.zh for reason in error.reasons] == ["缺少材料：办理报告（report）", "尚未填写：紧急（urgent）"]
    assert error.possible == ["note_cost", "submit"] or "note_cost" in error.possible
    assert "errand/alpha in 'doing'" in error.message


def test_a_guard_that_is_false_is_read_aloud_in_both_languages(workspace: Workspace) -> None:
    correct(workspace, "errand/alpha", "alpha.head", reason="加急", urgent=True)
    do(workspace, "errand/alpha", "take", "alpha.liaison")

    error = refusal(lambda: do(workspace, "errand/alpha", "submit", "alpha.liaison", docs="report"))

    assert kinds(error) == ["when"]
    assert "紧急" in error.reasons[0].zh
    assert "Urgent" in error.reasons[0].en


@pytest.mark.parametrize("reason", [None, "", "  \n"])
def test_a_reason_that_must_be_given_cannot_be_blank(reason: str | None, workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")

    error = refusal(lambda: do(workspace, "errand/alpha", "pause", "alpha.head", reason=reason))

    assert kinds(error) == ["reason"]


def test_who_submitted_does_not_accept(workspace: Workspace) -> None:
    to_review(workspace)
    workspace.people.rehearsal = {**workspace.people.rehearsal, "alpha.liaison": frozenset({("alpha", "head")})}

    error = refusal(lambda: do(workspace, "errand/alpha", "accept", "alpha.liaison", grade="good"))

    assert (type(error), kinds(error)) == (Forbidden, ["distinct"])
    assert "报送" in error.reasons[0].zh
    assert do(workspace, "errand/alpha", "accept", "alpha.head", grade="good").matter.state == "closed"


def test_two_arrows_open_at_once_are_a_fault_of_the_definition(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison", size=7).ref
    before = everything(rich)

    error = refusal(lambda: do(rich, ref, "fork", "alpha.liaison"))

    assert (type(error), error.code, error.exit_code) == (DubanError, "ambiguous", 1)
    assert everything(rich) == before


@pytest.mark.parametrize(("size", "state"), [(3, "settled"), (12, "detour")])
def test_of_two_arrows_the_one_whose_guard_holds_is_taken(size: int, state: str, rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison", size=size).ref

    assert do(rich, ref, "fork", "alpha.liaison").matter.state == state


@pytest.mark.parametrize("origin", ["fresh", "waiting"])
def test_the_way_back_leads_to_where_the_matter_came_from(origin: str, rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison").ref
    if origin == "waiting":
        do(rich, ref, "wait", "alpha.liaison")
    do(rich, ref, "aside", "alpha.liaison")

    assert do(rich, ref, "back", "alpha.liaison").matter.state == origin


def test_a_document_brought_before_does_not_serve_where_it_must_come_now(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison").ref
    do(rich, ref, "wait", "alpha.liaison", docs="paper stamp")

    error = refusal(lambda: do(rich, ref, "finish", "alpha.head"))

    assert (kinds(error), "盖章件" in error.reasons[0].zh) == (["document"], True)
    assert do(rich, ref, "finish", "alpha.head", docs="stamp").matter.closed


def test_an_invariant_stops_a_move_that_every_guard_lets_pass(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison", size=5000).ref
    before = everything(rich)

    error = refusal(lambda: do(rich, ref, "finish", "alpha.head", docs="paper stamp"))

    assert (type(error), error.code, kinds(error)) == (Refused, "invariant", ["invariant"])
    assert everything(rich) == before


def test_an_invariant_stops_a_correction_too(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison").ref
    do(rich, ref, "abandon", "alpha.liaison")

    error = refusal(lambda: correct(rich, ref, "alpha.head", reason="实际规模", size=5000))

    assert error.code == "invariant"
    assert rich.reader.show(ref)["facts"] == {}


def test_children_open_with_their_parent_and_the_last_to_end_calls_it_on(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison", size=8).ref
    said = do(rich, ref, "part", "alpha.liaison").as_json()

    assert [child.partition("/")[0] for child in said["children"]] == ["probe", "errand"]
    assert rich.reader.show(said["children"][0])["facts"] == {"size": 1}
    assert rich.reader.show(said["children"][0])["parent"] == ref

    do(rich, said["children"][0], "abandon", "alpha.liaison")

    assert rich.reader.show(ref)["state"] == "settled"
    assert history(rich, ref)[-1]["actor"] == "system"
    assert flaws(rich) == []


def test_opening_asks_for_the_role_and_the_body(workspace: Workspace) -> None:
    before = everything(workspace)

    assert refusal(lambda: open_one(workspace, "errand", "beta.head")).code == "forbidden"
    assert refusal(lambda: open_one(workspace, "errand", "bgs.admin", "gamma")).code == "no_body"
    assert refusal(lambda: open_one(workspace, "chore", "bgs.admin", "alpha")).exit_code == 3
    assert refusal(lambda: open_one(workspace, "errand", "bgs.admin", "alpha", ref="errand/alpha")).code == "ref_taken"
    assert refusal(lambda: open_one(workspace, "errand", "bgs.admin", "alpha", ref="../x")).exit_code == 7
    assert refusal(lambda: open_one(workspace, "errand", "bgs.admin", "alpha", grade="good")).code == "fact_not_asked"
    assert everything(workspace) == before


def test_there_is_no_matter_that_was_not_opened(workspace: Workspace) -> None:
    error = refusal(lambda: do(workspace, "errand/gamma", "take", "alpha.liaison"))

    assert (type(error), error.exit_code) == (NotFound, 3)


def test_a_document_of_no_known_kind_is_invalid(workspace: Workspace) -> None:
    brought = papers(workspace, "reprot")
    order = Do(ref="errand/alpha", trigger="take", documents=brought)

    error = refusal(lambda: workspace.engine.execute(order, workspace.actor("alpha.liaison")))

    assert (type(error), error.code, "report" in error.message) == (Invalid, "unknown_document", True)


def test_an_act_cannot_be_dated_in_the_future(workspace: Workspace) -> None:
    error = refusal(lambda: do(workspace, "errand/alpha", "take", "alpha.liaison", occurred="2010-11-01T09:03"))

    assert (type(error), error.code) == (Invalid, "future")
    assert do(workspace, "errand/alpha", "take", "alpha.liaison", occurred="2010-11-01T09:01").matter.state == "doing"


HOSTILE = ["\ud800", "a\x00b", "x" * 100_000]


@pytest.mark.parametrize("words", HOSTILE, ids=["surrogate", "nul", "long"])
@pytest.mark.parametrize("place", ["reason", "request_id", "title"])
def test_words_that_no_database_can_keep_are_invalid(place: str, words: str, workspace: Workspace) -> None:
    before = everything(workspace)
    order = Open(kind="errand", body="alpha", **{place: words})

    error = refusal(lambda: workspace.engine.execute(order, workspace.actor("bgs.admin")))

    assert type(error) is Invalid
    assert everything(workspace) == before


def test_a_closed_matter_takes_no_more_orders(workspace: Workspace) -> None:
    to_review(workspace)
    do(workspace, "errand/alpha", "accept", "bgs.admin", grade="fair")
    set_clock(workspace, "2010-11-02T09:00")
    before = everything(workspace)

    for trigger in ("take", "accept", "drop", "note_cost"):
        assert refusal(lambda each=trigger: do(workspace, "errand/alpha", each, "bgs.admin", reason="x")).exit_code == 4
    advance(workspace, "2010-11-05T09:00")

    assert [row for row in before["entry"] if row[1] == "matter/errand/alpha"] == [
        row for row in everything(workspace)["entry"] if row[1] == "matter/errand/alpha"
    ]
    assert workspace.clock.now() == at("2010-11-05T09:00")
