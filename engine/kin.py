"""What two kinds have to do with each other where one opens the other: signals, and the states that wait for them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.campaign_schema import CampaignDoc
from engine.clock_plans import ClockPlans
from engine.definition_schema import DefinitionDoc
from engine.expr_partly import ANY_KIND, YES, Partly
from engine.kin_schema import SignalSpec, SpawnSpec
from engine.machine import Arrow, Compiled
from engine.names import SYSTEM
from engine.surroundings import LADDER, Surroundings, only_system, surroundings_of

ABOVE, BELOW = 0, 1
"""The two sides of a pair: the matter that opens, and the one that is opened."""


def arrows_of(machine: Compiled) -> Iterator[Arrow]:
    """Every arrow of a machine, once for each state it starts in and leads to."""
    return (arrow for found in machine.arrows.values() for each in found.values() for arrow in each)


def leading_to(states: Iterable[str], arrows: Collection[Arrow]) -> frozenset[str]:
    """The *states*, and all those from which some of *arrows* lead to them, one after the other."""
    found = set(states)
    waiting = list(found)
    while waiting:
        there = waiting.pop()
        more = {arrow.src for arrow in arrows if arrow.dst == there} - found
        found |= more
        waiting += more
    return frozenset(found)


@dataclass(frozen=True)
class Pair:
    """A machine *above* that opens matters of the machine *below*, among the *others* of the *campaign*."""

    above: Compiled
    below: Compiled
    others: Mapping[str, DefinitionDoc]
    campaign: CampaignDoc

    @property
    def machines(self) -> tuple[Compiled, Compiled]:
        return self.above, self.below

    def signals(self, side: int) -> frozenset[str]:
        """The triggers that acts of the system take on that *side* and the other side sends there."""
        sender, to = (self.below, None) if side == ABOVE else (self.above, self.below.kind)
        sent = {each.trigger for arrow in sender.doc.transitions for each in arrow.signals if each.to == to}
        return frozenset(
            arrow.trigger
            for arrow in self.machines[side].doc.transitions
            if SYSTEM in arrow.role and arrow.trigger in sent
        )

    def around(self, side: int) -> Surroundings:
        """What a side meets outside of itself: any signal at any time; the one below is opened by the other, or by a ladder."""
        found = surroundings_of(self.machines[side].doc, self.others, self.campaign)
        if side == ABOVE:
            return found
        return replace(found, births=tuple(birth for birth in found.births if birth.by in (self.above.kind, LADDER)))

    def noisy(self, side: int) -> frozenset[int]:
        """The arrows of a side that reach over to the other one."""
        to = self.below.kind if side == ABOVE else None
        return frozenset(
            index
            for index, arrow in enumerate(self.machines[side].doc.transitions)
            if any(each.to == to for each in arrow.signals)
            or (side == ABOVE and any(each.kind == self.below.kind for each in arrow.spawn))
        )

    def sent(self, side: int, arrow: Arrow) -> list[SignalSpec]:
        """The signals of an act of a side to the other one."""
        to = self.below.kind if side == ABOVE else None
        return [each for each in arrow.spec.signals if each.to == to]

    def spawns(self, side: int, arrow: Arrow) -> list[SpawnSpec]:
        """The matters of the other kind that an act opens: only the one above opens any."""
        return [each for each in arrow.spec.spawn if each.kind == self.below.kind] if side == ABOVE else []

    # --- states that wait for the other side ----------------------------------------------------------------------

    def holds(self, side: int) -> frozenset[str]:
        """The states in which a matter is on hold for the other one.

        A signal of the other leads out of them, people lead out only to where a signal would, or only once the other is
        closed, and neither time nor a deadline that reminds of it is armed there.
        """
        machine, heard = self.machines[side], self.signals(side)
        return frozenset(
            leaf
            for leaf, state in machine.tree.leaves.items()
            if not state.final and not state.closed and self._holds(machine, leaf, heard, side)
        )

    def _holds(self, machine: Compiled, leaf: str, heard: frozenset[str], side: int) -> bool:
        out = [arrow for arrow in self._out(machine, leaf) if not (side == ABOVE and self._waits(arrow))]
        mine = [arrow for arrow in out if SYSTEM in arrow.spec.role and arrow.spec.trigger in heard]
        there = {arrow.dst for arrow in mine}
        if not mine or any(arrow.dst not in there for arrow in out):
            return False
        plans = ClockPlans(machine)
        timed = {spec.on_expire for spec in machine.doc.deadlines.values()} | {
            spec.on_breach for spec in machine.doc.deadlines.values()
        }
        return not any(arrow.spec.trigger in timed for arrow in out) and not any(
            plans.counts_in(code, leaf) and not spec.timer and spec.when is None
            for code, spec in machine.doc.deadlines.items()
        )

    @staticmethod
    def _out(machine: Compiled, leaf: str) -> Iterator[Arrow]:
        return (arrow for found in machine.arrows[leaf].values() for arrow in found if arrow.dst != leaf)

    def _waits(self, arrow: Arrow) -> bool:
        """Say whether people may fire *arrow* only once the other matter is closed."""
        if arrow.when is None or only_system(arrow.spec.role):
            return False
        known = {("children", self.below.kind): True, ("children", ANY_KIND): True}
        return not Partly(self.above.tree.leaves[arrow.src].scopes, known).outcomes(arrow.when.node) & YES
