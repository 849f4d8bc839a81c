"""Pages for people: a matter, what may be done with it, and what an order did."""

from collections.abc import Iterable
from typing import Any

from commands.call import Call
from commands.paper import Cell, Column, entry, light_cell, line, local, table
from commands.verdicts import evaluations_page
from engine import marks
from workflows.words import ENTRIES, STATUSES

DEADLINES = (
    Column("code", "代码", "code"),
    Column("label", "期限", "deadline"),
    Column("status", "状态", "status"),
    Column("last_day", "最后一日", "last day"),
    Column("owner", "责任单位", "owner"),
    Column("mark", "依据核验", "source"),
)


FEN = 100
"""Fen in a yuan: money is kept in fen."""


def status_cell(status: str, call: Call) -> Cell:
    """A status in words; late ones stand out on a terminal."""
    words = STATUSES.get(status, (status, status))
    style = "red" if status in ("breached", "late", "dead", "failed") else ""
    return Cell(call.word(*words), style, status)


def word_cell(words: dict[str, tuple[str, str]], code: str | None, call: Call) -> Cell:
    """A code of the engine in words, as *words* has it; the code itself when piped, or where there is no word."""
    code = code or ""
    return Cell(call.word(*words.get(code, (code, code))), "", code)


def body_cell(call: Call, code: str | None) -> Cell:
    """A body by its name; its code when piped."""
    return Cell(call.workspace.campaign.body_name(code, call.lang) if code else "", "", code or "")


def kind_cell(call: Call, code: str) -> Cell:
    """A kind of matter by its name; its code when piped."""
    campaign = call.workspace.campaign
    known = code in campaign.machines.newest
    return Cell(call.label(campaign.kind(code).doc.label) if known else code, "", code)


def mark_cell(mark: str, call: Call) -> Cell:
    """How far the rule of a deadline was verified; what nobody has verified stands out on a terminal."""
    return Cell(marks.said(mark, call.lang), "yellow" if mark == marks.UNVERIFIED else "", mark)


def machine_of(call: Call, ref: str) -> Any:
    """The machine of the kind that *ref* begins with."""
    return call.workspace.campaign.kind(ref.partition("/")[0])


def named(call: Call, machine: Any, what: str, code: str) -> str:
    """A *fact* or *document* with its label; the code is what has to be typed."""
    label = machine.labels.get(f"{what}:{code}")
    if label is None:
        return code
    return call.beside(call.label(label), code)


def show_page(call: Call, shown: dict[str, Any]) -> None:
    """Write a matter as a page."""
    machine = machine_of(call, shown["ref"])
    line(f"{shown['ref']}  {shown['title']}", "bold")
    entry(call.word("单位", "body"), f"{shown['body']}  {call.workspace.campaign.body_name(shown['body'], call.lang)}")
    stage, state = call.label(shown["stage_label"]), call.label(shown["state_label"])
    entry(call.word("状态", "state"), f"{call.beside(state, shown['state'])}  {call.word('阶段', 'stage')} {stage}")
    _light(call, shown["light"])
    entry(call.word("版本", "version"), f"{shown['version']}  {call.word('留痕', 'entries')} {shown['entries_count']}")
    entry(call.word("开立", "opened"), local(shown["opened_at"], call.zone))
    entry(call.word("更新", "updated"), local(shown["updated_at"], call.zone))
    if shown.get("as_of"):
        entry(call.word("截至", "as of"), local(shown["as_of"], call.zone))
    if shown["approved_at"]:
        entry(call.word("批准", "approved"), local(shown["approved_at"], call.zone))
    for code, value in shown["facts"].items():
        entry(
            call.word("填写", "fact"), f"{named(call, machine, 'fact', code)} = {fact_of(call, machine, code, value)}"
        )
    for code in shown["erased"]:
        entry(
            call.word("填写", "fact"),
            f"{named(call, machine, 'fact', code)} = {call.word('〔已依法删除〕', '[erased by law]')}",
        )
    for each in shown["facts_missing"]:
        label = call.beside(call.label(each["label"]), each["code"])
        told = call.word(
            f"{label}（立项时上级事项未填，可补正：correct）", f"{label}: its parent had not stated it; correct adds it"
        )
        entry(call.word("缺填", "missing"), told)
    for paper in shown["documents"]:
        entry(
            call.word("材料", "document"),
            f"{named(call, machine, 'document', paper['kind'])}  {paper['name']}  {paper['sha256'][:12]}",
        )
    for title, refs in (
        (call.word("上级事项", "parent"), [shown["parent"]]),
        (call.word("下级事项", "children"), shown["children"]),
    ):
        if any(refs):
            entry(title, "  ".join(refs))
    _deadlines(call, shown["deadlines"])
    evaluations_page(call, machine, shown["evaluations"])
    _possible(call, machine, shown["possible"])


def _possible(call: Call, machine: Any, triggers: Iterable[str]) -> None:
    words = "  ".join(trigger_of(call, machine, code) for code in triggers)
    if words:
        entry(call.word("可以办理", "possible"), words)


