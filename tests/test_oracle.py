"""The flat machine against a nested one: the same trigger leads to the same state, or both refuse it."""

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nested_oracle import Oracle
from officewalk import BAODI, DATES, PARTS, WORKFLOWS

from engine.definition_schema import ArrowSpec, FactSpec
from engine.errors import DubanError
from engine.machine import Compiled
from engine.orders import SYSTEM, Actor
from engine.situation import Situation
from workflows.library import definition_kinds, read_definition

SAMPLES = Path(__file__).parent / "samples"
FILES = {kind: WORKFLOWS / f"{kind}.yaml" for kind in definition_kinds()} | {
    kind: SAMPLES / f"{kind}.yaml" for kind in ("rich", "small")
}
STATUSES = ("running", "running", "running", "breached", "breached", "paused", "met", "late", "cancelled")
BODIES = [body.code for body in BAODI.bodies if body.posts]


@dataclass
class Pair:
    """A definition compiled by us and by the oracle."""

    machine: Compiled
    oracle: Oracle


@cache
def pair(name: str) -> Pair:
    definition = read_definition(FILES[name])
    return Pair(Compiled(definition, 1, PARTS), Oracle(definition.doc, PARTS))


@dataclass
class Life:
    """A matter thrown about: what it is and what it has been through, kept without the engine's own book-keeping."""

    state: str
    scopes: tuple[str, ...]
    body: str
    facts: dict[str, Any] = field(default_factory=dict)
    documents: set[str] = field(default_factory=set)
    visited: set[str] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    last: dict[str, str] = field(default_factory=dict)
    came_from: dict[str, str] = field(default_factory=dict)

    def moved(self, trigger: str, person: str, to: str, scopes: tuple[str, ...]) -> None:
        self.counts[trigger] += 1
        self.last[trigger] = person
        if to != self.state:
            self.came_from[to] = self.state
        self.state, self.scopes = to, scopes
        self.visited.update(scopes)
        self.ever.update(name for name, value in self.facts.items() if value is True)


@dataclass
class Ask:
    """One question put to both machines, and what they said: a state, or why not."""

    trigger: str
    situation: Situation
    ours: str
    theirs: str

    def again(self) -> Situation:
        return replace(self.situation, chosen=None, refusals=[])


def value(rng: Random, spec: FactSpec) -> Any:
    """A value of a fact, near to where conditions change their mind."""
    chances: dict[str, Any] = {
        "bool": lambda: rng.random() < 0.5,
        "int": lambda: rng.choice([0, 1, 2, 3, 5, 6, 9, 10, 1001]),
        "money": lambda: rng.choice([0, 1, 2_000_000]),
        "enum": lambda: rng.choice(spec.values or ["none"]),
        "enums": lambda: rng.sample(spec.values, min(2, len(spec.values))),
        "body": lambda: rng.choice(BODIES),
        "date": lambda: str(date(2010, 11, 1) + timedelta(rng.randrange(200))),
        "instant": lambda: "2010-12-01T01:00:00Z",
    }
    return chances.get(spec.type, lambda: "某")()


def some(rng: Random, codes: list[str], likely: float) -> set[str]:
    return {code for code in codes if rng.random() < likely}


def actor(rng: Random, machine: Compiled, arrow: ArrowSpec | None, life: Life) -> Actor:
    """Mostly somebody with the right post, now and then of the wrong body; sometimes the system."""
    roles = [machine.doc.roles[code] for code in arrow.role if code != "system"] if arrow else []
    if not roles or rng.random() < 0.05 or (arrow and "system" in arrow.role and rng.random() < 0.5):
        return SYSTEM
    role = rng.choice(roles)
    body = life.body if role.of == "matter" else rng.choice(BODIES)
    for source in role.of.split("|"):
        kind, _, name = source.partition(":")
        body = (life.facts.get(name) or body) if kind == "fact" else PARTS.get(name, body) if kind == "part" else body
    if rng.random() < 0.05:
        body = rng.choice(BODIES)
    post = rng.choice(role.posts if rng.random() < 0.95 else ["head", "officer"])
    return Actor(f"{body}.{post}", "rehearsal", frozenset({(body, post)}))


