"""Contacts: how people and posts are reached."""

from typing import TYPE_CHECKING

import click

from commands.call import Call
from commands.group import group, pass_call
from commands.paper import Column, line, table
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.contacts import Contacts

COLUMNS = (
    Column("holder", "人员或岗位", "holder"),
    Column("channel", "渠道", "channel"),
    Column("address", "地址", "address"),
    Column("quiet", "免打扰", "quiet"),
    Column("rank", "次序", "rank"),
)


@group(
    "contact", help="联系方式 · Contacts: over which channel, at which address and when a person or a post is reached."
)
def contact_() -> None:
    """Hold the commands about contacts."""


def _contacts(call: Call) -> "Contacts":
    from engine.contacts import Contacts

    return Contacts(call.workspace.engine, call.actor())


@contact_.command(
    "set", help="设定联系方式 · Say how HOLDER (a login, a post: wujia.head, or a body: wujia) is reached over CHANNEL."
)
@click.argument("holder", type=TEXT, metavar="HOLDER")
@click.option("--channel", metavar="NAME", type=TEXT, required=True, help="渠道 · a channel of the channels file")
@click.option("--address", metavar="TEXT", type=TEXT, required=True, help="地址 · address there")
@click.option(
    "--quiet", metavar="HH:MM-HH:MM", type=TEXT, default="", help="免打扰时段 · hours in which nothing is sent"
)
@click.option(
    "--rank",
    type=int,
    default=1,
    show_default=True,
    help="次序：2 起为前者均无法送达时用 · 2 on: when the earlier have failed",
)
@pass_call
def set_(call: Call, holder: str, channel: str, address: str, quiet: str, rank: int) -> None:
    """Set a contact."""
    from scheduler.addresses import refuse_unusable

    refuse_unusable(call.workspace, channel, address)
    said = _contacts(call).set(holder, channel, address, quiet, rank)
    said["put_aside"] = _put_aside(call, holder)
    call.answer(
        said, lambda: line(call.word(f"{holder} 现由 {channel} 联系", f"{holder} is now reached over {channel}"))
    )


def _put_aside(call: Call, holder: str) -> list[str]:
    """The notices that could not be delivered to *holder* before and still matter; whoever may send them is told how."""
    from engine.notice_desk import NoticeDesk
    from engine.urging import administers

    actor = call.actor()
    waiting = NoticeDesk(call.workspace.engine, actor).wanted(holder)
    if waiting and administers(call.workspace.campaign, actor):
        call.note(
            f"此前无法送达、事项尚未办结的通知有{len(waiting)}件，补发：duban notice retry --to {holder}",
            f"{len(waiting)} notices could not be delivered before and still matter; to send them: "
            f"duban notice retry --to {holder}",
        )
    return waiting


@contact_.command("drop", help="取消联系方式 · HOLDER is not reached over CHANNEL any more.")
@click.argument("holder", type=TEXT, metavar="HOLDER")
@click.option("--channel", metavar="NAME", type=TEXT, required=True, help="渠道 · channel")
@pass_call
def drop(call: Call, holder: str, channel: str) -> None:
    """Drop a contact."""
    said = _contacts(call).drop(holder, channel)
    words = (f"{holder} 不再由 {channel} 联系", f"{holder} is not reached over {channel} any more")
    call.answer(said, lambda: line(call.word(*words)))


@contact_.command("list", help="列出联系方式 · List contacts: all for the office, one's own for everybody else.")
@click.argument("holder", type=TEXT, metavar="[HOLDER]", required=False)
@pass_call
def list_(call: Call, holder: str | None) -> None:
    """Print the contacts."""
    items = _contacts(call).listed(holder)
    call.answer(
        {"items": items}, lambda: table(COLUMNS, [[str(value) for value in each.values()] for each in items], call.lang)
    )
