"""What acts do to the clocks of a machine, read from its plans: what stops each of them, and where nothing does any more."""

from collections.abc import Iterator

from engine.clock_plans import ClockPlans
from engine.definition_schema import DeadlineSpec
from engine.exploring import Explorer, Way
from engine.expr_partly import Var
from engine.forgetting import looking
from engine.machine import Arrow
from engine.places import Place
from engine.proof_finding import Finding
from engine.proof_words import Words
from engine.steps import Steps


class ClocksProof:
    """The questions about clocks that the plans of the arrows answer; *reached* are the states the machine gets into."""

    def __init__(self, explorer: Explorer, reached: set[str]) -> None:
        self.explorer, self.reached = explorer, reached
        self.machine, self.doc = explorer.machine, explorer.machine.doc
        self.leaves, self.plans = self.machine.tree.leaves, ClockPlans(self.machine)
        self.arrows = [arrow for found in self.machine.arrows.values() for each in found.values() for arrow in each]
        self.alive = [arrow for arrow in self.arrows if arrow.index in explorer.fired and arrow.src in reached]

    def paused(self) -> Iterator[Finding]:
        """Clocks that rest in a state from which no act lets them run again."""
        for code, spec in self.doc.deadlines.items():
            rests = {arrow.dst for arrow in self.alive if code in self.plans.of(arrow).pause}
            for leaf in sorted(rests):
                reach = self._onward(leaf)
                wakes = any(
                    code in (*self.plans.of(arrow).resume, *self.plans.of(arrow).end)
                    for arrow in self.alive
                    if arrow.src in reach
                )
                if not wakes:
                    words = {"label": spec.label, "state": self.leaves[leaf].label}
                    yield Finding("never_resumed", ("deadlines", code, "pause_in"), words)

    def _onward(self, leaf: str) -> set[str]:
        reach, waiting = {leaf}, [leaf]
        while waiting:
            here = waiting.pop()
            for arrow in self.alive:
                if arrow.src == here and arrow.dst not in reach:
                    reach.add(arrow.dst)
                    waiting.append(arrow.dst)
        return reach

    def ended(self) -> Iterator[Finding]:
        """Acts at which an invariant says that a clock ends, and at which it goes on, or can never run."""
        for code, invariant in self.doc.invariants.items():
            spec = self.doc.deadlines.get(invariant.clock or "")
            if spec is None or invariant.clock is None:
                continue
            runs = self.plans.runs_in(invariant.clock)
            for at, trigger in enumerate(invariant.ends_on):
                acts = [arrow for arrow in self.arrows if arrow.spec.trigger == trigger and arrow.src in runs]
                missed = next((arrow for arrow in acts if invariant.clock not in self.plans.of(arrow).end), None)
                if acts and missed is None:
                    continue
                words: dict[str, object] = {"label": invariant.label, "code": code, "clock": spec.label}
                label = next(arrow.label for arrow in self.doc.transitions if arrow.trigger == trigger)
                said: Words = {**words, "trigger": label}  # type: ignore[dict-item]
                found = "clock_goes_on" if acts else "clock_not_there"
                yield Finding(found, ("invariants", code, "ends_on", at), said)

    def orphaned(self) -> Iterator[Finding]:
        """Duties that go on in a state from which no act ends them any more: they run out whatever anybody does."""
        for code, spec in self.doc.deadlines.items():
            if spec.timer:
                continue
            closing = {arrow.src for arrow in self.arrows if self._closes(code, spec, arrow)}
            for leaf in sorted(self.plans.runs_in(code) & self.reached):
                if self.leaves[leaf].final or not self._onward_running(code, leaf).isdisjoint(closing):
                    continue
                way = self._running(code, leaf)
                if way is not None:
                    words: Words = {"label": spec.label, "state": self.leaves[leaf].label, "steps": len(way.steps)}
                    yield Finding("clock_without_end", ("deadlines", code), words, way, key=True)
                    break

    def _running(self, code: str, leaf: str) -> Way | None:
        """The shortest way to where the clock really runs in *leaf*. Raises TooLarge."""
        clock = ("clock", code)

        def judge(scene: Steps, place: Place) -> tuple[bool, frozenset[Var]]:
            return place[0] == leaf and scene.known(place)[clock] == "running", frozenset()

        return self.explorer.find(judge, [clock], looking(self.machine, [(leaf, frozenset([clock]))]))

    def _closes(self, code: str, spec: DeadlineSpec, arrow: Arrow) -> bool:
        """Say whether an act ends the clock, by itself or by leaving the states in which it counts; a closing does not."""
        ops = self.plans.of(arrow)
        brings = bool(spec.stop_documents)
        return brings or code in ops.end or (code in ops.drop and not self.leaves[arrow.dst].final)

    def _onward_running(self, code: str, leaf: str) -> set[str]:
        """The states to which the clock may still go on from *leaf*."""
        reach, waiting = {leaf}, [leaf]
        while waiting:
            here = waiting.pop()
            for arrow in self.arrows:
                ops = self.plans.of(arrow)
                if arrow.src == here and arrow.dst not in reach and code not in (*ops.end, *ops.drop):
                    reach.add(arrow.dst)
                    waiting.append(arrow.dst)
        return reach
