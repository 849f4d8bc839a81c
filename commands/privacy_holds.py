"""Before an erasure: what it would take, place by place; and keeping the data of a matter, which two persons end."""

from collections.abc import Sequence
from typing import Any

import click

from commands.call import Call
from commands.group import pass_call
from commands.paper import Column, entry, line, table
from commands.privacy import desk_of, privacy_
from commands.reference import REF
from commands.values import TEXT

PLACES = (Column("place", "位置", "place"), Column("why", "缘由", "why"), Column("context", "上下文", "context"))

WHY = {"named": ("所申请", "named"), "text": ("含此内容", "has it in it"), "notice": ("通知", "a message")}


@privacy_.command(
    "preview",
    help="预览：事项 REF 或申请 ID 将删除何处 · What an erasure would take, place by place, before anybody decides.",
)
@click.argument("target", type=REF, metavar="REF|ID")
@click.option("--field", "fields", metavar="NAME", type=TEXT, multiple=True, help="字段 · field, as for erase")
@click.option("--text", metavar="TEXT", type=TEXT, help="姓名、号码等 · whatever has this in it")
@pass_call
def preview(call: Call, target: str, fields: Sequence[str], text: str | None) -> None:
    """Show what would go."""
    from engine.errors import Usage

    desk = desk_of(call, call.actor())
    if "/" not in target and (fields or text):
        raise Usage("a request has its fields and its text already", "usage")
    found = desk.preview(target, fields, text) if "/" in target else desk.preview_of(target)
    call.answer(found, lambda: _page(call, found))


def _page(call: Call, found: dict[str, Any]) -> None:
    rows = [[each["place"], call.word(*WHY[each["why"]]), each["context"]] for each in found["items"]]
    rows += [[each["place"], call.word(*WHY["notice"]), each["context"]] for each in found["notices"]]
    rows += [
        [
            each["place"],
            call.word("销毁内容", "bytes destroyed"),
            each["kind"] + call.word("（另有事项在用）", " (used elsewhere)") * each["used"],
        ]
        for each in found["papers"]
    ]
    table(PLACES, rows, call.lang)
    title = found["title"]
    if title and title["before"] != title["after"]:
        entry(call.word("标题变为", "title becomes"), title["after"], 12)
    entry(call.word("摘要", "digest"), found["digest"], 12)
    for name, zh, en in (("kept", "不动的词", "left alone"), ("left_out", "保留之处", "left out")):
        if found[name]:
            entry(call.word(zh, en), call.word("、", ", ").join(found[name]), 12)


@privacy_.command("hold", help="暂缓删除事项 REF 的个人信息 · Keep the data of the matter REF until released.")
@click.argument("ref", type=REF, metavar="REF")
@click.option("--reason", metavar="TEXT", type=TEXT, required=True, help="理由 · reason")
@pass_call
def hold(call: Call, ref: str, reason: str) -> None:
    """Keep."""
    said = desk_of(call, call.actor()).hold(ref, reason)
    call.answer(said, lambda: line(call.word(f"{ref} 的个人信息暂缓删除", f"the data of {ref} are kept")))


@privacy_.command(
    "release",
    help="解除暂缓删除：一人申请，另一人再执行即解除 · End the keeping: one asks, and it ends when another does the same.",
)
@click.argument("ref", type=REF, metavar="REF")
@click.option("--reason", metavar="TEXT", type=TEXT, required=True, help="理由 · reason")
@pass_call
def release(call: Call, ref: str, reason: str) -> None:
    """Ask that it end, or end it as the second person."""
    said = desk_of(call, call.actor()).release(ref, reason)
    asked = (
        f"已申请解除 {ref} 的暂缓删除，须由另一人再执行一次",
        f"asked; it ends when another person does the same: {ref}",
    )
    ended = f"{ref} 已解除暂缓删除", f"the data of {ref} need not be kept any more"
    call.answer(said, lambda: line(call.word(*(ended if said["ended"] else asked))))
