"""Expressions judged in three values: what depends on a fact that nobody has stated is neither true nor false."""

from collections.abc import Mapping
from typing import Any

from engine.expr import COMPARISONS
from engine.expr_tree import Bare, Call, Compare, Contains, Join, Node, Not, Total


def judge(node: Node, facts: Mapping[str, Any]) -> bool | None:
    """Say whether *node* holds for *facts*; None if that depends on one that is not stated (Kleene's logic).

    Of the predicates only ``known`` is understood: the others look at more than facts.
    """
    if isinstance(node, Join):
        return _joined(node.word, [judge(part, facts) for part in node.parts])
    if isinstance(node, Not):
        found = judge(node.part, facts)
        return None if found is None else not found
    if isinstance(node, Call):
        return facts.get(str(node.args[0])) is not None
    if isinstance(node, Total):
        values = [(times, facts.get(fact)) for times, fact in node.terms]
        if any(value is None for _, value in values):
            return None
        return COMPARISONS[node.op](sum(times * value for times, value in values if value is not None), node.value)
    value = facts.get(node.fact)
    return None if value is None else _holds(node, value)


def _joined(word: str, found: list[bool | None]) -> bool | None:
    """Join what was found: one false part makes an ``and`` false, one true part an ``or`` true, whatever is open."""
    decides = word == "or"
    if decides in found:
        return decides
    return None if None in found else not decides


def _holds(node: Bare | Compare | Contains, value: Any) -> bool:
    if isinstance(node, Bare):
        return bool(value)
    if isinstance(node, Contains):
        return node.value in value
    return COMPARISONS[node.op](value, node.value)
