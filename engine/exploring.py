"""Exploring every situation a matter can get into, in as much detail as a question needs and no more.

A question starts with little followed: what is not followed may be anything. If the answer then hangs on something that
is not followed, that is followed too, and all is explored again: in the end each way that is told is a real one, and
what is found impossible is impossible.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from engine.effort import Effort, TooLarge
from engine.escapes import by_nearness, safe_places, ways_out
from engine.expr_partly import Var
from engine.forgetting import Looks, Memory, no_look
from engine.ground import Ground
from engine.machine import Compiled
from engine.places import Move, Place, Step
from engine.regions import Regions
from engine.steps import Steps
from engine.surroundings import Surroundings

MOST_SITUATIONS = 200_000
"""Situations that are explored for one definition before it is refused as too large. PLACEHOLDER"""


@dataclass
class Figures:
    """What the exploration of a definition has cost: *situations* and *moves* in all its passes, *passes*, and time."""

    situations: int = 0
    moves: int = 0
    passes: int = 0
    milliseconds: float = 0.0

    def add(self, more: "Figures") -> None:
        """Add what another exploration has cost."""
        for name, value in more.__dict__.items():
            setattr(self, name, getattr(self, name) + value)

    def as_json(self) -> dict[str, int | float]:
        return {**self.__dict__, "milliseconds": round(self.milliseconds, 1)}


@dataclass(frozen=True, slots=True)
class Way:
    """Steps that lead from the beginning of a matter to *place*, with the places between."""

    steps: tuple[Step, ...]
    places: tuple[Place, ...]
    scene: Steps = field(repr=False, compare=False)

    @property
    def place(self) -> Place:
        return self.places[-1]


@dataclass
class Map:
    """The situations that were found, each with the move that led to it first, and the moves out of each."""

    scene: Steps
    came: dict[Place, tuple[Place | None, Move]] = field(default_factory=dict)
    moves: dict[Place, list[Move]] = field(default_factory=dict)
    order: list[Place] = field(default_factory=list)
    clean: set[Place] = field(default_factory=set)
    """Places with a way of which nothing is in doubt."""

    def way(self, place: Place) -> Way:
        """A shortest way to *place*."""
        steps, places, here = [], [place], place
        while True:
            before, move = self.came[here]
            steps.append(move.step)
            if before is None:
                return Way(tuple(reversed(steps)), tuple(reversed(places)), self.scene)
            places.append(before)
            here = before

    def doubts(self, place: Place) -> frozenset[Var]:
        """What would have to be followed to be certain of the way to *place*."""
        found, here = frozenset[Var](), place
        while True:
            before, move = self.came[here]
            found |= move.doubts
            if before is None:
                return found
            here = before


Judge = Callable[[Steps, Place], tuple[bool, frozenset[Var]]]
"""Says whether a place is one that is looked for, and what would have to be followed to be certain of it."""


class Explorer:
    """Answers questions about one machine in its surroundings."""

    def __init__(
        self, machine: Compiled, around: Surroundings, *, limit: int = MOST_SITUATIONS, corrections: bool = False,
        unstaffed: frozenset[int] = frozenset(), figures: Figures | None = None, unsure: frozenset[Var] = frozenset(),
    ) -> None:  # fmt: skip
        self.machine, self.around, self.limit = machine, around, limit
        self.regions, self.memory = Regions(machine), Memory(machine)
        self.effort = Effort(limit)
        self.ground = Ground(
            machine,
            self.regions,
            around,
            self.memory,
            self.effort,
            corrections=corrections,
            unstaffed=unstaffed,
            unsure=unsure,
        )
        self.figures = figures or Figures()
        self.fired: set[int] = set()
        """Arrows of which a real way is known on which they are fired."""
        self.fired_in: set[tuple[int, str]] = set()
        """The same, with the state in which they are."""
        self._maps: dict[tuple[frozenset[Var], frozenset[tuple[str, frozenset[Var]]]], Map] = {}
        self.floor = self.explore(())

    def explore(self, followed: Iterable[Var], looks: Looks = no_look) -> Map:
        """Explore everything in the detail of *followed*, as far as the steps and the question look at it. Raises TooLarge."""
        found = self._map(frozenset(followed), looks)
        while self._grow(found):
            pass
        return found

    def _map(self, followed: frozenset[Var], looks: Looks) -> Map:
        """What has been explored so far in this detail: what one question has seen the next need not explore again."""
        scene = self.scene(followed, looks)
        key = (followed, scene.remembered())
        found = self._maps.get(key)
        self.effort.domains = self._domains(scene)
        if found is None:
            self.figures.passes += 1
            found = self._maps[key] = Map(scene)
            for move in self.beginnings(scene):
                self._take(found, None, move)
        return found

    def scene(self, followed: frozenset[Var], looks: Looks) -> Steps:
        """The steps in that detail."""
        return Steps(self.ground, followed, looks)

    def leaves(self) -> Iterable[str]:
        """The names of the states in which places may be."""
        return self.machine.tree.leaves

    def explored(self) -> Iterable[Map]:
        """What has been explored so far, for whatever question."""
        return self._maps.values()

    def _domains(self, scene: Steps) -> dict[Var, int]:
        return {var: len(self.regions.domain(var)) for var in scene.followed}

    def beginnings(self, scene: Steps) -> Iterator[Move]:
        """Where the exploration begins: with the opening of a matter."""
        return scene.beginnings()

    def _places(self, found: Map) -> Iterator[Place]:
        """The places of *found* from the nearest to the farthest, exploring on as they are asked for."""
        for place in found.order:  # it grows while it is gone through
            yield place
            if place is found.order[-1]:
                while place is found.order[-1] and self._grow(found):
                    pass

    def _grow(self, found: Map) -> bool:
        """Look at the moves out of one more place; False if there is none left."""
        if len(found.moves) == len(found.order):
            return False
        began, place = time.perf_counter(), found.order[len(found.moves)]
        moves = list(found.scene.moves(place))
        self.figures.moves += len(moves)
        if place in found.clean:
            self.note(place, [move for move in moves if not move.doubts])
        moves = found.moves[place] = [move for move in moves if move.places != [place]]
        for move in moves:
            self._take(found, place, move)
        self.figures.milliseconds += (time.perf_counter() - began) * 1000
        return True

    def note(self, place: Place, certain: Iterable[Move]) -> None:
        """Take down the arrows that are fired by moves of which nothing is in doubt, at a place of which nothing is."""
        for move in certain:
            if move.step.arrow:
                self.fired.add(move.step.arrow.index)
                self.fired_in.add((move.step.arrow.index, place[0]))

    def _take(self, found: Map, before: Place | None, move: Move) -> None:
        """Take down the new places of *move*."""
        for place in move.places:
            if place in found.came:
                continue
            found.came[place] = (before, move)
            if not move.doubts and (before is None or before in found.clean):
                found.clean.add(place)
            found.order.append(place)
            self.figures.situations += 1
            if self.figures.situations > self.limit:
                raise TooLarge(self.limit, self._domains(found.scene))

    def find(self, wanted: Judge, followed: Iterable[Var] = (), looks: Looks = no_look) -> Way | None:
        """The shortest real way to a place that is *wanted*; None if there is none. Raises TooLarge.

        *looks* says what the judge looks at in each state, beside the state itself and what the steps look at.
        """
        follow = frozenset(followed)
        while True:
            found = self._map(follow, looks)
            place = next((place for place in self._places(found) if wanted(found.scene, place)[0]), None)
            if place is None:
                return None
            more = (found.doubts(place) | wanted(found.scene, place)[1]) - follow
            if not more:
                return found.way(place)
            follow |= more

    def stuck(self, goal: Callable[[str], bool], while_: Judge | None = None, looks: Looks = no_look) -> Way | None:
        """The shortest real way to a situation from which no *goal* state can be reached any more; None if none is.

        Only situations for which *while_* holds count; it looks at what *looks* says. State by state: from where a goal is
        surely near, the rest of the way need not be explored again, and each state is looked at in no more detail than it
        needs.
        """
        found = self.floor
        good = {leaf for leaf in self.leaves() if goal(leaf)}
        while True:
            safe = safe_places(found, good)
            here = {place[0] for place in found.came}
            good |= {leaf for leaf in here if all(place in safe for place in found.came if place[0] == leaf)}
            left = [leaf for leaf in by_nearness(found, good) if leaf not in good]
            if not left:
                return None
            ways = []
            for leaf in left:
                way = self._stuck_in(leaf, good, while_, looks)
                if way is None:
                    good.add(leaf)
                    break
                ways.append(way)
            else:
                return min(ways, key=lambda way: len(way.steps))
            if while_ is None and ways:
                return min(ways, key=lambda way: len(way.steps))

    def _stuck_in(self, leaf: str, good: set[str], while_: Judge | None, looks: Looks) -> Way | None:
        """The shortest real way to a place in *leaf* from which no *good* state can surely be reached."""
        follow = frozenset[Var]()
        while True:
            found = self.explore(follow, looks)
            safe = safe_places(found, good)
            bad = [
                place
                for place in found.came
                if place[0] == leaf and place not in safe and (while_ is None or while_(found.scene, place)[0])
            ]
            if not bad:
                return None
            more = ways_out(found, bad, safe) - follow
            if not more:
                more = found.doubts(bad[0]) - follow
                if while_ is not None:
                    more |= while_(found.scene, bad[0])[1] - follow
                if not more:
                    return found.way(bad[0])
            follow |= more
