# ruff: noqa: E501  the changed texts are those of the files
"""The scenarios of a definition are played through the one road; what does not come as they say is told with its place."""

import pytest
from proof_world import BAODI, flawed

from engine.errors import Invalid
from workflows.scenarios import play

CHANGES = [
    ("case", "documents: [team_report], expect: {state: transfer_pending", "documents: [team_report], expect: {state: task_force",
     "state应为task_force，实为transfer_pending"),
    ("case", "reason: 仍不立案,\n         expect: {refused: not_possible_here,", "reason: 仍不立案,\n         expect: {refused: forbidden,",
     "decline_filing应为forbidden，实为not_possible_here"),
    ("department_task", "deadlines: {plan: late,", "deadlines: {plan: met,", "plan应为met，实为late"),
    ("case", "expect: {state: returned_to_admin, facts: {police_finally_refused: true}}", "expect: {facts: {police_finally_refused: false}}",
     "police_finally_refused应为False，实为True"),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["case", "department_task"])
def test_our_scenarios_come_as_they_say(kind: str) -> None:
    assert BAODI.definitions[kind].doc.scenarios
    assert list(play("baodi-2010", BAODI.definitions[kind])) == []


@pytest.mark.parametrize(("kind", "old", "new", "said"), CHANGES)
def test_what_differs_is_told_in_both_languages_at_its_step(kind: str, old: str, new: str, said: str) -> None:
    definition = flawed(kind, old, new)

    (problem,) = play("baodi-2010", definition)

    assert (problem.code, problem.line > 0) == ("scenario", True)
    assert said in problem.zh
    assert "should be" in problem.message


def test_an_act_without_somebody_who_does_it_is_no_scenario() -> None:
    with pytest.raises(Invalid, match="both do and by"):
        flawed("case", "by: gongshang.head, do: sign_receipt", "do: sign_receipt")
