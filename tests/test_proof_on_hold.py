"""A matter that is on hold for another one is let go by the time the other is over, or the acts that leave it are told."""

from typing import Any

import pytest
from proof_below import arrow, codes, halted, label, made, proved_with
from proof_replay import Played
from proof_world import BAODI, data_of, loaded

from engine.campaign import parts_of
from engine.definition import Definition
from engine.exploring import Explorer, Way
from engine.kin import ABOVE, BELOW, Pair
from engine.machine import Compiled
from engine.on_hold import Holding
from engine.proof_on_hold import KeeperExplorer, OnHoldProof
from engine.proof_words import FINDINGS

HEARD = [{"trigger": "heard"}]
GO_ON = [{"trigger": "go_on", "to": "below"}]
HALT = [{"trigger": "halt", "to": "below"}]
CLOCK = {
    "label": label("clock"), "term": {"days": 3}, "basis": "X", "ladder": "campaign", "owner": "clerk", "during": ["waiting"],
}  # fmt: skip


def waiting(*more: dict[str, Any], **rest: Any) -> Definition:
    """A matter that opens another one and is then on hold for it."""
    return made(
        "above",
        [
            arrow("hand_down", "begun", "waiting", spawn=[{"kind": "below"}]),
            arrow("heard", "waiting", "over", role="system"),
            arrow("by_hand", "waiting", "over"),
            *more,
        ],
        **rest,
    )


def working(*ends: dict[str, Any]) -> Definition:
    """A matter below with two ways to its end."""
    return made("below", list(ends))


def test_who_is_on_hold_for_a_child_is_let_go_by_every_end_of_it() -> None:
    told = working(arrow("do", "begun", "over", signals=HEARD), arrow("drop", "begun", "over", signals=HEARD))
    silent = working(arrow("do", "begun", "over", signals=HEARD), arrow("drop", "begun", "over"))

    assert codes(proved_with(waiting(), told)) == []

    (problem,) = proved_with(waiting(), silent).problems
    assert (problem.code, problem.file) == ("left_on_hold", "above.yaml")
    assert "没有发出使其离开的信号" in problem.zh and "on hold in ‘waiting’" in problem.message
    assert [step["kind"] for step in problem.trace] == ["above", "above", "below", "below"], "both paths are told"
    assert problem.trace[-1]["about"] == "drop" and problem.trace[1]["about"] == "hand_down"
    assert problem.trace[-1]["text"]["en"].startswith("below: ") and problem.trace[0]["text"]["zh"].startswith(
        "above："
    )


def test_the_same_is_found_in_the_file_of_the_child_when_it_is_the_child_that_changes() -> None:
    silent = working(arrow("do", "begun", "over", signals=HEARD), arrow("drop", "begun", "over"))

    (problem,) = proved_with(silent, waiting()).problems

    assert (problem.code, problem.file) == ("left_on_hold", "below.yaml")


@pytest.mark.parametrize(
    ("parent", "found"),
    [
        (waiting(), ["left_on_hold"]),
        (waiting(deadlines={"clock": CLOCK}), []),
        (waiting(arrow("elsewhere", "waiting", "begun")), []),
    ],
    ids=["nobody is reminded", "a deadline reminds of it", "people lead on from there by themselves"],
)
def test_only_what_nobody_else_takes_up_is_on_hold(parent: Definition, found: list[str]) -> None:
    silent = working(arrow("do", "begun", "over", signals=HEARD), arrow("drop", "begun", "over"))

    assert codes(proved_with(parent, silent)) == found


def test_a_signal_whose_condition_may_fail_is_no_certain_one() -> None:
    facts = {"well": {"type": "bool", "label": label("well")}}
    said = [{"trigger": "heard", "when": "well"}]
    below = made("below", [arrow("end", "begun", "over", asks=["well"], signals=said)], facts=facts)

    (problem,) = proved_with(waiting(), below).problems

    assert problem.code == "left_on_hold" and problem.trace[-1]["facts"] == {"well": False}


def halting(*ends: dict[str, Any]) -> Definition:
    """A matter that halts the one below and goes on."""
    return made(
        "above",
        [
            arrow("hand_down", "begun", "running", spawn=[{"kind": "below"}]),
            arrow("take_over", "running", "taken", signals=HALT),
            *ends,
        ],
    )


