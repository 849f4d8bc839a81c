"""The steps of one matter, with whether the other of a pair is on hold for it: put there by it, and let go by nothing since.

The matter whose steps are taken *keeps* the other: it opened it, or was opened by it, and signals to it. Of the *kept* one
no more is followed than that it is on hold, and how it stands there; elsewhere it may do anything at any time.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from engine.exploring import Map
from engine.expr_partly import ANY_KIND, NO, UNSTATED, YES, Partly, Var, vars_of
from engine.forgetting import SAYINGS, Looks
from engine.ground import Ground
from engine.kin import ABOVE, BELOW, Pair, arrows_of, leading_to
from engine.kin_schema import SignalSpec, SpawnSpec
from engine.machine import Arrow
from engine.names import SYSTEM
from engine.places import Move, Place, Step
from engine.sides import Doubts, SideStep, looks_of, of_side, sided
from engine.steps import Steps
from engine.surroundings import LADDER, Birth

NOT_OPENED: Place = ("-", ())
"""Where a child stands that is not opened yet."""

AWAY: Place = ("", ())
"""Where the kept one stands while it is not on hold for the other."""

NONE: Doubts = frozenset()

Outcome = tuple[Place, Doubts]


class Kept(NamedTuple):
    """Where the keeper stands, and where the kept one does: not opened, away, or on hold at a place of its own."""

    keeper: Place
    kept: Place


class Holding:
    """All steps of the keeper on one *side*; how the kept one gets on hold is read from the exploration of it, *kept*."""

    def __init__(
        self, pair: Pair, side: int, grounds: tuple[Ground, Ground], kept: Map, followed: Doubts, looks: Looks
    ) -> None:
        self.pair, self.side, self.other = pair, side, BELOW if side == ABOVE else ABOVE
        own = looks_of(pair, side)
        self.scene = Steps(grounds[0], of_side(side, followed), lambda leaf: own(leaf) | looks(leaf))
        self.theirs = kept.scene
        self.followed = tuple(
            sorted(
                sided(self.side, frozenset(self.scene.followed)) | sided(self.other, frozenset(self.theirs.followed))
            )
        )
        self._leaves = pair.machines[side].tree.leaves
        self.holds, self._heard = pair.holds(self.other), pair.signals(self.other)
        self._names: dict[tuple[str, str], str] = {}
        self._counts = ("children", pair.below.kind), ("children", ANY_KIND)
        self._children = [var for var in self.theirs.followed if var in self._counts] if self.other == ABOVE else []
        self._entries = self._entered(kept)
        self._noisy, self._moves = pair.noisy(side), dict[Place, list[Move]]()
        self._again = self._entering()
        self._barest: dict[Place, Place] = {}
        habits = grounds[1].memory.habits
        self._looked = {
            leaf: NONE.union(*(each.needs(NONE) for (_, src, _), each in habits.items() if src == leaf))
            for leaf in self.holds
        }

    def remembered(self) -> frozenset[Any]:
        """What is remembered in each state of either side."""
        return frozenset(
            (side, each) for side, scene in ((self.side, self.scene), (self.other, self.theirs))
            for each in scene.remembered()
        )  # fmt: skip

    def _entered(self, kept: Map) -> dict[tuple[int, str], dict[Place, Doubts]]:
        """Where the kept one may come to be on hold by each of its arrows, by its index and the state, and what is in doubt."""
        found: dict[tuple[int, str], dict[Place, Doubts]] = {}
        for before, moves in kept.moves.items():
            doubts: Doubts | None = None
            for move in moves:
                arrow = move.step.arrow
                if arrow is None or arrow.dst not in self.holds or arrow.src == arrow.dst:
                    continue
                doubts = kept.doubts(before) if doubts is None else doubts
                places = found.setdefault((arrow.index, arrow.dst), {})
                for there in map(self._counted, move.places):
                    unsure = sided(self.other, doubts | move.doubts)
                    if there not in places or len(unsure) < len(places[there]):
                        places[there] = unsure
        return found

    def entry(self, kept: Map, there: Place) -> tuple[Place, Move, Place]:
        """Where the kept one stood before it came to *there* on hold, its move, and where it led: of ways without a doubt first."""
        ways = [
            (before, move, place)
            for before, moves in kept.moves.items() for move in moves for place in move.places
            if move.step.arrow is not None and place[0] == there[0] and self._bare(self._counted(place)) == there
        ]  # fmt: skip
        return min(ways, key=lambda way: len(kept.doubts(way[0]) | way[1].doubts))

    def _entering(self) -> frozenset[str]:
        """The states of the keeper from which it may still come to open the other or to put it on hold."""
        arrows = list(arrows_of(self.pair.machines[self.side]))
        kept = self.pair.machines[self.other].doc.transitions
        enters = {kept[index].trigger for index, _ in self._entries}
        found = {
            arrow.src for arrow in arrows
            if self.pair.spawns(self.side, arrow) or any(each.trigger in enters for each in self.pair.sent(self.side, arrow))
        }  # fmt: skip
        return leading_to(found, arrows)

    def _counted(self, there: Place) -> Place:
        """A place on hold of the one above, which knows that the one below is open."""
        if not self._children:
            return there
        known = self.theirs.known(there)
        return self.theirs.place(there[0], {**known, **dict.fromkeys(self._children, True)})

    def _bare(self, kept: Place) -> Place:
        """A place on hold without what no way out of it looks at: where it leads to is not followed."""
        if kept[0] not in self.holds:
            return AWAY if kept[0] else kept
        found = self._barest.get(kept)
        if found is None:
            looked = self._looked[kept[0]]
            domains = ((var, self.theirs.regions.domain(var)[0]) for var in self.theirs.followed)
            values = tuple([value if var in looked else blank
                            for value, (var, blank) in zip(kept[1], domains, strict=True)])  # fmt: skip
            found = self._barest[kept] = (kept[0], values)
        return found

    # --- places ---------------------------------------------------------------------------------------------------

    def place(self, keeper: Place, kept: Place) -> Place:
        """The joint place: its name says in which states the two are."""
        key = (keeper[0], kept[0])
        name = self._names.get(key) or self._names.setdefault(key, "|".join(key))
        return name, Kept(keeper, kept)

    @staticmethod
    def both(place: Place) -> Kept:
        """Where the two stand at a joint place."""
        found: Any = place[1]
        return found  # type: ignore[no-any-return]

    def over(self, keeper: Place) -> bool:
        """Say whether the keeper is over at a place."""
        leaf = self._leaves[keeper[0]]
        return leaf.final or leaf.closed

    def left(self, place: Place) -> bool:
        """Say whether the kept one is on hold there for a keeper that is over."""
        both = self.both(place)
        return both.kept[0] in self.holds and self.over(both.keeper)

    # --- steps ----------------------------------------------------------------------------------------------------

    def beginnings(self) -> Iterator[Move]:
        """How the keeper begins: by itself, or opened by the other, which may be on hold for it from then on."""
        if self.side == ABOVE:
            for move in self.scene.beginnings():
                yield self._moved(move, [self.place(there, NOT_OPENED) for there in move.places], NONE)
            return
        for birth in (each for each in self.scene.around.births if each.by == LADDER):
            for move in self.scene.born(birth, {}):
                yield self._moved(move, [self.place(there, AWAY) for there in move.places], NONE)
        arrows = {(arrow.index, arrow.dst): arrow for arrow in arrows_of(self.pair.above)}
        for arrow in arrows.values():
            for spawn in self.pair.spawns(ABOVE, arrow):
                yield from self._born(arrow, spawn)

    def _born(self, arrow: Arrow, spawn: SpawnSpec) -> Iterator[Move]:
        birth = Birth(self.pair.above.kind, dict(spawn.sets), (), tuple(spawn.facts))
        ways = self._entries.get((arrow.index, arrow.dst), {}) if arrow.dst in self.holds else {AWAY: NONE}
        for kept, doubts in ways.items():
            bits, unsure = self._bits(ABOVE, spawn.when, kept) if kept is not AWAY else (YES, NONE)
            if not bits & YES:
                continue
            fixed, open_ = self._handed(spawn, kept)
            for move in self.scene.born(birth, fixed):
                places = [self.place(there, self._bare(kept)) for there in move.places]
                yield self._moved(move, places, doubts | sided(self.other, unsure | open_))

    def _handed(self, spawn: SpawnSpec, kept: Place) -> tuple[Mapping[str, Any], Doubts]:
        """The facts handed over by whoever is on hold now, as far as they are known, and what must be followed to know more."""
        if kept is AWAY:
            return {}, NONE
        known, looked = self.theirs.known(kept), {code for what, code in self.scene.followed if what in SAYINGS}
        fixed, doubts = dict[str, Any](), set[Var]()
        for theirs, ours in spawn.facts.items():
            if theirs not in looked or theirs in spawn.sets:
                continue
            if ("fact", ours) not in known:
                doubts |= {("fact", ours)} if self.pair.above.doc.facts[ours].type in ("bool", "enum") else set()
            elif (value := known["fact", ours]) is None or value in self.scene.regions.domain(("fact", theirs)):
                fixed[theirs] = value
        return fixed, frozenset(doubts)

    def moves(self, place: Place) -> Iterator[Move]:
        """Every step of the keeper that may be possible at *place*, and those of the kept one while it is on hold."""
        here = self.both(place)
        if self.over(here.keeper) or (here.kept[0] not in self.holds and here.keeper[0] not in self._again):
            return
        steps = self._moves.get(here.keeper)
        if steps is None:
            steps = self._moves[here.keeper] = list(self.scene.moves(here.keeper))
        for move in steps:
            if move.step.arrow is None or move.step.arrow.index not in self._noisy:
                yield self._moved(move, [self.place(there, here.kept) for there in move.places], NONE)
                continue
            places, doubts = list[Place](), NONE
            for there in move.places:
                for kept, unsure in self._reached(here, move.step.arrow, there):
                    places.append(self.place(there, kept))
                    doubts |= unsure
            yield self._moved(move, list(dict.fromkeys(places)), doubts)
        if here.kept[0] in self.holds:
            yield from self._stirs(here)

    def _stirs(self, here: Kept) -> Iterator[Move]:
        """What the kept one does by itself while it is on hold."""
        for move in self.theirs.moves(here.kept):
            arrow = move.step.arrow
            if (arrow is not None and arrow.spec.trigger in self._heard) or move.step.what == "child":
                continue
            places = [self.place(here.keeper, self._bare(there)) for there in move.places]
            yield Move(self._step(move.step, self.other), places, False, sided(self.other, move.doubts))

    def _moved(self, move: Move, places: list[Place], doubts: Doubts) -> Move:
        return Move(self._step(move.step, self.side), places, False, sided(self.side, move.doubts) | doubts)

    @staticmethod
    def _step(step: Step, side: int) -> SideStep:
        return SideStep(step.what, step.about, step.arrow, step.stated, step.birth, step.clock, side)

    def _reached(self, here: Kept, arrow: Arrow, there: Place) -> list[Outcome]:
        """Where the kept one may be after an act of the keeper, and what is in doubt."""
        found: list[Outcome] = [(here.kept, NONE)]
        if here.kept is NOT_OPENED:
            opened = [self._bits(ABOVE, each.when, there)
                      for each in self.pair.spawns(self.side, arrow)]  # fmt: skip
            for bits, unsure in opened:
                found += [(AWAY, sided(self.side, unsure))] if bits & YES else []
            return found
        for signal in self.pair.sent(self.side, arrow):
            found = [each for one in found for each in self._signalled(one, signal, there)]
        return found

    def _signalled(self, one: Outcome, signal: SignalSpec, there: Place) -> list[Outcome]:
        kept, doubts = one
        bits, unsure = self._bits(self.side, signal.when, there, True)
        if not bits & YES:
            return [one]
        doubts |= sided(self.side, unsure)
        missed = [(kept, doubts)] if bits & (NO | UNSTATED) else []
        if kept is AWAY:
            return [*missed, (AWAY, doubts), *self._enters(signal.trigger, doubts)]
        moves = list(self.theirs.told(kept, signal.trigger))
        unsure = frozenset().union(*(sided(self.other, move.doubts) for move in moves))
        if all(move.doubts for move in moves):
            missed = [(kept, doubts | unsure)]
        return [
            *missed,
            *((self._bare(to), doubts | unsure) for move in moves for to in move.places),
        ]

    def _enters(self, trigger: str, doubts: Doubts) -> Iterator[Outcome]:
        """The ways in which a signal may put the other matter on hold."""
        for (index, _), places in self._entries.items():
            arrow = self.pair.machines[self.other].doc.transitions[index]
            if arrow.trigger == trigger and SYSTEM in arrow.role:
                yield from {self._bare(place): doubts | unsure for place, unsure in places.items()}.items()

    def _bits(self, side: int, when: str | None, at: Place, opened: bool | None = None) -> tuple[int, Doubts]:
        """Whether a condition of an act holds once it is done, and what would have to be followed to know.

        Children of the pair are taken as *opened* or not; None says that it is not known how many there were.
        """
        scene, machine = (self.scene if side == self.side else self.theirs), self.pair.machines[side]
        expr = machine.condition(when)
        if expr is None:
            return YES, NONE
        known = {var: value for var, value in scene.known(at).items() if var not in self._counts}
        known |= dict.fromkeys(self._counts, opened) if opened is not None and side == ABOVE else {}
        bits = Partly(machine.tree.leaves[at[0]].scopes, known).outcomes(expr.node)
        unsure = vars_of(expr.node) - frozenset((*scene.followed, *self._counts))
        return bits, unsure if bits & (NO | UNSTATED) else NONE
