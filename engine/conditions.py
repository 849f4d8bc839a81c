"""What must hold for an act: its guard before it, and after it the invariants that refuse."""

from collections.abc import Mapping
from typing import Any

from engine.effects import Known, sources
from engine.expr_partly import NO, STATED, YES, Partly, Var, facts_read, looks_beyond_facts
from engine.machine import Arrow, Compiled
from engine.statements import Condition


class Conditions:
    """The conditions of the acts of one machine; *derived* are the followed facts that standards answer.

    Unless the invariants that refuse are *kept*, an act is held against none.
    """

    def __init__(self, machine: Compiled, derived: set[str], *, kept: bool = True) -> None:
        self.machine, self._derived = machine, derived
        self.refusing = [expr for spec, expr in machine.invariants.values() if spec.refuses] if kept else []

    def kept(self, leaf: str, known: Mapping[Var, Any]) -> int:
        """Whether the invariants that refuse let this be."""
        found, scopes = YES, self.machine.tree.leaves[leaf].scopes
        for expr in self.refusing:
            bits = Partly(scopes, known, lenient=True).outcomes(expr.node)
            if not bits & NO:
                return NO
            found |= NO if bits & YES else 0
        return found

    def guard(self, arrow: Arrow, known: Mapping[Var, Any], stated: Mapping[str, Any]) -> list[Condition]:
        """What the guard of *arrow* asks of a situation in which *stated* is said; nothing if it has none."""
        if arrow.when is None:
            return []
        scopes = self.machine.tree.leaves[arrow.src].scopes
        now = {**known, **{("fact", code): STATED for code in arrow.spec.asks}}
        now.update((("fact", code), value) for code, value in stated.items())
        return [Condition(arrow.when.node, scopes, now)]

    def refusals(self, arrow: Arrow, after: Known, stated: Mapping[str, Any]) -> list[Condition]:
        """The invariants that refuse and that the act may break, asked of the situation after it."""
        said = {*arrow.spec.asks, *stated, *arrow.spec.sets} | self._derived
        touched = [
            expr
            for expr in self.refusing
            if not said.isdisjoint(facts_read(expr)) or (arrow.src != arrow.dst and looks_beyond_facts(expr))
        ]
        if not touched:
            return []
        scopes = self.machine.tree.leaves[arrow.dst].scopes
        now: Known = {("fact", code): STATED for code in arrow.spec.asks}
        now.update((("fact", code), value) for code, value in {**stated, **arrow.spec.sets}.items())
        now.update(after)
        return [Condition(expr.node, scopes, now, NO, lenient=True) for expr in touched]

    def contradicted(self, arrow: Arrow, known: Known, stated: Mapping[str, Any]) -> bool:
        """Whether a standard may stand against the statement: a row that is met, or met by what else is stated."""
        return any(
            stated.get(name) is False
            and (known.get(("met", name), True) or not sources(spec).isdisjoint((*arrow.spec.asks, *arrow.spec.sets)))
            for spec in self.machine.doc.evaluates.values()
            for name in (spec.threshold, spec.duty)
            if name
        )

    def extends(self, arrow: Arrow, known: Mapping[Var, Any]) -> bool | None:
        """Whether one of the clocks that the arrow puts off runs; None if that is not known."""
        if not arrow.spec.extends:
            return True
        stands = [known.get(("clock", code)) for code in arrow.spec.extends]
        return True if "running" in stands else None if None in stands else False
