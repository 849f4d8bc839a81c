"""What every order asks of a definition version, worked out once: which of its parts can matter to it at all."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.definition_schema import DefinitionDoc, EvaluationSpec, InvariantSpec
from engine.expr import Expr
from engine.expr_partly import YES, Partly
from engine.monitors import Monitor

if TYPE_CHECKING:
    from engine.definition_schema import FactSpec

COUNTED = ("enum", "enums", "bool", "body")
"""Types of facts with a known set of values: what is counted and chosen by."""

WORDS, PERSONAL, MARK = 1, 2, 3
"""How a fact is put down for searching: its words, its words apart from all others, or which of its values it has."""

Invariants = Mapping[str, tuple[InvariantSpec, Expr]]


def looks_at(spec: EvaluationSpec) -> frozenset[str]:
    """The facts that an evaluation depends on."""
    return frozenset(filter(None, (spec.by, *spec.on, *spec.facts, spec.threshold, spec.duty)))


class Ahead:
    """Read from a definition when it is compiled. *looks* are the facts of each evaluation, *money* the public sums.

    *described* says how a fact is put down for searching, *stopped_by* which documents end a deadline, and *asks_clocks*
    whether any monitor looks at the deadlines.
    """

    __slots__ = ("_invariants", "_never", "asks_clocks", "described", "looks", "money", "stopped_by")

    def __init__(
        self,
        doc: DefinitionDoc,
        facts: "Mapping[str, FactSpec]",
        monitors: Mapping[str, Monitor],
        invariants: Invariants,
    ) -> None:
        self.looks = {code: looks_at(spec) for code, spec in doc.evaluates.items()}
        self.money = sorted(code for code, spec in facts.items() if spec.type == "money" and not spec.personal)
        self.described = {code: how for code, spec in facts.items() if (how := _described(spec))}
        self.stopped_by = [(code, spec.stop_documents) for code, spec in doc.deadlines.items() if spec.stop_documents]
        self.asks_clocks = any(monitor.asks_clocks for monitor in monitors.values())
        self._invariants = invariants
        self._never: dict[tuple[str, ...], Sequence[tuple[InvariantSpec, Expr]]] = {}

    def never(self, scopes: tuple[str, ...]) -> Sequence[tuple[InvariantSpec, Expr]]:
        """The invariants that can be broken at all in a state of these *scopes*."""
        found = self._never.get(scopes)
        if found is None:
            here = Partly(scopes, {}, lenient=True)
            found = [each for each in self._invariants.values() if here.outcomes(each[1].node) & YES]
            self._never[scopes] = found
        return found


def _described(spec: "FactSpec") -> int:
    if spec.type == "text":
        return PERSONAL if spec.personal else WORDS
    return MARK if spec.type in COUNTED and not spec.personal else 0
