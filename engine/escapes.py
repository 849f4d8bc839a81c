"""From which places of an exploration the actors can surely get to where it is good, and what must be known to say so."""

from typing import TYPE_CHECKING

from engine.expr_partly import Var
from engine.places import Place

if TYPE_CHECKING:
    from engine.exploring import Map


def by_nearness(found: "Map", good: set[str]) -> list[str]:
    """The states that were reached, those from which a good one may be nearest first."""
    into: dict[str, set[str]] = {}
    for place, moves in found.moves.items():
        for there in (there for move in moves for there in move.places):
            into.setdefault(there[0], set()).add(place[0])
    order = [place[0] for place in found.came if place[0] in good]
    for leaf in order:
        order += [each for each in sorted(into.get(leaf, ())) if each not in order]
    return list(dict.fromkeys([*order, *(place[0] for place in found.came)]))


def safe_places(found: "Map", good: set[str]) -> set[Place]:
    """The places from which the actors can surely reach a good state, whatever is not theirs to choose."""
    safe = {place for place in found.came if place[0] in good}
    into: dict[Place, list[Place]] = {}
    for place, moves in found.moves.items():
        for move in moves:
            if move.sure:
                for there in move.places:
                    into.setdefault(there, []).append(place)
    waiting = list(safe)
    while waiting:
        for place in into.get(waiting.pop(), ()):
            if place not in safe and any(move.sure and safe.issuperset(move.places) for move in found.moves[place]):
                safe.add(place)
                waiting.append(place)
    return safe


def ways_out(found: "Map", bad: list[Place], safe: set[Place]) -> frozenset[Var]:
    """What must be followed to know whether a doubtful move leads out to where it is *safe*: the nearest such move."""
    waiting = list(bad)
    seen = set(bad)
    for place in waiting:
        doubts = [
            move.doubts
            for move in found.moves[place]
            if move.doubts and not move.sure and move.step.what != "correct" and not safe.isdisjoint(move.places)
        ]
        if doubts:
            return min(doubts, key=lambda each: (len(each), sorted(each)))
        for there in (there for move in found.moves[place] for there in move.places):
            if there not in seen and there not in safe:
                seen.add(there)
                waiting.append(there)
    return frozenset()
