"""What is needed to draw a machine: what is marked on it, the words in its boxes, and where everything stands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.definition_schema import Label
from engine.machine import Compiled
from engine.marks import Lang
from web.pictures.layered import Box, Layout, Line, layered
from web.pictures.machine_graph import Bundle, Gathering, MachineGraph, Move, graph_of
from web.pictures.svg import clipped, width_of, wrapped

STATE_W, LABEL_W, GATHER_W, BAND_W = 118.0, 108.0, 128.0, 104.0
"""Pixels: the widest words in a state, on an arrow, in a box that gathers; the column of the stages' names."""

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True)
class Marks:
    """What is shown on a machine: *current* state, the *way* taken in order, and triggers that are *possible* now.

    *possible* None means every arrow out of the current state. A *counterexample* is a way that is told as one.
    *links* gives states an address; *among* leaves all other states out, *between* all lines but those between its
    pairs; the way's steps are numbered after *before*.
    """

    current: str | None = None
    way: Sequence[Move] = ()
    possible: frozenset[str] | None = None
    counterexample: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    among: Sequence[str] | None = None
    before: int = 0
    between: frozenset[tuple[str, str]] | None = None


@dataclass(slots=True)
class Drawing:
    """A machine with what is marked on it, on its way to a picture."""

    machine: Compiled
    lang: Lang
    marks: Marks
    graph: MachineGraph
    steps: dict[tuple[str, str], list[int]]
    layout: Layout = field(default_factory=lambda: Layout(0, 0))
    boxes: dict[str, Box] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, machine: Compiled, lang: Lang, marks: Marks) -> "Drawing":
        """Number the steps of the way, and bundle and gather the arrows."""
        steps: dict[tuple[str, str], list[int]] = defaultdict(list)
        number = marks.before
        for move in marks.way:
            if move.src in machine.tree.leaves and move.src != move.dst:
                number += 1
                steps[move.src, move.dst].append(number)
        apart = {*steps, *next_pairs(machine, marks)}
        return cls(machine, lang, marks, graph_of(machine, apart, marks.among, marks.between), steps)

    def say(self, label: Label) -> str:
        return label.zh if self.lang == "zh" else label.en

    def t(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def state(self, code: str) -> str:
        return self.say(self.machine.tree.leaves[code].label)


def next_pairs(machine: Compiled, marks: Marks) -> set[tuple[str, str]]:
    """The pairs of states between which an arrow may be taken now."""
    ways = machine.arrows.get(marks.current or "", {})
    came = {move.dst: move.src for move in marks.way}
    return {
        (arrow.src, arrow.dst)
        for trigger, arrows in ways.items()
        if marks.possible is None or trigger in marks.possible
        for arrow in arrows
        if arrow.src != arrow.dst and (not arrow.back or came.get(arrow.src, arrow.dst) == arrow.dst)
    }


def lay_out(drawing: Drawing) -> None:
    """Find a place for the states, arrows and gatherings of *drawing*."""
    machine, graph = drawing.machine, drawing.graph
    bands = {code: index for index, code in enumerate(machine.doc.states)}
    before: dict[str, list[Gathering]] = defaultdict(list)
    after: dict[str, list[Gathering]] = defaultdict(list)
    for each in graph.gatherings:
        (after if each.out else before)[each.hub].append(each)
    boxes: list[Box] = []
    for code in graph.leaves:
        band = bands[machine.tree.leaves[code].stage]
        boxes += [_gather_box(drawing, each, band) for each in before[code]]
        boxes.append(_state_box(drawing, code, band))
        boxes += [_gather_box(drawing, each, band) for each in after[code]]
    lines = [_line(drawing, bundle) for bundle in graph.bundles]
    lines += [
        Line(each.key, *((each.hub, each.key) if each.out else (each.key, each.hub))) for each in graph.gatherings
    ]
    drawing.boxes = {box.key: box for box in boxes}
    drawing.layout = layered(tuple(boxes), tuple(lines))


def _state_box(drawing: Drawing, code: str, band: int) -> Box:
    rows = drawing.labels[code] = wrapped(drawing.state(code), STATE_W, 14)
    wide = max(width_of(row, 14) for row in rows)
    return Box(code, max(76.0, wide + 36), len(rows) * 18 + 16, band)


def _gather_box(drawing: Drawing, each: Gathering, band: int) -> Box:
    many = len(each.arrows)
    label = drawing.say(each.arrows[0].spec.label)
    head = (
        drawing.t(f"{label} → 原状态（{many}）", f"{label} → where it was ({many})")
        if each.out
        else drawing.t(f"{many} 个状态：{label}", f"From {many} states: {label}")
    )
    rows = drawing.labels[each.key] = wrapped(head, GATHER_W, 11)
    return Box(each.key, max(width_of(row, 11) for row in rows) + 14, len(rows) * 15 + 8, band)


def _line(drawing: Drawing, bundle: Bundle) -> Line:
    first = drawing.say(bundle.arrows[0].spec.label)
    rows = wrapped(first, LABEL_W, 11, 3)
    if len(bundle.arrows) > 1:
        rows[-1] = clipped(rows[-1], LABEL_W - 20, 11) + f" ×{len(bundle.arrows)}"
    numbers = drawing.steps.get((bundle.src, bundle.dst), [])
    if numbers:
        rows[0] = "".join(circled(number) for number in numbers[:4]) + ("…" if len(numbers) > 4 else "") + " " + rows[0]
    key = f"{bundle.src}>{bundle.dst}"
    drawing.labels[key] = rows
    return Line(key, bundle.src, bundle.dst, max(width_of(row, 11) for row in rows) + 6, len(rows) * 15 + 2)


def circled(number: int) -> str:
    """The number of a step in a ring, or in brackets beyond twenty."""
    return CIRCLED[number - 1] if 0 < number <= len(CIRCLED) else f"({number})"
