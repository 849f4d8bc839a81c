"""The search for a statement: what an actor would have to say so that conditions hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.expr_partly import NO, UNSTATED, YES, Partly, Var, vars_of
from engine.expr_tree import Node

MOST_TRIED = 20_000
"""Statements that are tried for one act before it counts as uncertain. PLACEHOLDER"""


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression that must hold, or must not (*wanted*), in a situation of which *known* is known."""

    node: Node
    scopes: tuple[str, ...]
    known: Mapping[Var, Any] = field(repr=False)
    wanted: int = YES
    lenient: bool = False

    def outcomes(self, stated: Mapping[Var, Any]) -> int:
        """The outcomes that it may have if *stated* is said."""
        known = {**self.known, **stated} if stated else self.known
        return Partly(self.scopes, known, lenient=self.lenient).outcomes(self.node)

    def met(self, bits: int) -> int:
        """YES if the outcomes are all wanted, NO if none is, both if it is open."""
        other = (YES | NO | UNSTATED) & ~self.wanted
        return (YES if bits & self.wanted else 0) | (NO if bits & other else 0)


@dataclass(slots=True)
class Found:
    """Whether the conditions can hold, whether a statement makes sure of it, and that statement (or the likeliest).

    *tried* says how many statements were tried beside the first.
    """

    possible: bool
    certain: bool
    stated: dict[str, Any] = field(default_factory=dict)
    tried: int = 0


def seek(
    conditions: Sequence[Condition], choices: Sequence[tuple[str, bool]], domain: Callable[[Var], tuple[Any, ...]]
) -> Found:
    """Look for values of the *choices* (facts; True: must be stated) under which all *conditions* are certain."""
    search = _Search(conditions, choices, domain)
    found = search.run()
    found.tried = MOST_TRIED - search.left - 1
    return found


class _Search:
    """A search in depth that gives up a branch as soon as a condition cannot hold any more."""

    def __init__(
        self,
        conditions: Sequence[Condition],
        choices: Sequence[tuple[str, bool]],
        domain: Callable[[Var], tuple[Any, ...]],
    ) -> None:
        self.conditions, self.domain, self.left = conditions, domain, MOST_TRIED
        wanted = frozenset().union(*(vars_of(each.node) for each in conditions))
        self.choices = [choice for choice in choices if ("fact", choice[0]) in wanted]
        self.maybe: dict[str, Any] | None = None

    def run(self) -> Found:
        answer = self._deeper(0, {})
        if answer is not None:
            return Found(True, True, answer)
        if self.left <= 0:
            return Found(True, False, self.maybe or {})
        return Found(self.maybe is not None, False, self.maybe or {})

    def _deeper(self, at: int, stated: dict[Var, Any]) -> dict[str, Any] | None:
        self.left -= 1
        met = YES
        for condition in self.conditions:
            bits = condition.met(condition.outcomes(stated))
            if not bits & YES:
                return None
            met |= bits
        if met == YES or at == len(self.choices):
            said = {code: value for (_, code), value in stated.items()}
            if met == YES:
                return said
            self.maybe = self.maybe if self.maybe is not None else said
            return None
        code, must = self.choices[at]
        ways: list[dict[Var, Any]] = [] if must else [stated]
        ways += [{**stated, ("fact", code): value} for value in self.domain(("fact", code))[1:]]
        for way in ways:
            if self.left <= 0:
                return None
            answer = self._deeper(at + 1, way)
            if answer is not None:
                return answer
        return None
