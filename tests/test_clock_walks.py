"""Random lives of every shipped machine: never without a clock or somebody to wait for, never with a clock twice."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from officewalk import PARTS, Walk

from engine.clock import from_us, rfc3339
from engine.definition_schema import FactSpec
from engine.errors import DubanError
from engine.expr import Unstated
from engine.machine import Arrow
from engine.orders import SYSTEM, Actor
from engine.situation import Marks, Situation
from workflows.library import definition_kinds

KINDS = definition_kinds()
BODIES = {"department_task": "wujia", "duty": "wujia", "supervision": "wujia", "bulletin": "bgs"}
OPENED = {
    "periodic_return": {"series": "周报", "period": "2010-W49", "due_at": "2010-11-29T17:30:00+08:00"},
    "case": {"infringement": "c213"},
    "lead": {"anonymous": False, "channel": "letter", "content": "售假"},
}
PREFERRED = 3
"""Of so many moves that are possible, one is drawn from those into states not seen yet: walks get further."""


EARLY_END = 0.2
"""How often an arrow that ends or drops the matter may be drawn at all: else few walks would get far."""

DROPPED = {"cancelled", "merged", "withdrawn", "transferred_out", "routed_admin"}


class Wanderer(Walk):
    """A matter that takes whatever way is open, with everything a move does to its clocks; *seq* counts the entries."""

    def __init__(self, kind: str, seed: int) -> None:
        self.dice, self.seq = random.Random(seed), 1
        super().__init__(kind, BODIES.get(kind, "gongshang"), "2010-11-25T15:00", **OPENED.get(kind, {}))
        self.flaws: list[str] = []

    def wander(self, hours: int) -> None:
        """Let time pass with what falls due in it, then take one arrow that lets itself be taken."""
        until = self.clocks.now + timedelta(hours=hours)
        self._fall_due(until)
        self.clocks.move_to(until)
        leaves = self.machine.tree.leaves
        arrows = [arrow for found in self.machine.arrows[self.state].values() for arrow in found]
        if self.dice.random() > EARLY_END:
            arrows = [arrow for arrow in arrows if not leaves[arrow.dst].final and arrow.dst not in DROPPED]
        self.dice.shuffle(arrows)
        fresh = [arrow for arrow in arrows if arrow.dst not in self.marks.visited] if self.dice.random() < 0.5 else []
        for arrow in fresh[:PREFERRED] + arrows:
            if any(self._take(arrow, self._actor(arrow)) for _ in range(3)):
                return

    def _fall_due(self, until: Any) -> None:
        for _ in range(20):
            due = [row for row in self.clocks.rows if row.status == "running" and from_us(row.breach_at) <= until]
            if not due:
                return
            row = min(due, key=lambda each: each.breach_at)
            spec = self.machine.deadline(row.code)
            self.clocks.move_to(max(self.clocks.now, from_us(row.breach_at)))
            if spec.timer:
                self.clocks.run_out(row, self.seq)
            else:
                self.clocks.breach(row)
            trigger = spec.on_expire or spec.on_breach
            for arrow in self.machine.arrows[self.state].get(trigger or "", ()):
                if self._take(arrow, SYSTEM):
                    break

    def _actor(self, arrow: Arrow) -> Actor:
        """Somebody who holds the first seat that a person can hold, and is nobody who acted before."""
        for seat in arrow.seats:
            if seat.role != "system":
                body = seat.body(PARTS, self.body, self.facts) or self.body
                return Actor(f"person-{self.seq}", "rehearsal", frozenset({(body, min(seat.posts))}))
        return SYSTEM

    def _take(self, arrow: Arrow, actor: Actor) -> bool:
        spec = arrow.spec
        asked = {*spec.asks, *(code for code in spec.optional if self.dice.random() < 0.3)}
        stated = {code: self._value(self.machine.doc.facts[code], code) for code in sorted(asked)}
        brought = {*spec.needs, *spec.needs_new}
        situation = self.situation(actor, stated, brought, "理由")
        if self.machine.against(arrow, situation):
            return False
        before = self.state, dict(self.facts), set(self.documents), Marks(self.marks.as_json())
        rows = [replace(row) for row in self.clocks.rows]
        try:
            self._move(arrow, actor, stated, brought)
        except DubanError:
            self.state, self.facts, self.documents, self.marks = before
            self.clocks.rows = rows
            return False
        self.flaws += [f"#{self.seq} {before[0]} {spec.trigger} → {self.state}: {each}" for each in self._wrong(arrow)]
        return True

    def _move(self, arrow: Arrow, actor: Actor, stated: dict[str, Any], brought: set[str]) -> None:
        spec, changed = arrow.spec, {**stated, **arrow.spec.sets}
        src, self.state = self.state, arrow.dst
        self.facts |= changed
        self.documents |= brought
        self.marks.note(spec.trigger, actor.person, src, self.machine.tree.leaves[arrow.dst].scopes, changed)
        after = self.situation(actor, stated, set(), None)
        if self.machine.violated(after):
            raise DubanError("an invariant")
        self.seq += 1
        self.clocks.apply(self.plans.of(arrow), after, self.clocks.now, self.seq)
        self.clocks.documents_in(brought, self.clocks.now, self.seq)
        until = date.fromisoformat(stated["extended_until"]) if "extended_until" in stated else None
        for code in [code for code in spec.extends if self.clocks.open_row(code)] or spec.extends[:1]:
            self.clocks.extend(code, until, after)

    def _value(self, spec: FactSpec, code: str) -> Any:
        dice, now = self.dice, self.clocks.now
        kinds: dict[str, Any] = {
            "bool": lambda: dice.random() < 0.6,
            "int": lambda: dice.randint(max(spec.minimum or 0, 0), 3),
            "money": lambda: dice.choice([0, 5_000_00]),
            "text": lambda: "事由",
            "enum": lambda: dice.choice(spec.values or ["other"]),
            "enums": list,
            "date": lambda: str(now.date() + timedelta(days=dice.randint(0, 40))),
            "instant": lambda: rfc3339(now),
            "body": lambda: dice.choice(["gongan", "other_police"] if "police" in code or "forward" in code else ["zhijian"]),
        }  # fmt: skip
        return kinds[spec.type]()

    def _wrong(self, arrow: Arrow) -> Iterator[str]:
        tree, leaf = self.machine.tree, self.machine.tree.leaves[self.state]
        open_rows = [row for row in self.clocks.rows if row.stopped_at is None]
        codes = [row.code for row in open_rows]
        yield from (f"{code} is open twice" for code in {code for code in codes if codes.count(code) > 1})
        if leaf.final and arrow.src != arrow.dst:
            yield from (f"{code} runs on in a final state" for code in codes)
        if not leaf.final and not codes and not any(self._awaited(role) for role in leaf.waits_for):
            yield "no clock, and nobody is waited for"
        for row in open_rows:
            spec = self.machine.deadline(row.code)
            rest, scope = set(tree.expand(list(spec.pause_in))), set(tree.expand(list(spec.during)))
            if row.status == "paused" and self.state not in rest:
                yield f"{row.code} is paused and the state does not pause it"
            if row.status == "running" and self.state in rest and from_us(row.breach_at) > self.clocks.now:
                yield f"{row.code} runs where it should rest"
            if row.status == "paused" and not self._can_resume(rest):
                yield f"{row.code} is paused and no arrow resumes it"
            if scope and not spec.start_on and not spec.from_opening and self.state not in scope | rest:
                yield f"{row.code} runs on where it has lost its object"
        yield from self._missing(arrow, set(codes))

    def _awaited(self, role: str) -> bool:
        return self.machine.seats[role].body(PARTS, self.body, self.facts) != ""

    def _can_resume(self, rest: set[str]) -> bool:
        return any(
            arrow.dst not in rest and (not arrow.back or self.marks.came_from.get(arrow.src) == arrow.dst)
            for found in self.machine.arrows[self.state].values()
            for arrow in found
        )

    def _missing(self, arrow: Arrow, codes: set[str]) -> Iterator[str]:
        """The clocks of the state that was entered and does not have them."""
        after = self.situation(SYSTEM, {}, set(), None)
        for code, spec in self.machine.doc.deadlines.items():
            scope = set(self.machine.tree.expand(list(spec.during)))
            rest = set(self.machine.tree.expand(list(spec.pause_in)))
            entered = self.state in scope and arrow.src not in scope | rest and arrow.spec.to != "="
            if entered and code not in codes and self._holds(code, after):
                yield f"{code} did not start"

    def _holds(self, code: str, after: Situation) -> bool:
        condition = self.machine.deadline_when.get(code)
        try:
            return condition is None or bool(condition.test(after))
        except Unstated:
            return False


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@example(seed=1, hours=[6] * 40)
@given(seed=st.integers(0, 2**32), hours=st.lists(st.sampled_from([0, 1, 5, 20, 60, 200, 900]), max_size=40))
def test_no_walk_leaves_a_matter_without_its_clock_or_with_two(kind: str, seed: int, hours: list[int]) -> None:
    walk = Wanderer(kind, seed)

    for wait in hours:
        walk.wander(wait)

    assert walk.flaws == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_walks_come_nearly_everywhere(kind: str) -> None:
    seen: set[str] = set()
    for seed in range(60):
        walk = Wanderer(kind, seed)
        for _ in range(40):
            walk.wander(walk.dice.choice([0, 1, 5, 20, 60, 200, 2000 if seed % 3 == 0 else 0]))
        seen |= set(walk.marks.visited)

    missed = set(walk.machine.tree.leaves) - seen
    assert len(missed) <= len(walk.machine.tree.leaves) // 5, sorted(missed)
