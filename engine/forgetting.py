"""What must be remembered of a matter in each state: what somebody looks at from there on, before it is said anew.

The rest is forgotten: two situations that differ in nothing that is looked at any more are one. This loses nothing: from
both the same acts lead to the same places, so what is found from one would be found from the other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.ahead import looks_at
from engine.clock_plans import ClockPlans
from engine.definition_schema import DefinitionDoc
from engine.expr_partly import Var, facts_read, looks_beyond_facts, read_here
from engine.machine import Arrow, Compiled
from engine.names import SYSTEM

Looks = Callable[[str], frozenset[Var]]
"""What a question looks at in a state, beside what the steps themselves look at."""

Live = Mapping[str, frozenset[Var]]
"""What is remembered in each state."""

NOTHING = frozenset[Var]()

SAYINGS = ("fact", "ever", "stated")
"""What a statement of a fact changes."""

SAID = (*SAYINGS, "met")
"""What a statement of a fact changes, or may be contradicted by."""


def no_look(_: str) -> frozenset[Var]:
    """A question that looks at the state alone."""
    return NOTHING


@dataclass(frozen=True, slots=True)
class Hang:
    """What becomes of *targets* hangs on *before* (as it stood before the act) and on *after* (as it stands then)."""

    targets: frozenset[Var]
    before: frozenset[Var]
    after: frozenset[Var]


@dataclass(frozen=True, slots=True)
class Habits:
    """What one arrow looks at *before* and *after* the act, what it may change (*writes*), and what it surely says anew.

    *guard* is what is looked at before or said with the act.
    """

    guard: frozenset[Var]
    before: frozenset[Var]
    after: frozenset[Var]
    writes: frozenset[Var]
    anew: frozenset[Var]
    hangs: tuple[Hang, ...]

    def needs(self, later: frozenset[Var]) -> frozenset[Var]:
        """What must be known before the act so that what is looked at in it and *later* is known."""
        before, after = self._hung(later)
        return before | (after - self.anew)

    def told(self, later: frozenset[Var]) -> set[str]:
        """The facts of which it makes a difference what is stated with the act, if *later* is looked at."""
        before, after = self._hung(later)
        return {code for what, code in self.guard | before | after if what in SAID}

    def hangs_on(self, later: frozenset[Var]) -> frozenset[Var]:
        """All on which it hangs what the act does to what is looked at *later*: the rest it leaves as it is."""
        before, after = self._hung(later)
        read = frozenset().union(*(hang.after for hang in self.hangs if not hang.targets.isdisjoint(after)))
        return before | self.after | read | (self.writes & later)

    def _hung(self, later: frozenset[Var]) -> tuple[frozenset[Var], frozenset[Var]]:
        before, after, grown = self.before, later | self.after, True
        while grown:
            grown = False
            for hang in self.hangs:
                if not hang.targets.isdisjoint(after) and not (hang.after <= after and hang.before <= before):
                    before, after, grown = before | hang.before, after | hang.after, True
        return before, after


class Memory:
    """What the steps of one machine look at, worked out once for all questions."""

    def __init__(self, machine: Compiled) -> None:
        self.machine = machine
        self._plans = ClockPlans(machine)
        self.habits = {
            (arrow.index, arrow.src, arrow.dst): self._of(arrow)
            for found in machine.arrows.values() for each in found.values() for arrow in each
        }  # fmt: skip
        self._invariants = [expr for _, expr in machine.invariants.values()]
        self._clocks = {leaf: frozenset(self._firing(leaf)) for leaf in machine.tree.leaves}

    def of(self, arrow: Arrow) -> Habits:
        """What *arrow* looks at and changes."""
        return self.habits[arrow.index, arrow.src, arrow.dst]

    def looked_at(self, index: int) -> Iterator[tuple[str, frozenset[Var]]]:
        """What is looked at in each state to know whether the arrow *index* may be done there."""
        return ((src, habits.needs(NOTHING)) for (at, src, _), habits in self.habits.items() if at == index)

    def opened(self, later: frozenset[Var], said: set[str]) -> set[str]:
        """The facts of which it makes a difference what is stated when a matter is opened, if *later* is looked at."""
        leaf = self.machine.initial
        read = later | self._refusals(leaf, said, moved=True)
        for code, when in self.machine.deadline_when.items():
            if ("clock", code) in later:
                read |= read_here(when.node, self.machine.tree.leaves[leaf].scopes)
        told = {code for what, code in read if what in SAID}
        return told | (self._names() if told & self._names() else set())

    def live(self, followed: frozenset[Var], looks: Looks, *, corrections: bool = False) -> Live:
        """What of *followed* must be remembered in each state, for a question that *looks*."""
        leaves = self.machine.tree.leaves
        live = {leaf: (looks(leaf) | self._clocks[leaf]) & followed for leaf in leaves}
        acts = self._acts(followed)
        before = {leaf: {src for src, out in acts.items() if any(dst == leaf for dst, _ in out)} for leaf in leaves}
        waiting = list(leaves)
        while waiting:
            leaf = waiting.pop()
            found = live[leaf].union(
                *(habits.needs(live[dst]) & followed for dst, habits in acts[leaf]
                  if dst != leaf or not habits.writes.isdisjoint(live[leaf]))
            )  # fmt: skip
            if corrections:
                found = self._correctable(leaf, found, followed)
            if found != live[leaf]:
                live[leaf] = found
                waiting += [leaf, *before[leaf]]
        return live

    def _acts(self, followed: frozenset[Var]) -> dict[str, list[tuple[str, Habits]]]:
        """The acts of each state that change something that is followed."""
        found: dict[str, list[tuple[str, Habits]]] = {leaf: [] for leaf in self.machine.tree.leaves}
        for (_, src, dst), habits in self.habits.items():
            if src != dst or not habits.writes.isdisjoint(followed):
                found[src].append((dst, habits))
        return found

    def _correctable(self, leaf: str, live: frozenset[Var], followed: frozenset[Var]) -> frozenset[Var]:
        """*live*, with what the invariants look at that may refuse a correction of it."""
        scopes, grown = self.machine.tree.leaves[leaf].scopes, True
        while grown:
            codes = {code for what, code in live if what in SAID}
            more = live.union(
                *(read_here(expr.node, scopes, lenient=True) & followed
                  for expr in self._invariants if not codes.isdisjoint(facts_read(expr))),
                *((("fact", name), ("met", name)) for name in self._derived(codes))
            ) & (live | followed)  # fmt: skip
            grown, live = more != live, more
        return live

    def _derived(self, codes: Iterable[str]) -> set[str]:
        """The facts that the standards answer anew when one of *codes* is set right."""
        return {
            name for spec in self.machine.doc.evaluates.values() if not looks_at(spec).isdisjoint(codes)
            for name in (spec.threshold, spec.duty) if name
        }  # fmt: skip

    def _firing(self, leaf: str) -> Iterator[Var]:
        """The clocks that fire an act in *leaf* when they run out."""
        for code, spec in self.machine.doc.deadlines.items():
            arrows = self.machine.arrows[leaf].get(spec.on_expire or spec.on_breach or "", ())
            if any(SYSTEM in arrow.spec.role for arrow in arrows):
                yield ("clock", code)

    def _of(self, arrow: Arrow) -> Habits:
        spec, leaves = arrow.spec, self.machine.tree.leaves
        said = {*arrow.takes, *spec.sets}
        surely = {*spec.asks, *spec.sets}
        guard = self._guard(arrow)
        before = guard - {(what, code) for what in ("fact", "stated") for code in spec.asks}
        before |= frozenset(("clock", code) for code in spec.extends)
        before |= frozenset(("met", name) for name in self._names() if name in arrow.takes)
        anew = {(what, code) for what in ("fact", "stated") for code in surely}
        anew |= {("ever", code) for code, value in spec.sets.items() if value is True}
        anew |= {("visited", scope) for scope in leaves[arrow.dst].scopes}
        papers = frozenset(("has", code) for code in (*spec.needs, *spec.needs_new))
        writes = {(what, code) for what in SAYINGS for code in said} | papers | {("count", spec.trigger)}
        if arrow.src != arrow.dst:
            anew.add(("from", arrow.dst))
            writes |= {("from", arrow.dst), *(("visited", scope) for scope in leaves[arrow.dst].scopes)}
        hangs = [*self._answers(said), *self._clocked(arrow, anew), *self._spawned(arrow, anew)]
        writes |= {var for hang in hangs for var in hang.targets}
        after, changed = self._refusals(arrow.dst, said, arrow.src != arrow.dst), writes | self._stopped(arrow)
        return Habits(guard, before, after, frozenset(changed), papers | anew, tuple(hangs))

    def _guard(self, arrow: Arrow) -> frozenset[Var]:
        """What is looked at to know whether the act may be done, what it asks for too."""
        read = frozenset((("from", arrow.src),)) if arrow.back else NOTHING
        if arrow.when is not None:
            read |= read_here(arrow.when.node, self.machine.tree.leaves[arrow.src].scopes)
        return read

    def _refusals(self, leaf: str, said: set[str], moved: bool) -> frozenset[Var]:
        """What the invariants look at that may refuse that *said* is stated, or the move, in *leaf*."""
        scopes, found = self.machine.tree.leaves[leaf].scopes, NOTHING
        for spec, expr in self.machine.invariants.values():
            touched = not facts_read(expr).isdisjoint(said | self._names())
            if spec.refuses and (touched or (moved and looks_beyond_facts(expr))):
                found |= read_here(expr.node, scopes, lenient=True)
        return found

    def _names(self) -> set[str]:
        """The facts that follow from standards."""
        specs = self.machine.doc.evaluates.values()
        return {name for spec in specs for name in (spec.threshold, spec.duty) if name}

    def _answers(self, said: set[str]) -> Iterator[Hang]:
        """What the standards answer hangs on what stood before, and on the row that was met."""
        for spec in self.machine.doc.evaluates.values():
            names = [name for name in (spec.threshold, spec.duty) if name]
            if names and not looks_at(spec).isdisjoint(said):
                targets = frozenset((what, name) for what in SAID for name in names)
                yield Hang(targets, frozenset((what, name) for what in ("fact", "met") for name in names), NOTHING)

    def _clocked(self, arrow: Arrow, anew: set[Var]) -> Iterator[Hang]:
        """What a clock that the act may start hangs on; one that starts in any case is put into *anew*."""
        scopes = self.machine.tree.leaves[arrow.dst].scopes
        for code in self._plans.of(arrow).start:
            when = self.machine.deadline_when.get(code)
            if when is None:
                anew.add(("clock", code))
            read = read_here(when.node, scopes) if when is not None else NOTHING
            yield Hang(frozenset((("clock", code),)), _changing(read), read)

    def _stopped(self, arrow: Arrow) -> set[Var]:
        """The clocks that the act may stop, let rest or let run on."""
        ops, deadlines = self._plans.of(arrow), self.machine.doc.deadlines
        brought = {
            code for code, spec in deadlines.items() if not set(arrow.spec.needs_new).isdisjoint(spec.stop_documents)
        }
        return {("clock", code) for code in (*ops.end, *ops.drop, *ops.pause, *ops.resume, *brought)}

    def _spawned(self, arrow: Arrow, anew: set[Var]) -> Iterator[Hang]:
        """What a child that the act may open hangs on."""
        scopes = self.machine.tree.leaves[arrow.dst].scopes
        for spec in arrow.spec.spawn:
            targets = frozenset((("children", spec.kind), ("children", "*")))
            when = self.machine.condition(spec.when)
            if when is None:
                anew |= targets
            read = read_here(when.node, scopes) if when is not None else NOTHING
            yield Hang(targets, _changing(read), read)


def _changing(read: frozenset[Var]) -> frozenset[Var]:
    """What changes while the act is carried out, so that it may be looked at as it stood before."""
    return frozenset(var for var in read if var[0] in ("clock", "children"))


def looking(machine: Compiled, read: Iterable[tuple[str, frozenset[Var]]]) -> Looks:
    """The looks of a question that asks for what is *read* in some states."""
    found = dict.fromkeys(machine.tree.leaves, NOTHING)
    for leaf, each in read:
        found[leaf] |= each
    return lambda leaf: found[leaf]


def answered(doc: DefinitionDoc, followed: frozenset[Var]) -> set[Var]:
    """Whether a row of the standards is met, for each fact that follows from it and is followed."""
    names = {code for what, code in followed if what in ("fact", "ever", "stated")}
    return {("met", name) for spec in doc.evaluates.values() for name in (spec.threshold, spec.duty) if name in names}
