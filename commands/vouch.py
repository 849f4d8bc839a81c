"""Confirming accounts: whose code an account was begun with, and who says that it is its holder's."""

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.paper import Column, listing
from commands.posts import told
from commands.values import TEXT

WAITING = (
    Column("login", "账户", "account"),
    Column("begun_by", "激活码发放人", "code given out by"),
    Column("activated_at", "激活", "activated"),
)


@command(
    "vouch",
    help="确认账户由本人掌握（他人发放激活码的账户）；不填则列出待确认的 · Confirm that an account is its holder's, as "
    "somebody other than who gave out its code; without LOGIN, list those that wait.",
)
@click.argument("login", type=TEXT, metavar="[LOGIN]", required=False)
@pass_call
def vouch(call: Call, login: str | None) -> None:
    """Confirm an account, or list those that wait for it."""
    from engine.vouching import Vouching

    desk = Vouching(call.workspace.engine, call.actor())
    if login is None:
        found = desk.waiting()
        call.answer({"items": found}, lambda: listing(call, WAITING, found))
        return
    told(call, desk.vouch(login), f"已确认 {login}，请其重新登录", f"{login} is confirmed, and signs in anew")
