"""What an act does to what is followed of a situation: facts, marks, documents and clocks, as far as they are known."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from engine.ahead import looks_at
from engine.clock_plans import ClockPlans
from engine.definition_schema import EvaluationSpec
from engine.evaluating import MET, NOT_MET, UNKNOWN, follows
from engine.expr import Expr
from engine.expr_partly import NO, STATED, UNSTATED, YES, Partly, Var, vars_of
from engine.machine import Arrow, Compiled
from engine.regions import Regions

Known = dict[Var, Any]
"""The values of what is followed."""

VERDICTS = ((MET, MET), (NOT_MET, MET), (NOT_MET, NOT_MET), (UNKNOWN, MET), (UNKNOWN, UNKNOWN))
"""What the standards may answer to threshold and duty; the threshold's rows are among the duty's."""


class Effects:
    """The effects of the acts of one machine on the variables *followed*."""

    def __init__(self, machine: Compiled, regions: Regions, followed: Iterable[Var]) -> None:
        self.machine, self.regions = machine, regions
        self.followed = tuple(followed)
        self._in = frozenset(self.followed)
        self.clocks = tuple(code for what, code in self.followed if what == "clock")
        self._plans = ClockPlans(machine)
        self._said: dict[tuple[Any, ...], list[Known]] = {}
        self.doubts: set[Var] = set()
        """What would have to be followed for the last effects to be certain."""

    def act(self, known: Known, arrow: Arrow, stated: Mapping[str, Any]) -> list[Known]:
        """Every way in which the situation may be after *arrow*; the outcome is not the actor's to choose."""
        self.doubts = set()
        scopes = self.machine.tree.leaves[arrow.dst].scopes
        new = dict(known)
        self._documents(new, arrow)
        self._marks(new, arrow, scopes)
        changed = {**dict.fromkeys(arrow.spec.asks, STATED), **stated, **arrow.spec.sets}
        said = set(arrow.takes) | set(arrow.spec.sets)
        found = []
        for after in self._facts(new, known, changed, stated, said):
            found += self._clocked(after, arrow, scopes)
        return [spawned for after in found for spawned in self._spawned(after, arrow, scopes)]

    def begin(self, leaf: str, given: Mapping[str, Any], stated: Mapping[str, Any], said: set[str]) -> list[Known]:
        """Every way in which a matter may begin in *leaf* with the facts *given*."""
        self.doubts = set()
        scopes = self.machine.tree.leaves[leaf].scopes
        new: Known = {var: self.regions.domain(var)[0] for var in self.followed}
        self._put(new, ("count", self.machine.doc.open.trigger), 1)
        for scope in scopes:
            self._put(new, ("visited", scope), True)
        ops = self._plans.opening(leaf, self.machine.doc.open.trigger)
        found: list[Known] = []
        for after in self._facts(new, dict(new), given, stated, said | set(given)):
            found += self._started(after, [code for code in ops.start if code in self.clocks], scopes)
        return found

    def corrected(self, known: Known, stated: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Known]:
        """Every way in which the situation may be once the facts *stated* are set right, those *given* to known values."""
        yield from self._facts(dict(known), known, stated, given, set(stated))

    def _put(self, new: Known, var: Var, value: Any) -> None:
        if var in self._in:
            new[var] = value

    def _documents(self, new: Known, arrow: Arrow) -> None:
        for code in (*arrow.spec.needs, *arrow.spec.needs_new):
            self._put(new, ("has", code), True)

    def _marks(self, new: Known, arrow: Arrow, scopes: tuple[str, ...]) -> None:
        trigger, counted = arrow.spec.trigger, ("count", arrow.spec.trigger)
        if counted in self._in:
            new[counted] = min(new[counted] + 1, self.regions.most(trigger))
        for scope in scopes:
            self._put(new, ("visited", scope), True)
        if arrow.src != arrow.dst:
            self._put(new, ("from", arrow.dst), arrow.src)

    def _facts(
        self, new: Known, before: Known, changed: Mapping[str, Any], stated: Mapping[str, Any], said: set[str]
    ) -> Iterator[Known]:
        new = dict(new)
        for code, value in changed.items():
            self._state(new, code, value)
        ways: list[list[Known]] = [[{}]]
        for spec in self.machine.doc.evaluates.values():
            names = [name for name in (spec.threshold, spec.duty) if name and self._follows(name)]
            if names and not looks_at(spec).isdisjoint(said):
                ways.append(self._asked(spec, before, changed, stated, sourced=not sources(spec).isdisjoint(said)))
        for chosen in product(*ways):
            after = dict(new)
            for (what, code), value in ((var, value) for each in chosen for var, value in each.items()):
                if what == "fact":
                    self._state(after, code, value)
                else:
                    self._put(after, (what, code), value)
            yield after

    def _state(self, new: Known, code: str, value: Any) -> None:
        """Take down that a fact is stated as *value*."""
        self._put(new, ("stated", code), True)
        if value is not STATED:
            self._put(new, ("fact", code), value)
        if value is True:
            self._put(new, ("ever", code), True)

    def _follows(self, fact: str) -> bool:
        return ("fact", fact) in self._in or ("ever", fact) in self._in

    def _asked(
        self,
        spec: EvaluationSpec,
        before: Known,
        changed: Mapping[str, Any],
        stated: Mapping[str, Any],
        *,
        sourced: bool,
    ) -> list[Known]:
        """What `_answers` says, remembered by all that it looks at."""
        names = (spec.threshold or "", spec.duty or "")
        told = ((changed.get(name), name in changed, stated.get(name)) for name in names)
        stood = ((before.get(("fact", name)), before.get(("met", name))) for name in names)
        key = (id(spec), sourced, *told, *stood)
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = list(self._answers(spec, before, changed, stated, sourced=sourced))
        return found

    def _answers(
        self,
        spec: EvaluationSpec,
        before: Known,
        changed: Mapping[str, Any],
        stated: Mapping[str, Any],
        *,
        sourced: bool,
    ) -> Iterator[Known]:
        """What the standards may make of the facts: any answer that does not contradict a statement of this act.

        Unless one of the facts they look at is *sourced* by the act, a row that was met is met still, and no other.
        """
        seen: list[Known] = []
        for (threshold, duty), said in product(VERDICTS, ((False, False), (False, True), (True, True))):
            answers = ((spec.threshold, threshold, said[0]), (spec.duty, duty, said[1]))
            if any(self._contrary(name, verdict, each, changed, stated) for name, verdict, each in answers if name):
                continue
            if not sourced and any(before.get(("met", name), verdict == MET) != (verdict == MET)
                                   for name, verdict, _ in answers if name):  # fmt: skip
                continue
            derived: Known = {("met", name): verdict == MET for name, verdict, _ in answers if name}
            for name, verdict, each in answers:
                if name and name not in changed:
                    value = follows(verdict, before.get(("fact", name)), each)
                    if value is not None:
                        derived["fact", name] = value
            if derived not in seen:
                seen.append(derived)
                yield derived

    def _contrary(
        self, name: str, verdict: str, said: bool, changed: Mapping[str, Any], stated: Mapping[str, Any]
    ) -> bool:
        """Whether the answer contradicts what is stated, or what is supposed to have been said is not what is said now."""
        if stated.get(name) is False and verdict == MET:
            return True
        return isinstance(changed.get(name), bool) and changed[name] != said

    def _clocked(self, after: Known, arrow: Arrow, scopes: tuple[str, ...]) -> list[Known]:
        if not self.clocks:
            return [after]
        ops, deadlines = self._plans.of(arrow), self.machine.doc.deadlines
        for code in self.clocks:
            stands = after[("clock", code)]
            if code in ops.end or code in ops.drop:
                stands = "" if stands != "over" or deadlines[code].timer else "over"
            elif code in ops.pause and stands == "running":
                stands = "paused"
            elif code in ops.resume and stands == "paused":
                stands = "running"
            after[("clock", code)] = stands
        found = self._started(after, [code for code in ops.start if code in self.clocks], scopes)
        for each in found:
            self.brought(each, arrow.spec.needs_new)
        return found

    def brought(self, known: Known, documents: Iterable[str]) -> None:
        """End the clocks that wait for one of *documents*."""
        for code in self.clocks:
            if known[("clock", code)] in ("running", "paused") and not set(documents).isdisjoint(
                self.machine.doc.deadlines[code].stop_documents
            ):
                known[("clock", code)] = ""

    def _started(self, after: Known, codes: list[str], scopes: tuple[str, ...]) -> list[Known]:
        found = [after]
        for code in codes:
            bits = self._bits(self.machine.deadline_when.get(code), after, scopes)
            on = [{**each, ("clock", code): "running"} for each in found] if bits & YES else []
            off = found if bits & (NO | UNSTATED) else []
            found = [*on, *off]
        return found

    def _bits(self, expr: Expr | None, known: Known, scopes: tuple[str, ...]) -> int:
        if expr is None:
            return YES
        bits = Partly(scopes, known).outcomes(expr.node)
        if bits not in (YES, NO, UNSTATED, NO | UNSTATED):
            self.doubts |= vars_of(expr.node) - self._in
        return bits

    def _spawned(self, after: Known, arrow: Arrow, scopes: tuple[str, ...]) -> list[Known]:
        found = [after]
        for spec in arrow.spec.spawn:
            spawned = [var for var in (("children", spec.kind), ("children", "*")) if var in self._in]
            if not spawned:
                continue
            bits = self._bits(self.machine.condition(spec.when), after, scopes)
            on = [{**each, **dict.fromkeys(spawned, True)} for each in found] if bits & YES else []
            found = [*on, *(found if bits & (NO | UNSTATED) else [])]
        return found


def sources(spec: EvaluationSpec) -> frozenset[str]:
    """The facts that decide what the standards answer, beside what people say of the answer itself."""
    return frozenset((spec.by, *spec.on, *spec.facts))
