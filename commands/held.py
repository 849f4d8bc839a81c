"""What is held (积压待发): hold notices, release them merged, or drop them; each act on the record with who and why."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.pages import body_cell
from commands.paper import Column, entry, line, local, table
from commands.reference import body_option
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.held_desk import Choice, HeldDesk

RECIPIENTS = (
    Column("recipient", "收件人", "to"),
    Column("channel", "渠道", "channel"),
    Column("body", "单位", "body"),
    Column("count", "件数", "notices"),
    Column("oldest", "最早应发", "oldest"),
)


def _which(act: Callable[..., None]) -> Callable[..., None]:
    """Give a command the call, the choice of notices, and the reason."""
    for add in (
        pass_call,
        click.option("--reason", metavar="TEXT", type=TEXT, default="", help="理由 · why"),
        body_option,
        click.option("--recipient", metavar="LOGIN", type=TEXT, help="收件人 · to whom"),
        click.option("--all", "everything", is_flag=True, help="全部 · all of them"),
        click.argument("idents", type=TEXT, metavar="[ID]", nargs=-1),
    ):
        act = add(act)
    return act


@command(
    "hold", help="暂缓发出；--all 进入积压待发状态 · Hold owed notices; --all holds whatever falls due from now on."
)
@_which
def hold(call: Call, reason: str, **which: Any) -> None:
    """Hold notices."""
    said = _desk(call).hold(_choice(call, which), reason, call.workspace.mode)
    call.answer(said, lambda: entry(call.word("暂缓", "held"), str(said["held"]), 12))


@command(
    "release", help="发出暂缓的通知，同一收件人合并为一件 · Release what is held, merged into one message a recipient."
)
@_which
def release(call: Call, reason: str, **which: Any) -> None:
    """Release held notices."""
    said = _desk(call).release(_choice(call, which), reason)

    def page() -> None:
        entry(call.word("核定发出", "released"), str(said["released"]), 12)
        entry(call.word("合并为", "messages"), str(said["messages"]), 12)
        if said["mode_ended"]:
            line(call.word("积压待发状态已解除", "held mode has ended"))

    call.answer(said, page)


@command("drop", help="取消暂缓的通知，不再发出 · Drop what is held: it is never sent, and the record says why.")
@_which
def drop(call: Call, reason: str, **which: Any) -> None:
    """Drop held notices."""
    said = _desk(call).drop(_choice(call, which), reason)
    call.answer(said, lambda: entry(call.word("取消", "dropped"), str(said["dropped"]), 12))


COMMANDS = (hold, release, drop)
"""The commands for the group of notices."""


def _desk(call: Call) -> "HeldDesk":
    from engine.held_desk import HeldDesk

    return HeldDesk(call.workspace.engine, call.actor())


def _choice(call: Call, which: dict[str, Any]) -> "Choice":
    from engine.errors import Usage
    from engine.held_desk import Choice

    said = [bool(which["idents"]), which["recipient"] is not None or which["body"] is not None, which["everything"]]
    if sum(said) != 1:
        raise Usage("say which: ids, or --recipient and/or --body, or --all", "nothing_said")
    return Choice(which["idents"], which["recipient"], call.body(which["body"]), which["everything"])


def counted(call: Call) -> dict[str, Any]:
    """How much is held for whom, and whether held mode is on."""
    from engine.holding import held_within

    with call.workspace.database.snapshot() as tx:
        return held_within(tx, call.workspace.campaign, call.sight)


def counts_page(call: Call, found: dict[str, Any]) -> None:
    """Write how much is held for whom."""
    rows = [
        [
            each["recipient"],
            each["channel"],
            body_cell(call, each["body"]),
            str(each["count"]),
            local(each["oldest"], call.zone),
        ]
        for each in found["recipients"]
    ]
    line()
    table(RECIPIENTS, rows, call.lang)
    mode = found["mode"]
    if mode:
        since = local(mode["since"], call.zone)
        call.note(
            f"积压待发：自 {since}（{mode['by']}，{mode['why']}）；到期的通知先暂缓，核定后 duban notice release --all",
            f"held mode since {since} ({mode['by']}, {mode['why']}): what falls due waits for duban notice release --all",
        )
