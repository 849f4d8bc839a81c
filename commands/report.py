"""Reports: figures of the campaign for those who have to account for it."""

from typing import Any

import click

from commands.call import Call
from commands.group import group, pass_call
from commands.look import as_of_option
from commands.paper import Column, on_terminal, table
from commands.report_past import compare_, knew_
from commands.report_returns import returns_
from commands.sift import sifted, sifting
from commands.values import TEXT

STATISTICS = (
    Column("body", "单位", "body"),
    Column("by_act", "按时（办理）", "kept by act"),
    Column("by_record", "按时（录入）", "kept by record"),
    Column("of", "期限", "deadlines"),
    Column("late_entries", "补录", "late entries"),
    Column("owed", "应报", "returns owed"),
    Column("on_time", "按时", "on time"),
    Column("zero", "零报告", "zero"),
    Column("late", "逾期", "late"),
    Column("missing", "未报", "missing"),
)


COUNTED = (
    Column("code", "项目", "value"),
    Column("count", "件数", "matters"),
    Column("open", "未办结", "open"),
)


@group("report", help="报告 · Reports: figures of the campaign.")
def report_() -> None:
    """Hold the reports."""


for each in (compare_, knew_, returns_):
    report_.add_command(each)


@report_.command(
    "statistics",
    help="统计：按时（以办理、以录入时间计）、补录、报表 · Kept deadlines by act and by record, late entries, returns.",
)
@click.option(
    "--by",
    "axis",
    metavar="AXIS",
    type=TEXT,
    help="事项按此计数：content、area、field、products、body、kind、stage、state、light、month 等 · count matters by this",
)
@sifting
@as_of_option
@pass_call
def statistics(call: Call, as_of: str | None, axis: str | None, **given: Any) -> None:
    """Print the figures of each body of the roster, or how many matters fit, by one of their sides."""
    from scheduler.statistics import report

    call.sight.require("statistics", "查看统计", "look at figures")
    which = sifted(call, given)
    if axis is not None:
        _counted(call, axis, which, as_of)
        return
    if any(value not in (None, ()) for value in which.values()):
        raise click.UsageError("the figures of the bodies are of the whole campaign; --by AXIS counts what fits")
    found = report(call.workspace, call.instant(as_of, "--as-of"), call.reader)
    call.answer(found, lambda: table(STATISTICS, [_row(call, each) for each in found["rows"]], call.lang))


def _counted(call: Call, axis: str, which: dict[str, Any], as_of: str | None) -> None:
    from engine.figures import Figures
    from engine.lists import Wanted

    if as_of is not None:
        raise click.UsageError("--by counts what stands now; board --as-of and list --as-of look back")
    workspace = call.workspace
    found = Figures(workspace.database, workspace.campaign, workspace.reader.clock, call.reader.seen()).by(
        axis, Wanted(**which)
    )
    rows = [
        [call.label(each["label"]) if on_terminal() else each["code"], str(each["count"]), str(each["open"])]
        for each in found["rows"]
    ]
    call.answer(found, lambda: table(COUNTED, rows, call.lang))


def _row(call: Call, each: dict[str, Any]) -> list[str]:
    kept, made = each["on_time"], each["returns"]
    figures = [kept["by_act"], kept["by_record"], kept["of"], each["late_entries"]]
    figures += [made[name] for name in ("owed", "on_time", "zero", "late", "missing")]
    return [call.label(each["name"]) if on_terminal() else each["body"], *(str(figure) for figure in figures)]