def ask(rng: Random, machine: Compiled, life: Life) -> tuple[str, Situation]:
    """Make up an order, mostly a sensible one."""
    doc = machine.doc
    here = [spec for spec in doc.transitions if life.state in machine.tree.expand(spec.from_)]
    arrow = rng.choice(here if here and rng.random() < 0.95 else doc.transitions)
    for name in some(rng, list(doc.facts), 0.03):
        life.facts[name] = value(rng, doc.facts[name])
    stated = some(rng, arrow.asks, 0.97) | some(rng, arrow.optional, 0.3) | some(rng, list(doc.facts), 0.002)
    said = {name: value(rng, doc.facts[name]) for name in stated}
    life.documents |= some(rng, list(doc.documents), 0.05) | some(rng, arrow.needs, 0.9)
    brought = some(rng, arrow.needs_new, 0.95)
    situation = Situation(
        state=life.state, scopes=life.scopes, facts={**life.facts, **said}, documents=life.documents | brought,
        visited=set(life.visited), ever=set(life.ever), counts=dict(life.counts), last=dict(life.last),
        came_from=dict(life.came_from), today=date(2010, 11, 1) + timedelta(rng.randrange(160)), dates=DATES,
        deadlines={code: rng.choice(STATUSES) for code in doc.deadlines if rng.random() < 0.7},
        children={"case": rng.randrange(2), "probe": rng.randrange(2), "penalty": 0}, body=life.body,
        actor=actor(rng, machine, arrow, life), standing=dict(life.facts), stated=said, brought=brought,
        reason=rng.choice(["理由"] * 8 + [" ", None]),
    )  # fmt: skip
    return arrow.trigger, situation


def answer(machine: Compiled, trigger: str, situation: Situation) -> str:
    try:
        return machine.plan(trigger, situation, "x").dst
    except DubanError as error:
        return "ambiguous" if error.code == "ambiguous" else "refused"


def walk(name: str, seed: int, steps: int) -> Iterator[Ask]:
    """A random life; after each question the matter goes where the oracle says."""
    both, rng = pair(name), Random(seed)
    machine, oracle = both.machine, both.oracle
    path = oracle.leaf_path(machine.doc.initial)
    life = Life(path.split("/")[-1], tuple(path.split("/")), rng.choice(BODIES))
    life.moved(machine.doc.open.trigger, "system", life.state, life.scopes)
    for _ in range(steps):
        if not machine.arrows[life.state] or rng.random() < 0.1:  # the end: go on with another life
            path = oracle.leaf_path(rng.choice(list(machine.tree.leaves)))
            life.state, life.scopes = path.split("/")[-1], tuple(path.split("/"))
        trigger, now = ask(rng, machine, life)
        theirs = oracle.fire(trigger, now) or "refused"
        theirs = "ambiguous" if oracle.ways(trigger, now) > 1 else theirs
        yield Ask(trigger, now, answer(machine, trigger, now), theirs)
        if theirs not in ("refused", "ambiguous"):
            life.facts |= now.stated
            life.documents |= set(now.brought)
            life.moved(trigger, now.actor.person, theirs, tuple(oracle.path(theirs).split("/")))


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=12)
@given(seed=st.integers(0, 2**32))
def test_a_trigger_leads_where_the_nested_machine_leads_or_both_refuse_it(name: str, seed: int) -> None:
    for each in walk(name, seed, 40):
        assert each.ours == each.theirs, f"{each.trigger} in {each.situation.state} of {name}"


@pytest.mark.parametrize("name", FILES)
def test_the_walks_that_compare_go_through_most_of_each_machine(name: str) -> None:
    asked = [each for seed in range(60 if name != "case" else 120) for each in walk(name, seed, 60)]

    moved = {(each.situation.state, each.trigger, each.theirs) for each in asked if each.theirs != "refused"}
    refused = sum(each.theirs == "refused" for each in asked)
    triggers = {arrow.trigger for arrow in pair(name).machine.doc.transitions}
    assert len({trigger for _, trigger, _ in moved}) >= 0.85 * len(triggers), sorted(
        triggers - {t for _, t, _ in moved}
    )
    assert refused > 0.1 * len(asked)
    assert [each for each in asked if each.ours != each.theirs] == []


def test_eight_threads_on_one_compiled_machine_get_no_answer_of_another() -> None:
    machine = pair("case").machine
    asked = [each for seed in range(4) for each in walk("case", seed, 60)]
    start = Barrier(8)

    def work(number: int) -> list[str]:
        start.wait()
        order = asked[number * 30 :] + asked[: number * 30]
        return [
            f"{each.trigger}: {said}"
            for each in order
            if (said := answer(machine, each.trigger, each.again())) != each.ours
        ]

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            wrong = [each for found in pool.map(work, range(8)) for each in found]
    finally:
        sys.setswitchinterval(before)

    assert len({each.ours for each in asked}) > 10
    assert wrong == []
