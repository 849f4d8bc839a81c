"""Monitors: what ought to have happened and did not."""

from typing import Any

import click

from commands.call import Call
from commands.damaged import tell_damaged
from commands.group import group, pass_call
from commands.pages import body_cell, status_cell, word_cell
from commands.paper import Cell, Column, line, local, table
from commands.reference import REF, body_option
from commands.values import TEXT
from workflows.words import CIRCLES

DECLARED = (
    Column("monitor", "监测项", "monitor"),
    Column("kind", "对象", "of"),
    Column("label", "未发生的事", "what is missing"),
    Column("for", "持续", "for"),
    Column("tell", "告知", "tells"),
    Column("basis", "依据", "basis"),
)
FOUND = (
    Column("ref", "事项", "ref"),
    Column("monitor", "监测项", "monitor"),
    Column("label", "未发生的事", "what is missing"),
    Column("body", "单位", "body"),
    Column("since", "起", "since"),
    Column("found_at", "发现", "found"),
    Column("status", "状态", "status"),
    Column("told", "已告知", "told"),
)
UNITS = {
    "days": ("{0}日", "{0} days"),
    "workdays": ("{0}个工作日", "{0} working days"),
    "hours": ("{0}小时", "{0} hours"),
    "periods": ("连续{0}期", "{0} periods running"),
}
ONE = {"days": "{0} day", "workdays": "{0} working day", "hours": "{0} hour", "periods": "{0} period"}
"""The English of one of them."""


@group("monitor", help="监测 · Monitors: what ought to have happened and did not.")
def monitor_() -> None:
    """Hold the commands about monitors."""


@monitor_.command("list", help="列出所设监测项 · List the monitors of the campaign and its definitions.")
@pass_call
def list_(call: Call) -> None:
    """Print what is watched."""
    from scheduler.lookout import declared

    call.sight.require("monitors", "查看监测", "look at what is watched")
    items = declared(call.workspace)
    call.answer({"items": items}, lambda: table(DECLARED, [_declared(call, each) for each in items], call.lang))


def _declared(call: Call, each: dict[str, Any]) -> list[Any]:
    lasts = [_lasts(call, unit, number) for unit, number in each.get("for", {}).items()]
    return [
        each["monitor"],
        Cell(_kind(call, each["kind"]), "", each["kind"]),
        call.label(each["label"]),
        lasts[0] if lasts else call.word("不变式", "never"),
        Cell(
            call.word("、", ", ").join(_told(call, each["kind"], code) for code in each["tell"]),
            "",
            ",".join(each["tell"]),
        ),
        f"{each['basis']} [{each['mark']}]",
    ]


def _lasts(call: Call, unit: str, number: int) -> str:
    zh, en = UNITS[unit]
    return call.word(zh, ONE[unit] if number == 1 else en).format(number)


def _kind(call: Call, code: str) -> str:
    """The kind of matter or the return that is watched, by its name."""
    campaign = call.workspace.campaign
    labels = {each.code: each.label for each in campaign.doc.returns}
    return call.label(labels[code] if code in labels else campaign.kind(code).doc.label)


def _told(call: Call, kind: str, code: str) -> str:
    """Who is told: a circle of the campaign, or a role of the machine."""
    if code in CIRCLES or kind not in call.workspace.campaign.doc.definitions:
        return word_cell(CIRCLES, code, call).shown
    role = call.workspace.campaign.kind(kind).doc.roles.get(code)
    return call.label(role.label) if role is not None else code


@monitor_.command(
    "run", help="查找应办未办的事项：自何时起、已告知何人 · Find what is missing, since when, and who was told."
)
@click.option("--ref", type=REF, metavar="REF", help="只看该事项 · of this matter")
@body_option
@click.option("--as-of", metavar="INSTANT", type=TEXT, help="当时的情形 · as it was then")
@pass_call
def run(call: Call, ref: str | None, body: str | None, as_of: str | None) -> None:
    """Print the findings that stand."""
    from scheduler.lookout import findings

    call.sight.require("monitors", "查看监测", "look at what is watched")
    found = findings(call.workspace, ref, call.body(body), call.instant(as_of, "--as-of"), call.reader)
    tell_damaged(call, found["damaged"])
    call.answer(found, lambda: _page(call, found["items"]))


def _page(call: Call, items: list[dict[str, Any]]) -> None:
    """The findings; below them, for each broken invariant, the acts that led there."""
    table(FOUND, [_found(call, each) for each in items], call.lang)
    for each in items:
        if each.get("acts"):
            line(f"{each['ref']}  {each['monitor']}  {call.label(each['label'])}")
        for act in each.get("acts", ()):
            facts = ", ".join(f"{code}={value}" for code, value in act["facts"].items())
            moved = f"{act['from']} → {act['to']}" if act["to"] else ""
            line(f"    {act['seq']}. {act['kind']} {act['trigger'] or ''} {moved} {act['actor']} {facts}".rstrip())


def _found(call: Call, each: dict[str, Any]) -> list[Any]:
    told = ",".join(dict.fromkeys(notice["recipient"] for notice in each["told"]))
    times = [local(each[name], call.zone) for name in ("since", "found_at")]
    status = status_cell(each["status"], call)
    return [
        each["ref"],
        each["monitor"],
        call.label(each["label"]),
        body_cell(call, each["body"]),
        *times,
        status,
        told,
    ]
