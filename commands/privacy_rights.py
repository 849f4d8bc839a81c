"""What persons ask about their own data: entered with its day, answered with reasons, a copy for the person."""

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.fresh_file import write_fresh, write_pieces
from commands.fresh_proof import prove_again
from commands.group import pass_call
from commands.paper import Column, line, local, table
from commands.privacy import privacy_
from commands.reference import REF
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.right_desk import RightDesk

KINDS = ("copy", "correct", "erase", "explain")
ANSWERS = ("granted", "partly", "refused")
"""The codes of `engine.right_record`, which is not read for the help alone; a test holds them together."""

COLUMNS = (
    Column("id", "编号", "id"),
    Column("what", "请求", "what"),
    Column("person", "请求人", "person"),
    Column("received", "收到", "received"),
    Column("due", "答复期限", "answer by"),
    Column("answer", "答复", "answer"),
)


@privacy_.group(
    "right", help="个人的请求：查阅复制、更正、删除、说明 · What persons ask about their own data, and the answers."
)
def right_() -> None:
    """Hold the commands about what persons ask."""


@right_.command("enter", help="登记一项请求 · Enter a request with the day on which it was received.")
@click.option("--kind", "what", type=click.Choice(KINDS), required=True, help="请求何事 · what is asked for")
@click.option("--person", metavar="NAME", type=TEXT, required=True, help="请求人 · who asks")
@click.option("--received", metavar="DATE", type=TEXT, required=True, help="收到之日 · the day it was received")
@click.option(
    "--note", metavar="TEXT", type=TEXT, required=True, help="请求内容、身份核验 · what is asked, how he is known"
)
@click.option("--matter", "ref", metavar="REF", type=REF, help="所涉事项 · the matter meant")
@pass_call
def enter(call: Call, what: str, person: str, received: str, note: str, ref: str | None) -> None:
    """Enter."""
    from engine.errors import Invalid

    try:
        day = date.fromisoformat(received)
    except ValueError:
        raise Invalid(f"{received!r} is no day like 2026-11-26", "received") from None
    said = _desk(call).enter(what, person, day, note, ref)
    call.answer(said, lambda: _page(call, [said["right"]]))


@right_.command(
    "answer", help="答复请求 ID（不予办理须由登记人以外的人） · Answer it; what is declined, another declines."
)
@click.argument("ident", type=TEXT, metavar="ID")
@click.option("--outcome", type=click.Choice(ANSWERS), required=True, help="结果 · outcome")
@click.option("--reason", metavar="TEXT", type=TEXT, required=True, help="办理情况或理由 · what was done, or why not")
@pass_call
def answer(call: Call, ident: str, outcome: str, reason: str) -> None:
    """Answer."""
    said = _desk(call).answer(ident, outcome, reason)
    call.answer(said, lambda: _page(call, [said["right"]]))


@right_.command("copy", help="为请求 ID 制作个人信息副本 · Make the copy that the request ID asks for, in Chinese.")
@click.argument("ident", type=TEXT, metavar="ID")
@click.option("--text", metavar="TEXT", type=TEXT, required=True, help="姓名、号码 · the name or number to look for")
@click.option("--to", "target", metavar="FILE", type=TEXT, required=True, help="文件 · a new file")
@pass_call
def copy(call: Call, ident: str, text: str, target: str) -> None:
    """Write the copy; that it was made is on record before it is written."""
    prove_again(call, "export")
    made = _desk(call).copy(ident, text)
    size = write_fresh(target, write_pieces([made]), call.workspace.database)
    check = "交付前请核对：不得含他人信息", "look at it before it is handed over: nothing of others may be in it"
    call.note(*check)
    call.answer({"file": target, "bytes": size}, lambda: line(f"{target} {size}"))


@right_.command("list", help="请求清单与答复期限 · Requests, and the days by which they are to be answered.")
@pass_call
def list_(call: Call) -> None:
    """Print the requests."""
    found = _desk(call).listed()
    call.answer(found, lambda: _page(call, found["items"]))


def _desk(call: Call) -> "RightDesk":
    from engine.right_desk import RightDesk

    actor = call.actor()
    return RightDesk(call.workspace.engine, actor, call.workspace.sight(actor))


def _page(call: Call, items: list[dict[str, Any]]) -> None:
    table(COLUMNS, [_cells(call, each) for each in items], call.lang)


def _cells(call: Call, each: dict[str, Any]) -> list[str]:
    gone = call.word("〔已依法删除〕", "[erased by law]")
    late = call.word("（逾期）", " (overdue)") if each["overdue"] else ""
    answered = ""
    if each["outcome"]:
        when = local(each["answered_at"], call.zone)
        answered = f"{call.label(each['outcome_label'])} {each['answered_by']} {when} {each['reason'] or gone}"
    return [
        each["id"], call.label(each["what_label"]), each["person"] or gone, each["received"], f"{each['answer_by']}{late}",
        answered,
    ]  # fmt: skip
