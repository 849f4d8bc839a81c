"""Where a matter stands, small: its stages in a row with the state it is in, and the states next to that one."""

from collections.abc import Sequence
from dataclasses import replace

from engine.machine import Compiled
from engine.marks import Lang
from web.pictures.machine_drawing import Drawing, Marks
from web.pictures.machine_graph import every_arrow
from web.pictures.state_diagram import state_diagram
from web.pictures.svg import lines_of_words, picture, shape, tag, tip, width_of, wrapped

STEP_W = (104.0, 156.0)
"""The least and the most pixels a stage takes in the strip."""

SLANT = 10.0


def stage_strip(machine: Compiled, lang: Lang, marks: Marks, width: float = 1000) -> str:
    """The stages as steps with what was passed (✓), where the matter stands (●) and its state below; *width* at most.

    Stages outside the ordinary course (cancelled, suspended …) show only where the matter stands in them or was.
    """
    drawing = Drawing.of(machine, lang, marks)
    shown = _stages(machine, marks)
    here = machine.tree.leaves[marks.current].stage if marks.current in machine.tree.leaves else None
    passed = {machine.tree.leaves[code].stage for code in _visited(machine, marks)}
    names = [drawing.say(machine.doc.states[code].label) for code in shown]
    step = min(STEP_W[1], max([STEP_W[0], *(width_of(name, 13) + 48 for name in names)]))
    a_row = max(1, int((width - SLANT) // step))
    tall = 80.0
    inside = []
    for index, code in enumerate(shown):
        x, y = (index % a_row) * step, (index // a_row) * tall
        inside.append(_step(drawing, code, (x, y, step), here=code == here, passed=code in passed and code != here))
    label = drawing.say(machine.doc.label)
    now = drawing.t("现处：", "Now at: ") + drawing.state(marks.current) if marks.current in machine.tree.leaves else ""
    name = drawing.t(f"办理进度：{label}", f"Where it stands: {label}") + (f" · {now}" if now else "")
    size = min(len(shown), a_row) * step + SLANT, ((len(shown) - 1) // a_row + 1) * tall
    return picture(*size, name, " → ".join(names), *inside, kind="picture-strip")


def _visited(machine: Compiled, marks: Marks) -> list[str]:
    return [code for move in marks.way for code in (move.src, move.dst) if code in machine.tree.leaves]


def _stages(machine: Compiled, marks: Marks) -> list[str]:
    """The stages to show: those of the ordinary course, and all that the matter was in."""
    known = {machine.tree.leaves[code].stage for code in _visited(machine, marks)}
    if marks.current in machine.tree.leaves:
        known.add(machine.tree.leaves[marks.current].stage)
    return [code for code in machine.doc.states if code in known or not _aside(machine, code)]


def _aside(machine: Compiled, code: str) -> bool:
    """Whether a stage lies beside the course: one state, entered only by giving a reason or left to where it was."""
    leaves = [leaf for leaf in machine.tree.leaves.values() if leaf.stage == code]
    if len(leaves) > 1:
        return False
    into = [arrow for arrow in every_arrow(machine) if arrow.dst == leaves[0].code and arrow.src != arrow.dst]
    out = [arrow for arrows in machine.arrows[leaves[0].code].values() for arrow in arrows]
    return any(arrow.back for arrow in out) or (bool(into) and all(arrow.spec.reason for arrow in into))


def _step(drawing: Drawing, code: str, at: tuple[float, float, float], *, here: bool, passed: bool) -> str:
    x, y, step = at
    look = "p-current" if here else "p-visited" if passed else "p-state"
    name = drawing.say(drawing.machine.doc.states[code].label)
    mark = "● " if here else "✓ " if passed else ""
    right, middle = x + step - 4, y + 2 + 20
    outline = (
        f"M{x + 1:.1f} {y + 2:.1f}H{right:.1f}L{right + SLANT:.1f} {middle:.1f}L{right:.1f} {y + 42:.1f}"
        f"H{x + 1:.1f}L{x + 1 + SLANT:.1f} {middle:.1f}Z"
    )
    size = 13 if width_of(name, 13) < 2 * (step - 34) and len(name.split()) < 4 else 11
    rows = wrapped(mark + name, step - 24, size, 2)
    inside = [
        shape("path", look, {"d": outline, "data-stage": code}),
        lines_of_words(
            rows, x + step / 2 + 3, middle - len(rows) * (size + 4) / 2, size, "p-light-words" if here else "p-words"
        ),
    ]
    current = drawing.marks.current
    if here and current is not None and drawing.state(current) != name:
        rows = wrapped(f"▲ {drawing.state(current)}", step + SLANT, 12, 2)
        inside.append(lines_of_words(rows, x + step / 2, y + 45, 12, "p-strong"))
    said = drawing.t("当前阶段", "current stage") if here else drawing.t("已经过", "passed") if passed else ""
    return tag("g", {"class": "p-node"}, tip(name, said, drawing.state(current) if here and current else ""), *inside)


def neighbourhood(machine: Compiled, lang: Lang, marks: Marks, back: int = 2) -> str:
    """The part of the diagram about the current state: the last *back* states of the way, and all that may come next.

    Lines between other states are left out. Without a current state of this machine it is the whole diagram.
    """
    if marks.current not in machine.tree.leaves:
        return state_diagram(machine, lang, marks)
    way = [move for move in marks.way if move.src in machine.tree.leaves and move.dst in machine.tree.leaves]
    last = way[-back:] if back else []
    pairs = {(move.src, move.dst) for move in last} | {(marks.current, after) for after in _after(machine, marks)}
    near = {marks.current, *(code for pair in pairs for code in pair)}
    kept = replace(marks, way=last, among=sorted(near), before=len(way) - len(last), between=frozenset(pairs))
    return state_diagram(machine, lang, kept)


def _after(machine: Compiled, marks: Marks) -> Sequence[str]:
    return [arrow.dst for arrows in machine.arrows[marks.current or ""].values() for arrow in arrows]
