"""What each arrow of a definition does to its clocks, worked out once."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.definition_schema import DeadlineSpec
from engine.machine import Arrow, Compiled


@dataclass(frozen=True, slots=True)
class ClockOps:
    """What one arrow does to the clocks of its definition, worked out once."""

    end: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()
    resume: tuple[str, ...] = ()
    rebase: tuple[str, ...] = ()
    start: tuple[str, ...] = ()


class ClockPlans:
    """The clock operations of every arrow of a definition, computed when first asked."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._doc = compiled.doc
        self._tree = compiled.tree
        self._scope = {code: frozenset(self._leaves(spec.during)) for code, spec in self._doc.deadlines.items()}
        self._pause = {code: frozenset(self._leaves(spec.pause_in)) for code, spec in self._doc.deadlines.items()}
        self._plans: dict[tuple[str, str, str], ClockOps] = {}

    def _leaves(self, codes: Sequence[str]) -> list[str]:
        return self._tree.expand(list(codes))

    def counts_in(self, code: str, leaf: str) -> bool:
        """Say whether the deadline *code* runs while a matter is in *leaf*."""
        return leaf in self._scope[code]

    def opening(self, leaf: str, trigger: str) -> ClockOps:
        """What opening a matter in *leaf* starts."""
        started = tuple(
            code
            for code, spec in self._doc.deadlines.items()
            if spec.from_opening or leaf in self._scope[code] or trigger in spec.start_on
        )
        return ClockOps(start=started)

    def runs_in(self, code: str) -> set[str]:
        """The states in which the deadline *code* may run or rest, whatever the guards."""
        arrows = [arrow for found in self._compiled.arrows.values() for each in found.values() for arrow in each]
        opened = code in self.opening(self._compiled.initial, self._doc.open.trigger).start
        waiting = [arrow.dst for arrow in arrows if code in self.of(arrow).start]
        waiting += [self._compiled.initial] if opened else []
        found = set(waiting)
        while waiting:
            here = waiting.pop()
            for arrow in arrows:
                ops = self.of(arrow)
                if arrow.src == here and arrow.dst not in found and code not in (*ops.end, *ops.drop):
                    found.add(arrow.dst)
                    waiting.append(arrow.dst)
        return found

    def of(self, arrow: Arrow) -> ClockOps:
        key = (arrow.src, arrow.dst, arrow.spec.trigger)
        ops = self._plans.get(key)
        if ops is None:
            ops = self._plans[key] = self._work_out(arrow)
        return ops

    def _work_out(self, arrow: Arrow) -> ClockOps:
        found: dict[str, list[str]] = {name: [] for name in ("end", "drop", "pause", "resume", "rebase", "start")}
        final = self._tree.leaves[arrow.dst].final
        for code, spec in self._doc.deadlines.items():
            for op in self._ops(code, spec, arrow, final):
                found[op].append(code)
        return ClockOps(**{name: tuple(codes) for name, codes in found.items()})

    def _ops(self, code: str, spec: DeadlineSpec, arrow: Arrow, final: bool) -> list[str]:
        trigger, moved = arrow.spec.trigger, arrow.spec.to != "="
        pauses = self._pause[code]
        scope = self._scope[code] | (pauses if self._scope[code] else frozenset())
        was, will = arrow.src in scope, arrow.dst in scope
        ops = []
        if trigger in spec.stop_on or (was and not will and (not spec.met_by or trigger in spec.met_by)):
            ops.append("end")
        elif (was and not will) or (final and moved):
            ops.append("drop")
        elif moved and arrow.src not in pauses and arrow.dst in pauses:
            ops.append("pause")
        elif moved and arrow.src in pauses and arrow.dst not in pauses:
            ops.append("resume")
        if trigger in spec.rebase_on:
            ops.append("rebase")
        if trigger in spec.start_on or (moved and will and not was):
            ops.append("start")
        return ops
