"""What all explorations of one machine share, and what is remembered of an arrow within one of them."""

from dataclasses import dataclass, field
from typing import Any

from engine.effort import Effort
from engine.expr_partly import Var
from engine.forgetting import Memory
from engine.machine import Compiled
from engine.places import Move, Place
from engine.regions import Regions
from engine.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Ground:
    """What all explorations of one machine share. With *corrections* facts may be set right at any time.

    Arrows that are *unstaffed* may find nobody. Unless invariants that refuse are *kept*, nothing is refused by them.
    Arrows that are *noisy* matter to others even where they change nothing; signals and
    closings of children that are *unsure* may never come.
    """

    machine: Compiled
    regions: Regions
    around: Surroundings
    memory: Memory
    effort: Effort
    corrections: bool = False
    unstaffed: frozenset[int] = frozenset()
    kept: bool = True
    noisy: frozenset[int] = frozenset()
    unsure: frozenset[Var] = frozenset()


@dataclass(slots=True)
class Recall:
    """What has been found out of one arrow: it leads to *leaf*, hangs on what it *reads*, and changes the values at *slots*."""

    leaf: str
    reads: tuple[Var, ...]
    slots: tuple[int, ...]
    found: dict[tuple[Any, ...], list[tuple[Move, list[tuple[Any, ...]]]]] = field(default_factory=dict)

    def changed(self, place: Place) -> tuple[Any, ...]:
        """What is changed, of a place that was found."""
        return tuple([place[1][at] for at in self.slots])

    def place(self, here: list[Any], changed: tuple[Any, ...]) -> Place:
        """The place to which the same change leads from *here*."""
        values = here.copy()
        for at, value in zip(self.slots, changed, strict=True):
            values[at] = value
        return self.leaf, tuple(values)
