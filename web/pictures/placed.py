"""How far right each place of a row is: lines straight where it can be, nothing over anything else."""

from collections.abc import Sequence
from itertools import pairwise

from web.pictures.ordered import Row, Spot

GAP_X = 16
"""Pixels between neighbours in a row."""

GAP_LINES = 11
"""Pixels between two lines that only pass."""

ROUNDS = 18
"""How often all rows are adjusted to their neighbours. PLACEHOLDER: more changes little."""


def place_rows(rows: Sequence[Row]) -> float:
    """Set the centre of every spot; return the width of all."""
    for row in rows:
        _pack(row)
    for turn in range(ROUNDS):
        for row in rows if turn % 2 == 0 else reversed(rows):
            _adjust(row, down=turn % 2 == 0, both=turn >= ROUNDS - 8)
    for row in rows:
        for spot in row:
            if spot.via and not spot.up[0].via:
                _straighten(spot)
    left = min((spot.x - spot.w / 2 for row in rows for spot in row), default=0)
    right = max((spot.x + spot.w / 2 for row in rows for spot in row), default=0)
    for row in rows:
        for spot in row:
            spot.x -= left
    return right - left


def _adjust(row: Row, *, down: bool, both: bool) -> None:
    """Move the spots of *row* as near to what they are joined to as their order and widths allow (least squares)."""
    offset = 0.0
    blocks: list[list[float]] = []
    offsets: list[float] = []
    for index, spot in enumerate(row):
        if index:
            offset += _apart(row[index - 1], spot)
        offsets.append(offset)
        wish, weight = _wish(spot, down=down, both=both)
        blocks.append([wish - offset, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            at, weight, count = blocks.pop()
            one = blocks[-1]
            one[0] = (one[0] * one[1] + at * weight) / (one[1] + weight)
            one[1] += weight
            one[2] += count
    index = 0
    for at, _, count in blocks:
        for _ in range(int(count)):
            row[index].x = at + offsets[index]
            index += 1


def _pack(row: Row) -> None:
    """Put the spots of *row* beside one another from the left, and let each know its neighbours."""
    for spot, after in pairwise(row):
        spot.after, after.before = after, spot
    x = 0.0
    for spot in row:
        spot.x = x + spot.w / 2
        x += spot.w + GAP_X


def _straighten(spot: Spot) -> None:
    """Let the line that begins at *spot* run straight as far as its neighbours in each row leave it room."""
    run: list[Spot] = []
    low, high = float("-inf"), float("inf")
    while True:
        before = spot.before.x + _apart(spot.before, spot) if spot.before else float("-inf")
        after = spot.after.x - _apart(spot, spot.after) if spot.after else float("inf")
        if run and max(low, before) > min(high, after):
            _settle(run, low, high)
            run, low, high = [], float("-inf"), float("inf")
        run.append(spot)
        low, high = max(low, before), min(high, after)
        if not spot.down[0].via:
            break
        spot = spot.down[0]
    _settle(run, low, high)


def _settle(run: Sequence[Spot], low: float, high: float) -> None:
    wish = sum(spot.x for spot in run) / len(run)
    for spot in run:
        spot.x = max(low, min(high, wish))


def _apart(left: Spot, right: Spot) -> float:
    """The least distance between the middles of two neighbours; passing lines may come nearer to each other."""
    thin = not left.w and not right.w
    return (left.w + right.w) / 2 + (GAP_LINES if thin else GAP_X)


def _wish(spot: Spot, *, down: bool, both: bool) -> tuple[float, float]:
    """Where *spot* would like to be, and how much: a passing line wants to stay straight."""
    near = [*spot.up, *spot.down] if both else spot.up if down else spot.down
    if not near:
        return spot.x, 0.2
    weights = [20.0 if spot.via and each.via else 1.0 for each in near]
    total = sum(weights)
    return sum(each.x * weight for each, weight in zip(near, weights, strict=True)) / total, total
