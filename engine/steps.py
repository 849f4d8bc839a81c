"""The steps from one situation to the next, as far as it is followed: acts, time, documents, children, corrections."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from engine.correcting import corrected, corrections
from engine.definition_schema import DefinitionDoc
from engine.effects import Effects, Known, sources
from engine.expr_partly import NO, STATED, YES, Partly, Var, facts_read, looks_beyond_facts, vars_of
from engine.machine import Arrow, Compiled
from engine.names import SYSTEM
from engine.places import Move, Place, Step
from engine.regions import Regions
from engine.statements import Condition, seek
from engine.surroundings import Surroundings, only_system


class Steps:
    """All steps of a machine, with the variables *followed*. With *corrections* any fact may be set right at any time."""

    def __init__(
        self, machine: Compiled, regions: Regions, around: Surroundings, followed: frozenset[Var], *,
        corrections: bool = False, unstaffed: frozenset[int] = frozenset(), kept: bool = True,
    ) -> None:  # fmt: skip
        self.machine, self.regions, self.around = machine, regions, around
        self.followed = tuple(sorted({*followed, *_answered(machine.doc, followed)}))
        self.effects = Effects(machine, regions, self.followed)
        self.corrections, self.unstaffed = corrections, unstaffed
        self._in = frozenset(self.followed)
        self._idle: dict[tuple[int, str, str], bool] = {}
        doc = machine.doc
        self.refusing = [expr for spec, expr in machine.invariants.values() if spec.refuses] if kept else []
        names = {name for spec in doc.evaluates.values() for name in (spec.threshold, spec.duty) if name}
        self._derived = names & {code for what, code in self._in if what in ("fact", "ever")}
        self._timers = {
            arrow.trigger: [code for code, spec in doc.deadlines.items() if arrow.trigger in (spec.on_expire, spec.on_breach)]
            for arrow in doc.transitions
        }  # fmt: skip

    def known(self, place: Place) -> Known:
        """The values at *place*, by variable."""
        return dict(zip(self.followed, place[1], strict=True))

    def place(self, leaf: str, known: Known) -> Place:
        """The place of these values."""
        return leaf, tuple(known[var] for var in self.followed)

    def beginnings(self) -> Iterator[Move]:
        """How a matter can begin."""
        leaf = self.machine.initial
        for birth in self.around.births:
            for stated in self._statements(birth.asks, birth.optional):
                given = {**dict(birth.sets), **stated}
                said = {*birth.sets, *stated, *birth.asks, *birth.optional}
                found = self.effects.begin(leaf, given, stated if not birth.by else {}, said)
                doubts = self.effects.doubts
                places = [self.place(leaf, each) for each in found if self._kept(leaf, each) & YES]
                if places:
                    step = Step("open", birth.by, None, tuple(sorted(stated.items())), birth)
                    yield Move(step, places, not doubts, frozenset(doubts))

    def _kept(self, leaf: str, known: Mapping[Var, Any]) -> int:
        """Whether the invariants that refuse let this be."""
        found, scopes = YES, self.machine.tree.leaves[leaf].scopes
        for expr in self.refusing:
            bits = Partly(scopes, known, lenient=True).outcomes(expr.node)
            if not bits & NO:
                return NO
            found |= NO if bits & YES else 0
        return found

    def _statements(self, asks: Iterable[str], optional: Iterable[str]) -> Iterator[dict[str, Any]]:
        """What an actor may state of the facts that are followed."""
        choices: list[list[tuple[str, Any]]] = []
        for code, must in (*((code, True) for code in asks), *((code, False) for code in optional)):
            values: list[tuple[str, Any]] = [(code, value) for value in self._sayable(code, must)]
            if values:
                choices.append(values if must else [("", None), *values])
        for chosen in product(*choices):
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
        if self.corrections:
            for code, value, broken in corrections(self.machine, self.regions, leaf, known):
                after = corrected(known, code, value)
                step = Step("correct", code, None, ((code, value),))
                yield Move(step, [self.place(leaf, after)], False, broken)

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
        key = (arrow.index, arrow.src, arrow.dst)
        found = self._idle.get(key)
        if found is None:
            found = self._idle[key] = bool(self.followed) and self.effects.inert(arrow)
        return found

    def acts(self, arrow: Arrow, known: Known) -> Iterator[Move]:
        """Every way to fire *arrow* that leads to a place of its own."""
        seen: dict[tuple[Place, ...], int] = {}
        for sure, doubts in self._impulses(arrow):
            for stated in self._statements(arrow.spec.asks, arrow.spec.optional):
                move = self._act(arrow, known, stated, sure, doubts)
                if move is None or seen.get(tuple(move.places), -1) >= (not move.doubts):
                    continue
                seen[tuple(move.places)] = not move.doubts
                yield move

    def _run_out(self, clock: str) -> str:
        return "" if self.machine.doc.deadlines[clock].timer else "over"

    def _impulses(self, arrow: Arrow) -> Iterator[tuple[bool, frozenset[Var]]]:
        """Whether a person (or what sends it) can bring the act about, or a clock that is not followed may."""
        spec = arrow.spec
        if not only_system(spec.role) or spec.trigger in self.around.sent:
            yield arrow.index not in self.unstaffed, frozenset()
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
        runs = self._extends(arrow, known)
        if runs is False:
            return None
        if runs is None:
            doubts |= frozenset(("clock", code) for code in arrow.spec.extends)
        guards = self.guard(arrow, known, stated)
        if guards and not guards[0].outcomes({}) & YES:
            return None
        after = self.effects.act(known, arrow, stated)
        dim = frozenset(self.effects.doubts)
        places, said, unsure = self._land(arrow, after, guards, stated)
        if not places:
            return None
        step = Step("act", arrow.spec.trigger, arrow, tuple(sorted({**stated, **said}.items())))
        doubts |= dim | unsure
        return Move(step, places, sure and not doubts and not self._contradicted(arrow, known, stated), doubts)

    def _land(
        self, arrow: Arrow, after: list[Known], guards: list[Condition], stated: dict[str, Any]
    ) -> tuple[list[Place], dict[str, Any], frozenset[Var]]:
        """The places to which the act can lead, what is said to get there, and what is in doubt."""
        open_ = {code for code, value in stated.items() if value is STATED}
        asks = open_.union(arrow.spec.asks)
        takes = (arrow.takes - stated.keys()) | open_
        free = [(code, code in asks) for code in sorted(takes) if ("fact", code) not in self._in]
        places, said, unsure = [], {}, frozenset[Var]()
        for each in after:
            conditions = guards + self._refusals(arrow, each, stated)
            found = seek(conditions, free, self.regions.domain)
            if found.possible:
                places.append(self.place(arrow.dst, each))
                said = found.stated
            if not found.certain:
                read = frozenset().union(*(vars_of(one.node) for one in conditions))
                unsure |= (read - self._in) if found.possible or len(after) > 1 else frozenset()
        return list(dict.fromkeys(places)), said, unsure

    def guard(self, arrow: Arrow, known: Mapping[Var, Any], stated: Mapping[str, Any]) -> list[Condition]:
        """What the guard of *arrow* asks of a situation in which *stated* is said; nothing if it has none."""
        if arrow.when is None:
            return []
        scopes = self.machine.tree.leaves[arrow.src].scopes
        now = {**known, **{("fact", code): STATED for code in arrow.spec.asks}}
        now.update((("fact", code), value) for code, value in stated.items())
        return [Condition(arrow.when.node, scopes, now)]

    def _refusals(self, arrow: Arrow, after: Known, stated: Mapping[str, Any]) -> list[Condition]:
        """The invariants that refuse and that the act may break, asked of the situation after it."""
        said = {*arrow.spec.asks, *stated, *arrow.spec.sets} | self._derived
        touched = [
            expr
            for expr in self.refusing
            if not said.isdisjoint(facts_read(expr)) or (arrow.src != arrow.dst and looks_beyond_facts(expr))
        ]
        if not touched:
            return []
        scopes = self.machine.tree.leaves[arrow.dst].scopes
        now: Known = {("fact", code): STATED for code in arrow.spec.asks}
        now.update((("fact", code), value) for code, value in {**stated, **arrow.spec.sets}.items())
        now.update(after)
        return [Condition(expr.node, scopes, now, NO, lenient=True) for expr in touched]

    def _contradicted(self, arrow: Arrow, known: Known, stated: Mapping[str, Any]) -> bool:
        """Whether a standard may stand against the statement: a row that is met, or met by what else is stated."""
        return any(
            stated.get(name) is False
            and (known.get(("met", name), True) or not sources(spec).isdisjoint((*arrow.spec.asks, *arrow.spec.sets)))
            for spec in self.machine.doc.evaluates.values()
            for name in (spec.threshold, spec.duty)
            if name
        )

    def _extends(self, arrow: Arrow, known: Mapping[Var, Any]) -> bool | None:
        """Whether one of the clocks that the arrow puts off runs; None if that is not known."""
        if not arrow.spec.extends:
            return True
        stands = [known.get(("clock", code)) for code in arrow.spec.extends]
        return True if "running" in stands else None if None in stands else False

    def _time(self, leaf: str, known: Known) -> Iterator[Move]:
        """Time passes: a clock that runs runs out, a day of the campaign comes."""
        for var in self.followed:
            what, code = var
            if what == "clock" and known[var] == "running":
                yield from self._over(leaf, known, code)
            elif what in ("date", "since") and not known[var]:
                yield Move(Step("day", code), [self.place(leaf, {**known, var: True})], what == "date")
            elif what == "children" and known[var]:
                yield Move(Step("child", code), [self.place(leaf, {**known, var: False})], True)

    def _over(self, leaf: str, known: Known, code: str) -> Iterator[Move]:
        """A clock runs out, unless that fires an act."""
        spec = self.machine.doc.deadlines[code]
        fired = [
            move
            for arrow in self.machine.arrows[leaf].get(spec.on_expire or spec.on_breach or "", ())
            if SYSTEM in arrow.spec.role
            for move in self._fired(arrow, {**known, ("clock", code): self._run_out(code)}, code)
        ]
        doubts = frozenset().union(*(move.doubts for move in fired)) if fired else frozenset()
        yield from fired
        if not fired or doubts:
            yield Move(
                Step("time", code),
                [self.place(leaf, {**known, ("clock", code): self._run_out(code)})],
                not doubts,
                doubts,
            )

    def _fired(self, arrow: Arrow, known: Known, clock: str) -> Iterator[Move]:
        """The act that a clock fires: nothing is stated with it."""
        if arrow.spec.asks or arrow.spec.needs_new:
            return
        move = self._act(arrow, known, {}, True, frozenset())
        if move is not None:
            move.step = Step("act", move.step.about, arrow, (), None, clock)
            yield move

    def _papers(self, leaf: str, known: Known) -> Iterator[Move]:
        """A document is brought without a move."""
        stops = {code for each in self.effects.clocks for code in self.machine.doc.deadlines[each].stop_documents}
        papers = {code for what, code in self.followed if what == "has" and not known[(what, code)]} | stops
        for code in sorted(papers):
            after = dict(known)
            if ("has", code) in self._in:
                after[("has", code)] = True
            self.effects.brought(after, [code])
            if after != known:
                yield Move(Step("attach", code), [self.place(leaf, after)], True)


def _answered(doc: DefinitionDoc, followed: frozenset[Var]) -> set[Var]:
    """Whether a row of the standards is met, for each fact that follows from it and is followed."""
    names = {code for what, code in followed if what in ("fact", "ever", "stated")}
    return {("met", name) for spec in doc.evaluates.values() for name in (spec.threshold, spec.duty) if name in names}
