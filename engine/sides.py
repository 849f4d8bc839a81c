"""The two sides of a pair of matters: whose step it is, whose variables they are, and what each looks at for the other."""

from dataclasses import dataclass

from engine.expr_partly import Var, read_here
from engine.forgetting import Looks, looking
from engine.kin import ABOVE, Pair, arrows_of
from engine.places import Step

Doubts = frozenset[Var]


@dataclass(frozen=True, slots=True)
class SideStep(Step):
    """A step of the matter on one *side* of a pair."""

    side: int = ABOVE


def sided(side: int, doubts: Doubts | set[Var]) -> Doubts:
    """Variables of one side, told apart from those of the other."""
    return frozenset((f"{side}{what}", code) for what, code in doubts)


def of_side(side: int, doubts: Doubts) -> Doubts:
    """Of variables told apart by sides, those of one."""
    return frozenset((what[1:], code) for what, code in doubts if what[0] == str(side))


def looks_of(pair: Pair, side: int) -> Looks:
    """What the conditions of signals and of children look at after the acts of a side, and the facts it hands over."""
    machine = pair.machines[side]
    noisy, read = pair.noisy(side), list[tuple[str, frozenset[Var]]]()
    for arrow in (each for each in arrows_of(machine) if each.index in noisy):
        scopes, spawns = machine.tree.leaves[arrow.dst].scopes, pair.spawns(side, arrow)
        asked = [each.when for each in pair.sent(side, arrow)] + [each.when for each in spawns]
        read += [(arrow.dst, read_here(machine.conditions[when].node, scopes)) for when in asked if when]
        read += [(arrow.dst, frozenset(("fact", ours) for ours in spawn.facts.values())) for spawn in spawns]
    return looking(machine, read)
