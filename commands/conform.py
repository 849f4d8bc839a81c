"""Somebody else's event log held against a definition."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from commands.call import Call
from commands.fresh_file import write_fresh, write_pieces
from commands.group import command, pass_call
from commands.paper import Column, line, on_terminal, table
from commands.reference import BODY, KIND
from commands.values import TEXT

FINDINGS = (
    Column("code", "发现", "finding"),
    Column("case", "案件", "case"),
    Column("activity", "动作", "activity"),
    Column("state", "状态", "state"),
    Column("reasons", "原因", "reasons"),
    Column("where", "位置", "where"),
)
DEADLINES = (
    Column("code", "期限", "deadline"),
    Column("label", "名称", "label"),
    *(Column(code, zh, code) for code, zh in (
        ("met", "按时"), ("late", "逾期办理"), ("breached", "逾期未办"), ("running", "未到期"), ("paused", "中止"),
        ("cancelled", "终止"),
    )),
)  # fmt: skip
STAGES = (
    Column("stage", "阶段", "stage"),
    Column("count", "件数", "count"),
    Column("median_h", "中位数（小时）", "median (h)"),
    Column("p90_h", "九成以内（小时）", "nine of ten (h)"),
    Column("max_h", "最长（小时）", "longest (h)"),
)

MOST_ON_SCREEN = 1_000
"""Findings that a terminal shows. PLACEHOLDER"""

PLACEHOLDER = "此件代替来源系统中的材料，仅用于推演。\nStands for a document of the system the log came from; for rehearsals only.\n"
"""What every document of imported orders says."""


@command(
    "conform",
    help="以流程定义核对外来日志（XES、CSV）：违规动作、逾期、各阶段用时 · Replay a foreign log against a definition. "
    "Exit 9 on a finding.",
)
@click.argument("file", type=TEXT, metavar="FILE")
@click.option("--definition", "kind", metavar="KIND", type=KIND, required=True, help="按何种流程核对 · the definition")
@click.option("--column", "columns", metavar="WHAT=NAME", multiple=True, type=TEXT,
              help="CSV 列名：case、activity、at 等 · which heading is the case, activity, at, resource, group")  # fmt: skip
@click.option("--orders", "orders_file", metavar="OUT", type=TEXT,
              help="另存为推演指令，供 apply 导入 · also write orders that `apply` takes into a rehearsal")  # fmt: skip
@click.option(
    "--body", metavar="CODE", type=BODY, help="日志未列单位时的承办单位 · whose the cases are, if the log does not say"
)
@pass_call
def conform_(
    call: Call, file: str, kind: str, columns: tuple[str, ...], orders_file: str | None, body: str | None
) -> None:
    """Replay FILE and say what deviated."""
    from workflows.conformance import Conformance
    from workflows.conformance_report import conform, findings
    from workflows.foreign_log import read_log
    from workflows.scratch import Scratch

    campaign = call.workspace.campaign
    conformance = Conformance(campaign, campaign.kind(kind))
    named = _columns(columns)
    with Scratch() as scratch:
        found = conform(conformance, read_log(Path(file), campaign.zone, named), scratch)
        if orders_file is not None:
            found["orders"] = _orders(call, conformance, file, named, orders_file, call.body(body))
        if call.json:
            call.write_long_json(found, "findings", findings(scratch))
        else:
            _page(call, found, findings(scratch))
    if not found["ok"]:
        click.get_current_context().exit(9)


def _columns(said: tuple[str, ...]) -> dict[str, str]:
    from engine.errors import Usage
    from workflows.foreign_csv import HEADINGS

    found = {}
    for each in said:
        what, sign, name = each.partition("=")
        if not sign or what not in HEADINGS or not name:
            raise Usage(f"--column is WHAT=NAME with WHAT one of {', '.join(HEADINGS)}, not {each!r}", "column")
        found[what] = name
    return found


def _orders(
    call: Call, conformance: Any, file: str, columns: dict[str, str], out: str, body: str | None
) -> dict[str, Any]:
    """Write the orders, and beside them the paper that stands for documents."""
    from workflows.conformance_orders import orders
    from workflows.foreign_log import read_log

    campaign = call.workspace.campaign
    paper, database = Path(f"{out}.paper.txt"), call.workspace.database
    cases = read_log(Path(file), campaign.zone, columns)
    number = itertools.count()
    lines = orders(conformance, cases, str(paper), body or campaign.doc.bodies[0].code)
    write_fresh(out, write_pieces(line + "\n" for line, _ in zip(lines, number, strict=False)), database)
    write_fresh(str(paper), write_pieces([PLACEHOLDER]), database)
    return {"file": out, "lines": next(number), "paper": str(paper)}


def _page(call: Call, found: dict[str, Any], findings: Iterator[dict[str, Any]]) -> None:
    shown = itertools.islice(findings, MOST_ON_SCREEN) if on_terminal() else findings
    table(FINDINGS, (_finding(call, each) for each in shown), call.lang)
    left = sum(found["by_code"].values()) - MOST_ON_SCREEN
    if on_terminal() and left > 0:
        line(
            call.word(
                f"另有 {left} 项未列，重定向到文件或加 --json 可得全部",
                f"{left} more: into a file, or with --json, all of them",
            )
        )
    table(DEADLINES, [[each["code"], call.word(**each["label"]),
                       *(str(each[column.code]) for column in DEADLINES[2:])] for each in found["deadlines"]], call.lang)  # fmt: skip
    whole = {"label": {"zh": "全程", "en": "whole"}, **found["whole"]}
    stages = [[call.word(**each["label"]), *(str(each[column.code] if each[column.code] is not None else "–")
                                              for column in STAGES[1:])] for each in [*found["stages"], whole]]  # fmt: skip
    table(STAGES, stages, call.lang)
    for each in found["assumptions"]:
        line(call.word(f"前提：{each['zh']}", f"Assumed: {each['en']}"))
    cases, legal, events, fitness = (found[name] for name in ("cases", "legal_cases", "events", "fitness"))
    rate = f"{fitness:.1%}" if events else "–"
    line(call.word(f"{cases} 件，其中 {legal} 件全程合规；{events} 个动作，合规率 {rate}",
                   f"{cases} cases, {legal} of them all the way legal; {events} events, fitness {rate}"))  # fmt: skip
    if "orders" in found:
        file, lines = found["orders"]["file"], found["orders"]["lines"]
        line(
            call.word(
                f"{file}：{lines} 条指令，可在推演库中 duban apply {file}",
                f"{file}: {lines} orders; in a rehearsal: duban apply {file}",
            )
        )


def _finding(call: Call, each: dict[str, Any]) -> list[str]:
    reasons = call.word("；", "; ").join(call.word(**reason["text"]) for reason in each["reasons"])
    state = call.word(**each["state_label"])
    return [each["code"], each["case"], each["activity"], state, reasons, each["where"] or ""]
