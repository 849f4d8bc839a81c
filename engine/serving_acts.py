"""Whether a state that waits for a role leaves its holder anything to do, or only time and others move it on.

A definition names for each state the roles it waits for. Some of them can only stand by there: the department that
carries out its plan until the summary begins by the calendar, the police while a court decides. What can be known of
that from the definition alone is asked here, so that lists can be cut and counted by it in the database.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from engine.machine import Arrow, Compiled
from engine.seats import Seat

MOST_WAYS = 2
"""Ways out of a state that a list names. PLACEHOLDER"""

BY_PEOPLE = 2
"""The first place in the order of ways that somebody has to go."""


def serves(machine: Compiled, state: str, role: str, at: Iterable[str], posts: Iterable[tuple[str, str]]) -> bool:
    """Whether in *state* an act is open to who is waited for as *role* at the bodies *at* by his *posts*.

    An application beside the work (a hand-over whose sender goes on), and taking it back, is no step of the work.
    """
    bodies = frozenset(at)
    held = {post for body, post in posts if body in bodies}
    waited = machine.seats[role]
    return any(
        not _beside(machine, arrow)
        and any(_same_place(machine, seat, waited, bodies) and held & seat.posts for seat in arrow.seats)
        for arrow in _arrows(machine, state)
    )


def hands(machine: Compiled, triggers: Iterable[str]) -> set[str]:
    """The posts that may do one of *triggers* somewhere."""
    named = set(triggers)
    arrows = (
        arrow for state in machine.tree.leaves for arrow in _arrows(machine, state) if arrow.spec.trigger in named
    )
    return {post for arrow in arrows for seat in arrow.seats for post in seat.posts}


def steps(machine: Compiled, possible: Iterable[str], state: str) -> list[str]:
    """Those of the *possible* triggers that are steps of the work in *state*."""
    arrows = machine.arrows[state]
    return [code for code in possible if any(not _beside(machine, arrow) for arrow in arrows.get(code, ()))]


def ways_on(machine: Compiled, state: str) -> list[dict[str, Any]]:
    """What moves the matter on from *state*, and who does it: if time or another matter does it, only that."""
    ranked = [
        (_rank(machine, arrow), arrow.index, arrow)
        for arrow in _arrows(machine, state)
        if arrow.dst != state and not arrow.back and not machine.tree.leaves[arrow.dst].final
    ]
    ranked.sort(key=lambda each: each[:2])
    by_itself = [each for each in ranked if each[0] < BY_PEOPLE]
    return _named(machine, [arrow for _, _, arrow in by_itself or ranked])


def receipts(machine: Compiled, state: str, code: str) -> list[dict[str, Any]]:
    """What gives the receipt of the hand-over *code* in *state*, and who does it."""
    triggers = machine.doc.handovers[code].received_on
    return _named(machine, [arrow for arrow in _arrows(machine, state) if arrow.spec.trigger in triggers])


def _named(machine: Compiled, arrows: Iterable[Arrow]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for arrow in arrows:
        labels = [label.model_dump() for label in machine.seat_labels(seat.role for seat in arrow.seats)]
        found.setdefault(
            arrow.spec.trigger,
            {"trigger": arrow.spec.trigger, "label": arrow.spec.label.model_dump(), "roles": labels},
        )
    return list(found.values())[:MOST_WAYS]


def _arrows(machine: Compiled, state: str) -> Iterator[Arrow]:
    for found in machine.arrows[state].values():
        yield from found


def _beside(machine: Compiled, arrow: Arrow) -> bool:
    if arrow.dst != arrow.src:
        return False
    trigger = arrow.spec.trigger
    return any(
        spec.goes_on and trigger in (*spec.sent_on, *spec.returned_on) for spec in machine.doc.handovers.values()
    )


def _rank(machine: Compiled, arrow: Arrow) -> int:
    """What runs out by itself first, then what the system does, then people in the order of the definition."""
    if any(spec.on_expire == arrow.spec.trigger for spec in machine.doc.deadlines.values()):
        return 0
    if any(seat.role == "system" for seat in arrow.seats):
        return 1
    scopes = machine.tree.leaves
    return BY_PEOPLE if scopes[arrow.src].scopes != scopes[arrow.dst].scopes else BY_PEOPLE + 1


def _same_place(machine: Compiled, seat: Seat, waited: Seat, bodies: frozenset[str]) -> bool:
    """Whether *seat* may be where the waited role is: by the same source, or as a part that one of *bodies* has."""
    if seat.of == "any" or set(seat.of.split("|")) & set(waited.of.split("|")):
        return True
    kind, _, name = seat.of.partition(":")
    return kind == "part" and machine.parts.get(name) in bodies
