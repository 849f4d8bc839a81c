"""Plays a counterexample on the real machine: every act is asked of ``machine.plan`` with nothing left open."""

from datetime import date
from typing import Any

from proof_world import BAODI

from engine.campaign import parts_of
from engine.clock_plans import ClockOps, ClockPlans
from engine.definition import Definition
from engine.exploring import Way
from engine.expr import Unstated
from engine.expr_partly import STATED
from engine.machine import Arrow, Compiled
from engine.orders import SYSTEM, Actor
from engine.places import Step
from engine.situation import Marks, Situation

DAYS = {name: date.fromisoformat(day) for name, day in BAODI.campaign.doc.dates.items()}


class Played:
    """A matter that lives through the steps of a way."""

    def __init__(self, definition: Definition) -> None:
        self.machine = Compiled(definition, 0, parts_of(BAODI.campaign.doc))
        self.plans = ClockPlans(self.machine)
        self.state = self.machine.initial
        self.facts: dict[str, Any] = {}
        self.documents: set[str] = set()
        self.clocks: dict[str, str] = {}
        self.children: dict[str, int] = {}
        self.today = date(2010, 11, 25)
        self.marks = Marks()
        self.persons = 0

    def play(self, way: Way) -> "Played":
        """Do every step; fail at the first that the machine does not let happen."""
        before: dict[Any, Any] = {}
        for step, place in zip(way.steps, way.places, strict=True):
            known = way.scene.known(place)
            self._step(step, self._derived(before, known))
            assert self.state == place[0], (step, self.state, place[0])
            before = known
        return self

    def _derived(self, before: dict[Any, Any], known: dict[Any, Any]) -> dict[str, Any]:
        """What the standards have answered in this step, as the explorer supposed it."""
        names = [name for spec in self.machine.doc.evaluates.values() for name in (spec.threshold, spec.duty) if name]
        changed = {}
        for name in names:
            if known.get(("ever", name)) and not before.get(("ever", name)):
                changed[name] = True
            elif known.get(("fact", name), before.get(("fact", name))) != before.get(("fact", name)):
                changed[name] = known["fact", name]
        return changed

    def _step(self, step: Step, derived: dict[str, Any]) -> None:
        if step.what == "open":
            given = {**dict(step.birth.sets if step.birth else {}), **dict(step.stated)}
            self._take({**derived, **given})
            scopes = self.machine.tree.leaves[self.state].scopes
            self.marks.note(self.machine.doc.open.trigger, "opener", "", scopes, {**derived, **given})
            self._clock(self.plans.opening(self.state, self.machine.doc.open.trigger))
        elif step.arrow is not None:
            self._act(step, step.arrow, derived)
        elif step.what == "time":
            self._out(step.about)
        elif step.what == "day":
            self.today = max(self.today, DAYS.get(step.about) or date.fromisoformat(step.about))
        elif step.what == "attach":
            self._bring({step.about})
        elif step.what == "correct":
            self._correct({code: value for code, value in step.stated if value is not STATED}, derived)
        elif step.what == "child":
            self.children = {} if step.about == "*" else {**self.children, step.about: 0}

    def _correct(self, stated: dict[str, Any], derived: dict[str, Any]) -> None:
        """Set facts right, as an order would: one that breaks an invariant would be refused."""
        self._take({**derived, **stated})
        self.marks.note_facts({**derived, **stated})
        assert self.machine.violated(self.now()) == []

    def _act(self, step: Step, arrow: Arrow, derived: dict[str, Any]) -> None:
        said = dict(step.stated)
        stated = {code: said.get(code, self._anything(code)) for code in arrow.spec.asks}
        stated |= {code: value for code, value in said.items() if code in arrow.takes}
        if step.clock:
            self._out(step.clock)
            stated = {}
        papers = {*arrow.spec.needs, *arrow.spec.needs_new}
        actor = self._actor(arrow, system=bool(step.clock))
        situation = self._situation(actor, {**self.facts, **stated}, stated, papers)
        planned = self.machine.plan(arrow.spec.trigger, situation, "x")
        assert planned.index == arrow.index and planned.dst == arrow.dst
        changed = {**derived, **stated, **arrow.spec.sets}
        self._take(changed)
        self.marks.note(
            arrow.spec.trigger, actor.person, self.state, self.machine.tree.leaves[arrow.dst].scopes, changed
        )
        self.state = arrow.dst
        self.documents |= papers
        self._clock(self.plans.of(arrow))
        self._bring(set(arrow.spec.needs_new))
        for spec in arrow.spec.spawn:
            if self._true(self.machine.condition(spec.when)):
                self.children[spec.kind] = self.children.get(spec.kind, 0) + 1

    def _actor(self, arrow: Arrow, *, system: bool) -> Actor:
        seats = [seat for seat in arrow.seats if seat.role != "system"]
        if system or not seats:
            return SYSTEM
        self.persons += 1
        body = seats[0].body(self.machine.parts, "gongshang", self.facts) or "gongshang"
        posts = frozenset((body, post) for post in seats[0].posts)
        return Actor(f"person{self.persons}", "test", posts, key=f"person{self.persons}")

    def _anything(self, code: str) -> Any:
        kind = self.machine.doc.facts[code].type
        values = {"bool": False, "int": 1, "money": 1, "text": "…", "date": "2010-12-01", "enums": [], "body": "gongan"}
        return values.get(kind, self.machine.doc.facts[code].values[:1] or "2010-12-01T10:00:00+08:00")

    def _situation(self, actor: Actor, facts: dict[str, Any], stated: dict[str, Any], papers: set[str]) -> Situation:
        return Situation(
            state=self.state, scopes=self.machine.tree.leaves[self.state].scopes, facts=facts,
            documents=self.documents | papers, visited=self.marks.visited, ever=self.marks.ever, counts=self.marks.counts,
            last=self.marks.last, came_from=self.marks.came_from, today=self.today, dates=DAYS,
            deadlines={code: {"over": "breached"}.get(stands, stands) for code, stands in self.clocks.items()},
            children=self.children, body="gongshang", actor=actor, standing=self.facts, stated=stated, brought=papers,
            reason="because",
        )  # fmt: skip

    def now(self) -> Situation:
        """The situation the matter is in."""
        return self._situation(SYSTEM, self.facts, {}, set())

    def _take(self, facts: dict[str, Any]) -> None:
        self.facts |= {code: value for code, value in facts.items() if value is not None}

    def _bring(self, papers: set[str]) -> None:
        self.documents |= papers
        for code, spec in self.machine.doc.deadlines.items():
            if papers & set(spec.stop_documents) and self.clocks.get(code) == "running":
                self.clocks[code] = ""

    def _out(self, clock: str) -> None:
        assert self.clocks.get(clock) == "running", f"{clock} does not run"
        self.clocks[clock] = "" if self.machine.doc.deadlines[clock].timer else "over"

    def _true(self, expr: Any) -> bool:
        try:
            return expr is None or bool(expr.test(self.now()))
        except Unstated:
            return False

    def _clock(self, ops: ClockOps) -> None:
        for code in (*ops.end, *ops.drop):
            stays = self.clocks.get(code) == "over" and not self.machine.doc.deadlines[code].timer
            self.clocks[code] = "over" if stays else ""
        for codes, was, becomes in ((ops.pause, "running", "paused"), (ops.resume, "paused", "running")):
            self.clocks |= {code: becomes for code in codes if self.clocks.get(code) == was}
        for code in ops.start:
            if self._true(self.machine.deadline_when.get(code)):
                self.clocks[code] = "running"
