"""Expressions of which not everything is known: the set of outcomes that they may still have."""

from collections.abc import Mapping
from typing import Any

from engine.expr import COMPARISONS, Expr
from engine.expr_tree import Bare, Call, Compare, Contains, Join, Node, Not, Total

YES, NO, UNSTATED = 1, 2, 4
"""The outcomes of an expression, as bits: it holds, it does not, or it asks for a fact that is not stated."""

Var = tuple[str, str]
"""What can differ between two situations in one state: ``(what, code)``, such as ``("fact", "officers")``."""

STATED = object()
"""The value of a fact that is stated, whatever it is."""

DRAWERS = {
    "ever": "ever",
    "visited": "visited",
    "known": "stated",
    "has": "has",
    "done": "count",
    "at_least": "count",
    "breached": "clock",
    "running": "clock",
    "on_or_after": "date",
    "since": "since",
    "children_open": "children",
}
"""What each predicate looks at; ``state`` looks at the state itself."""

ANY_KIND = "*"
"""The children of all kinds together."""


def var_of(call: Call) -> Var | None:
    """What the predicate looks at; None for ``state``."""
    drawer = DRAWERS.get(call.name)
    return (drawer, str(call.args[0]) if call.args else ANY_KIND) if drawer else None


_READ: dict[int, tuple[Node, frozenset[Var]]] = {}
"""What was found for a node, which is kept so that nothing else takes its id."""

MOST_KEPT = 10_000
"""Nodes for which that is remembered at once. PLACEHOLDER"""


def vars_of(node: Node) -> frozenset[Var]:
    """Everything that *node* looks at beside the state."""
    kept = _READ.get(id(node))
    if kept is not None and kept[0] is node:
        return kept[1]
    if len(_READ) >= MOST_KEPT:
        _READ.clear()
    found = _vars(node)
    _READ[id(node)] = (node, found)
    return found


def _vars(node: Node) -> frozenset[Var]:
    if isinstance(node, Join):
        return frozenset().union(*(_vars(part) for part in node.parts))
    if isinstance(node, Not):
        return _vars(node.part)
    if isinstance(node, Call):
        var = var_of(node)
        return frozenset((var,) if var else ())
    if isinstance(node, Total):
        return frozenset(("fact", fact) for _, fact in node.terms)
    return frozenset((("fact", node.fact),))


def read_here(node: Node, scopes: tuple[str, ...], wanted: int = YES, *, lenient: bool = False) -> frozenset[Var]:
    """Everything that *node* looks at beside the state, where the state is known: nothing if that decides the rest.

    Nothing is looked at either where none of the outcomes *wanted* can come about.
    """
    bare = Partly(scopes, {}, lenient=lenient)
    return _read_here(node, bare) if bare.outcomes(node) & wanted else frozenset()


def _read_here(node: Node, bare: "Partly") -> frozenset[Var]:
    if bare.outcomes(node) in (YES, NO):
        return frozenset()
    if isinstance(node, Not):
        return _read_here(node.part, bare)
    if not isinstance(node, Join):
        found = vars_of(node)
        return found | {("fact", code) for what, code in found if what == "stated"}
    read, ends = frozenset[Var](), NO if node.word == "and" else YES
    for part in node.parts:
        read |= _read_here(part, bare)
        if bare.outcomes(part) == ends:
            break
    return read


def facts_read(expr: Expr) -> frozenset[str]:
    """The facts that an expression looks at, also if it only asks whether they are or were stated."""
    return frozenset(code for what, code in vars_of(expr.node) if what in ("fact", "stated", "ever"))


def looks_beyond_facts(expr: Expr) -> bool:
    """Say whether it looks at more than facts: at the state, at what has been done."""
    return any(name not in ("known", "ever") for name, _ in expr.calls)


class Partly:
    """What is known of a situation: its *scopes*, and the values of some of its variables."""

    __slots__ = ("known", "lenient", "scopes")

    def __init__(self, scopes: tuple[str, ...], known: Mapping[Var, Any], *, lenient: bool = False) -> None:
        self.scopes, self.known, self.lenient = scopes, known, lenient

    def outcomes(self, node: Node) -> int:
        """The outcomes that *node* may have, judged from left to right as the compiled expression does."""
        if isinstance(node, Join):
            return self._join(node)
        if isinstance(node, Not):
            inner = self.outcomes(node.part)
            return inner & UNSTATED | (YES if inner & NO else 0) | (NO if inner & YES else 0)
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Total):
            return self._total(node)
        return self._fact(node)

    def _join(self, node: Join) -> int:
        goes_on, ends = (YES, NO) if node.word == "and" else (NO, YES)
        found, open_ = 0, True
        for part in node.parts:
            bits = self.outcomes(part)
            found |= bits & (ends | UNSTATED)
            open_ = bool(bits & goes_on)
            if not open_:
                break
        return found | (goes_on if open_ else 0)

    def _unstated(self) -> int:
        return NO if self.lenient else UNSTATED

    def _fact(self, node: Bare | Compare | Contains) -> int:
        var = ("fact", node.fact)
        if var not in self.known:
            return YES | NO | self._unstated()
        value = self.known[var]
        if value is STATED:
            return YES | NO
        if value is None:
            return self._unstated()
        if isinstance(node, Bare):
            return YES if value else NO
        if isinstance(node, Contains):
            return YES if node.value in value else NO
        return YES if COMPARISONS[node.op](value, node.value) else NO

    def _total(self, node: Total) -> int:
        values = [(times, self.known.get(("fact", fact), self)) for times, fact in node.terms]
        if any(value is None for _, value in values):
            return self._unstated()
        if any(value is self for _, value in values):
            return YES | NO | self._unstated()
        if any(value is STATED for _, value in values):
            return YES | NO
        return YES if COMPARISONS[node.op](sum(times * value for times, value in values), node.value) else NO

    def _call(self, node: Call) -> int:
        var = var_of(node)
        if var is None:
            return NO if set(node.args).isdisjoint(self.scopes) else YES
        if var[0] == "stated" and ("fact", var[1]) in self.known:
            return NO if self.known["fact", var[1]] is None else YES
        if var not in self.known:
            return YES | NO
        return YES if holds(node, self.known[var]) else NO


def holds(node: Call, value: Any) -> bool:
    """Say whether a predicate holds for the *value* of what it looks at."""
    if node.name in ("done", "at_least"):
        return bool(value >= (int(node.args[1]) if node.name == "at_least" else 1))
    if node.name in ("running", "breached"):
        return bool(value == ("running" if node.name == "running" else "over"))
    return bool(value)
