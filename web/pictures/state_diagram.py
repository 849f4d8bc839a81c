"""The state diagram of a machine: its stages as bands, what was, is and may come next, and the way taken."""

from collections.abc import Sequence

from engine.machine import Arrow, Compiled
from engine.marks import Lang
from web.pictures.layered import Route
from web.pictures.machine_drawing import BAND_W, Drawing, Marks, lay_out, next_pairs
from web.pictures.machine_graph import Bundle
from web.pictures.svg import lines_of_words, linked, picture, shape, tag, tip, width_of, words, wrapped

MOST_STATES, MOST_LINES = 300, 1_000
"""What is drawn at most: beyond it nobody could read it, and it would take seconds. PLACEHOLDER"""


def state_diagram(machine: Compiled, lang: Lang, marks: Marks | None = None) -> str:
    """Draw *machine* with labels in *lang* and what *marks* says; unknown states in it are passed over."""
    drawing = Drawing.of(machine, lang, marks or Marks())
    if len(drawing.graph.leaves) > MOST_STATES or len(drawing.graph.bundles) > MOST_LINES:
        return _too_big(drawing)
    lay_out(drawing)
    layout = drawing.layout
    left = BAND_W + 10
    inside = [
        *_bands(drawing),
        f'<g transform="translate({left:.0f} 0)">',
        *_arrows(drawing),
        *_gatherings(drawing),
        *(_state(drawing, code) for code in drawing.graph.leaves),
        "</g>",
    ]
    name = drawing.t(f"流程图：{drawing.say(machine.doc.label)}", f"State diagram: {drawing.say(machine.doc.label)}")
    return picture(layout.width + left + 14, layout.height, name, _told(drawing), *inside, kind="picture-machine")


def _too_big(drawing: Drawing) -> str:
    many, lines = len(drawing.graph.leaves), len(drawing.graph.bundles)
    said = drawing.t(
        f"{many} 个状态、{lines} 条连线，无法清晰绘出", f"{many} states and {lines} lines are too many to draw"
    )
    return picture(480, 44, drawing.say(drawing.machine.doc.label), said, words(said, 240, 27, 13, "p-quiet"))


def _bands(drawing: Drawing) -> list[str]:
    """The stages behind their states, with their names on the left."""
    machine, layout = drawing.machine, drawing.layout
    shown = dict.fromkeys(machine.tree.leaves[code].stage for code in drawing.graph.leaves)
    drawn = []
    for index, (code, (top, bottom)) in enumerate(zip(shown, layout.bands, strict=True)):
        label = drawing.say(machine.doc.states[code].label)
        rows = wrapped(label, BAND_W - 16, 13)
        width = layout.width + BAND_W + 24
        drawn.append(
            tag("g", {"class": "p-stage"}, tip(label),
                shape("rect", "p-band2" if index % 2 else "p-band", {"x": 0, "y": top, "width": width, "height": bottom - top}),
                shape("path", "p-edge", {"d": f"M0 {bottom:.0f}H{width:.0f}"}),
                lines_of_words(rows, BAND_W / 2, (top + bottom) / 2 - len(rows) * 8.5, 13, "p-strong"))
        )  # fmt: skip
    drawn.append(shape("path", "p-edge", {"d": f"M{BAND_W:.0f} 0V{layout.height:.0f}"}))
    return drawn


def _arrows(drawing: Drawing) -> list[str]:
    """The lines first, the plain ones below the others, then all labels."""
    following = next_pairs(drawing.machine, drawing.marks)
    lines: list[tuple[int, str]] = []
    labels: list[str] = []
    for bundle in drawing.graph.bundles:
        pair, key = (bundle.src, bundle.dst), f"{bundle.src}>{bundle.dst}"
        route = drawing.layout.routes[key]
        kind = "way" if pair in drawing.steps else "next" if pair in following else "back" if route.back else ""
        lines.append((("", "back", "next", "way").index(kind), _arrow(route, kind, _listed(drawing, bundle), key)))
        rows, (x, y) = drawing.labels[key], route.label
        half = max(width_of(row, 11) for row in rows) / 2 + 2
        look = "p-strong" if kind in ("way", "next") else "p-quiet"
        labels.append(
            shape("rect", "p-paper p-under", {"x": x - half, "y": y - len(rows) * 7.5, "width": half * 2,
                                              "height": len(rows) * 15, "fill-opacity": "0.85"})
            + lines_of_words(rows, x, y - len(rows) * 7.5, 11, look)
        )  # fmt: skip
    routes = drawing.layout.routes
    lines += [(0, _arrow(routes[each.key], "", [], each.key[1:])) for each in drawing.graph.gatherings]
    return [drawn for _, drawn in sorted(lines, key=lambda line: line[0])] + labels


def _arrow(route: Route, kind: str, told: Sequence[str], key: str) -> str:
    suffix = f"-{kind}" if kind else ""
    (x, _, y), (end_x, end_y, _) = route.stops[0], route.stops[-1]
    up = route.back
    course, tip_y = [f"M{x:.1f} {y:.1f}"], end_y + (8 if up else -8)
    for to_x, enter, leave in [*route.stops[1:-1], (end_x, tip_y, tip_y)]:
        middle = (y + enter) / 2
        course.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {enter:.1f}")
        if leave != enter:
            course.append(f"V{leave:.1f}")
        x, y = to_x, leave
    wide = 6 if kind in ("way", "next") else 4.5
    head = f"M{end_x:.1f} {end_y:.1f}L{end_x - wide:.1f} {tip_y:.1f}H{end_x + wide:.1f}Z"
    return tag("g", {"class": "p-way" if kind == "way" else "p-bundle", "data-arrow": key}, tip(*told),
               shape("path", f"p-arrow{suffix}", {"d": "".join(course)}), shape("path", f"p-head{suffix}", {"d": head}))  # fmt: skip


