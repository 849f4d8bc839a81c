# ruff: noqa: E501  one line a part of the definition
"""What nobody looks at any more is forgotten, and nothing else: with and without forgetting the proof finds the same."""

from collections.abc import Iterable

import pytest
from proof_replay import Played
from proof_world import BAODI, flawed, loaded, machine_proof
from test_proof_mutants import PLANTED, QUESTION
from test_proof_soundness import made

from engine import exploring
from engine.definition import Definition
from engine.expr_partly import Var
from engine.forgetting import Live, Looks, Memory
from engine.proof_machine import ADVICE, QUESTIONS, MachineProof

Found = set[tuple[str, tuple[object, ...], int]]


class NothingForgotten(Memory):
    """Remembers all that is followed, in every state."""

    def live(self, followed: frozenset[Var], looks: Looks, *, corrections: bool = False) -> Live:
        return dict.fromkeys(self.machine.tree.leaves, followed)


def found_by(proof: MachineProof, questions: Iterable[str]) -> Found:
    return {
        (each.code, each.path, len(each.way.steps) if each.way else 0) for each in proof.run(("states", *questions))
    }


def both_ways(
    definition: Definition, monkeypatch: pytest.MonkeyPatch, questions: Iterable[str] = QUESTIONS, *, corrections: bool
) -> tuple[MachineProof, MachineProof, Found]:
    """The proof with and without forgetting, and what both have found."""
    short = machine_proof(definition, corrections=corrections)
    found = found_by(short, questions)
    monkeypatch.setattr(exploring, "Memory", NothingForgotten)
    whole = machine_proof(definition, corrections=corrections)

    assert found_by(whole, questions) == found
    assert short.reached == whole.reached
    return short, whole, found


@pytest.mark.parametrize("corrections", [False, True])
@pytest.mark.parametrize("seed", (0, 2, 4, 6, 8, 10))
def test_a_machine_made_at_random_is_judged_alike(
    seed: int, corrections: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = next(found for each in range(seed * 31, seed * 31 + 50) if (found := made(each)) is not None)

    both_ways(definition, monkeypatch, corrections=corrections)


@pytest.mark.parametrize("kind", ["bulletin", "duty", "lead", "supervision"])
def test_our_own_are_judged_alike_whatever_is_corrected(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, found = both_ways(BAODI.definitions[kind], monkeypatch, corrections=True)

    assert {each for each in found if each[0] not in ADVICE} == set()


@pytest.mark.parametrize("index", [1, 4, 6])
def test_a_planted_defect_is_found_as_fast_and_by_as_many_acts(index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, _, old, new, code = PLANTED[index]

    *_, found = both_ways(flawed(kind, old, new), monkeypatch, (QUESTION[code],), corrections=False)

    assert code in {each[0] for each in found}


def test_less_is_explored_than_without_forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    short, whole, _ = both_ways(BAODI.definitions["case"], monkeypatch, ("gaps",), corrections=False)

    assert short.explorer.figures.situations < whole.explorer.figures.situations * 0.8


def test_a_fact_is_forgotten_once_it_is_stated_anew_before_anybody_looks_at_it() -> None:
    memory = machine_proof(BAODI.definitions["penalty"]).explorer.memory
    followed = frozenset((("fact", "hearing_requested"), ("fact", "fine_amount")))

    live = memory.live(followed, lambda _: frozenset())

    assert ("fact", "hearing_requested") in live["noticed"]  # decide, hold_hearing and discuss ask for it there
    assert ("fact", "hearing_requested") not in live["legal_review"]  # notify states it
    assert ("fact", "fine_amount") not in live["noticed"]  # decide states it
    assert ("fact", "fine_amount") in live["served"]  # apply_enforcement asks for it
    assert live["closed"] == frozenset()


def test_two_facts_that_an_invariant_ties_are_set_right_together() -> None:
    label = {"zh": "某", "en": "some"}
    definition = loaded({
        "schema": "definition/1", "kind": "pair", "version": 1, "label": label, "initial": "a",
        "open": {"role": "clerk", "label": label},
        "roles": {"clerk": {"label": label, "of": "matter", "posts": ["officer"]}},
        "facts": {"one": {"type": "bool", "label": label}, "two": {"type": "bool", "label": label}},
        "states": {"a": {"label": label, "waits_for": "clerk"}, "b": {"label": label, "waits_for": "clerk"}, "end": {"label": label, "final": True}},
        "transitions": [
            {"trigger": "begin", "label": label, "from": "a", "to": "b", "role": "clerk", "sets": {"one": False, "two": False}},
            {"trigger": "stop", "label": label, "from": "b", "to": "end", "role": "clerk"},
        ],
        "invariants": {
            "alike": {"label": label, "never": "state('b') and ((one and not two) or (two and not one))", "basis": "-"},
            "rule": {"label": label, "never": "state('end') and one and two", "basis": "-"},
        },
    })  # fmt: skip

    (finding,) = machine_proof(definition, corrections=True).run(("states", "invariants"))

    assert finding.way is not None and finding.words["code"] == "rule"
    assert [step.about for step in finding.way.steps] == ["", "begin", "one,two", "stop"]
    assert Played(definition).play(finding.way).facts == {"one": True, "two": True}
