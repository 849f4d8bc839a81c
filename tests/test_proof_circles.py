"""Kin that wait for each other, signals that come back, and a hold that is not renewed are found before anybody is stuck."""

from typing import Any

import pytest
from proof_below import arrow, codes, halted, made, proved_with
from proof_world import BAODI, data_of, loaded

from engine.campaign import parts_of
from engine.definition import Definition
from engine.kin import ABOVE, BELOW, Pair
from engine.machine import Compiled
from engine.proof_circles import circles, forgotten

GO_ON = [{"trigger": "go_on", "to": "below"}]
HALT = [{"trigger": "halt", "to": "below"}]


def above(*ends: dict[str, Any]) -> Definition:
    """A matter that opens another one and halts it."""
    opens = arrow("hand_down", "begun", "running", spawn=[{"kind": "below"}])
    return made("above", [opens, arrow("take_over", "running", "taken", signals=HALT), *ends])


def test_a_parent_that_waits_for_the_child_it_holds_is_found() -> None:
    good = above(arrow("end", "taken", "over", signals=GO_ON))
    bad = above(
        arrow("wait", "taken", "waiting"),
        arrow("end", "waiting", "over", when="not children_open('below')", signals=GO_ON),
    )

    assert codes(proved_with(good, halted())) == []
    (problem,) = proved_with(bad, halted()).problems
    assert (problem.code, problem.file, problem.line > 0) == ("wait_in_circle", "above.yaml", True)
    assert "彼此等待" in problem.zh and [each["about"] for each in problem.trace][-1] in ("take_over", "wait")


def test_a_circle_between_child_and_grandchild_is_found_in_the_child() -> None:
    top = made("top", [arrow("start", "begun", "run", spawn=[{"kind": "above"}]),
                       arrow("finish", "run", "over", when="not children_open('above')")])  # fmt: skip
    bad = above(arrow("end", "taken", "over", when="not children_open('below')", signals=GO_ON))

    assert codes(proved_with(bad, halted(), top)) == ["wait_in_circle"]


def test_signals_that_come_back_through_three_kinds_are_found() -> None:
    def ring(kind: str, child: str, signals: list[dict[str, str]]) -> Definition:
        spawn = [{"kind": child}] if child else []
        return made(kind, [
            arrow("hand_on", "begun", "run", **({"spawn": spawn} if spawn else {})),
            arrow("end", "run", "over"),
            arrow("ping", "run", "run2", role="system", signals=signals),
            arrow("pong", "run2", "run", role="system", **({"signals": [{"trigger": "ping", "to": child}]} if child else {})),
        ])  # fmt: skip

    one = ring("one", "two", [{"trigger": "ping", "to": "two"}])
    two = ring("two", "three", [{"trigger": "ping", "to": "three"}])
    back, still = ring("three", "", [{"trigger": "pong"}]), ring("three", "", [])

    def found(last: Definition) -> list[str]:
        docs = {each.doc.kind: each.doc for each in (one, two, last)}
        return [each.code for each in circles(docs["two"], docs)]

    assert (found(back), found(still)) == (["signals_in_circle"], [])


def pair(case: Definition, *, down: bool) -> Pair:
    docs = {kind: each.doc for kind, each in BAODI.definitions.items()} | {"case": case.doc}
    machines = [Compiled(each, 0, parts_of(BAODI.campaign.doc)) for each in (case, BAODI.definitions["penalty"])]
    upper, lower = machines if down else reversed(machines)
    return Pair(upper, lower, docs, BAODI.campaign.doc)


@pytest.mark.parametrize("down", [False, True], ids=["a case from a penalty", "a penalty from a case"])
def test_a_signal_that_halts_the_penalty_again_and_is_forgotten_is_found_at_its_act(down: bool) -> None:
    side = ABOVE if down else BELOW
    assert list(forgotten(pair(BAODI.definitions["case"], down=down), side, side)) == []

    data, wanted = data_of("case"), set[int]()
    for at, act in enumerate(data["transitions"]):
        kept = [each for each in act.get("signals", []) if each["trigger"] != "suspend_again" or ("to" in each) != down]
        if kept != act.get("signals", []):
            act["signals"] = kept
            wanted.add(at)
    found = list(forgotten(pair(loaded(data), down=down), side, side))

    acts = {data["transitions"][each.path[1]]["trigger"] for each in found}  # type: ignore[index]
    assert {each.code for each in found} == {"hold_forgotten"}
    assert {each.path[1] for each in found} <= wanted
    assert acts >= {
        "order_transfer", "transfer_after_all", "file_on_new_facts", "require_reasons", "refile", "contest_np",
        "reopen_review", "reopen_trial",
    }  # fmt: skip
