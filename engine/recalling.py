"""What a proof has found out of an arrow once, for every place at which nothing differs that the arrow hangs on."""

from dataclasses import dataclass, field
from typing import Any

from engine.expr_partly import Var
from engine.places import Move, Place


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
