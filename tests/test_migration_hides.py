"""What a migration must not hide: that somebody was late, and who had a hand in it."""

from pathlib import Path

import pytest
from newversion import gone_over, planned, published, version
from world import broken_links, clock_of, correct, do, fire, flaws, local, papers, set_clock

from engine.delegating import Delegations
from engine.errors import Forbidden
from engine.orders import Do
from workflows.workspace import Workspace

ALPHA = "errand/alpha"
LEFT = ("deadlines: {answer: reply}", "deadlines: {answer: null}")


def problems(workspace: Workspace) -> set[str]:
    return {each["code"] for each in planned(workspace).as_json()["problems"]}


@pytest.mark.parametrize("fired", [True, False])
def test_a_deadline_whose_time_is_over_is_not_left_behind(fired: bool, workspace: Workspace, tmp_path: Path) -> None:
    published(workspace, version(tmp_path, LEFT))
    if fired:
        fire(workspace, "2010-11-05T09:00")
    set_clock(workspace, "2010-11-05T09:01")

    (told,) = [each for each in planned(workspace).as_json()["problems"] if each["code"] == "breached"]

    assert ALPHA in told["refs"]


def test_a_deadline_that_is_left_behind_does_not_begin_afresh_under_its_code(
    workspace: Workspace, tmp_path: Path
) -> None:
    again = (("  reply:\n", "  answer:\n"), ("extends: reply", "extends: answer"))
    published(workspace, version(tmp_path, LEFT, *again))

    assert "afresh" in problems(workspace)


def submitted_by_the_head(workspace: Workspace) -> None:
    """Let alpha's head stand in for the clerk and report what he will be asked to accept."""
    correct(workspace, ALPHA, "alpha.head", reason="漏填", urgent=False)
    desk = Delegations(workspace.engine, workspace.actor("alpha.liaison"))
    desk.make("alpha.liaison", "alpha.head", local("2010-11-01"), local("2010-11-30"), "出差")
    deputy = workspace.deputy(workspace.actor("alpha.head"), "alpha.liaison")
    for trigger, kinds in (("take", ""), ("submit", "report")):
        workspace.engine.execute(Do(ref=ALPHA, trigger=trigger, documents=papers(workspace, kinds)), deputy)


RENAMED = (
    ("trigger: submit", "trigger: hand_in"),
    ("from: submit", "from: hand_in"),
    ("stop_on: submit", "stop_on: hand_in"),
)


@pytest.mark.parametrize(("triggers", "words"), [("{submit: null}", ()), ("{submit: hand_in}", RENAMED)])
def test_who_reported_does_not_accept_in_any_other_version(
    triggers: str, words: tuple[tuple[str, str], ...], workspace: Workspace, tmp_path: Path
) -> None:
    told = ("states: {doing: active}", f"states: {{doing: active}}\n    triggers: {triggers}")
    published(workspace, version(tmp_path, told, *words))
    submitted_by_the_head(workspace)
    gone_over(workspace, 2, ALPHA)

    with pytest.raises(Forbidden):
        do(workspace, ALPHA, "accept", "alpha.head", grade="good")

    assert (flaws(workspace), broken_links(workspace)) == ([], [])


def test_an_act_that_keeps_somebody_from_another_needs_a_place(workspace: Workspace, tmp_path: Path) -> None:
    published(workspace, version(tmp_path, *RENAMED))
    submitted_by_the_head(workspace)

    assert "trigger" in problems(workspace)


def test_going_back_and_coming_again_gives_no_new_time(workspace: Workspace, tmp_path: Path) -> None:
    published(workspace, version(tmp_path))
    do(workspace, ALPHA, "take", "alpha.liaison")
    gone_over(workspace, 2, ALPHA)
    fire(workspace, "2010-11-20T09:00")
    assert clock_of(workspace, ALPHA, "inspection")["status"] == "breached"
    gone_over(workspace, 1, ALPHA)

    assert "afresh" in problems(workspace)
    assert clock_of(workspace, ALPHA, "inspection")["status"] == "breached"
    assert flaws(workspace) == []
