"""The tally of recurring returns: who has reported, who has not, and the sums for the bulletin."""

from typing import Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.paper import Column, entry, line, on_terminal, table
from commands.values import TEXT

FEN = 100
"""Fen in a yuan."""

PERIODS = (
    Column("return", "报表", "return"),
    Column("period", "报告期", "period"),
    Column("last_day", "截止日", "last day"),
    Column("owed", "应报", "owed"),
    Column("on_time", "按时", "on time"),
    Column("zero", "零报告", "zero"),
    Column("late", "逾期", "late"),
    Column("missing", "未报", "missing"),
    Column("open", "未到期", "not due"),
)
SUMS = (
    Column("figure", "项目", "figure"),
    Column("sum", "合计", "sum"),
    Column("on_time", "其中按时报送", "of it in time"),
    Column("unit", "单位", "unit"),
)
STANDINGS = {
    "on_time": ("按时报送", "in time"), "zero": ("其中零报告", "of them zero"), "late": ("逾期报送", "late"),
    "missing": ("未报送", "missing"), "open": ("未到期", "not due yet"),
}  # fmt: skip


@command(
    "returns", help="报表汇总：应报、已报、未报单位，各项数字合计 · Returns tallied: who has reported, and the sums."
)
@click.argument("code", type=TEXT, metavar="[RETURN]", required=False)
@click.argument("period", type=TEXT, metavar="[PERIOD]", required=False)
@click.option("--each", "each_body", is_flag=True, help="逐单位列出各项数字 · the figures body by body")
@pass_call
def returns_(call: Call, code: str | None, period: str | None, *, each_body: bool) -> None:
    """Print the periods of the returns, or what one of them comes to."""
    from engine.tallies import periods, return_of, tally

    call.sight.require("statistics", "查看统计", "look at figures")
    campaign = call.workspace.campaign
    specs = campaign.doc.returns if code is None else [return_of(campaign, code)]
    if code is None or period is None:
        found = [{"return": spec.code, "label": spec.label.model_dump(), **each}
                 for spec in specs for each in periods(call.reader, spec)]  # fmt: skip
        call.answer({"items": found}, lambda: _periods(call, found))
        return
    sums = tally(call.reader, specs[0], period)
    call.answer(sums, lambda: (_each if each_body else _sums)(call, sums))


def _periods(call: Call, found: list[dict[str, Any]]) -> None:
    rows = [
        [
            call.label(each["label"]) if on_terminal() and column.code == "return" else str(each[column.code])
            for column in PERIODS
        ]
        for each in found
    ]
    table(PERIODS, rows, call.lang)
    if found:
        last = found[-1]
        call.note(
            f"某一期的汇总：duban report returns {last['return']} {last['period']}",
            f"one period: duban report returns {last['return']} {last['period']}",
        )


def _sums(call: Call, found: dict[str, Any]) -> None:
    """The sums, and by name who has reported and who has not."""
    if on_terminal():
        line(call.word(
            f"{found['label']['zh']} {found['period']}  截止 {found['last_day']}  应报 {found['owed']}",
            f"{found['label']['en']} {found['period']}  due {found['last_day']}  owed by {found['owed']}",
        ), "bold")  # fmt: skip
        for name, words in STANDINGS.items():
            bodies = found["lists"][name]
            if bodies:
                names = call.word("、", ", ").join(
                    call.workspace.campaign.body_name(each, call.lang) for each in bodies
                )
                entry(call.word(*words), f"{len(bodies)}  {names}", 14)
    rows = [
        [call.label(each["label"]) if on_terminal() else each["code"], *(_shown(each, each[name]) for name in ("sum", "on_time")),
         _unit(call, each)]
        for each in found["figures"]
    ]  # fmt: skip
    table(SUMS, rows, call.lang)


def _each(call: Call, found: dict[str, Any]) -> None:
    """A row a body, a column a figure, the sums below."""
    heads = [Column(each["code"], each["label"]["zh"], each["label"]["en"]) for each in found["figures"]]
    columns = (Column("body", "单位", "body"), Column("standing", "报送", "returned"), *heads)
    rows = [
        [
            call.workspace.campaign.body_name(each["body"], call.lang) if on_terminal() else each["body"],
            call.word(*STANDINGS[each["standing"]]) if on_terminal() else each["standing"],
            *(
                _shown(of, each["figures"][of["code"]]) if of["code"] in each["figures"] else ""
                for of in found["figures"]
            ),
        ]
        for each in found["rows"]
    ]
    whole = [
        call.word("合计", "sum") if on_terminal() else "*",
        "",
        *(_shown(of, of["sum"]) for of in found["figures"]),
    ]
    table(columns, [*rows, whole], call.lang)


def _shown(figure: dict[str, Any], value: int) -> str:
    """A figure; on a terminal money in yuan."""
    if figure["type"] == "money" and on_terminal():
        return f"{value // FEN:,}.{value % FEN:02d}"
    return str(value)


def _unit(call: Call, figure: dict[str, Any]) -> str:
    money = figure["type"] == "money" and on_terminal()
    return call.word("元", "yuan") if money else str(figure["unit"] or "")
