"""Reports on the past: two days side by side, and who knew what when."""

from typing import Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.look import as_of_option
from commands.pages import body_cell, machine_of, trigger_of, word_cell
from commands.paper import Cell, Column, light_cell, line, local, on_terminal, table
from commands.reference import REF, body_option
from commands.values import TEXT
from workflows.words import ENTRIES, HOWS, NOTICES, STATUSES

MOVED = (
    Column("change", "变化", "change"),
    Column("ref", "编号", "ref"),
    Column("body", "单位", "body"),
    Column("from", "原状态", "from"),
    Column("to", "现状态", "to"),
)
DATES = (
    Column("ref", "编号", "ref"),
    Column("code", "期限", "deadline"),
    Column("owner", "责任单位", "owner"),
    Column("from", "原", "from"),
    Column("to", "现", "to"),
    Column("last_day", "止", "last day"),
)
KNEW = (
    Column("at", "时间", "at"),
    Column("who", "人员", "who"),
    Column("body", "单位", "body"),
    Column("how", "方式", "how"),
    Column("what", "事由", "what"),
)
CHANGES = {"opened": ("新立", "opened"), "moved": ("流转", "moved"), "closed": ("办结", "closed")}


@command("compare", help="两日对比：新立、流转、办结、灯色与期限的变化 · What differs between two instants.")
@click.option("--from", "since", metavar="INSTANT", type=TEXT, required=True, help="自 · the earlier instant")
@click.option("--until", metavar="INSTANT", type=TEXT, help="至，默认现在 · the later instant [now]")
@body_option
@pass_call
def compare_(call: Call, since: str, until: str | None, body: str | None) -> None:
    """Print what differs."""
    from engine.two_days import compare

    first, last = call.instant(since, "--from"), call.instant(until, "--until")
    assert first is not None
    workspace = call.workspace
    found = compare(call.reader, first, last or workspace.clock.now(), call.body(body))
    call.answer(found, lambda: _compared(call, found))


def _compared(call: Call, found: dict[str, Any]) -> None:
    moved = [
        [
            call.word(*CHANGES[name]),
            each["ref"],
            body_cell(call, each["body"]),
            call.label(each["from_label"]),
            call.label(each["to_label"]),
        ]
        for name in CHANGES
        for each in found[name]
    ]
    _some(MOVED, moved, call)
    lights = [
        [call.word("灯", "light"), each["ref"], body_cell(call, each["body"]),
         *(light_cell(each[side], call.lang) for side in ("from", "to"))] for each in found["lights"]
    ]  # fmt: skip
    _some(MOVED, lights, call)
    _some(DATES, [_date(call, each) for each in found["deadlines"]], call)
    counts = [len(found[name]) for name in (*CHANGES, "lights", "deadlines")]
    line(call.word("新立 {} 件，流转 {} 件，办结 {} 件，灯色变化 {} 件，期限变化 {} 项".format(*counts),
                   "{} opened, {} moved, {} closed, {} lights and {} deadlines changed".format(*counts)))  # fmt: skip


def _some(columns: tuple[Column, ...], rows: list[list[Any]], call: Call) -> None:
    """A table, on a terminal only if it has rows: the last line says how many there are of each."""
    if rows or not on_terminal():
        table(columns, rows, call.lang)


def _date(call: Call, each: dict[str, Any]) -> list[str | Cell]:
    status = [call.word(*STATUSES.get(each[side], (each[side],) * 2)) if each[side] else "–" for side in ("from", "to")]
    moved = each["last_day_from"] not in (None, each["last_day"])
    day = f"{each['last_day_from']} → {each['last_day']}" if moved else each["last_day"]
    return [each["ref"], call.label(each["label"]), body_cell(call, each["owner"]), *status, day]


@command("knew", help="事项 REF 何人何时知情：办理、签收、被告知、确认 · Who knew of the matter, since when, and how.")
@click.argument("ref", type=REF, metavar="REF")
@as_of_option
@pass_call
def knew_(call: Call, ref: str, as_of: str | None) -> None:
    """Print who knew."""
    from engine.knowing import knew

    found = knew(call.reader, ref, call.instant(as_of, "--as-of"))
    call.answer(found, lambda: table(KNEW, [_known(call, ref, each) for each in found["items"]], call.lang))


def _known(call: Call, ref: str, each: dict[str, Any]) -> list[str | Cell]:
    what = each["what"]
    if "notice_kind" in what or "notice" in what:
        said = f"{word_cell(NOTICES, what.get('notice_kind'), call).shown} {what['notice']}".strip()
    elif what["trigger"]:
        said = trigger_of(call, machine_of(call, ref), what["trigger"])
    else:
        said = call.word(*ENTRIES.get(what["entry"], (what["entry"],) * 2))
    return [
        local(each["at"], call.zone),
        each["who"] or "",
        body_cell(call, each["body"]),
        call.word(*HOWS[each["how"]]),
        said,
    ]
