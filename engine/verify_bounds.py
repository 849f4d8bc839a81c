"""When an entry can have been recorded: what its place in the log, the batch before it and anchors outside allow."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

FOREVER = 2**62


@dataclass(slots=True)
class Bounds:
    """The first leaf of each batch with the instant at which it got its place, and what anchors say: size and instant, by size.

    Instants are microseconds.
    """

    firsts: "array[int]" = field(default_factory=lambda: array("q"))
    times: "array[int]" = field(default_factory=lambda: array("q"))
    earliest: Sequence[tuple[int, int]] = ()
    latest: Sequence[tuple[int, int]] = ()

    def before(self, idx: int) -> int:
        """When the leaves of the batch before that of *idx* got their place; 0 if there is none."""
        at = bisect_right(self.firsts, idx) - 2
        return self.times[at] if at >= 0 else 0

    def between(self, idx: int) -> tuple[int, int]:
        """The instants, by anchors, after and before which a leaf can have been recorded.

        What an anchor covers was recorded by then; what our own anchors do not cover yet was recorded after them. A
        witness signs later than the checkpoint was made, so his time says nothing of what came after it.
        """
        at = bisect_right(self.earliest, (idx, FOREVER))
        low = self.earliest[at - 1][1] if at else 0
        at = bisect_right(self.latest, (idx, FOREVER))
        return low, self.latest[at][1] if at < len(self.latest) else FOREVER
