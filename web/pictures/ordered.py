"""The order of boxes, labels and passing lines within their rows, so that few lines cross."""

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

SWEEPS = 12
"""How often the rows are gone through, down and up. PLACEHOLDER: more changes little."""

PATIENCE = 2
"""After so many sweeps without a better order no more are made. PLACEHOLDER."""


@dataclass(slots=True, eq=False)
class Spot:
    """One place in a row: a box, a label, or a line that passes; with what it is joined to above and below."""

    key: str
    w: float
    h: float
    band: int
    via: bool = False
    at: int = 0
    x: float = 0.0
    before: "Spot | None" = None
    after: "Spot | None" = None
    up: list["Spot"] = field(default_factory=list)
    down: list["Spot"] = field(default_factory=list)


Row = list[Spot]


def order_rows(rows: Sequence[Row]) -> None:
    """Put each row in the order with which the fewest crossings were found."""
    _number(rows)
    best, kept, idle = crossings(rows), [list(row) for row in rows], 0
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            _sort(row, down=down)
        found = crossings(rows)
        if found < best:
            best, kept, idle = found, [list(row) for row in rows], 0
        else:
            idle += 1
        if not best or idle > PATIENCE:
            break
    for row, order in zip(rows, kept, strict=True):
        row[:] = order
    _number(rows)


def _number(rows: Sequence[Row]) -> None:
    for row in rows:
        for index, spot in enumerate(row):
            spot.at = index


def _sort(row: Row, *, down: bool) -> None:
    """Sort *row* by the middle of what its spots are joined to; those joined to nothing keep their place."""
    wish = {}
    for spot in row:
        near = spot.up if down else spot.down
        wish[spot.key] = sum(each.at for each in near) / len(near) if near else None
    moving = iter(
        sorted((spot for spot in row if wish[spot.key] is not None), key=lambda spot: (wish[spot.key], spot.at))
    )
    row[:] = [spot if wish[spot.key] is None else next(moving) for spot in row]
    for index, spot in enumerate(row):
        spot.at = index


def crossings(rows: Sequence[Row]) -> int:
    """Count the crossings of lines between neighbouring rows."""
    total = 0
    for row in rows:
        seen: list[int] = []
        for spot in row:
            ends = sorted(each.at for each in spot.down)
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total
