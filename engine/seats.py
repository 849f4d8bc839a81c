"""Seats: the roles of a definition bound to a campaign, and who sits on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.orders import Actor

if TYPE_CHECKING:
    from engine.machine import Compiled


@dataclass(frozen=True, slots=True)
class Seat:
    """A role bound to a campaign: the posts that hold it, and how the body is found.

    *sources* are the places in *of*, read once: kind and name of each.
    """

    role: str
    of: str
    posts: frozenset[str]
    sources: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places = (source.partition(":") for source in self.of.split("|"))
        object.__setattr__(self, "sources", tuple((kind, name) for kind, _, name in places))

    def body(self, parts: Mapping[str, str], matter_body: str, facts: Mapping[str, Any]) -> str | None:
        """The body whose posts hold the role for this matter; None if any body's do."""
        for kind, name in self.sources:
            if kind == "matter":
                return matter_body
            if kind == "any":
                return None
            found = facts.get(name) if kind == "fact" else parts.get(name)
            if found:
                return str(found)
        return ""

    def held_by(self, actor: Actor, parts: Mapping[str, str], matter_body: str, facts: Mapping[str, Any]) -> bool:
        if not actor.posts:
            return False
        body = self.body(parts, matter_body, facts)
        for at, post in actor.posts:  # noqa: SIM110 - asked several times an order, and a generator takes twice the time
            if post in self.posts and (body is None or at == body):
                return True
        return False


def acting_in(machine: "Compiled", leaf: str) -> tuple[frozenset[str | None], tuple[Seat, ...]]:
    """Who may act in the state *leaf*, or is waited for there: bodies, and seats whose body the facts of a matter name.

    None is any body. The system is none, and the matter's own body is left out.
    """
    roles = {seat.role for arrows in machine.arrows[leaf].values() for arrow in arrows for seat in arrow.seats}
    fixed: set[str | None] = set()
    named: list[Seat] = []
    for role in sorted({*roles, *machine.tree.leaves[leaf].waits_for} - {"system"}):
        seat = machine.seats[role]
        kind, name = next(
            (each for each in seat.sources if each[0] != "part" or machine.parts.get(each[1])), ("matter", "")
        )
        if kind == "any":
            fixed.add(None)
        elif kind == "part":
            fixed.add(machine.parts[name])
        elif kind != "matter":
            named.append(seat)
    return frozenset(fixed), tuple(named)
