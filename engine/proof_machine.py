"""What a machine must be to be let through: every question asked of all situations it can get into."""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any

from engine.definition_schema import ArrowSpec, InvariantSpec, Label
from engine.exploring import Explorer, Judge, Way
from engine.expr import compile_expr
from engine.expr_partly import STATED, YES, Var, vars_of
from engine.forgetting import Looks, looking, no_look
from engine.judging import holding, seen
from engine.machine import Arrow
from engine.places import Place
from engine.proof_clocks import ClocksProof
from engine.proof_finding import Finding, state_path
from engine.proof_idle import IdleProof
from engine.proof_words import Words
from engine.statements import Condition
from engine.steps import Steps

MOST_FOLLOWED_VALUES = 64
"""Statements of one act that are looked at for gaps. PLACEHOLDER"""


QUESTIONS = (
    "states", "invariants", "ends", "arrows", "overlaps", "gaps", "waiting", "pauses", "clocks", "monitors", "starts", "guards",
)  # fmt: skip
"""What is asked of a machine; the states that are reached are found first."""

ADVICE = frozenset({"guard_always_true"})
"""Findings that harm nothing: they are told, and hold nobody up."""


class MachineProof:
    """The questions about one machine, asked of an explorer."""

    def __init__(self, explorer: Explorer, trusting: Callable[[], Explorer] | None = None) -> None:
        self.explorer, self._trusting = explorer, trusting
        self.relies = False
        """Whether some answer relies on signals that are waited for to come."""
        self.machine, self.doc = explorer.machine, explorer.machine.doc
        self.leaves = self.machine.tree.leaves
        self.reached: set[str] = set()

    def run(self, questions: Iterable[str] = QUESTIONS) -> Iterator[Finding]:
        """Every finding, in the order of the *questions*."""
        for question in ("states", *(each for each in questions if each != "states")):
            yield from getattr(self, f"_{question}")()

    def _invariants(self) -> Iterator[Finding]:
        for code, spec in self.doc.invariants.items():
            if spec.clock is None:
                yield from self._invariant(code, spec)

    # --- states -----------------------------------------------------------------------------------------------

    def _states(self) -> Iterator[Finding]:
        floor = self.explorer.floor
        self.reached = {place[0] for place in floor.clean}
        for leaf in self.leaves:
            if leaf in self.reached:
                continue
            if self.explorer.find(lambda _, place, leaf=leaf: (place[0] == leaf, frozenset())) is None:  # type: ignore[misc]
                yield Finding(
                    "unreached_state", state_path(self.leaves[leaf]), {"state": self.leaves[leaf].label}, key=True
                )
            else:
                self.reached.add(leaf)

    def _ends(self) -> Iterator[Finding]:
        way = self._stuck(lambda leaf: self.leaves[leaf].final)
        if way is not None:
            leaf = way.place[0]
            words: Words = {"state": self.leaves[leaf].label, "steps": len(way.steps)}
            yield Finding("no_way_to_end", state_path(self.leaves[leaf]), words, way, key=True)

    def _stuck(self, goal: Callable[[str], bool], while_: Judge | None = None, looks: Looks = no_look) -> Way | None:
        """The shortest way to where no *goal* can be reached: first without any signal, else with those that may come."""
        way = self.explorer.stuck(goal, while_, looks)
        if way is None or self._trusting is None:
            return way
        way = self._trusting().stuck(goal, while_, looks)
        self.relies |= way is None
        return way

    def _monitors(self) -> Iterator[Finding]:
        yield from IdleProof(self.explorer, self.reached).monitors()

    def _starts(self) -> Iterator[Finding]:
        yield from IdleProof(self.explorer, self.reached).starts()

    def _guards(self) -> Iterator[Finding]:
        yield from IdleProof(self.explorer, self.reached).guards()

    def _waiting(self) -> Iterator[Finding]:
        """States in which no clock runs and nobody is waited for."""
        for leaf, state in self.leaves.items():
            if state.final or state.closed or state.waits_for or leaf not in self.reached:
                continue
            clocks = [("clock", code) for code in self.doc.deadlines]

            def judge(scene: Steps, place: Place, leaf: str = leaf, clocks: Iterable[Var] = clocks) -> Any:
                known = scene.known(place)
                return place[0] == leaf and all(known[var] != "running" for var in clocks), frozenset()

            way = self.explorer.find(judge, clocks, looking(self.machine, [(leaf, frozenset(clocks))]))
            if way is not None:
                words: Words = {"state": state.label, "steps": len(way.steps)}
                yield Finding("nobody_waited_for", state_path(self.leaves[leaf]), words, way, key=True)

    def _pauses(self) -> Iterator[Finding]:
        yield from ClocksProof(self.explorer, self.reached).paused()

    def _clocks(self) -> Iterator[Finding]:
        clocks = ClocksProof(self.explorer, self.reached)
        yield from (*clocks.ended(), *clocks.orphaned())

    # --- invariants -------------------------------------------------------------------------------------------

    def _invariant(self, code: str, spec: InvariantSpec) -> Iterator[Finding]:
        words: dict[str, str | int | Label] = {"label": spec.label, "code": code}
        if spec.never is None:
            wanted = set(self.machine.tree.expand(spec.always_possible))
            expr = compile_expr(spec.while_, self.machine.names) if spec.while_ else None
            while_, looks = (holding(self.machine, expr), seen(self.machine, expr)) if expr else (None, no_look)
            way = self._stuck(lambda leaf: leaf in wanted, while_, looks)
            if way is not None:
                labels = [self.machine.tree.labels[each] for each in spec.always_possible]
                goal = Label(zh="或".join(each.zh for each in labels), en=" or ".join(each.en for each in labels))
                words |= {"goal": goal, "steps": len(way.steps)}
                yield Finding("goal_lost", ("invariants", code, "always_possible"), words, way)
            return
        if spec.refuses:
            return
        expr = self.machine.invariants[code][1]
        way = self.explorer.find(holding(self.machine, expr), (), seen(self.machine, expr))
        if way is not None:
            yield Finding("invariant_broken", ("invariants", code, "never"), {**words, "steps": len(way.steps)}, way)

    # --- arrows -----------------------------------------------------------------------------------------------

    def _arrows(self) -> Iterator[Finding]:
        for index, spec in enumerate(self.doc.transitions):
            if index in self.explorer.fired:
                continue
            looks = looking(self.machine, self.explorer.memory.looked_at(index))
            if self.explorer.find(lambda scene, place, index=index: _fires(scene, place, index), (), looks) is None:  # type: ignore[misc]
                yield Finding("arrow_never_fires", ("transitions", index, "trigger"), self._why_idle(spec))

    def _why_idle(self, spec: ArrowSpec) -> Words:
        sources = [self.leaves[leaf] for leaf in self.machine.tree.expand(spec.from_)]
        names = Label(zh="、".join(each.label.zh for each in sources), en=", ".join(each.label.en for each in sources))
        why = Label(zh="其条件从不成立", en="its guard never holds there")
        if not {each.code for each in sources} & self.reached:
            why = Label(zh="没有事项能到那里", en="no matter gets there")
        elif set(spec.role) == {"system"}:
            why = Label(
                zh="没有期限、信号触发它，或其条件从不成立",
                en="no timer or signal fires it, or its guard never holds there",
            )
        return {"trigger": spec.label, "state": names, "why": why}

    def _pairs(self) -> Iterator[tuple[str, Arrow, Arrow]]:
        for leaf, triggers in self.machine.arrows.items():
            for arrows in triggers.values():
                for one, other in combinations(arrows, 2):
                    if one.index != other.index and self._one_person(one, other) and leaf in self.reached:
                        yield leaf, one, other

    def _one_person(self, one: Arrow, other: Arrow) -> bool:
        """Whether somebody may hold roles of both."""
        return any(
            mine.role == theirs.role or (mine.of == theirs.of and not mine.posts.isdisjoint(theirs.posts))
            for mine in one.seats
            for theirs in other.seats
        )

    def _overlaps(self) -> Iterator[Finding]:
        told: set[tuple[int, int]] = set()
        for leaf, one, other in self._pairs():
            asks = {*one.spec.asks, *other.spec.asks}
            if (one.index, other.index) in told or not asks <= one.takes & other.takes:
                continue
            choices = [(code, code in asks) for code in sorted(one.takes & other.takes)]
            way = self.explorer.find(lambda scene, place, leaf=leaf, one=one, other=other, choices=choices, asks=asks: (
                self._both(scene, place, leaf, (one, other), choices, asks)), (), self._asked(leaf, one, other))  # type: ignore[misc]  # fmt: skip
            if way is not None:
                told.add((one.index, other.index))
                words: Words = {"trigger": one.spec.label, "steps": len(way.steps), "other": one.index}
                yield Finding("two_arrows_open", ("transitions", other.index, "trigger"), words, way)

    def _asked(self, leaf: str, *arrows: Arrow) -> Looks:
        """What is looked at in *leaf* to know which of the arrows are open."""
        return looking(self.machine, [(leaf, self.explorer.memory.of(arrow).guard) for arrow in arrows])

    def _both(
        self, scene: Steps, place: Place, leaf: str, arrows: tuple[Arrow, Arrow], choices: list[tuple[str, bool]],
        asks: set[str],
    ) -> tuple[bool, frozenset[Var]]:  # fmt: skip
        if place[0] != leaf:
            return False, frozenset()
        known = {**scene.known(place), **{("fact", code): STATED for code in asks}}
        scopes = self.leaves[leaf].scopes
        conditions = [Condition(arrow.when.node, scopes, known) for arrow in arrows if arrow.when is not None]
        doubts = frozenset().union(*(vars_of(each.node) for each in conditions)) - frozenset(scene.followed)
        for arrow in arrows:
            if arrow.back:
                came = known.get(("from", leaf))
                if came is not None and came != arrow.dst:
                    return False, frozenset()
                doubts |= {("from", leaf)} if came is None else frozenset()
        found = scene.seek(conditions, choices)
        return found.possible, frozenset() if found.certain and not any(a.back for a in arrows) else doubts

    def _gaps(self) -> Iterator[Finding]:
        """Arrows of one trigger that tell statements apart, and leave some statement to none of them."""
        for leaf, triggers in self.machine.arrows.items():
            for arrows in triggers.values():
                asks = tuple(sorted(arrows[0].spec.asks))
                alike = [arrow for arrow in arrows if tuple(sorted(arrow.spec.asks)) == asks]
                if len(alike) < 2 or not asks or any(arrow.when is None for arrow in alike) or leaf not in self.reached:
                    continue
                for stated in self._sayings(asks, alike):
                    way = self.explorer.find(lambda scene, place, leaf=leaf, alike=alike, stated=stated: (
                        self._uncovered(scene, place, leaf, alike, stated)), (), self._asked(leaf, *alike))  # type: ignore[misc]  # fmt: skip
                    if way is not None:
                        facts = ", ".join(f"{code} = {value}" for code, value in stated.items())
                        words: Words = {"trigger": alike[0].spec.label, "facts": facts, "steps": len(way.steps)}
                        yield Finding("gap", ("transitions", alike[0].index, "trigger"), words, way)
                        break

    def _sayings(self, asks: Iterable[str], alike: list[Arrow]) -> Iterator[dict[str, Any]]:
        read = frozenset().union(*(arrow.when.facts for arrow in alike if arrow.when is not None))
        found: list[dict[str, Any]] = [{}]
        for code in asks:
            if code in read:
                values = self.explorer.regions.domain(("fact", code))[1:]
                found = [{**each, code: value} for each in found for value in values]
        yield from found[:MOST_FOLLOWED_VALUES] if found != [{}] else ()

    def _uncovered(
        self, scene: Steps, place: Place, leaf: str, alike: list[Arrow], stated: dict[str, Any]
    ) -> tuple[bool, frozenset[Var]]:
        """Whether no arrow takes the statement though one would take another."""
        if place[0] != leaf:
            return False, frozenset()
        followed, doubts = frozenset(scene.followed), frozenset[Var]()
        known = scene.known(place)
        for arrow in alike:
            (guard,) = scene.guard(arrow, known, stated)
            bits = guard.outcomes({})
            if bits == YES:
                return False, frozenset()
            if bits & YES:
                doubts |= vars_of(guard.node) - followed
        others = False
        for arrow in alike:
            found = scene.seek(scene.guard(arrow, known, {}), [(code, True) for code in arrow.spec.asks])
            others = others or found.possible
            doubts |= (
                (vars_of(scene.guard(arrow, known, {})[0].node) - followed)
                if found.possible and not found.certain
                else frozenset()
            )
        return others, doubts


def _fires(scene: Steps, place: Place, index: int) -> tuple[bool, frozenset[Var]]:
    """Whether the arrow *index* may be fired at *place*, and what would have to be followed to be certain."""
    leaf = place[0]
    if not any(arrow.index == index for found in scene.machine.arrows[leaf].values() for arrow in found):
        return False, frozenset()
    moves = [
        move for move in scene.fires(place, index) if move.step.arrow is not None and move.step.arrow.index == index
    ]
    if not moves:
        return False, frozenset()
    return True, min((move.doubts for move in moves), key=len)
