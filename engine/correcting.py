"""What corrections can make of a situation: any fact set right, to whatever breaks no invariant."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.expr_partly import NO, YES, Partly, Var, facts_read, vars_of
from engine.machine import Compiled
from engine.regions import Regions

Known = Mapping[Var, Any]


def corrections(
    machine: Compiled, regions: Regions, leaf: str, known: Known
) -> Iterator[tuple[str, Any, frozenset[Var]]]:
    """Every fact that is followed with each other value, and what must be followed to know that no invariant refuses it."""
    for code in (code for what, code in known if what == "fact"):
        for value in regions.domain(("fact", code))[1:]:
            if value != known["fact", code]:
                unsure = _broken(machine, leaf, corrected(known, code, value), code)
                if unsure is not None:
                    yield code, value, unsure


def corrected(known: Known, code: str, value: Any) -> dict[Var, Any]:
    """The situation with the fact *code* set right."""
    after = {**known, ("fact", code): value}
    if value is True and ("ever", code) in known:
        after["ever", code] = True
    return after


def _broken(machine: Compiled, leaf: str, known: Known, code: str) -> frozenset[Var] | None:
    """What must be followed to know whether an invariant that reads the fact is broken; None if one surely is.

    The order that would break it is refused, so no such correction is ever made.
    """
    unsure, scopes = frozenset[Var](), machine.tree.leaves[leaf].scopes
    for expr in (expr for _, expr in machine.invariants.values() if code in facts_read(expr)):
        bits = Partly(scopes, known, lenient=True).outcomes(expr.node)
        if not bits & NO:
            return None
        unsure |= vars_of(expr.node) - known.keys() if bits & YES else frozenset()
    return unsure
