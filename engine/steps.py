"""The steps from one situation to the next, as far as it is followed: acts, time, documents, children, corrections."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from engine.conditions import Conditions
from engine.correcting import Corrections
from engine.effects import Effects, Known
from engine.expr_partly import STATED, YES, Var, vars_of
from engine.forgetting import Live, Looks, answered
from engine.ground import Ground, Recall
from engine.machine import Arrow
from engine.names import SYSTEM
from engine.places import Move, Place, Step
from engine.statements import Condition, Found, seek
from engine.surroundings import Birth, only_system


class Steps:
    """All steps of a machine with the variables *followed*, as far as somebody, or the question that *looks*, looks at them."""

    def __init__(self, ground: Ground, followed: frozenset[Var], looks: Looks) -> None:
        self.machine, self.regions, self.around = ground.machine, ground.regions, ground.around
        doc = self.machine.doc
        self.followed = tuple(sorted({*followed, *answered(doc, followed)}))
        self._in = frozenset(self.followed)
        self.live: Live = ground.memory.live(self._in, looks, corrections=ground.corrections)
        self._slots = {
            leaf: tuple((var, var in live, self.regions.domain(var)[0]) for var in self.followed)
            for leaf, live in self.live.items()
        }
        self.effects = Effects(self.machine, self.regions, self.followed)
        self.effort = ground.effort
        self._memory, self._unstaffed = ground.memory, ground.unstaffed
        self.noisy, self._unsure = ground.noisy, ground.unsure
        self._corrections = (
            Corrections(self.machine, self.regions, self.effects, self.live, ground.effort)
            if ground.corrections
            else None
        )
        names = {name for spec in doc.evaluates.values() for name in (spec.threshold, spec.duty) if name}
        derived = names & {code for what, code in self._in if what in ("fact", "ever")}
        self._conditions = Conditions(self.machine, derived, kept=ground.kept)
        self.guard = self._conditions.guard
        self._told: dict[tuple[int, str, str], set[str]] = {}
        self._recalled: dict[tuple[int, str, str], Recall] = {}
        self._timers = {
            arrow.trigger: [code for code, spec in doc.deadlines.items() if arrow.trigger in (spec.on_expire, spec.on_breach)]
            for arrow in doc.transitions
        }  # fmt: skip

    def remembered(self) -> frozenset[Any]:
        """What is remembered in each state: by this two explorations are told apart."""
        return frozenset(self.live.items())

    def known(self, place: Place) -> Known:
        """The values at *place*, by variable."""
        return dict(zip(self.followed, place[1], strict=True))

    def place(self, leaf: str, known: Known) -> Place:
        """The place of these values, without what nobody looks at any more."""
        return leaf, tuple([known[var] if live else blank for var, live, blank in self._slots[leaf]])

    def beginnings(self) -> Iterator[Move]:
        """How a matter can begin."""
        for birth in self.around.births:
            yield from self.born(birth, {})

    def born(self, birth: Birth, fixed: Mapping[str, Any]) -> Iterator[Move]:
        """How a matter can begin by one *birth*, with the facts *fixed* that are known: None for one that is not stated."""
        leaf = self.machine.initial
        optional = [code for code in birth.optional if code not in fixed]
        told = self._memory.opened(self.live[leaf], {*birth.sets, *birth.asks, *birth.optional})
        known = {code: value for code, value in fixed.items() if value is not None}
        for stated in self._statements(birth.asks, optional, told):
            given = {**known, **dict(birth.sets), **stated}
            said = {*birth.sets, *stated, *birth.asks, *birth.optional}
            found = self.effects.begin(leaf, given, stated if not birth.by else {}, said)
            doubts = self.effects.doubts
            places = [self.place(leaf, each) for each in found if self._conditions.kept(leaf, each) & YES]
            if places:
                step = Step("open", birth.by, None, tuple(sorted({**known, **stated}.items())), birth)
                yield Move(step, places, not doubts, frozenset(doubts))

    def _statements(self, asks: Iterable[str], optional: Iterable[str], told: set[str]) -> Iterator[dict[str, Any]]:
        """What an actor may state of the facts that are followed, as far as they are *told* apart."""
        choices: list[list[tuple[str, Any]]] = []
        for code, must in (*((code, True) for code in asks), *((code, False) for code in optional)):
            values: list[tuple[str, Any]] = (
                [(code, value) for value in self._sayable(code, must)] if code in told else []
            )
            if values:
                choices.append(values if must else [("", None), *values])
        for chosen in product(*choices):
            self.effort.spend()
            yield {code: value for code, value in chosen if code}

    def _sayable(self, code: str, must: bool) -> tuple[Any, ...]:
        """What may be stated of a fact, as far as it makes a difference; nothing if it makes none."""
        if ("fact", code) in self._in or ("ever", code) in self._in:
            return self.regions.domain(("fact", code))[1:]
        return (STATED,) if ("stated", code) in self._in and not must else ()

    def moves(self, place: Place) -> Iterator[Move]:
        """Every step that may be possible at *place*."""
        leaf = place[0]
        known = self.known(place)
        for arrows in self.machine.arrows[leaf].values():
            for arrow in arrows:
                if not self._inert(arrow):
                    yield from self.acts(arrow, known)
        if not self.machine.tree.leaves[leaf].final:
            yield from self._time(leaf, known)
            yield from self._papers(leaf, known)
        if self._corrections is not None:
            for step, found, doubts in self._corrections.of(leaf, known):
                yield Move(step, [self.place(leaf, {**known, **each}) for each in found], False, doubts)

    def fires(self, place: Place, index: int) -> Iterator[Move]:
        """The ways in which the arrow *index* may be fired at *place*, among other steps of time."""
        known = self.known(place)
        for arrows in self.machine.arrows[place[0]].values():
            for arrow in arrows:
                if arrow.index == index:
                    yield from self.acts(arrow, known)
        yield from self._time(place[0], known)

    def _inert(self, arrow: Arrow) -> bool:
        """Whether the act makes no difference to what is followed; while nothing is followed all are looked at."""
        if arrow.src != arrow.dst or not self.followed or arrow.index in self.noisy:
            return False
        return self._memory.of(arrow).writes.isdisjoint(self.live[arrow.src])

    def _of(self, arrow: Arrow) -> set[str]:
        """The facts of which it makes a difference what is stated with *arrow*."""
        key = (arrow.index, arrow.src, arrow.dst)
        found = self._told.get(key)
        if found is None:
            found = self._told[key] = self._memory.of(arrow).told(self.live[arrow.dst])
        return found

    def acts(self, arrow: Arrow, known: Known) -> list[Move]:
        """Every way to fire *arrow* that leads to a place of its own; remembered by all on which that hangs."""
        way = self._recalled.get((arrow.index, arrow.src, arrow.dst)) or self._recall(arrow)
        key = tuple([known[var] for var in way.reads])
        found = way.found.get(key)
        if found is None:
            moves = list(self._acts(arrow, known))
            found = way.found[key] = [(move, [way.changed(place) for place in move.places]) for move in moves]
            return moves
        here = list(self.place(arrow.dst, known)[1])
        return [Move(move.step, [way.place(here, each) for each in to], move.sure, move.doubts) for move, to in found]

    def _recall(self, arrow: Arrow) -> "Recall":
        habits, live = self._memory.of(arrow), self.live[arrow.dst]
        reads = tuple(var for var in self.followed if var in habits.hangs_on(live))
        slots = [at for at, var in enumerate(self.followed) if var in live and var in habits.writes | habits.anew]
        made = self._recalled[arrow.index, arrow.src, arrow.dst] = Recall(arrow.dst, reads, tuple(slots))
        return made

    def _acts(self, arrow: Arrow, known: Known) -> Iterator[Move]:
        seen: dict[tuple[Place, ...], int] = {}
        for sure, doubts in self._impulses(arrow):
            for stated in self._statements(arrow.spec.asks, arrow.spec.optional, self._of(arrow)):
                move = self._act(arrow, known, stated, sure, doubts)
                if move is None or seen.get(tuple(move.places), -1) >= (not move.doubts):
                    continue
                seen[tuple(move.places)] = not move.doubts
                yield move

    def _impulses(self, arrow: Arrow) -> Iterator[tuple[bool, frozenset[Var]]]:
        """Whether a person (or what sends it) can bring the act about, or a clock that is not followed may."""
        spec = arrow.spec
        if not only_system(spec.role) or spec.trigger in self.around.sent:
            lone = only_system(spec.role) and ("signal", spec.trigger) in self._unsure
            yield arrow.index not in self._unstaffed and not lone, frozenset()
            return
        clocks = frozenset(("clock", code) for code in self._timers[spec.trigger]) - self._in
        if clocks:
            yield False, clocks

    def _act(
        self, arrow: Arrow, known: Known, stated: dict[str, Any], sure: bool, doubts: frozenset[Var]
    ) -> Move | None:
        if arrow.back:
            came = known.get(("from", arrow.src), arrow.dst)
            if came != arrow.dst:
                return None
            if ("from", arrow.src) not in self._in:
                doubts |= {("from", arrow.src)}
        runs = self._conditions.extends(arrow, known)
        if runs is False:
            return None
        if runs is None:
            doubts |= frozenset(("clock", code) for code in arrow.spec.extends)
        guards = self._conditions.guard(arrow, known, stated)
        if guards and not guards[0].outcomes({}) & YES:
            return None
        after = self.effects.act(known, arrow, stated)
        dim = frozenset(self.effects.doubts)
        places, said, unsure = self._land(arrow, after, guards, stated)
        if not places:
            return None
        step = Step("act", arrow.spec.trigger, arrow, tuple(sorted({**stated, **said}.items())))
        doubts |= dim | unsure
        return Move(
            step, places, sure and not doubts and not self._conditions.contradicted(arrow, known, stated), doubts
        )

    def _land(
        self, arrow: Arrow, after: list[Known], guards: list[Condition], stated: dict[str, Any]
    ) -> tuple[list[Place], dict[str, Any], frozenset[Var]]:
        """The places to which the act can lead, what is said to get there, and what is in doubt."""
        open_ = {code for code, value in stated.items() if value is STATED}
        asks = open_.union(arrow.spec.asks)
        takes = (arrow.takes - stated.keys()) | open_
        free = [(code, code in asks) for code in sorted(takes) if ("fact", code) not in self._in]
        places, said, unsure = [], {}, frozenset[Var]()
        said_now = {(what, code) for what in ("fact", "stated") for code in arrow.spec.asks}
        for each in after:
            conditions = guards + self._conditions.refusals(arrow, each, stated)
            found = self.seek(conditions, free)
            if found.possible:
                places.append(self.place(arrow.dst, each))
                said = found.stated
            if not found.certain:
                read = frozenset().union(*(vars_of(one.node) for one in conditions))
                unsure |= (read - self._in - said_now) if found.possible or len(after) > 1 else frozenset()
        return list(dict.fromkeys(places)), said, unsure

    def seek(self, conditions: list[Condition], choices: list[tuple[str, bool]]) -> Found:
        """Look for a statement of *choices* under which the conditions hold. Raises TooLarge."""
        found = seek(conditions, choices, self.regions.domain)
        self.effort.spend(found.tried)
        return found

    def _time(self, leaf: str, known: Known) -> Iterator[Move]:
        """Time passes: a clock that runs runs out, a day of the campaign comes."""
        for var in sorted(self.live[leaf]):
            what, code = var
            if what == "clock" and known[var] == "running":
                yield from self._over(leaf, known, code)
            elif what in ("date", "since") and not known[var]:
                yield Move(Step("day", code), [self.place(leaf, {**known, var: True})], what == "date")
            elif what == "children" and known[var]:
                yield Move(Step("child", code), [self.place(leaf, {**known, var: False})], var not in self._unsure)

    def _over(self, leaf: str, known: Known, code: str) -> Iterator[Move]:
        """A clock runs out, unless that fires an act."""
        spec = self.machine.doc.deadlines[code]
        out = {**known, ("clock", code): "" if spec.timer else "over"}
        fired = [
            move
            for arrow in self.machine.arrows[leaf].get(spec.on_expire or spec.on_breach or "", ())
            if SYSTEM in arrow.spec.role
            for move in self._fired(arrow, out, code)
        ]
        doubts = frozenset().union(*(move.doubts for move in fired)) if fired else frozenset()
        yield from fired
        if not fired or doubts:
            yield Move(Step("time", code), [self.place(leaf, out)], not doubts, doubts)

    def _fired(self, arrow: Arrow, known: Known, clock: str) -> Iterator[Move]:
        """The act that a clock fires: nothing is stated with it."""
        if arrow.spec.asks or arrow.spec.needs_new:
            return
        move = self._act(arrow, known, {}, True, frozenset())
        if move is not None:
            move.step = Step("act", move.step.about, arrow, (), None, clock)
            yield move

    def told(self, place: Place, trigger: str) -> Iterator[Move]:
        """The ways in which a signal may fire *trigger* at *place*: nothing is stated with it and no document brought."""
        known = self.known(place)
        for arrow in self.machine.arrows[place[0]].get(trigger, ()):
            if SYSTEM not in arrow.spec.role or arrow.spec.asks or arrow.spec.needs_new:
                continue
            held = [known.get(("has", code)) for code in arrow.spec.needs]
            move = None if False in held else self._act(arrow, known, {}, True, frozenset())
            if move is not None:
                move.doubts |= frozenset(("has", code) for code in arrow.spec.needs) - self._in
                yield move

    def _papers(self, leaf: str, known: Known) -> Iterator[Move]:
        """A document is brought without a move."""
        live = self.live[leaf]
        stops = {
            code for what, each in live if what == "clock" for code in self.machine.doc.deadlines[each].stop_documents
        }
        papers = {code for what, code in live if what == "has" and not known[(what, code)]} | stops
        for code in sorted(papers):
            after = dict(known)
            if ("has", code) in self._in:
                after[("has", code)] = True
            self.effects.brought(after, [code])
            if after != known:
                yield Move(Step("attach", code), [self.place(leaf, after)], True)
