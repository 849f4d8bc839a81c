"""Charts: bars, stacked bars, a trend, many small ones, a spark; each bar leads to what it counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from engine.marks import Lang
from web.pictures.svg import clipped, linked, picture, shape, tag, tip, width_of, words
from web.pictures.timescale import hatching

SERIES = (0, 1, 2, 3, 4, 1, 2, 4)
"""The looks of a stack's parts in order, to be told apart without colour: full, pale, empty, dark, light, then hatched."""

PLAIN = 5
"""So many of them are not hatched."""

LABELS_W, VALUE_W, BAR_H, PITCH = (60.0, 240.0), 64.0, 18.0, 26.0


@dataclass(frozen=True)
class Bar:
    """One value with its label; *href* opens the rows that it counts, *note* is told with it."""

    label: str
    value: float
    href: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Stack:
    """One bar of several parts; *values* and *hrefs* in the order of the chart's parts."""

    label: str
    values: Sequence[float]
    hrefs: Sequence[str | None] = field(default_factory=tuple)


def number_text(value: float) -> str:
    """A number as short as it is exact to one place, thousands apart."""
    return f"{value:,.1f}".removesuffix(".0")


def bar_chart(name: str, bars: Sequence[Bar], lang: Lang, width: float = 640, unit: str = "") -> str:
    """Bars from left to right under one another, each with its value; a value below zero is drawn as none."""
    return stacked_bars(name, [""], [Stack(bar.label, [bar.value], [bar.href]) for bar in bars], lang, width, unit,
                        [bar.note for bar in bars])  # fmt: skip


def stacked_bars(
    name: str, parts: Sequence[str], stacks: Sequence[Stack], lang: Lang, width: float = 640, unit: str = "",
    notes: Sequence[str] = (),
) -> str:  # fmt: skip
    """Bars of several *parts* under one another, with a legend if there is more than one, each part a link of its own."""
    if not stacks:
        return _nothing(name, lang)
    labels_w = min(LABELS_W[1], width * 0.4, max(LABELS_W[0], *(width_of(each.label, 12) + 10 for each in stacks)))
    legend, top = _legend([part for part in parts if part], width) if len(parts) > 1 else ([], 6.0)
    most = max([1e-9, *(sum(max(value, 0) for value in each.values) for each in stacks)])
    room = width - labels_w - VALUE_W
    drawn = [*legend]
    for index, each in enumerate(stacks):
        y, x = top + PITCH * index, labels_w
        inside = [words(clipped(each.label, labels_w - 8, 12), labels_w - 6, y + BAR_H / 2 + 5, 12, "p-words", "end")]
        for number, value in enumerate(each.values):
            wide = room * max(value, 0) / most
            href = each.hrefs[number] if number < len(each.hrefs) else None
            part = parts[number] if number < len(parts) else ""
            note = notes[index] if index < len(notes) else ""
            said = " · ".join(one for one in (each.label, part, f"{number_text(value)}{unit}", note) if one)
            inside.append(linked(href, _part(number, x, y, wide, value, said, len(each.values) > 1), said))
            x += wide
        total = number_text(sum(each.values)) + unit
        inside.append(words(clipped(total, VALUE_W - 8, 12), x + 6, y + BAR_H / 2 + 5, 12, "p-strong", "start"))
        drawn.append(tag("g", {"data-bar": each.label}, tip(each.label), *inside))
    base = shape("path", "p-line", {"d": f"M{labels_w:.1f} {top - 3:.1f}V{top + PITCH * len(stacks):.1f}"})
    told = "; ".join(f"{each.label}: {' / '.join(map(number_text, each.values))}{unit}" for each in stacks)
    return picture(width, top + PITCH * len(stacks) + 6, name, told, *drawn, base, kind="picture-chart")


def _part(number: int, x: float, y: float, wide: float, value: float, said: str, several: bool) -> str:
    at: dict[str, object] = {"x": x, "y": y, "width": wide, "height": BAR_H, "data-part": number}
    dark = SERIES[number % len(SERIES)] in (0, 3)
    inside = [tip(said), shape("rect", f"p-series{SERIES[number % len(SERIES)]}", at)]
    if number % len(SERIES) >= PLAIN:
        inside.append(hatching(x, x + wide, y, BAR_H))
    text = number_text(value)
    if several and wide > width_of(text, 11) + 6:
        inside.append(words(text, x + wide / 2, y + BAR_H / 2 + 4, 11, "p-light-words" if dark else "p-words"))
    return tag("g", {}, *inside)


