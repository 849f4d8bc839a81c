"""The finitely many values that matter: every fact cut into the regions that guards and invariants tell apart."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from engine.definition_schema import FactSpec
from engine.expr import Expr
from engine.expr_partly import Var, vars_of
from engine.expr_tree import Bare, Call, Compare, Constant, Contains, Join, Node, Not, Total
from engine.machine import Compiled

CLOCK = ("", "running", "over", "paused")
"""How a clock stands: it does not run (any more), runs, has run out (also if the act came late), or rests."""

SOME_TEXT, SOME_INSTANT, SOME_BODY = "…", "2010-12-01T10:00:00+08:00", "some_body"
"""Stand for any text, instant or body that no expression names."""

MOST_SUBSETS = 4
"""Constants of one fact with several values whose subsets are all looked at; of more only the single ones. PLACEHOLDER"""


class Regions:
    """The domains of a machine's variables."""

    def __init__(self, machine: Compiled) -> None:
        self.machine = machine
        self.facts: Mapping[str, FactSpec] = machine.doc.facts
        self._constants: dict[str, set[Constant]] = {}
        self._most: dict[str, int] = {}
        self.summed: set[str] = set()
        self.read: set[Var] = set()
        for expr in expressions(machine):
            self._gather(expr.node)
            self.read |= vars_of(expr.node)
        for arrow in machine.doc.transitions:
            self._set(arrow.sets)
        self._domains: dict[Var, tuple[Any, ...]] = {}

    def _set(self, sets: Mapping[str, Any]) -> None:
        for fact, value in sets.items():
            if not isinstance(value, bool):
                self._constants.setdefault(fact, set()).add(value)

    def _gather(self, node: Node) -> None:
        if isinstance(node, Join):
            for part in node.parts:
                self._gather(part)
        elif isinstance(node, Not):
            self._gather(node.part)
        elif isinstance(node, Call):
            if node.name in ("done", "at_least"):
                code, times = str(node.args[0]), int(node.args[1]) if node.name == "at_least" else 1
                self._most[code] = max(self._most.get(code, 0), times)
        elif isinstance(node, Total):
            self._sum(node)
        elif not isinstance(node, Bare):
            self._compared(node)

    def _compared(self, node: Compare | Contains) -> None:
        values = node.value if isinstance(node.value, tuple) else (node.value,)
        self._constants.setdefault(node.fact, set()).update(values)

    def _sum(self, node: Total) -> None:
        """A sum does not cut its parts into regions of their own: some values of each are tried."""
        for times, fact in node.terms:
            self.summed.add(fact)
            at = -(-node.value // times)
            self._constants.setdefault(fact, set()).update((0, at))

    def most(self, trigger: str) -> int:
        """The number of times beyond which nobody counts *trigger*."""
        return self._most.get(trigger, 1)

    def domain(self, var: Var) -> tuple[Any, ...]:
        """Every value of *var* that is told apart, what is not stated or was not yet first."""
        found = self._domains.get(var)
        if found is None:
            found = self._domains[var] = self._domain(var)
        return found

    def _domain(self, var: Var) -> tuple[Any, ...]:
        what, code = var
        if what == "fact":
            return (None, *self._values(code))
        if what == "count":
            return tuple(range(self.most(code) + 1))
        if what == "clock":
            return CLOCK
        if what == "from":
            return ("", *self.machine.tree.leaves)
        return (False, True)

    def _values(self, fact: str) -> tuple[Any, ...]:
        spec, constants = self.facts[fact], self._constants.get(fact, set())
        if spec.type == "bool":
            return (False, True)
        if spec.type in ("int", "money"):
            return _numbers({int(each) for each in constants}, spec.minimum)
        if spec.type == "enum":
            other = next((value for value in spec.values if value not in constants), None)
            return (*sorted(map(str, constants)), *((other,) if other else () if spec.values else ("other",)))
        if spec.type == "enums":
            return _subsets(sorted(map(str, constants)))
        if spec.type == "date":
            return _days(sorted(map(str, constants)))
        rest = {"text": SOME_TEXT, "instant": SOME_INSTANT, "body": SOME_BODY}[spec.type]
        return (*sorted(map(str, constants)), rest)


def expressions(machine: Compiled) -> Iterable[Expr]:
    """Every expression that decides what can happen, what may never be, or what is watched for."""
    seen: dict[int, Expr] = {}
    for triggers in machine.arrows.values():
        for arrows in triggers.values():
            seen.update((arrow.index, arrow.when) for arrow in arrows if arrow.when is not None)
    yield from seen.values()
    yield from (expr for _, expr in machine.invariants.values())
    yield from machine.deadline_when.values()
    yield from machine.conditions.values()
    yield from (monitor.when for monitor in machine.monitors.values())


def _numbers(constants: set[int], minimum: int | None) -> tuple[int, ...]:
    """One number below the least constant, each constant, and one number behind each."""
    if not constants:
        return (max(minimum or 0, 1),)
    points = {min(constants) - 1} | constants | {each + 1 for each in constants}
    return tuple(sorted(each for each in points if minimum is None or each >= minimum))


def _days(constants: list[str]) -> tuple[str, ...]:
    if not constants:
        return ("2010-12-01",)
    days = [date.fromisoformat(each) for each in constants]
    points = {day + timedelta(days=off) for day in days for off in (-1, 0, 1)}
    return tuple(sorted(day.isoformat() for day in points))


def _subsets(constants: list[str]) -> tuple[tuple[str, ...], ...]:
    sizes = range(len(constants) + 1) if len(constants) <= MOST_SUBSETS else (0, 1)
    return tuple(each for size in sizes for each in combinations(constants, size))