def test_a_child_that_its_parent_has_halted_is_let_go_by_every_end_of_the_parent() -> None:
    good = halting(arrow("give_back", "taken", "over", signals=GO_ON))
    bad = halting(arrow("give_back", "taken", "over", signals=GO_ON), arrow("forget", "taken", "over"))

    assert codes(proved_with(good, halted())) == []

    (problem,) = proved_with(bad, halted()).problems
    assert problem.code == "left_on_hold"
    assert [step["about"] for step in problem.trace] == ["", "hand_down", "take_over", "forget"]
    assert "halted" in problem.trace[2]["text"]["zh"] and "put on hold" in problem.trace[2]["text"]["en"]
    assert bad.source.at(("transitions", 3, "trigger")).line == problem.line, "where the signal is missing"


def test_what_is_too_large_to_be_looked_at_together_is_not_let_through() -> None:
    loud = working(
        arrow("do", "begun", "more"), arrow("go", "more", "most"), arrow("end", "most", "over", signals=HEARD)
    )
    parent, machine = waiting(), Compiled(waiting(), 0, {})
    pair = Pair(machine, Compiled(loud, 0, {}), {"above": parent.doc, "below": loud.doc}, BAODI.campaign.doc)

    found = list(OnHoldProof(pair, ABOVE, 2).run(BELOW, lambda: Explorer(machine, pair.around(ABOVE))))

    assert [each.code for each in found] == ["hold_not_proved"]
    zh, en = FINDINGS["hold_not_proved"]
    assert "未获证明" in zh and "not proved" in en


# --- the criminal case and the penalty case ---------------------------------------------------------------------


def silenced(trigger: str, src: str, *, down: bool) -> Definition:
    """The criminal case without what one of its acts signals up, or *down* to a penalty case below."""
    data = data_of("case")
    for act in data["transitions"]:
        sources = act["from"] if isinstance(act["from"], list) else [act["from"]]
        if act["trigger"] == trigger and src in sources and act.get("signals"):
            kept = [each for each in act["signals"] if ("to" in each) != down]
            assert kept != act["signals"]
            act["signals"] = kept
    return loaded(data)


def pair_of(case: Definition, *, down: bool) -> Pair:
    """A criminal case above a penalty case (*down*), or below one."""
    docs = {kind: each.doc for kind, each in BAODI.definitions.items()} | {"case": case.doc}
    machines = [Compiled(each, 0, parts_of(BAODI.campaign.doc)) for each in (case, BAODI.definitions["penalty"])]
    above, below = machines if down else reversed(machines)
    return Pair(above, below, docs, BAODI.campaign.doc)


def left(pair: Pair, *, down: bool) -> tuple[KeeperExplorer, Way | None]:
    penalty = Explorer(pair.machines[BELOW if down else ABOVE], pair.around(BELOW if down else ABOVE))
    keeper = KeeperExplorer(pair, ABOVE if down else BELOW, penalty, limit=50_000)
    return keeper, keeper.left()


@pytest.mark.parametrize("down", [False, True], ids=["a case from a penalty", "a penalty from a case"])
def test_a_suspended_penalty_is_always_resumed_or_ended_when_the_criminal_case_ends(down: bool) -> None:
    pair = pair_of(BAODI.definitions["case"], down=down)

    assert pair.holds(BELOW if down else ABOVE) == {"suspended_for_criminal"}
    assert left(pair, down=down)[1] is None


@pytest.mark.parametrize(
    ("trigger", "src", "down"),
    [
        ("clear_refusal", "routed_admin", False),
        ("redirect", "not_police_business", False),
        ("accept_not_filed", "not_filed", False),
        ("withdraw_case", "investigating", False),
        ("close", "not_prosecuted", False),
        ("become_final", "judged", False),
        ("acquit_or_exempt", "final", True),
        ("withdraw_case", "investigating", True),
    ],
)
def test_each_end_that_forgets_the_suspended_penalty_is_found_and_really_leads_there(
    trigger: str, src: str, down: bool
) -> None:
    case = silenced(trigger, src, down=down)

    keeper, way = left(pair_of(case, down=down), down=down)

    assert way is not None
    holding: Any = way.scene
    assert isinstance(holding, Holding)
    own = [(step, holding.both(place).keeper) for step, place in zip(way.steps, way.places, strict=True)
           if step.side == keeper.side]  # type: ignore[attr-defined]  # fmt: skip
    played = Played(case).play(Way(tuple(step for step, _ in own), tuple(place for _, place in own), holding.scene))
    assert played.machine.tree.leaves[played.state].final
    assert holding.both(way.place).kept[0] == "suspended_for_criminal"
