"""A rehearsal told as it happens: a line an event, aligned for Chinese; equal events of one moment are taken together."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from engine.clock import from_us
from engine.orders import Do
from engine.outcome import Outcome
from engine.rows import NoticeRow
from engine.told import newer_notices
from scheduler.planning import Act
from workflows.workspace import Workspace

Echo = Callable[[str], None]

MOST_NAMED = 3
"""How many of several equal events are named; the others are counted."""

SIGNS = {
    "reminder": "提醒",
    "overdue": "催办",
    "escalation": "升级",
    "milestone": "节点",
    "chore": "例行",
    "late_load": "补录",
}
"""How each kind of notice is called in the margin."""

DELIVERABLES = ("plan", "self_check_report", "summary")


def width(text: str) -> int:
    """Columns of *text* on a terminal; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def padded(text: str, columns: int) -> str:
    """Fill *text* to *columns*, or cut it there."""
    while width(text) > columns:
        text = text[:-1]
    return text + " " * (columns - width(text))


class Telling:
    """Tell what happens in *workspace* through *echo*."""

    def __init__(self, workspace: Workspace, echo: Echo) -> None:
        self._workspace = workspace
        self._campaign = workspace.campaign
        self._echo = echo
        self._known = 0
        self._week: datetime | None = None
        with workspace.database.snapshot() as tx:
            notices = newer_notices(tx, workspace.campaign.id, 0)
        self._known = max((notice.id for notice in notices), default=0)

    def acted(self, at: datetime, act: Act, outcome: Outcome | None) -> None:
        """Tell an act of a person."""
        self._weekly(at)
        what = act.label if outcome is not None else f"{act.label}（被拒）"
        if outcome is None:
            self._line(at, "被拒", act.login, f"{act.tie}  {what}")
            return
        leaf = self._campaign.machines[outcome.matter.definition_id].tree.leaves[outcome.matter.state]
        arrow = f" → {leaf.label.zh}" if isinstance(act.order, Do) else ""
        body = self._campaign.body_name(act.login.partition(".")[0])
        self._line(at, "办理", body, f"{outcome.matter.ref}  {what}{arrow}")

    def turned(self, at: datetime) -> None:
        """Tell what a turn brought: notices of one kind and rung together."""
        self._weekly(at)
        with self._workspace.database.snapshot() as tx:
            fresh = newer_notices(tx, self._campaign.id, self._known)
        if not fresh:
            return
        self._known = fresh[-1].id
        groups: dict[tuple[str, str], list[NoticeRow]] = {}
        for notice in fresh:
            if notice.kind in SIGNS:
                groups.setdefault((notice.kind, _head(notice)), []).append(notice)
        for (kind, head), notices in groups.items():
            self._line(from_us(notices[0].planned_at), SIGNS[kind], self._bodies(notices), self._said(head, notices))

    def _bodies(self, notices: Sequence[NoticeRow]) -> str:
        names = list(dict.fromkeys(self._campaign.body_name(notice.body) for notice in notices))
        return names[0] if len(names) == 1 else f"{names[0]}等{len(names)}个单位"

    def _said(self, head: str, notices: Sequence[NoticeRow]) -> str:
        if len(notices) == 1:
            return f"{notices[0].subject} → {notices[0].recipient}"
        refs = list(dict.fromkeys(notice.ref for notice in notices if notice.ref))
        named = "、".join(refs[:MOST_NAMED]) + (f" 等{len(refs)}项" if len(refs) > MOST_NAMED else "")
        people = list(dict.fromkeys(notice.recipient for notice in notices))
        told = "、".join(people[:MOST_NAMED]) + (f" 等{len(people)}人" if len(people) > MOST_NAMED else "")
        return f"{head} {named} → {told}"

    def _line(self, at: datetime, sign: str, body: str, what: str) -> None:
        local = at.astimezone(self._campaign.zone).strftime("%Y-%m-%d %H:%M")
        self._echo(f"{local}  {padded(sign, 4)}  {padded(body, 22)}  {what}")

    def _weekly(self, at: datetime) -> None:
        if self._week is None:
            self._week = at
        if at - self._week >= timedelta(days=7):
            self._week = at
            self._echo(self.status(at))

    def status(self, at: datetime) -> str:
        """One line on where the campaign stands."""
        with self._workspace.database.snapshot() as tx:
            pairs = self._workspace.reader.matters(tx)
        tasks = [rows for matter, rows in pairs if matter.kind == "department_task"]
        done = [
            sum(row.code == code and row.status in ("met", "late") for rows in tasks for row in rows)
            for code in DELIVERABLES
        ]
        stages = Counter(
            self._campaign.machines[matter.definition_id].doc.states[matter.stage].label.zh
            for matter, _ in pairs
            if matter.kind == "case"
        )
        red = sum(
            any(row.status in ("breached", "late") for row in rows) for matter, rows in pairs if not matter.closed
        )
        local = at.astimezone(self._campaign.zone).strftime("%Y-%m-%d")
        cases = "、".join(f"{name}{count}" for name, count in sorted(stages.items())) or "无"
        return (
            f"—— {local}  方案 {done[0]}/{len(tasks)}  自查报告 {done[1]}/{len(tasks)}  总结 {done[2]}/{len(tasks)}"
            f"  案件 {cases}  红灯 {red} ——"
        )


def _head(notice: NoticeRow) -> str:
    """The part of a subject that equal notices share: 【…】."""
    return notice.subject[: notice.subject.find("】") + 1] or notice.subject
