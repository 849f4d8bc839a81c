"""What differs between two definitions or campaigns, in words: ``campaign diff``."""

from typing import Any

import click

from commands.call import Call
from commands.campaign import campaign_
from commands.group import pass_call
from commands.paper import line
from commands.values import TEXT

WEIGHTS = (
    (0, "底线与回避", "What may never be, and who must be apart"),
    (1, "重大变化", "Weighty"),
    (2, "办理与时长", "Acts and terms"),
    (4, "其他规定", "Other rules"),
    (7, "名称与出处", "Names and sources"),
)
"""Headings with the weight they begin at."""


@campaign_.command(
    "diff", help="比较两个版本：讲变化的含义，不讲行号 · Compare two versions: what the changes mean, not lines."
)
@click.argument("old", type=TEXT, metavar="OLD")
@click.argument("new", type=TEXT, metavar="NEW")
@pass_call
def diff(call: Call, old: str, new: str) -> None:
    """Print what differs."""
    from workflows.comparison import compared, find_side

    said = compared(*(find_side(name, lambda: call.workspace) for name in (old, new)))
    call.answer(said, lambda: _page(call, said))


def _page(call: Call, said: dict[str, Any]) -> None:
    line(
        " → ".join(call.beside(each["name"], each["hash"][:12]) for each in (said["old"], said["new"])),
        "bold",
    )
    if said["equal"]:
        same = said["old"]["hash"] == said["new"]["hash"]
        line(call.word("内容相同", "they are equal") if same else call.word("规定相同", "they say the same"))
        return
    heading = ""
    for each in said["differences"]:
        zh, en = next((zh, en) for first, zh, en in reversed(WEIGHTS) if each["weight"] >= first)
        if call.word(zh, en) != heading:
            heading = call.word(zh, en)
            line(heading, "bold")
        line(f"  {call.label(each['text'])}")
    count = len(said["differences"])
    line(call.word(f"{count} 处变化", f"{count} difference{'s' if count > 1 else ''}"))
