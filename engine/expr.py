"""Expressions of definitions: compiled to closures that look at a situation and at nothing else."""

from collections.abc import Callable
from datetime import date
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from engine.expr_parser import parse_expr
from engine.expr_speech import read_aloud
from engine.expr_tree import (
    Bare,
    Call,
    Compare,
    Contains,
    Expr,
    ExprError,
    Join,
    Names,
    Node,
    Not,
    SituationLike,
    Test,
    Total,
    Unstated,
)

__all__ = ["Expr", "ExprError", "Names", "SituationLike", "Unstated", "compile_expr", "read_aloud"]


def compile_expr(text: str, names: Names) -> Expr:
    """Read and compile *text*. Raises ExprError, and nothing else whatever the text."""
    node = parse_expr(text, names)
    facts: set[str] = set()
    calls: list[tuple[str, tuple[str | int, ...]]] = []
    _collect(node, facts, calls)
    return Expr(text, node, _build(node, True), _build(node, False), frozenset(facts), tuple(calls))


def _collect(node: Node, facts: set[str], calls: list[tuple[str, tuple[str | int, ...]]]) -> None:
    """Gather the facts whose values decide and the calls, in the order of the text."""
    if isinstance(node, Join):
        for part in node.parts:
            _collect(part, facts, calls)
    elif isinstance(node, Not):
        _collect(node.part, facts, calls)
    elif isinstance(node, Call):
        calls.append((node.name, node.args))
    elif isinstance(node, Total):
        facts.update(fact for _, fact in node.terms)
    else:
        facts.add(node.fact)


def _build(node: Node, strict: bool) -> Test:
    if isinstance(node, Join):
        parts = [_build(part, strict) for part in node.parts]
        return _all(parts) if node.word == "and" else _any(parts)
    if isinstance(node, Not):
        part = _build(node.part, strict)
        return lambda now: not part(now)
    if isinstance(node, Call):
        return _call(node)
    if isinstance(node, Total):
        return _total(node, strict)
    if strict:
        return _strict(node.fact, _check(node))
    return _plainly(node) or _lenient(node.fact, _check(node))


def _plainly(node: Bare | Compare | Contains) -> Test | None:
    """The lenient test of what is asked most, where what is not stated needs no look of its own: it is no value at all."""
    fact = node.fact
    if isinstance(node, Bare):
        return lambda now: bool(now.facts.get(fact))
    if isinstance(node, Compare) and node.op in ("==", "in") and node.value is not None:
        wanted = node.value if isinstance(node.value, tuple) else (node.value,)
        if all(isinstance(each, str) for each in wanted):
            constants = frozenset(wanted)
            only = wanted[0] if len(constants) == 1 else None
            if only is not None:
                return lambda now: bool(now.facts.get(fact) == only)
            return lambda now: now.facts.get(fact) in constants
    return None


def _strict(fact: str, check: Callable[[Any], bool]) -> Test:
    def test(now: SituationLike) -> bool:
        value = now.facts.get(fact)
        if value is None:
            raise Unstated(fact)
        return check(value)

    return test


def _lenient(fact: str, check: Callable[[Any], bool]) -> Test:
    def test(now: SituationLike) -> bool:
        value = now.facts.get(fact)
        return value is not None and check(value)

    return test


def _total(node: Total, strict: bool) -> Test:
    """Compare the sum; a part of it that is not stated leaves it open."""
    check = COMPARISONS[node.op]

    def test(now: SituationLike) -> bool:
        unstated = [fact for _, fact in node.terms if now.facts.get(fact) is None]
        if unstated and strict:
            raise Unstated(unstated[0])
        return not unstated and check(sum(times * now.facts[fact] for times, fact in node.terms), node.value)

    return test


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "in": lambda value, constants: value in constants,
    "not in": lambda value, constants: value not in constants,
}
"""What each sign of a comparison asks of a value and a constant."""


def _check(node: Bare | Compare | Contains) -> Callable[[Any], bool]:
    """Make the test of a stated value."""
    if isinstance(node, Bare):
        return bool
    if isinstance(node, Contains):
        wanted = node.value
        return lambda value: wanted in value
    constant: Any = frozenset(node.value) if isinstance(node.value, tuple) else node.value
    compare = COMPARISONS[node.op]
    return lambda value: compare(value, constant)


def _all(parts: list[Test]) -> Test:
    if len(parts) == 2:
        first, second = parts
        return lambda now: first(now) and second(now)

    def test(now: SituationLike) -> bool:
        for part in parts:  # noqa: SIM110 - asked for each order, and a generator takes twice the time
            if not part(now):
                return False
        return True

    return test


def _any(parts: list[Test]) -> Test:
    if len(parts) == 2:
        first, second = parts
        return lambda now: first(now) or second(now)

    def test(now: SituationLike) -> bool:
        for part in parts:  # noqa: SIM110
            if part(now):
                return True
        return False

    return test


def _call(node: Call) -> Test:
    word = str(node.args[0]) if node.args else ""
    if node.name == "state":
        wanted = frozenset(node.args)
        return lambda now: not wanted.isdisjoint(now.scopes)
    if node.name == "on_or_after":
        return lambda now: now.today >= now.dates[word]
    if node.name == "since":
        day = date.fromisoformat(word)
        return lambda now: now.today >= day
    if node.name in ("done", "at_least"):
        times = int(node.args[1]) if node.name == "at_least" else 1
        return lambda now: now.counts.get(word, 0) >= times
    if node.name == "children_open" and not word:
        return lambda now: any(number > 0 for number in now.children.values())
    simple: dict[str, Test] = {
        "visited": lambda now: word in now.visited,
        "ever": lambda now: word in now.ever,
        "known": lambda now: now.facts.get(word) is not None,
        "has": lambda now: word in now.documents,
        "breached": lambda now: now.deadlines.get(word) in ("breached", "late"),
        "running": lambda now: now.deadlines.get(word) == "running",
        "children_open": lambda now: now.children.get(word, 0) > 0,
    }
    return simple[node.name]