def _light(call: Call, light: str | None) -> None:
    cell = light_cell(light, call.lang)
    line(f"{call.word('灯        ', 'light     ')}{cell.shown}", cell.style)


def trigger_of(call: Call, machine: Any, code: str) -> str:
    """A trigger as it is typed, and its label."""
    opening = machine.doc.open
    label = opening.label if code == opening.trigger else machine.triggers.get(code)
    if label is None and code == "urge":
        return call.word("催办", "urging")
    return f"{code} {call.label(label)}".strip()


def state_of(call: Call, machine: Any, code: str) -> str:
    """A state in words, with its code."""
    leaf = machine.tree.leaves.get(code)
    return call.beside(call.label(leaf.label), code) if leaf is not None else code


def _deadlines(call: Call, items: Iterable[dict[str, Any]]) -> None:
    rows = [
        [
            each["code"],
            call.label(each["label"]),
            status_cell(each["status"], call),
            each["last_day"] + (call.word("（暂定）", " (provisional)") if each["provisional"] else ""),
            body_cell(call, each["owner"]),
            mark_cell(each["mark"], call),
        ]
        for each in items
    ]
    if rows:
        line()
        table(DEADLINES, rows, call.lang)


def said(value: Any) -> str:
    """A fact's value as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)


def fact_of(call: Call, machine: Any, code: str, value: Any) -> str:
    """A fact's value as it is typed, and what it means: fen in yuan, the rest in words."""
    spec, text = machine.doc.facts.get(code), said(value)
    if isinstance(value, bool):
        return call.word(f"{'是' if value else '否'}（{text}）", text)
    if spec is not None and spec.type == "money" and isinstance(value, int):
        yuan = f"{value // FEN:,}.{value % FEN:02d}"
        return call.beside(text, call.word(f"{yuan}元", f"{yuan} yuan"))
    words = _choices(call, spec, value) if spec is not None else ""
    return call.beside(text, words) if words else text


def _choices(call: Call, spec: Any, value: Any) -> str:
    """What the chosen values of a fact are called; nothing for a fact that is typed."""
    known = {code: call.label(label) for code, label in spec.value_labels.items()}
    if spec.taxonomy is not None:
        known = {taxon.code: call.label(taxon.name) for taxon in call.workspace.campaign.doc.taxonomies[spec.taxonomy]}
    chosen = value if isinstance(value, list) else [value]
    return call.word("、", ", ").join(known[code] for code in chosen if code in known)


def outcome_page(call: Call, outcome: dict[str, Any]) -> None:
    """Write what an order did."""
    matter, done = outcome["matter"], outcome["entry"]
    head = call.word("此前已办", "was done before") if outcome.get("replayed") else call.word("已办", "done")
    what = " ".join(
        filter(
            None,
            (
                _what(call, done),
                "→",
                call.beside(call.label(matter["state_label"]), matter["state"]),
            ),
        )
    )
    line(f"{head}  {matter['ref']}  {what}  {call.word('版本', 'version')} {matter['version']}", "bold")
    for title, name in ((("起算", "started"), "deadlines_started"), (("停止", "stopped"), "deadlines_stopped")):
        for each in outcome[name]:
            status = status_cell(each["status"], call).shown
            what = f"{each['code']} {call.label(each['label'])}{marks.warning(each['mark'], call.lang)}"
            entry(call.word(*title), f"{what}  {each['last_day']}  {status}")
    for each in outcome["notices"]:
        entry(call.word("通知", "notice"), f"{each['recipient']}  {each['subject']}")
    for ref in outcome["children"]:
        entry(call.word("新开", "opened"), ref)


def _what(call: Call, done: dict[str, Any]) -> str:
    """The trigger as it was typed; for what has none, the kind of the entry in words."""
    if done["kind"] != "extension" and done["trigger"]:
        return str(done["trigger"])
    return word_cell(ENTRIES, done["kind"], call).shown


def can_page(call: Call, found: dict[str, Any]) -> None:
    """Write what may be done and what not, with the reasons."""
    machine = machine_of(call, found["ref"])
    state = state_of(call, machine, found["state"])
    line(
        call.word(
            f"{found['ref']}，现为{state}，{found['actor']} 可以办理：",
            f"{found['ref']} is {state}; {found['actor']} may:",
        )
    )
    for each in found["possible"]:
        what = f"{call.label(each['label'])}{marks.warning(each['mark'], call.lang)}"
        line(f"  {each['trigger']}  {what}  → {state_of(call, machine, each['to'])}", "green")
        for zh, en, what, codes in (("填写", "facts", "fact", "asks"), ("材料", "documents", "document", "needs")):
            if each[codes]:
                line(
                    f"      {call.word(zh, en)}: {', '.join(named(call, machine, what, code) for code in each[codes])}"
                )
        if each["reason"]:
            line(call.word("      须说明理由", "      a reason must be given"))
    if not found["possible"]:
        line(call.word("  （无）", "  nothing"))
    if found["refused"]:
        line(call.word("不能办理：", "not possible:"))
    for each in found["refused"]:
        line(f"  {each['trigger']}  {call.label(each['label'])}")
        for reason in each["reasons"]:
            line(f"      · {call.label(reason['text'])}")
