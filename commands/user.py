"""People: add them, give them posts, let them in, disable them."""

import click

from commands.call import Call
from commands.delegation import delegate, delegations, undelegate
from commands.enrolment import import_
from commands.factor_key import key_
from commands.feed_token import feed_token
from commands.group import group, pass_call
from commands.persons import persons
from commands.posts import accounts, approve, grant, proposals, revoke, token, tokens, told
from commands.signing import activate, code, password, recovery, sessions, signout, totp
from commands.values import TEXT
from commands.vouch import vouch


@group(
    "user",
    help="人员 · People: logins, the posts they hold at bodies, how they get in. Accounts are the security administrator's.",
)
def user_() -> None:
    """Hold the commands about people."""


for _each in (
    persons, delegate, undelegate, delegations, feed_token, grant, approve, proposals, revoke, token, tokens, code, activate,
    password, totp, recovery, sessions, signout, vouch, key_, import_,
):  # fmt: skip
    user_.add_command(_each)


@user_.command("add", help="新增人员 · Add a person.")
@click.argument("login", type=TEXT, metavar="LOGIN")
@click.option("--name", metavar="NAME", type=TEXT, help="姓名 · name")
@pass_call
def add(call: Call, login: str, name: str | None) -> None:
    """Add somebody."""
    told(call, accounts(call).add(login, name or login), f"已新增 {login}", f"added {login}")


@user_.command(
    "disable", help="停用人员，其会话、令牌立即失效 · Disable a person and every session and token, at once."
)
@click.argument("login", type=TEXT, metavar="LOGIN")
@pass_call
def disable(call: Call, login: str) -> None:
    """Disable somebody."""
    told(call, accounts(call).disable(login), f"已停用 {login}", f"disabled {login}")
