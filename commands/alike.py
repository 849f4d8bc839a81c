"""What may be about the same facts: told to whoever opens a matter, and to whoever asks."""

from collections.abc import Mapping
from typing import Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.paper import Cell, Column, table
from commands.reference import REF

COLUMNS = (
    Column("ref", "编号", "ref"),
    Column("state", "状态", "state"),
    Column("body", "单位", "body"),
    Column("same", "相同之处", "the same"),
    Column("title", "标题", "title"),
)


@command("alike", help="可能系同一事实的其他事项 · Matters that may be about the same facts as REF.")
@click.argument("ref", type=REF, metavar="REF")
@pass_call
def alike_(call: Call, ref: str) -> None:
    """Print them with what is the same."""
    from engine.alike import alike

    found = alike(call.reader, ref)
    call.answer(found, lambda: _page(call, found))


def told(call: Call, ref: str) -> None:
    """Tell whoever has opened *ref* of what may be about the same, beside the answer.

    It is open whether the others can be looked at or not.
    """
    from engine.alike import alike
    from engine.errors import DubanError
    from engine.scopes import refuse_outside
    from workflows.likeness import likeness

    try:
        refuse_outside(call.actor(), "read")
        found = alike(call.reader, ref)
    except DubanError:
        return
    if found["items"]:
        call.note(likeness(found, "zh", lambda each: each["zh"]), likeness(found, "en", lambda each: each["en"]))


def _page(call: Call, found: Mapping[str, Any]) -> None:
    if not found["items"]:
        call.note("未见可能系同一事实的事项。", "No matter seems to be about the same facts.")
        return
    between = call.word("、", ", ")
    rows = [
        [
            item["ref"],
            Cell(call.label(item["state_label"]), "", item["state"]),
            item["body"],
            Cell(between.join(call.label(each["label"]) for each in same), "", " ".join(each["code"] for each in same)),
            item["title"],
        ]
        for item in found["items"]
        for same in [item["same"]]
    ]
    table(COLUMNS, rows, call.lang)
