"""Deadlines: list them, explain a date, put one off, pause and resume it."""

from typing import Any

import click

from commands.call import Call
from commands.dates import provisional_mark
from commands.group import group, pass_call
from commands.order import doc_option, execute, fact_option, order_options
from commands.pages import body_cell, mark_cell, status_cell
from commands.paper import Column, entry, line, local, on_terminal, table
from commands.reference import DEADLINE, REF, body_option
from commands.values import TEXT
from engine import marks

COLUMNS = (
    Column("id", "编号", "id"),
    Column("ref", "事项", "ref"),
    Column("code", "代码", "code"),
    Column("label", "期限", "deadline"),
    Column("owner", "责任单位", "owner"),
    Column("last_day", "最后一日", "last day"),
    Column("status", "状态", "status"),
    Column("mark", "依据核验", "source"),
    Column("provisional", "暂定", "provisional"),
)
STATUSES = ("running", "paused", "met", "late", "breached", "cancelled")


@group("deadline", help="期限 · Deadlines: running clocks with their legal basis.")
def deadline_() -> None:
    """Hold the commands about deadlines."""


@deadline_.command("list", help="列出期限，最近到期的在前 · List deadlines, the next one first.")
@click.argument("ref", type=REF, metavar="[REF]", required=False)
@click.option("--status", type=click.Choice(STATUSES), help="状态 · status")
@body_option
@click.option("--due-before", metavar="INSTANT", type=TEXT, help="此前到期 · running out before")
@pass_call
def list_(call: Call, ref: str | None, status: str | None, body: str | None, due_before: str | None) -> None:
    """Print the deadlines that fit."""
    found = call.reader.deadlines(ref, status, call.body(body), call.instant(due_before, "--due-before"))
    columns = COLUMNS[:-2] if on_terminal() else COLUMNS
    call.answer(found, lambda: table(columns, [_row(call, each) for each in found["items"]], call.lang))


def _row(call: Call, each: dict[str, Any]) -> list[Any]:
    """A row for programs; on a terminal, which has less room, what is unsure stands beside what it is about."""
    label, status = call.label(each["label"]), status_cell(each["status"], call)
    unsure = provisional_mark(call, each["provisional"])
    head = [each["id"], each["ref"], each["code"]]
    if on_terminal():
        last_day = f"{each['last_day']} {unsure}".rstrip()
        return [*head, label + marks.warning(each["mark"], call.lang), body_cell(call, each["owner"]), last_day, status]
    return [
        *head,
        label,
        body_cell(call, each["owner"]),
        each["last_day"],
        status,
        mark_cell(each["mark"], call),
        unsure,
    ]


@deadline_.command(
    "explain", help="说明日期如何得出：依据、规则、跳过的休息日、中止、延期 · Explain a date: REF CODE, or its id."
)
@click.argument("name", type=REF, metavar="REF|ID")
@click.argument("code", type=DEADLINE, metavar="[CODE]", required=False)
@pass_call
def explain(call: Call, name: str, code: str | None) -> None:
    """Print where a date comes from."""
    found = call.reader.deadline(name, code)
    call.answer(found, lambda: _explained(call, found))


def _explained(call: Call, found: dict[str, Any]) -> None:
    line(f"{found['ref']}  {found['code']} {call.label(found['label'])}", "bold")
    entry(call.word("责任单位", "owner"), call.workspace.campaign.body_name(found["owner"], call.lang), 12)
    entry(call.word("依据", "basis"), f"{found['basis']} [{marks.said(found['mark'], call.lang)}]", 12)
    if found["law"]:
        _law(call, found["law"])
    status = status_cell(found["status"], call)
    entry(call.word("状态", "status"), status.shown, 12)
    mark = provisional_mark(call, found["provisional"])
    entry(
        call.word("最后一日", "last day"),
        call.word(
            f"{found['last_day']}（{local(found['breach_at'], call.zone)} 起逾期）{mark}",
            f"{found['last_day']} (breached from {local(found['breach_at'], call.zone)}) {mark}",
        ).rstrip(),
        12,
    )
    for at, step in enumerate(found["derivation"], start=1):
        line(f"  {at}. {step[call.lang]}")


def _law(call: Call, law: dict[str, Any]) -> None:
    """Write the statute: its code, the years of this version, who must act, who is told, what follows."""
    until = law["valid_to"] or call.word("今", "today")
    entry(
        call.word("法定期限", "statute"), f"{law['code']} {call.label(law['label'])}  {law['valid_from']} – {until}", 12
    )
    for zh, en, name in (("办理人", "acts", "acts"), ("告知", "told", "told"), ("后果", "otherwise", "consequence")):
        if law[name]:
            entry(call.word(zh, en), call.label(law[name]), 12)


@deadline_.command("extend", help="延长期限 · Put a deadline off by the rule its definition has: REF CODE, or its id.")
@click.argument("name", type=REF, metavar="REF|ID")
@click.argument("code", type=DEADLINE, metavar="[CODE]", required=False)
@click.option(
    "--until", metavar="DAY", type=TEXT, help="延至哪一日，规则未定时须填 · to which day, where the rule leaves it free"
)
@doc_option
@order_options
@pass_call
def extend(call: Call, name: str, code: str | None, until: str | None, **said: Any) -> None:
    """Carry out an Extend order."""
    from commands.values import day
    from engine.orders import Extend

    execute(call, Extend, said, **_named(call, name, code), until=day(until, call.zone, "--until"))


def clock_order(function: Any) -> Any:
    """Add what names a clock, and what may be said of an order that stops it or lets it run on."""
    said = fact_option(doc_option(order_options(pass_call(function))))
    named = click.argument("code", type=DEADLINE, metavar="[CODE]", required=False)(said)
    return click.argument("name", type=REF, metavar="REF|ID")(named)


@deadline_.command(
    "pause",
    help="中止期限，仅限流程规定的情形 · Stop a clock where its definition has an act for that: REF CODE, or its id.",
)
@clock_order
def pause(call: Call, name: str, code: str | None, **said: Any) -> None:
    """Carry out a Pause order."""
    from engine.orders import Pause

    execute(call, Pause, said, **_named(call, name, code))


@deadline_.command("resume", help="恢复已中止的期限 · Let a paused clock run on: REF CODE, or its id.")
@clock_order
def resume(call: Call, name: str, code: str | None, **said: Any) -> None:
    """Carry out a Resume order."""
    from engine.orders import Resume

    execute(call, Resume, said, **_named(call, name, code))


def _named(call: Call, name: str, code: str | None) -> dict[str, str]:
    """The matter and the code of the deadline, also if only its id was given."""
    if code is not None:
        return {"ref": name, "deadline": code}
    found = call.reader.deadline(name)
    return {"ref": found["ref"], "deadline": found["code"]}