def _legend(parts: Sequence[str], width: float) -> tuple[list[str], float]:
    drawn, x, y = [], 8.0, 6.0
    for number, part in enumerate(parts):
        text = clipped(part, 180, 12)
        wide = 20 + width_of(text, 12) + 16
        if x + wide > width and x > 8:
            x, y = 8.0, y + 20
        box: dict[str, object] = {"x": x, "y": y, "width": 14, "height": 14}
        look = f"p-series{SERIES[number % len(SERIES)]}"
        hatched = hatching(x, x + 14, y, 14) if number % len(SERIES) >= PLAIN else ""
        drawn.append(tag("g", {"data-legend": number}, tip(part), shape("rect", look, box), hatched,
                         words(text, x + 20, y + 12, 12, "p-words", "start")))  # fmt: skip
        x += wide
    return drawn, y + 28


def _nothing(name: str, lang: Lang) -> str:
    said = "没有数据" if lang == "zh" else "There is nothing to show"
    return picture(280, 40, name, said, words(said, 140, 25, 13, "p-quiet"), kind="picture-chart")


def trend_line(
    name: str, points: Sequence[Bar], lang: Lang, width: float = 640, height: float = 200, unit: str = ""
) -> str:
    """Values over time as a line; every point is a link of its own, its value told with it, the last one written."""
    if not points:
        return _nothing(name, lang)
    low, high = min(0.0, *(each.value for each in points)), max(0.0, *(each.value for each in points))
    high = high if high > low else low + 1
    left = 14 + max(width_of(number_text(low), 10), width_of(number_text(high), 10))
    room, tall = width - left - 60, height - 40
    xs = [left + (room * index / (len(points) - 1) if len(points) > 1 else room / 2) for index in range(len(points))]
    ys = [12 + tall * (high - each.value) / (high - low) for each in points]
    drawn = [_grid(low, high, left, left + room, tall)]
    drawn.append(
        shape("path", "p-trend", {"d": "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))})
    )
    free = -1.0
    for x, y, each in zip(xs, ys, points, strict=True):
        said = " · ".join(one for one in (each.label, f"{number_text(each.value)}{unit}", each.note) if one)
        dot = shape("circle", "p-series0", {"cx": x, "cy": y, "r": 3.5})
        target = shape("circle", "p-paper p-target", {"cx": x, "cy": y, "r": 9, "fill-opacity": "0"})
        drawn.append(linked(each.href, tag("g", {"data-point": each.label}, tip(said), target, dot), said))
        text = clipped(each.label, 90, 10)
        if x - width_of(text, 10) / 2 > free:
            drawn.append(words(text, x, height - 8, 10, "p-quiet"))
            free = x + width_of(text, 10) / 2 + 8
    drawn.append(
        words(clipped(number_text(points[-1].value) + unit, 54, 12), xs[-1] + 8, ys[-1] + 4, 12, "p-strong", "start")
    )
    told = "; ".join(f"{each.label}: {number_text(each.value)}{unit}" for each in points)
    return picture(width, height, name, told, *drawn, kind="picture-chart")


def _grid(low: float, high: float, left: float, right: float, tall: float) -> str:
    drawn = []
    for value in dict.fromkeys((low, _middle(low, high), high)):
        y = 12 + tall * (high - value) / (high - low)
        drawn.append(shape("path", "p-edge", {"d": f"M{left:.1f} {y:.1f}H{right:.1f}"}))
        drawn.append(words(number_text(value), left - 5, y + 4, 10, "p-quiet", "end"))
    return "".join(drawn)


def _middle(low: float, high: float) -> float:
    """Where the line between the lowest and the highest is drawn: at a whole number where both are, things are counted whole."""
    middle = (low + high) / 2
    return ceil(middle) if float(low).is_integer() and float(high).is_integer() else middle
