"""A rehearsal told as it happens: a line an event, aligned for Chinese; equal events of one moment are taken together."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

from engine.clock import from_us, to_us
from engine.orders import Do, Open
from engine.outcome import Outcome
from engine.rows import DeadlineRow, NoticeRow
from engine.told import newer_notices
from scheduler.planning import Act
from workflows.workspace import Workspace

Lang = Literal["zh", "en"]
"""The language in which a rehearsal is told; notices stay in the working language of their recipients."""


class Echo(Protocol):
    """Whoever shows a line; *style* is how it may look on a terminal."""

    def __call__(self, text: str, style: str = "") -> None: ...


MOST_NAMED = 3
"""How many of several equal events are named; the others are counted."""

SIGNS = {
    "reminder": (("提醒", "remind"), "cyan"),
    "overdue": (("催办", "urge"), "yellow"),
    "escalation": (("升级", "escal."), "bold red"),
    "milestone": (("节点", "point"), "bold"),
    "chore": (("例行", "chore"), "dim"),
    "finding": (("发现", "found"), "magenta"),
    "returns": (("报表", "return"), "dim"),
    "silence": (("发现", "found"), "magenta"),
    "late_load": (("补录", "loaded"), "dim"),
    "digest": (("汇总", "digest"), "dim"),
    "return_due": (("提醒", "remind"), "cyan"),
    "return_overdue": (("催办", "urge"), "yellow"),
    "backlog": (("积压", "held"), "yellow"),
    "recounted": (("调整", "dates"), "bold"),
    "unreachable": (("不达", "lost"), "red"),
}
"""How each kind of notice is called in the margin, and its look; other kinds are not told."""

LATE = "red"
"""The look of an act that came after its deadline, or was refused."""

SIGN_COLUMNS = {"zh": 4, "en": 6}
"""Columns for what kind of event it is."""

BODY_COLUMNS = {"zh": 26, "en": 52}
"""Columns for the names of bodies: the longest name of the first campaign with a count after it."""

REF_COLUMNS = 28
"""Columns for a reference: the longest of the first campaign."""

DELIVERABLES = (
    ("plan", ("方案", "plans")),
    ("self_check_report", ("自查报告", "self-checks")),
    ("summary", ("总结", "summaries")),
)
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

    def __init__(self, workspace: Workspace, echo: Echo, lang: Lang = "zh") -> None:
        self._lang: Lang = lang
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
        body, label = self._name(act.login.partition(".")[0]), getattr(act.label, self._lang)
        if outcome is None:
            self._line(at, self._word("被拒", "no"), body, f"{padded(act.tie, REF_COLUMNS)}  {label}", LATE)
            return
        matter, late = outcome.matter, _came_late(outcome)
        said = f"{padded(matter.ref, REF_COLUMNS)}  {label}"
        if isinstance(act.order, Open):
            said += f"{self._word('：', ': ')}{matter.title}"
        elif isinstance(act.order, Do) and outcome.entry["from"] != outcome.entry["to"]:
            leaf = self._campaign.machines[matter.definition_id].tree.leaves[matter.state]
            said += f" → {getattr(leaf.label, self._lang)}"
        tail = self._word("（逾期）", " (late)") if late else ""
        self._line(at, self._word("办理", "act"), body, said + tail, LATE if late else "")

    def _word(self, zh: str, en: str) -> str:
        return zh if self._lang == "zh" else en

    def _name(self, body: str) -> str:
        return self._campaign.body_name(body, self._lang)

    def turned(self, at: datetime) -> None:
        """Tell what a turn brought: notices of one moment, kind, rung and ground together."""
        self._weekly(at)
        with self._workspace.database.snapshot() as tx:
            fresh = newer_notices(tx, self._campaign.id, self._known)
        if not fresh:
            return
        self._known = fresh[-1].id
        groups: dict[tuple[int, str, str], list[NoticeRow]] = {}
        for notice in sorted(fresh, key=lambda each: (each.kind == "digest", each.planned_at)):
            if notice.kind in SIGNS:
                when = to_us(at) if notice.kind == "digest" else notice.planned_at  # put together as it goes out
                groups.setdefault((when, notice.kind, _shared(notice)), []).append(notice)
        for (planned_us, kind, shared), notices in groups.items():
            sign, style = SIGNS[kind]
            self._line(
                from_us(planned_us), self._word(*sign), self._bodies(notices), self._said(shared, notices), style
            )

    def _bodies(self, notices: Sequence[NoticeRow]) -> str:
        """Whom it concerns: of each matter the body that is told first."""
        first: dict[str | None, str] = {}
        for notice in notices:
            first.setdefault(notice.ref, notice.body)
        bodies = first.values() if None not in first else [notice.body for notice in notices]
        names = list(dict.fromkeys(self._name(body) for body in bodies))
        more = len(names) - 1
        return names[0] + (self._word(f"等{len(names)}家", f" and {more} more") if more else "")

    def _line(self, at: datetime, sign: str, body: str, what: str, style: str) -> None:
        local = at.astimezone(self._campaign.zone).strftime("%Y-%m-%d %H:%M")
        sign, body = padded(sign, SIGN_COLUMNS[self._lang]), padded(body, BODY_COLUMNS[self._lang])
        self._echo(f"{local}  {sign}  {body}  {what}", style)

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
            f"{self._word(*name)} {_met(tasks, code)}/{len(tasks)}" for code, name in (DELIVERABLES if tasks else ())
        ]
        red = sum(
            any(row.status in ("breached", "late") for row in rows) for matter, rows in pairs if not matter.closed
        )
        local = at.astimezone(self._campaign.zone).strftime("%Y-%m-%d")
        cases = self._stages(Counter(matter.stage for matter, _ in pairs if matter.kind == "case"))
        rest = (f"{self._word('案件', 'cases')} {cases}", f"{self._word('红灯', 'red')} {red} ——")
        return "  ".join([f"—— {local}", *done, *rest])

    def _stages(self, counts: Counter[str]) -> str:
        """How many cases stand in each stage, in the order of the procedure."""
        if not counts:
            return self._word("无", "none")
        stages = self._campaign.kind("case").doc.states
        return self._word("、", ", ").join(
            f"{getattr(spec.label, self._lang)}{self._word('', ' ')}{counts[code]}"
            for code, spec in stages.items()
            if counts[code]
        )

    def _said(self, shared: str, notices: Sequence[NoticeRow]) -> str:
        """One notice in its own words, several by what they share, which matters and to whom."""
        people = self._named(dict.fromkeys(notice.recipient for notice in notices), "人")
        if len(notices) == 1:
            return f"{notices[0].subject} → {people}"
        refs = self._named(dict.fromkeys(notice.ref for notice in notices if notice.ref), "项")
        return f"{shared}{f'：{refs}' if refs else ''} → {people}"

    def _named(self, names: Iterable[str], unit: str) -> str:
        """The first of *names*, and how many there are."""
        all_of_them = list(names)
        more = len(all_of_them) - MOST_NAMED
        tail = self._word(f" 等{len(all_of_them)}{unit}", f" and {more} more") if more > 0 else ""
        return self._word("、", ", ").join(all_of_them[:MOST_NAMED]) + tail


def _met(tasks: Iterable[Iterable[DeadlineRow]], code: str) -> int:
    """How many have submitted what the deadline *code* asks for, in time or late."""
    return sum(row.code == code and row.status in ("met", "late") for rows in tasks for row in rows)


def _came_late(outcome: Outcome) -> bool:
    """Whether the act ended a deadline that had run out."""
    return any(row.status == "late" and row.closed_seq == outcome.entry["seq"] for row in outcome.deadlines)


def _shared(notice: NoticeRow) -> str:
    """The part of a subject that equal notices share: 【…】 and what follows the title; of a digest not its count."""
    head, _, rest = notice.subject.partition("】")
    if notice.kind == "digest":
        return f"{head}】"
    return f"{head}】{rest.rpartition('：')[2]}" if rest else notice.subject
