# ruff: noqa: E501  one line a part of the definition
"""The proof agrees with a walk through every situation of the real machine, on definitions made at random."""

from collections.abc import Iterator
from datetime import date
from itertools import product
from random import Random
from typing import Any

import pytest
from proof_replay import Played
from proof_world import BAODI, loaded

from engine.campaign import parts_of
from engine.definition import Definition
from engine.errors import DubanError, Invalid
from engine.exploring import Explorer
from engine.expr_partly import YES, Partly
from engine.machine import Compiled
from engine.orders import Actor
from engine.proof_machine import MachineProof
from engine.situation import Marks, Situation
from engine.surroundings import surroundings_of

VALUES: dict[str, tuple[Any, ...]] = {"hot": (False, True), "cold": (False, True), "size": (0, 1, 2, 3, 4)}
ATOMS = (
    "hot", "cold", "size > 2", "size == 1", "known('cold')", "known('hot') and hot", "ever('hot')", "ever('cold')",
    "visited('c')", "done('t1')", "at_least('t2', 2)", "size in (0, 3)",
)  # fmt: skip
BAODI_DAY = date(2010, 12, 1)
CLERK = Actor("clerk", "test", frozenset({("gongshang", "officer")}), key="clerk")


def guess(random: Random) -> str:
    """An expression of up to three atoms."""
    parts = [
        ("not " if random.random() < 0.3 else "") + f"({random.choice(ATOMS)})" for _ in range(random.randint(1, 3))
    ]
    return random.choice((" and ", " or ")).join(parts)


def made(seed: int) -> Definition | None:
    """A definition made at random; None if its form is refused."""
    random, label = Random(seed), {"zh": "某", "en": "some"}
    leaves = ["a", "b", "c", "d"]
    arrows = []
    for number in range(random.randint(6, 9)):
        arrow: dict[str, Any] = {
            "trigger": f"t{number + 1 if number < 4 else random.randint(1, 8)}", "label": label, "from": [leaves[number % 4]] if number < 4 else random.sample(leaves, random.randint(1, 2)),
            "to": leaves[number + 1] if number < 3 else random.choice([*leaves, "end", "end", "="]), "role": "clerk",
        }  # fmt: skip
        facts = random.sample(sorted(VALUES), random.randint(0, 2))
        arrow["asks"], arrow["optional"] = facts[:1], facts[1:]
        if random.random() < 0.6:
            arrow["when"] = guess(random)
        if random.random() < 0.3:
            free = [fact for fact in ("hot", "cold") if fact not in facts]
            arrow["sets"] = {random.choice(free): random.random() < 0.5} if free else {}
        arrows.append(arrow)
    data = {
        "schema": "definition/1", "kind": "guess", "version": 1, "label": label, "initial": "a",
        "open": {"role": "clerk", "label": label, "optional": random.sample(sorted(VALUES), 1)},
        "roles": {"clerk": {"label": label, "of": "matter", "posts": ["officer"]}},
        "facts": {"hot": {"type": "bool", "label": label}, "cold": {"type": "bool", "label": label},
                  "size": {"type": "int", "minimum": 0, "label": label}},
        "states": {**{leaf: {"label": label, "waits_for": "clerk"} for leaf in leaves}, "end": {"label": label, "final": True}},
        "transitions": arrows,
        "invariants": {"rule": {"label": label, "never": f"state('{random.choice(leaves)}', 'end') and ({guess(random)})", "basis": "-"}},
    }  # fmt: skip
    try:
        return loaded(data)
    except Invalid:
        return None


Where = tuple[Any, ...]


class Walk:
    """Every situation of a machine, found by asking ``machine.plan`` for everything in each."""

    def __init__(self, definition: Definition, *, corrections: bool = False) -> None:
        self.corrections = corrections
        self.machine = Compiled(definition, 0, parts_of(BAODI.campaign.doc))
        self.next: dict[Where, set[Where]] = {}
        self.fired: set[int] = set()
        waiting = list(self._begin())
        while waiting:
            here = waiting.pop()
            if here not in self.next:
                self.next[here] = set(self._moves(here))
                waiting += [*self.next[here], *(self._corrected(here) if corrections else ())]

    def _begin(self) -> Iterator[Where]:
        spec, leaf = self.machine.doc.open, self.machine.initial
        for stated in said((), spec.optional):
            marks = Marks()
            marks.note(spec.trigger, "x", "", self.machine.tree.leaves[leaf].scopes, stated)
            yield where(leaf, stated, marks)

    def situation(self, here: Where, stated: dict[str, Any]) -> Situation:
        leaf, facts, visited, ever, counts = here
        return Situation(
            state=leaf, scopes=self.machine.tree.leaves[leaf].scopes, facts={**dict(facts), **stated}, documents=(),
            visited=visited, ever=ever, counts=dict(counts), last={}, came_from={}, today=BAODI_DAY, dates={}, deadlines={},
            children={}, body="gongshang", actor=CLERK, standing=dict(facts), stated=stated,
        )  # fmt: skip

    def _moves(self, here: Where) -> Iterator[Where]:
        leaf, facts, visited, ever, counts = here
        for trigger, arrows in self.machine.arrows[leaf].items():
            for arrow in arrows:
                for stated in said(arrow.spec.asks, arrow.spec.optional):
                    try:
                        found = self.machine.plan(trigger, self.situation(here, stated), "x")
                    except DubanError as error:
                        if error.code == "ambiguous":
                            self.fired.add(arrow.index)
                        continue
                    self.fired.add(found.index)
                    marks = Marks({"visited": visited, "ever": ever, "counts": dict(counts)})
                    changed = {**stated, **found.spec.sets}
                    marks.note(trigger, "x", leaf, self.machine.tree.leaves[found.dst].scopes, changed)
                    yield where(found.dst, {**dict(facts), **changed}, marks)

    def _corrected(self, here: Where) -> Iterator[Where]:
        """Every correction that no invariant refuses, of several facts at once too; nobody is bound to make one."""
        leaf, facts, visited, ever, counts = here
        for stated in said((), VALUES):
            marks = Marks({"visited": visited, "ever": ever, "counts": dict(counts)})
            marks.note_facts(stated)
            there = where(leaf, {**dict(facts), **stated}, marks)
            if self.machine.violated(self.situation(there, {})) == []:
                yield there

    def stuck(self) -> bool:
        """Whether from some situation the end cannot be reached."""
        good = {here for here in self.next if here[0] == "end"}
        while True:
            more = {here for here, there in self.next.items() if here not in good and not there.isdisjoint(good)}
            if not more:
                return len(good) < len(self.next)
            good |= more

    def broken(self) -> bool:
        """Whether the invariant is broken in some situation."""
        _, expr = self.machine.invariants["rule"]
        return any(expr.lenient(self.situation(here, {})) for here in self.next)


