"""The summary of a rehearsal as a page to read, in Chinese or in English."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine import marks
from engine.campaign import Campaign
from engine.definition_schema import Label
from scheduler.statistics import summed
from scheduler.telling import Lang, padded, width

STATUS = {
    "met": ("按时", "in time"),
    "late": ("逾期完成", "late"),
    "breached": ("逾期未完成", "overdue"),
    "running": ("未到期", "not due"),
    "paused": ("中止", "paused"),
    "cancelled": ("已取消", "cancelled"),
}
"""What a deliverable's deadline is called on the page."""

COUNTS = (
    ("逾期", "late"),
    ("报表", "returns"),
    ("案件", "cases"),
    ("督办件", "supervision"),
    ("收到通知", "notices"),
    ("最高级", "highest rung"),
)
"""The headings of a department's figures."""


def deliverables_of(campaign: Campaign) -> dict[str, Label]:
    """The deadlines that deliverables have, with the name of the first deliverable of each."""
    names: dict[str, Label] = {}
    for owed in campaign.doc.deliverables:
        if owed.deadline:
            names.setdefault(owed.deadline, owed.name)
    return names


class Page:
    """Draw the summaries of a campaign in one language."""

    def __init__(self, campaign: Campaign, lang: Lang) -> None:
        self._campaign = campaign
        self._lang: Lang = lang

    def draw(self, summary: Mapping[str, Any]) -> str:
        """The summary as a page to read."""
        head = self._head(summary)
        table = aligned(list(self._rows(summary["departments"])))
        return "\n".join([*head, "", *table, *self._warned(summary["unverified"])]) + "\n"

    def _warned(self, unverified: Sequence[Mapping[str, Any]]) -> list[str]:
        """The rules that nobody has verified, as the end of the page."""
        if not unverified:
            return []
        mark, lead = (
            marks.said(marks.UNVERIFIED, self._lang),
            ("下列期限所依据的规定未经核实：", "These rules were not verified:"),
        )
        unit = self._word(("项", " clocks"))
        form = self._word(("- {}：{} [{}]（{}{}）", "- {}: {} [{}] ({}{})"))
        rules = [
            form.format(each["label"][self._lang], each["basis"], mark, each["clocks"], unit) for each in unverified
        ]
        return ["", self._word(lead), "", *rules]

    def _head(self, summary: Mapping[str, Any]) -> list[str]:
        totals, duties = summary["totals"], len(self._campaign.doc.duties)
        begun = self._campaign.launched_at.astimezone(self._campaign.zone).strftime("%Y-%m-%d %H:%M")
        people, seed, cases, until = (summary[name] for name in ("people", "seed", "cases", "until"))
        made = summed(totals["returns"].values())
        notices, stages = sum(totals["notices"].values()), self._stages(totals["cases_by_stage"])
        if self._lang == "zh":
            return [
                f"# {self._campaign.doc.name.zh}：推演小结",
                "",
                f"人员模型 {people}，种子 {seed}，案件 {cases}；{begun} 至 {until}",
                "",
                f"- 办理 {totals['orders']} 次，被拒 {totals['refusals']} 次",
                f"- 通知 {notices} 件；逾期 {totals['breaches']} 项",
                f"- 按时办理的期限：以办理时间计 {kept_of(totals, 'by_act')}，以录入时间计 {kept_of(totals, 'by_record')}",
                f"- 补录 {totals['late_entries']} 次（事后超过规定时间录入）",
                f"- 监测发现 {totals['findings']} 项；定期报表应报 {made['owed']} 份，按时 {made['on_time']}、逾期 {made['late']}、"
                f"未报 {made['missing']}，其中零报告 {made['zero']}",
                f"- 案件所处阶段：{stages}；已起诉 {totals['prosecuted']} 件",
                f"- 工作职责办结 {totals['duties_done']} / {duties} 项",
            ]
        return [
            f"# {self._campaign.doc.name.en}: the rehearsal in short",
            "",
            f"people {people}, seed {seed}, cases {cases}; {begun} to {until}",
            "",
            f"- {totals['orders']} acts, {totals['refusals']} refused",
            f"- {notices} notices; {totals['breaches']} deadlines breached",
            f"- deadlines kept: {kept_of(totals, 'by_act')} by when it was done, {kept_of(totals, 'by_record')} by when it was entered",
            f"- {totals['late_entries']} late entries; {totals['findings']} findings of monitors",
            f"- {made['owed']} returns owed: {made['on_time']} in time, {made['late']} late, {made['missing']} missing, "
            f"{made['zero']} of them zero",
            f"- cases by stage: {stages}; {totals['prosecuted']} prosecuted",
            f"- {totals['duties_done']} of {duties} duties done",
        ]

    def _word(self, words: tuple[str, str]) -> str:
        return words[self._lang == "en"]

    def _rows(self, departments: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
        """The table of departments, its headings first."""
        wanted = deliverables_of(self._campaign)
        first = [self._word(("部门", "department")), self._word(("任务状态", "task"))]
        yield [*first, *(getattr(name, self._lang) for name in wanted.values()), *(self._word(each) for each in COUNTS)]
        for each in departments:
            owed = [self._word(STATUS.get(each["deliverables"].get(code, ""), ("–", "–"))) for code in wanted]
            counts = [each["breaches"], returns_cell(each["returns"])]
            counts += [sum(each["cases_by_stage"].values()), each["supervision_items"]]
            counts += [each["notices"], each["highest_rung"]]
            name = self._campaign.body_name(each["body"], self._lang)
            yield [name, self._state(each["task"]), *owed, *(str(count) for count in counts)]

    def _state(self, code: str | None) -> str:
        """What the state of a department's task is called."""
        leaves = self._campaign.kind("department_task").tree.leaves if code else {}
        return getattr(leaves[code].label, self._lang) if code else "–"

    def _stages(self, counts: Mapping[str, int]) -> str:
        """How many cases stand in each stage, in the order of the procedure."""
        if not counts:
            return self._word(("无", "none"))
        stages = self._campaign.kind("case").doc.states
        named = (f"{getattr(spec.label, self._lang)} {counts[code]}" for code, spec in stages.items() if code in counts)
        return self._word(("、", ", ")).join(named)


def kept_of(totals: Mapping[str, Any], way: str) -> str:
    """How many deadlines were kept, of all whose end is known."""
    return f"{totals['on_time'][way]}/{totals['on_time']['of']}"


def returns_cell(made: Mapping[str, int]) -> str:
    """The returns of a department in brief: 按时/逾期/未报."""
    return f"{made['on_time']}/{made['late']}/{made['missing']}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table whose columns also stand one below the other where characters have a fixed width."""
    across = [max(width(row[at]) for row in rows) for at in range(len(rows[0]))]
    head, *rest = [
        "| " + " | ".join(padded(cell, columns) for cell, columns in zip(row, across, strict=True)) + " |"
        for row in rows
    ]
    return [head, "|" + "|".join("-" * (columns + 2) for columns in across) + "|", *rest]
