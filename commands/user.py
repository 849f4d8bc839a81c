"""People: add them, give them posts and tokens, disable them."""

from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.delegation import delegate, delegations, undelegate
from commands.feed_token import feed_token
from commands.group import group, pass_call
from commands.paper import line, local
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.accounts import Accounts

DAYS = 90
"""Days a token lives if nothing is said; the engine's longest. PLACEHOLDER"""


@group(
    "user", help="人员 · People: logins, the posts they hold at bodies, their tokens. For the office's administrator."
)
def user_() -> None:
    """Hold the commands about people."""


for _each in (delegate, undelegate, delegations, feed_token):
    user_.add_command(_each)


def _accounts(call: Call) -> "Accounts":
    from engine.accounts import Accounts

    return Accounts(call.workspace.engine, call.actor())


def _told(call: Call, said: dict[str, Any], zh: str, en: str) -> None:
    call.answer(said, lambda: line(call.word(zh, en)))


@user_.command("add", help="新增人员 · Add a person.")
@click.argument("login", type=TEXT, metavar="LOGIN")
@click.option("--name", metavar="NAME", type=TEXT, help="姓名 · name")
@pass_call
def add(call: Call, login: str, name: str | None) -> None:
    """Add somebody."""
    _told(call, _accounts(call).add(login, name or login), f"已新增 {login}", f"added {login}")


@user_.command("grant", help="授予岗位 · Give a person a post at a body.")
@click.argument("login", type=TEXT, metavar="LOGIN")
@click.option("--body", metavar="CODE", type=TEXT, required=True, help="机构 · body")
@click.option("--post", metavar="POST", type=TEXT, required=True, help="岗位 · post: head, liaison, officer, …")
@click.option("--until", metavar="INSTANT", type=TEXT, help="到何时为止 · until when")
@pass_call
def grant(call: Call, login: str, body: str, post: str, until: str | None) -> None:
    """Grant a post."""
    said = _accounts(call).grant(login, body, post, call.instant(until, "--until"))
    _told(call, said, f"已授予 {login} {body}.{post}", f"{login} now holds {body}.{post}")


@user_.command("token", help="制作令牌，只显示这一次 · Make a personal token; it is shown this once only.")
@click.argument("login", type=TEXT, metavar="LOGIN")
@click.option("--days", type=int, default=DAYS, show_default=True, help="有效天数 · days it lives")
@click.option(
    "--reset",
    is_flag=True,
    help="管理员令牌全部失效时，由数据库运维人员重置 · no administrator has one left: by the server's operator",
)
@pass_call
def token(call: Call, login: str, days: int, reset: bool) -> None:
    """Make a token."""
    said = _reset(call, login) if reset else _accounts(call).token(login, days)

    def page() -> None:
        line(said["token"])
        until = local(said["expires_at"], call.zone)
        call.note(
            f"有效至 {until}；请存入仅本人可读的文件", f"valid until {until}; keep it in a file only its owner can read"
        )

    call.answer(said, page)


def _reset(call: Call, login: str) -> dict[str, Any]:
    from workflows.way_back import reset_token

    call.operator = True
    return reset_token(call.workspace, login)


@user_.command("disable", help="停用人员，其令牌立即失效 · Disable a person and every token, at once.")
@click.argument("login", type=TEXT, metavar="LOGIN")
@pass_call
def disable(call: Call, login: str) -> None:
    """Disable somebody."""
    _told(call, _accounts(call).disable(login), f"已停用 {login}", f"disabled {login}")
