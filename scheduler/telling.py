"""A rehearsal told as it happens: a line an event, aligned for Chinese; equal events of one moment are taken together."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from engine.clock import from_us
from engine.orders import Do, Open
from engine.outcome import Outcome
from engine.rows import NoticeRow
from engine.told import newer_notices
from scheduler.planning import Act
from workflows.workspace import Workspace


class Echo(Protocol):
    """Whoever shows a line; *style* is how it may look on a terminal."""

    def __call__(self, text: str, style: str = "") -> None: ...


MOST_NAMED = 3
"""How many of several equal events are named; the others are counted."""

SIGNS = {
    "reminder": ("提醒", "cyan"),
    "overdue": ("催办", "yellow"),
    "escalation": ("升级", "bold red"),
    "milestone": ("节点", "bold"),
    "chore": ("例行", "dim"),
    "finding": ("发现", "magenta"),
    "returns": ("报表", "dim"),
    "silence": ("发现", "magenta"),
    "late_load": ("补录", "dim"),
}
"""How each kind of notice is called in the margin, and its look; other kinds are not told."""

LATE = "red"
"""The look of an act that came after its deadline, or was refused."""

BODY_COLUMNS = 26
"""Columns for the names of bodies: the longest name of the first campaign with a count after it."""

REF_COLUMNS = 28
"""Columns for a reference: the longest of the first campaign."""

DELIVERABLES = (("plan", "方案"), ("self_check_report", "自查报告"), ("summary", "总结"))
"""The deadlines of a department's three deliverables, as the weekly line names them."""


def width(text: str) -> int:
    """Columns of *text* on a terminal; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def padded(text: str, columns: int) -> str:
    """Fill *text* to *columns*, or cut it there and say so."""
    if width(text) > columns:
        while width(text) > columns - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (columns - width(text))


class Telling:
    """Tell what happens in *workspace* through *echo*."""

    def __init__(self, workspace: Workspace, echo: Echo) -> None:
        self._workspace = workspace
        self._campaign = workspace.campaign
        self._echo = echo
        self._week: datetime | None = None
        with workspace.database.snapshot() as tx:
            notices = newer_notices(tx, workspace.campaign.id, 0)
        self._known = max((notice.id for notice in notices), default=0)

    def acted(self, at: datetime, act: Act, outcome: Outcome | None) -> None:
        """Tell an act of a person."""
        self._weekly(at)
        body = self._campaign.body_name(act.login.partition(".")[0])
        if outcome is None:
            self._line(at, "被拒", body, f"{padded(act.tie, REF_COLUMNS)}  {act.label}", LATE)
            return
        matter, late = outcome.matter, _came_late(outcome)
        said = f"{padded(matter.ref, REF_COLUMNS)}  {act.label}"
        if isinstance(act.order, Open):
            said += f"：{matter.title}"
        elif isinstance(act.order, Do) and outcome.entry["from"] != outcome.entry["to"]:
            said += f" → {self._campaign.machines[matter.definition_id].tree.leaves[matter.state].label.zh}"
        self._line(at, "办理", body, said + ("（逾期）" if late else ""), LATE if late else "")

    def turned(self, at: datetime) -> None:
        """Tell what a turn brought: notices of one moment, kind, rung and ground together."""
        self._weekly(at)
        with self._workspace.database.snapshot() as tx:
            fresh = newer_notices(tx, self._campaign.id, self._known)
        if not fresh:
            return
        self._known = fresh[-1].id
        groups: dict[tuple[int, str, str], list[NoticeRow]] = {}
        for notice in sorted(fresh, key=lambda each: each.planned_at):
            if notice.kind in SIGNS:
                groups.setdefault((notice.planned_at, notice.kind, _shared(notice)), []).append(notice)
        for (planned_us, kind, shared), notices in groups.items():
            sign, style = SIGNS[kind]
            self._line(from_us(planned_us), sign, self._bodies(notices), _said(shared, notices), style)

    def _bodies(self, notices: Sequence[NoticeRow]) -> str:
        """Whom it concerns: of each matter the body that is told first."""
        first: dict[str | None, str] = {}
        for notice in notices:
            first.setdefault(notice.ref, notice.body)
        bodies = first.values() if None not in first else [notice.body for notice in notices]
        names = list(dict.fromkeys(self._campaign.body_name(body) for body in bodies))
        return names[0] if len(names) == 1 else f"{names[0]}等{len(names)}家"

    def _line(self, at: datetime, sign: str, body: str, what: str, style: str) -> None:
        local = at.astimezone(self._campaign.zone).strftime("%Y-%m-%d %H:%M")
        self._echo(f"{local}  {padded(sign, 4)}  {padded(body, BODY_COLUMNS)}  {what}", style)

    def _weekly(self, at: datetime) -> None:
        if self._week is None:
            self._week = at
        if at - self._week >= timedelta(days=7):
            self._week = at
            self._echo(self.status(at), "bold")

    def status(self, at: datetime) -> str:
        """One line on where the campaign stands."""
        with self._workspace.database.snapshot() as tx:
            pairs = self._workspace.reader.matters(tx)
        tasks = [rows for matter, rows in pairs if matter.kind == "department_task"]
        done = [
            f"{name} {sum(row.code == code and row.status in ('met', 'late') for rows in tasks for row in rows)}/{len(tasks)}"
            for code, name in (DELIVERABLES if tasks else ())
        ]
        red = sum(
            any(row.status in ("breached", "late") for row in rows) for matter, rows in pairs if not matter.closed
        )
        local = at.astimezone(self._campaign.zone).strftime("%Y-%m-%d")
        cases = self._stages(Counter(matter.stage for matter, _ in pairs if matter.kind == "case"))
        return "  ".join([f"—— {local}", *done, f"案件 {cases}", f"红灯 {red} ——"])

    def _stages(self, counts: Counter[str]) -> str:
        """How many cases stand in each stage, in the order of the procedure."""
        if not counts:
            return "无"
        stages = self._campaign.kind("case").doc.states
        return "、".join(f"{spec.label.zh}{counts[code]}" for code, spec in stages.items() if counts[code])


def _came_late(outcome: Outcome) -> bool:
    """Whether the act ended a deadline that had run out."""
    return any(row.status == "late" and row.closed_seq == outcome.entry["seq"] for row in outcome.deadlines)


def _shared(notice: NoticeRow) -> str:
    """The part of a subject that equal notices share: 【…】 and what follows the title."""
    head, _, rest = notice.subject.partition("】")
    return f"{head}】{rest.rpartition('：')[2]}" if rest else notice.subject


def _said(shared: str, notices: Sequence[NoticeRow]) -> str:
    """One notice in its own words, several by what they share, which matters and to whom."""
    people = _named(dict.fromkeys(notice.recipient for notice in notices), "人")
    if len(notices) == 1:
        return f"{notices[0].subject} → {people}"
    refs = _named(dict.fromkeys(notice.ref for notice in notices if notice.ref), "项")
    return f"{shared}{f'：{refs}' if refs else ''} → {people}"


def _named(names: Iterable[str], unit: str) -> str:
    """The first of *names*, and how many there are."""
    all_of_them = list(names)
    more = f" 等{len(all_of_them)}{unit}" if len(all_of_them) > MOST_NAMED else ""
    return "、".join(all_of_them[:MOST_NAMED]) + more
