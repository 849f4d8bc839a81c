"""Where boxes and arrows stand: rows in bands, few crossings, labels and long arrows with a place of their own.

Every box stands in a row; between two rows of boxes is a row of labels. An arrow over several rows passes each in a
place kept free for it, so that no line runs through a box or a label. Arrows against the order of the boxes run
upwards. The same boxes and arrows always give the same places.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from web.pictures.ordered import Row, Spot, order_rows
from web.pictures.placed import place_rows

GAP_Y = 20
"""Pixels between two rows: there the lines bend."""

BAND_PAD = 10
"""Pixels between the edge of a band and its first and last row."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box of *w* × *h* pixels in the band *band*; bands and boxes are given in the order of reading."""

    key: str
    w: float
    h: float
    band: int


@dataclass(frozen=True, slots=True)
class Line:
    """An arrow from one box to another, with room for a label of *w* × *h* pixels (0 × 0: none)."""

    key: str
    src: str
    dst: str
    w: float = 0
    h: float = 0


@dataclass(slots=True)
class Route:
    """The course of an arrow, source first: at each stop x, and y where it enters and leaves; the label's centre."""

    stops: list[tuple[float, float, float]]
    label: tuple[float, float]
    back: bool


@dataclass(slots=True)
class Layout:
    """Places of boxes (left upper corner), courses of arrows, and upper and lower edges of the bands."""

    width: float
    height: float
    boxes: dict[str, tuple[float, float]] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    bands: list[tuple[float, float]] = field(default_factory=list)


@lru_cache(maxsize=128)
def layered(boxes: tuple[Box, ...], lines: tuple[Line, ...]) -> Layout:
    """Find a place for everything. Lines from a box to itself are not for it."""
    ranks = _ranks(boxes, lines)
    rows, chains = _rows(boxes, lines, ranks)
    order_rows(rows)
    width = place_rows(rows)
    tops, bands, height = _heights(rows, boxes, ranks)
    layout = Layout(width, height, bands=bands)
    spots = {spot.key: spot for row in rows for spot in row}
    for box in boxes:
        spot = spots[box.key]
        top, tall = tops[2 * ranks[box.key]]
        layout.boxes[box.key] = (spot.x - box.w / 2, top + (tall - box.h) / 2)
    _route(layout, {box.key: box for box in boxes}, lines, chains, tops)
    return layout


def _ranks(boxes: Sequence[Box], lines: Sequence[Line]) -> dict[str, int]:
    """The row of each box: below all that lead to it in the order of the boxes, its band below the bands before."""
    place = {box.key: index for index, box in enumerate(boxes)}
    band = {box.key: box.band for box in boxes}
    into: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        early, late = sorted((line.src, line.dst), key=place.__getitem__)
        if band[early] == band[late]:
            into[late].append(early)
    ranks: dict[str, int] = {}
    start, last, current = 0, -1, None
    for box in boxes:
        if box.band != current:
            start, current = last + 1, box.band
        ranks[box.key] = max((ranks[each] + 1 for each in into[box.key]), default=start)
        last = max(last, ranks[box.key])
    return ranks


def _rows(
    boxes: Sequence[Box], lines: Sequence[Line], ranks: dict[str, int]
) -> tuple[list[Row], dict[str, list[Spot]]]:
    """All rows with their spots, and the chain of spots of each line from above to below."""
    rows: list[Row] = [[] for _ in range(2 * max(ranks.values(), default=0) + 1)]
    spots: dict[str, Spot] = {}
    for box in boxes:
        spots[box.key] = Spot(box.key, box.w, box.h, box.band)
        rows[2 * ranks[box.key]].append(spots[box.key])
    chains: dict[str, list[Spot]] = {}
    for line in lines:
        down = ranks[line.src] < ranks[line.dst]
        above, below = (line.src, line.dst) if down else (line.dst, line.src)
        first, last = 2 * ranks[above], 2 * ranks[below]
        labelled = first + 1 if down else last - 1
        chain = [spots[above]]
        for number in range(first + 1, last):
            w, h = (line.w, line.h) if number == labelled else (0.0, 0.0)
            spot = Spot(f"{line.key}\0{number}", w, h, -1, via=True)
            rows[number].append(spot)
            chain.append(spot)
        chain.append(spots[below])
        for upper, lower in pairwise(chain):
            upper.down.append(lower)
            lower.up.append(upper)
        chains[line.key] = chain
    return rows, chains


def _heights(
    rows: Sequence[Row], boxes: Sequence[Box], ranks: dict[str, int]
) -> tuple[list[tuple[float, float]], list[tuple[float, float]], float]:
    """Top and height of each row, upper and lower edge of each band, and the height of all."""
    ends: dict[int, int] = {}
    for box in boxes:
        ends[box.band] = max(ends.get(box.band, 0), 2 * ranks[box.key])
    closing = set(ends.values())
    tops: list[tuple[float, float]] = []
    bands: list[tuple[float, float]] = []
    y = from_y = 0.0
    y += BAND_PAD
    for number, row in enumerate(rows):
        tall = max((spot.h for spot in row), default=0)
        if number % 2 and not tall:
            tops.append((y - GAP_Y / 2, 0))
            continue
        tops.append((y, tall))
        y += tall + GAP_Y
        if number in closing:
            edge = y - GAP_Y + BAND_PAD
            bands.append((from_y, edge))
            from_y, y = edge, edge + BAND_PAD
    return tops, bands, bands[-1][1] if bands else 0


def _route(
    layout: Layout,
    boxes: dict[str, Box],
    lines: Sequence[Line],
    chains: dict[str, list[Spot]],
    tops: Sequence[tuple[float, float]],
) -> None:
    ports = _ports(boxes, lines, chains)
    for line in lines:
        chain = chains[line.key]
        down = chain[0].key == line.src
        above, below = boxes[chain[0].key], boxes[chain[-1].key]
        upper, lower = layout.boxes[above.key][1] + above.h, layout.boxes[below.key][1]
        stops = [(ports[line.key, "below"], upper, upper)]
        for spot in chain[1:-1]:
            top, tall = tops[int(spot.key.rpartition("\0")[2])]
            stops.append((spot.x, top, top + tall))
        stops.append((ports[line.key, "above"], lower, lower))
        if not down:
            stops = [(x, leave, enter) for x, enter, leave in reversed(stops)]
        x, enter, leave = stops[1]
        layout.routes[line.key] = Route(stops, (x, (enter + leave) / 2), not down)


def _ports(boxes: dict[str, Box], lines: Sequence[Line], chains: dict[str, list[Spot]]) -> dict[tuple[str, str], float]:
    """Where on the lower and upper side of its boxes each line ends: in the order of what they lead to."""
    sides: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for line in lines:
        chain = chains[line.key]
        sides[chain[0].key, "below"].append((chain[1].x, line.key))
        sides[chain[-1].key, "above"].append((chain[-2].x, line.key))
    spots = {spot.key: spot for chain in chains.values() for spot in (chain[0], chain[-1])}
    ports: dict[tuple[str, str], float] = {}
    for (key, side), ends in sides.items():
        box, spot = boxes[key], spots[key]
        step = min(18.0, (box.w - 16) / len(ends))
        for index, (_, line_key) in enumerate(sorted(ends)):
            ports[line_key, side] = spot.x + (index - (len(ends) - 1) / 2) * step
    return ports
