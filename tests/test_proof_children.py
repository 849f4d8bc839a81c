"""What a machine hands to the matters it opens, and what it waits for from them, is held against their own definitions."""

from pathlib import Path
from typing import Any

import pytest
from commandline import SMALL, Office
from proof_below import SHELF, arrow, codes, label, made, proved_with

from engine.campaign_schema import OpensSpec
from engine.definition import Definition
from engine.definition_schema import Label

FACTS: dict[str, Any] = {
    "urgent": {"type": "bool", "label": label("urgent")},
    "grade": {"type": "enum", "values": ["good", "poor"], "label": label("grade")},
    "size": {"type": "int", "minimum": 10, "label": label("size")},
    "due": {"type": "date", "label": label("due")},
    "whose": {"type": "body", "label": label("whose")},
    "name": {"type": "text", "label": label("name")},
}


def parent(spawn: dict[str, Any], *, waits: str = "not children_open('below')", **more: Any) -> Definition:
    return made(
        "above",
        [
            arrow("hand_down", "begun", "waiting", spawn=[{"kind": "below", **spawn}]),
            arrow("conclude", "waiting", "over", when=waits),
        ],
        **more,
    )


def child(when: str | None = None, **more: Any) -> Definition:
    last = {"when": when} if when else {}
    return made(
        "below", [arrow("work", "begun", "worked"), arrow("end", "worked", "over", **last)], facts=FACTS, **more
    )


def test_a_way_out_that_waits_for_children_that_cannot_end_is_found_with_their_acts() -> None:
    stuck = child(when="known('urgent') and not urgent")

    proof = proved_with(parent({"sets": {"urgent": True}}), stuck)

    (problem,) = proof.problems
    assert problem.code == "children_never_close"
    assert problem.file == "above.yaml" and "再也无法办结" in problem.zh and "for good" in problem.message
    assert [step["about"] for step in problem.trace] == ["above"], "as it is opened it is lost already"
    assert codes(proved_with(parent({"sets": {"urgent": False}}), stuck)) == [], "as it is opened there it can end"


def test_who_does_not_wait_for_its_children_may_have_endless_ones() -> None:
    stuck = child(when="known('urgent') and not urgent")

    assert codes(proved_with(parent({"sets": {"urgent": True}}, waits="visited('begun')"), stuck)) == []


@pytest.mark.parametrize(("waits", "said"), [("not children_open()", True), ("not children_open('below')", False)])
def test_what_a_ladder_opens_is_said_to_be_left_open_where_it_counts(waits: str, said: bool) -> None:
    ladders = SHELF.campaign.doc.ladders
    late = ladders["campaign"].rungs[-1].model_copy(update={"opens": OpensSpec(kind="errand")})
    changed = {**ladders, "campaign": ladders["campaign"].model_copy(update={"rungs": [late]})}
    clock = {"label": label("clock"), "term": {"days": 3}, "basis": "X", "ladder": "campaign", "owner": "clerk", "from_opening": True,
             "stop_on": ["conclude"]}  # fmt: skip

    proof = proved_with(
        parent({}, waits=waits, deadlines={"clock": clock}), child(),
        campaign=SHELF.campaign.doc.model_copy(update={"ladders": changed}),
    )  # fmt: skip

    assert codes(proof) == []
    assert ("rung_children" in proof.assumptions) is said


def waiting_parent(spawn: dict[str, Any]) -> Definition:
    return made(
        "above",
        [
            arrow("hand_down", "begun", "waiting", spawn=[{"kind": "below", **spawn}]),
            arrow("heard", "waiting", "over", role="system"),
            arrow("give_up", "waiting", "over"),
        ],
    )


def test_a_signal_that_no_child_opened_here_can_send_is_found() -> None:
    signals = [{"trigger": "heard", "when": "known('urgent') and urgent"}]
    below = made("below", [arrow("end", "begun", "over", signals=signals)], facts=FACTS)

    proof = proved_with(waiting_parent({"sets": {"urgent": False}}), below)

    assert codes(proof) == ["signal_never_sent", "arrow_never_fires", "left_on_hold"]
    assert proof.problems[0].line and "永远不会发出" in proof.problems[0].zh
    assert codes(proved_with(waiting_parent({"sets": {"urgent": True}}), below)) == []