def said(asks: Any, optional: Any) -> Iterator[dict[str, Any]]:
    """Every statement."""
    choices = [[(code, value) for value in VALUES[code]] for code in asks]
    choices += [[("", None), *((code, value) for value in VALUES[code])] for code in optional]
    for chosen in product(*choices):
        yield {code: value for code, value in chosen if code}


def where(leaf: str, facts: dict[str, Any], marks: Marks) -> Where:
    counts = tuple(sorted((code, min(times, 2)) for code, times in marks.counts.items()))
    return leaf, tuple(sorted(facts.items())), frozenset(marks.visited), frozenset(marks.ever), counts


@pytest.mark.parametrize("block", range(3))
def test_the_proof_agrees_with_a_walk_through_every_situation(block: int) -> None:
    compared = 0
    for seed in range(block * 1000, block * 1000 + 3):
        definition = made(seed)
        if definition is None:
            continue
        walk = Walk(definition)
        if any(error for error in _ambiguous(walk)):
            continue
        proof = MachineProof(Explorer(walk.machine, surroundings_of(definition.doc, {}, None)))
        found = {finding.code: finding for finding in proof.run(("states", "invariants", "ends", "arrows"))}

        assert proof.reached == {here[0] for here in walk.next}, seed
        assert ("invariant_broken" in found) == walk.broken(), seed
        assert ("no_way_to_end" in found) == walk.stuck(), seed
        idle = set(range(len(definition.doc.transitions))) - walk.fired
        assert ("arrow_never_fires" in found) == bool(idle), (seed, idle)
        for code in found.keys() & {"invariant_broken", "no_way_to_end"}:
            Played(definition).play(found[code].way)  # type: ignore[arg-type]
        compared += 1
    assert compared


@pytest.mark.parametrize("seed", [3, 2004, 4007])
def test_with_corrections_too_it_agrees_with_a_walk_through_every_situation(seed: int) -> None:
    definition, walk = next(_plain(seed))

    proof = MachineProof(Explorer(walk.machine, surroundings_of(definition.doc, {}, None), corrections=True))
    found = {finding.code: finding for finding in proof.run(("states", "invariants", "ends"))}

    assert ("invariant_broken" in found) == walk.broken(), seed
    if not walk.broken():  # behind a broken invariant every correction is refused that does not mend it
        assert proof.reached == {here[0] for here in walk.next}, seed
        assert ("no_way_to_end" in found) == walk.stuck(), seed
    for code in found.keys() & {"invariant_broken", "no_way_to_end"}:
        Played(definition).play(found[code].way)  # type: ignore[arg-type]


def _plain(seed: int) -> Iterator[tuple[Definition, Walk]]:
    """Machines made at random in which no trigger has two arrows open at once, walked through with corrections."""
    for each in range(seed, seed + 50):
        definition = made(each)
        if definition is not None:
            walk = Walk(definition, corrections=True)
            if not any(_ambiguous(walk)):
                yield definition, walk


def _ambiguous(walk: Walk) -> Iterator[bool]:
    """Situations in which two arrows are open at once: there the machine refuses, and the two would differ."""
    for here in walk.next:
        for arrows in walk.machine.arrows[here[0]].values():
            for stated in (each for arrow in arrows for each in said(arrow.spec.asks, arrow.spec.optional)):
                situation = walk.situation(here, stated)
                yield sum(not walk.machine.against(arrow, situation) for arrow in arrows) > 1


@pytest.mark.parametrize("seed", range(40))
def test_what_is_known_in_full_is_judged_as_the_compiled_expression_judges_it(seed: int) -> None:
    random = Random(seed)
    definition = next(found for each in range(seed * 97, seed * 97 + 50) if (found := made(each)) is not None)
    machine = Compiled(definition, 0, {})
    _, expr = machine.invariants["rule"]
    facts = {code: random.choice((None, *values)) for code, values in VALUES.items()}
    here = (
        "a",
        tuple((code, value) for code, value in facts.items() if value is not None),
        frozenset({"a"}),
        frozenset(),
        (),
    )
    known: dict[Any, Any] = {("fact", code): value for code, value in facts.items()}
    known |= dict.fromkeys((("ever", "hot"), ("ever", "cold"), ("visited", "c")), False)
    known |= {("count", "t1"): 0, ("count", "t2"): 0}

    outcomes = Partly(("a",), known, lenient=True).outcomes(expr.node)

    walk = Walk.__new__(Walk)
    walk.machine = machine
    assert (outcomes == YES) == expr.lenient(walk.situation(here, {}))