def _listed(drawing: Drawing, bundle: Bundle) -> list[str]:
    """The lines of a bundle's tooltip: from where to where, and each arrow in it."""
    numbers = drawing.steps.get((bundle.src, bundle.dst))
    head = f"{drawing.state(bundle.src)} → {drawing.state(bundle.dst)}"
    if numbers:
        steps = drawing.t("、", ", ").join(map(str, numbers))
        head += drawing.t(f"（第 {steps} 步）", f" (step {steps})")
    return [head, *(_said(drawing, arrow) for arrow in bundle.arrows)]


def _said(drawing: Drawing, arrow: Arrow) -> str:
    who = drawing.t("、", ", ").join(drawing.say(each) for each in drawing.machine.seat_labels(arrow.spec.role))
    return f"· {drawing.say(arrow.spec.label)}" + (drawing.t("：", ": ") + who if who else "")


def _gatherings(drawing: Drawing) -> list[str]:
    drawn = []
    for each in drawing.graph.gatherings:
        box, (x, y) = drawing.boxes[each.key], drawing.layout.boxes[each.key]
        listed = [f"{drawing.state(arrow.src)} → {drawing.state(arrow.dst)}" for arrow in each.arrows]
        drawn.append(
            tag("g", {"class": "p-gathering", "data-arrows": " ".join(f"{a.src}>{a.dst}" for a in each.arrows)},
                tip(_said(drawing, each.arrows[0]), *listed),
                shape("rect", "p-gather", {"x": x, "y": y, "width": box.w, "height": box.h, "rx": box.h / 2 if box.h < 24 else 10}),
                lines_of_words(drawing.labels[each.key], x + box.w / 2, y + 2, 11, "p-quiet"))
        )  # fmt: skip
    return drawn


def _state(drawing: Drawing, code: str) -> str:
    leaf, marks = drawing.machine.tree.leaves[code], drawing.marks
    box, (x, y) = drawing.boxes[code], drawing.layout.boxes[code]
    visited = any(code in (move.src, move.dst) for move in marks.way)
    follows = any(dst == code for _, dst in next_pairs(drawing.machine, marks))
    current = code == marks.current
    look = "p-current" if current else "p-visited" if visited else "p-next" if follows else "p-state"
    rim = {"x": x, "y": y, "width": box.w, "height": box.h, "rx": 8}
    inside = [shape("rect", look, {**rim, "data-state": code})]
    if leaf.closed or leaf.final:
        inside.append(
            shape("rect", "p-line", {"x": x + 3.5, "y": y + 3.5, "width": box.w - 7, "height": box.h - 7, "rx": 5})
        )
    if code == drawing.machine.initial:
        inside.append(shape("circle", "p-words p-start", {"cx": x + 9, "cy": y + 9, "r": 4}))
    inside.append(
        lines_of_words(drawing.labels[code], x + box.w / 2, y + 7, 14, "p-light-words" if current else "p-words")
    )
    stays = drawing.graph.stays.get(code, [])
    if stays:
        inside.append(
            words(f"↻{len(stays)}", x + box.w - 5, y + box.h - 4, 9, "p-light-words" if current else "p-quiet", "end")
        )
    told = [drawing.state(code), *_about(drawing, code, current=current, visited=visited, follows=follows)]
    told += [_said(drawing, arrow) for arrow in stays]
    href = marks.links.get(code)
    return linked(href, tag("g", {"class": "p-node"}, tip(*told), *inside), drawing.state(code))


def _about(drawing: Drawing, code: str, *, current: bool, visited: bool, follows: bool) -> list[str]:
    leaf = drawing.machine.tree.leaves[code]
    said = [
        (current, "当前状态", "current state"),
        (visited and not current, "已经过", "passed through"),
        (follows, "下一步可至", "may come next"),
        (code == drawing.machine.initial, "起点", "the beginning"),
        (leaf.closed or leaf.final, "终点", "an end"),
        (code in drawing.graph.stays, "不改变状态的动作：", "acts without a move:"),
    ]
    return [drawing.t(zh, en) for holds, zh, en in said if holds]


def _told(drawing: Drawing) -> str:
    """The whole picture in words."""
    marks, leaves = drawing.marks, drawing.machine.tree.leaves
    many = len(drawing.graph.leaves)
    arrows = sum(len(each.arrows) for each in drawing.graph.bundles)
    arrows += sum(len(each.arrows) for each in drawing.graph.gatherings)
    said = [drawing.t(f"{many} 个状态，{arrows} 条转移。", f"{many} states, {arrows} arrows.")]
    if marks.current in leaves:
        said.append(
            drawing.t("当前状态：", "Current state: ") + drawing.state(marks.current or "") + drawing.t("。", ".")
        )
    way = [move.dst for move in marks.way]
    if way:
        way = [marks.way[0].src, *way] if marks.way[0].src else way
        head = drawing.t("反例：", "Counterexample: ") if marks.counterexample else drawing.t("经过：", "Way taken: ")
        said.append(
            head + " → ".join(drawing.state(code) if code in leaves else code for code in way) + drawing.t("。", ".")
        )
    return " ".join(said)