def test_a_signal_of_a_child_that_is_not_known_is_taken_as_declared_and_that_is_said() -> None:
    below = made("below", [arrow("end", "begun", "over", signals=[{"trigger": "heard"}])], facts=FACTS)

    with_it = proved_with(waiting_parent({}), below)

    assert "children_bounded" in with_it.assumptions and "children" not in with_it.assumptions
    assert "below" in with_it.assumptions["children_bounded"].en


@pytest.mark.parametrize(
    ("fact", "value", "code"),
    [
        ("nothing", True, "spawn_unknown_fact"),
        ("grade", "middling", "spawn_out_of_range"),
        ("size", 3, "spawn_out_of_range"),
        ("urgent", "yes", "spawn_out_of_range"),
        ("due", "2010-02-30", "spawn_out_of_range"),
        ("whose", "nobody", "spawn_out_of_range"),
    ],
)
def test_a_constant_that_the_child_cannot_take_is_found(fact: str, value: object, code: str) -> None:
    (problem,) = proved_with(parent({"sets": {fact: value}}), child()).problems

    assert problem.code == code
    assert fact in problem.message and fact in problem.zh


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        ({"type": "enum", "values": ["good", "fair"]}, "grade", "fair"),
        ({"type": "int", "minimum": 0}, "size", "< 10"),
        ({"type": "int"}, "size", "< 10"),
    ],
)
def test_a_fact_that_may_be_what_the_child_cannot_take_is_found(ours: dict[str, Any], theirs: str, told: str) -> None:
    facts = {"mine": {**ours, "label": label("mine")}}

    (problem,) = proved_with(parent({"facts": {theirs: "mine"}}, facts=facts), child()).problems

    assert problem.code == "spawn_out_of_range" and told in problem.message


@pytest.mark.parametrize("secret", [{"personal": True}, {"personal": True, "vault": True}])
def test_a_personal_fact_does_not_become_an_open_one(secret: dict[str, Any]) -> None:
    facts = {"mine": {"type": "text", "label": label("mine"), **secret}}

    (problem,) = proved_with(parent({"facts": {"name": "mine"}}, facts=facts), child()).problems

    assert problem.code == "spawn_unveils" and "个人信息" in problem.zh


def test_the_kind_of_a_child_is_said_in_words() -> None:
    facts = {"mine": {"type": "int", "label": label("mine")}}
    below = made(
        "below", [arrow("end", "begun", "over")], facts=FACTS, label=Label(zh="下级", en="The lower").model_dump()
    )

    (problem,) = proved_with(parent({"facts": {"size": "mine"}}, facts=facts), below).problems

    assert "下级" in problem.zh and "The lower" in problem.message


@pytest.mark.parametrize(("facts", "code"), [("nothing: true", "unknown_fact"), ("cost_fen: -5", "bad_constant")])
def test_a_campaign_file_is_told_of_such_a_constant_before_any_proof(tmp_path: Path, facts: str, code: str) -> None:
    text = Path(SMALL).with_name("small.yaml").read_text("utf-8")
    spawns = f"    role: clerk\n    spawn: [{{kind: errand, sets: {{{facts}}}}}]\n  - trigger: note_cost"
    assert "    role: clerk\n  - trigger: note_cost" in text
    (tmp_path / "small.yaml").write_text(text.replace("    role: clerk\n  - trigger: note_cost", spawns), "utf-8")
    (tmp_path / "mine.yaml").write_text(Path(SMALL).read_text("utf-8"), "utf-8")

    answer = Office(None)("--json", "campaign", "check", str(tmp_path / "mine.yaml"))

    assert answer.code == 7
    (problem,) = answer.json["problems"]
    assert problem["code"] == code and problem["line"]
