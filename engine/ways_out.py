"""Whether a matter can still come to an end in a version: a bounded search from where it stands, over what its guards allow."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from engine.campaign import Campaign
from engine.expr import Expr
from engine.held import Held
from engine.machine import Arrow, Compiled
from engine.orders import SYSTEM, Actor
from engine.situation import Situation

MOST_NODES = 2_000
"""Situations looked at for one matter; beyond it nothing is claimed. PLACEHOLDER"""

CHANGING = frozenset({
    "breached", "running", "children_open", "on_or_after", "since", "done", "at_least", "visited", "ever", "known",
})  # fmt: skip
"""Predicates that time or other acts may make true: whoever asks them is believed to get the answer wanted."""

Explorer = Callable[[Compiled, Campaign, Sequence[Held]], Collection[int]]
"""Given a machine and matters in it, one for each distinct situation: the positions of those that can never end."""

Node = tuple[str, frozenset[tuple[str, Any]], frozenset[str]]
"""A state, the facts as they are known, and the facts that may have become anything."""


def dead_ends(machine: Compiled, campaign: Campaign, matters: Sequence[Held]) -> list[int]:
    """The positions of those *matters* that no sequence of acts brings to a final state.

    Everybody is there to act, every document can be had, every fact that is asked for can be anything: so whoever is named
    here has no way for certain; who is not may still have none.
    """
    everybody = Actor(
        "everybody", "exploring", frozenset((body.code, post) for body in campaign.doc.bodies for post in body.posts)
    )
    return [at for at, held in enumerate(matters) if not _ends(machine, campaign, held, everybody)]


def _ends(machine: Compiled, campaign: Campaign, held: Held, everybody: Actor) -> bool:
    facts = frozenset((name, _still(value)) for name, value in held.facts.items())
    todo: list[Node] = [(held.row.state, facts, frozenset())]
    seen = set(todo)
    now = held.clocks.now
    plain = replace(
        held.after(campaign, everybody, held.row.state, {}, now),
        probing=True,
        documents=frozenset(machine.doc.documents),
    )
    while todo:
        node = todo.pop()
        if machine.tree.leaves[node[0]].final:
            return True
        for after in _steps(machine, plain, node):
            if after not in seen:
                seen.add(after)
                todo.append(after)
        if len(seen) > MOST_NODES:
            return True
    return False


def _still(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _steps(machine: Compiled, plain: Situation, node: Node) -> Iterable[Node]:
    state, facts, free = node
    scopes = machine.tree.leaves[state].scopes
    here = replace(plain, state=state, scopes=scopes, facts=dict(facts), standing=dict(facts))
    for arrows in machine.arrows[state].values():
        for arrow in arrows:
            if _open(machine, here, arrow, free):
                after = {**dict(facts), **arrow.spec.sets}
                loose = (free | arrow.takes) - arrow.spec.sets.keys()
                kept = frozenset((name, _still(value)) for name, value in after.items() if name not in loose)
                if not _broken(machine, here, arrow.dst, dict(kept), loose):
                    yield arrow.dst, kept, frozenset(loose)


def _open(machine: Compiled, here: Situation, arrow: Arrow, free: frozenset[str]) -> bool:
    if arrow.back or any(seat.role == SYSTEM.login for seat in arrow.seats):
        return True
    guard = arrow.when
    hopeful = guard is None or guard.facts & (free | arrow.takes) or _asks_more(guard)
    reasons = machine.against(arrow, here)
    return not reasons or bool(hopeful and all(reason.kind in ("when", "fact", "not_stated") for reason in reasons))


def _asks_more(expr: Expr) -> bool:
    return any(name in CHANGING for name, _ in expr.calls)


def _broken(machine: Compiled, here: Situation, state: str, facts: dict[str, Any], free: Collection[str]) -> bool:
    """Say whether an invariant would certainly forbid the step."""
    there = replace(here, state=state, scopes=machine.tree.leaves[state].scopes, facts=facts)
    return any(
        expr.lenient(there)
        for _, expr in machine.invariants.values()
        if not expr.facts & frozenset(free) and not _asks_more(expr)
    )
