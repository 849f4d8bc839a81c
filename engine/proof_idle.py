"""What is written and never comes about: monitors that cannot hold, start acts that start nothing, guards that refuse nothing."""

from collections.abc import Iterator
from typing import Any

from engine.clock_plans import ClockPlans
from engine.definition_schema import DeadlineSpec, Label
from engine.exploring import Explorer
from engine.expr import Expr
from engine.expr_partly import NO, UNSTATED, Var, vars_of
from engine.forgetting import Looks, looking
from engine.judging import holding, seen
from engine.machine import Arrow
from engine.places import Place
from engine.proof_finding import Finding, joined
from engine.proof_words import Words
from engine.statements import Condition
from engine.steps import Steps

Judged = tuple[bool, frozenset[Var]]

NEVER: Judged = (False, frozenset())

GOING = ("running", "paused")
"""How a clock stands that has been started and goes on; one that is over may have ended or not."""


class IdleProof:
    """The questions about parts of a machine that do nothing, asked of an explorer; *reached* are the states it gets into."""

    def __init__(self, explorer: Explorer, reached: set[str]) -> None:
        self.explorer, self.reached = explorer, reached
        self.machine, self.doc = explorer.machine, explorer.machine.doc
        self.leaves = self.machine.tree.leaves
        self.arrows = [arrow for found in self.machine.arrows.values() for each in found.values() for arrow in each]

    def _aloud(self, expr: Expr) -> Label:
        return Label(zh=self.machine.aloud(expr, "zh"), en=self.machine.aloud(expr, "en"))

    # --- monitors ---------------------------------------------------------------------------------------------

    def monitors(self) -> Iterator[Finding]:
        """Monitors whose condition holds in no situation of a matter that is not over: they would never find anything."""
        for code, monitor in self.machine.monitors.items():
            holds = holding(self.machine, monitor.when)

            def judge(scene: Steps, place: Place, holds: Any = holds) -> Judged:
                return NEVER if self.leaves[place[0]].final else holds(scene, place)

            if self.explorer.find(judge, (), seen(self.machine, monitor.when)) is None:
                words: Words = {"label": monitor.spec.label, "when": self._aloud(monitor.when)}
                yield Finding("monitor_never_holds", ("monitors", code, "when"), words)

    # --- clocks -----------------------------------------------------------------------------------------------

    def starts(self) -> Iterator[Finding]:
        """Start acts of a clock with several that can only be done while it runs already, so that they never start it."""
        plans = ClockPlans(self.machine)
        for code, spec in self.doc.deadlines.items():
            if len(spec.start_on) + bool(spec.during) + spec.from_opening < 2:
                continue
            for at, trigger in enumerate(spec.start_on):
                found = [
                    arrow for arrow in self.arrows
                    if arrow.spec.trigger == trigger and code in plans.of(arrow).start and arrow.src in self.reached
                ]  # fmt: skip
                if found and trigger not in spec.stop_on and not self._starts(code, found):
                    words: Words = {
                        "label": spec.label,
                        "trigger": self.machine.triggers[trigger],
                        "others": self._others(spec, at),
                    }
                    yield Finding("start_never_counts", ("deadlines", code, "start_on", at), words)

    def _others(self, spec: DeadlineSpec, at: int) -> Label:
        """What else starts the clock, in words."""
        labels = [
            self.machine.triggers.get(each, self.doc.open.label)
            for position, each in enumerate(spec.start_on)
            if position != at
        ]
        labels += [self.machine.tree.labels[each] for each in spec.during]
        labels += [self.doc.open.label] if spec.from_opening else []
        return joined(labels)

    def _starts(self, code: str, arrows: list[Arrow]) -> bool:
        """Say whether one of *arrows* can be fired while the clock *code* does not run, and has it run."""
        clock: Var = ("clock", code)
        when = self.machine.deadline_when.get(code)
        runs = ClockPlans(self.machine).runs_in(code)
        if when is None and any(
            arrow.src not in runs and (arrow.index, arrow.src) in self.explorer.fired_in for arrow in arrows
        ):
            return True
        index = {arrow.index for arrow in arrows}
        late = runs - {arrow.src for arrow in arrows if arrow.when is not None and clock in vars_of(arrow.when.node)}

        def judge(scene: Steps, place: Place) -> Judged:
            stands = scene.known(place)[clock]
            if stands in GOING or (stands == "over" and place[0] in late):
                return NEVER
            moves = [
                move for each in index for move in scene.fires(place, each)
                if move.step.arrow is not None and move.step.arrow.index == each
                and any(scene.known(there)[clock] == "running" for there in move.places)
            ]  # fmt: skip
            return (True, min((move.doubts for move in moves), key=len)) if moves else NEVER

        read = [each for one in index for each in self.explorer.memory.looked_at(one)]
        read += [(arrow.src, frozenset((clock,))) for arrow in arrows]
        read += [(arrow.dst, frozenset((clock,)) | (vars_of(when.node) if when else frozenset())) for arrow in arrows]
        return self.explorer.find(judge, (clock,), looking(self.machine, read)) is not None

    # --- guards -----------------------------------------------------------------------------------------------

    def guards(self) -> Iterator[Finding]:
        """Guards that hold in every situation in which they are asked, whatever is stated: advice, for they harm nothing."""
        by_index: dict[int, list[Arrow]] = {}
        for arrow in self.arrows:
            if arrow.when is not None and arrow.src in self.reached and arrow.index in self.explorer.fired:
                by_index.setdefault(arrow.index, []).append(arrow)
        for index, arrows in by_index.items():
            if self._seen_closed(arrows) or self.explorer.find(
                lambda scene, place, arrows=arrows: self._closed(scene, place, arrows), (), self._asked(arrows)  # type: ignore[misc]
            ):  # fmt: skip
                continue
            when = arrows[0].when
            words: Words = {
                "trigger": arrows[0].spec.label, "when": self._aloud(when) if when is not None else "", "why": self._why(arrows),
            }  # fmt: skip
            yield Finding("guard_always_true", ("transitions", index, "when"), words)

    def _why(self, arrows: list[Arrow]) -> Label | str:
        """Why a guard that asks whether a clock runs need not: what the end of that clock fires takes the matter away from there."""
        asked = vars_of(arrows[0].when.node) if arrows[0].when is not None else frozenset()
        sources = {arrow.src for arrow in arrows}
        told = [
            (spec.label, fired[0].spec.label)
            for code, spec in sorted(self.doc.deadlines.items())
            if ("clock", code) in asked
            and (fired := [each for each in self.arrows if each.spec.trigger == (spec.on_breach or spec.on_expire)])
            and sources <= {each.src for each in fired if each.dst != each.src}
        ]
        if not told:
            return ""
        zh = "".join(f"（“{clock.zh}”届满即办“{act.zh}”，离开此状态）" for clock, act in told)
        return Label(
            zh=zh, en="".join(f" (when ‘{clock.en}’ is over ‘{act.en}’ leads away from there)" for clock, act in told)
        )

    def _seen_closed(self, arrows: list[Arrow]) -> bool:
        """Say whether a situation that was found for another question already closes one of *arrows*."""
        at = {arrow.src for arrow in arrows}
        return any(
            place[0] in at and self._closed(found.scene, place, arrows) == (True, frozenset())
            for found in self.explorer.explored() for place in found.clean
        )  # fmt: skip

    def _asked(self, arrows: list[Arrow]) -> Looks:
        return looking(self.machine, [(arrow.src, self.explorer.memory.of(arrow).guard) for arrow in arrows])

    def _closed(self, scene: Steps, place: Place, arrows: list[Arrow]) -> Judged:
        """Whether the guard of one of *arrows* that start here may fail, and what would have to be followed to be certain."""
        for arrow in arrows:
            if arrow.src != place[0] or arrow.when is None:
                continue
            (guard,) = scene.guard(arrow, scene.known(place), {})
            fails = Condition(guard.node, guard.scopes, guard.known, NO | UNSTATED)
            asks = set(arrow.spec.asks)
            found = scene.seek([fails], [(code, code in asks) for code in sorted(arrow.takes)])
            if found.possible:
                said = {(what, code) for what in ("fact", "stated") for code in asks}
                doubts = frozenset() if found.certain else vars_of(guard.node) - frozenset(scene.followed) - said
                return True, doubts
        return NEVER
