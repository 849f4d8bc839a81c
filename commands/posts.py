"""Posts and tokens: given by two, taken back at once."""

from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.fresh_proof import prove_again
from commands.group import command, pass_call
from commands.paper import Column, line, listing, local
from commands.reference import BODY
from commands.second import approved
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.accounts import Accounts

DAYS = 90
"""Days a token lives if nothing is said; the engine's longest. PLACEHOLDER"""

body_option = click.option("--body", metavar="CODE", type=BODY, required=True, help="机构 · body")
post_option = click.option(
    "--post", metavar="POST", type=TEXT, required=True, help="岗位 · post: head, liaison, officer, …"
)

TOKENS = (
    Column("id", "编号", "id"),
    Column("status", "状态", "status"),
    Column("scope", "范围", "scope"),
    Column("expires_at", "至", "until"),
    Column("last_used_at", "最近使用", "last used"),
    Column("issued_by", "经手", "in hand of"),
)
PROPOSALS = (
    Column("id", "编号", "id"),
    Column("login", "人员", "login"),
    Column("grant", "岗位", "post"),
    Column("proposed_by", "提出人", "proposed by"),
    Column("status", "状态", "status"),
    Column("decided_by", "决定人", "decided by"),
)


def accounts(call: Call) -> "Accounts":
    """The desk of whoever acts."""
    from engine.accounts import Accounts

    return Accounts(call.workspace.engine, call.actor())


def told(call: Call, said: dict[str, Any], zh: str, en: str) -> None:
    """Answer with one line."""
    call.answer(said, lambda: line(call.word(zh, en)))


@command(
    "grant",
    help="授予岗位；正式库须另一人批准 · Give a person a post at a body; in production a second person approves.",
)
@click.argument("login", type=TEXT, metavar="LOGIN")
@body_option
@post_option
@click.option("--until", metavar="INSTANT", type=TEXT, help="到何时为止 · until when")
@approved
@pass_call
def grant(
    call: Call, login: str, body: str, post: str, until: str | None, approver: str | None, token_file: str | None
) -> None:
    """Grant a post."""
    prove_again(call, "grant")
    desk = accounts(call)
    second = call.approver(approver, token_file)
    said = desk.grant(login, body, post, call.instant(until, "--until"), second)
    if "proposal" in said:
        ident = said["proposal"]
        told(
            call,
            said,
            f"已提出：{login} {body}.{post}；须另一人批准：duban user approve {ident}",
            f"proposed: {login} {body}.{post}; another person approves: duban user approve {ident}",
        )
    else:
        told(call, said, f"已授予 {login} {body}.{post}", f"{login} now holds {body}.{post}")


@command("approve", help="批准他人提出的授岗 · Approve a post that somebody else proposed; --decline puts it aside.")
@click.argument("ident", type=TEXT, metavar="ID")
@click.option("--decline", is_flag=True, help="不批准 · decline it")
@pass_call
def approve(call: Call, ident: str, decline: bool) -> None:
    """Approve a proposal."""
    prove_again(call, "grant")
    desk = accounts(call)
    said = desk.decline(ident) if decline else desk.approve(ident)
    zh, en = ("未予批准", "declined") if decline else ("已批准", "approved")
    told(call, said, f"{zh}：{said['login']} {said['grant']}", f"{en}: {said['login']} {said['grant']}")


@command("proposals", help="待批准的授岗 · Posts that wait for a second person, and how earlier ones ended.")
@pass_call
def proposals(call: Call) -> None:
    """List proposals."""
    found = accounts(call).proposals()
    call.answer({"items": found}, lambda: listing(call, PROPOSALS, found))


@command("revoke", help="收回岗位，或收回令牌（--token），立即生效 · Take back a post, or a token by its id, at once.")
@click.argument("login", type=TEXT, metavar="[LOGIN]", required=False)
@click.option("--body", metavar="CODE", type=BODY, help="机构 · body")
@click.option("--post", metavar="POST", type=TEXT, help="岗位 · post")
@click.option("--token", "token_id", metavar="ID", type=TEXT, help="令牌编号 · the id of a token")
@pass_call
def revoke(call: Call, login: str | None, body: str | None, post: str | None, token_id: str | None) -> None:
    """Take back a post or a token."""
    if token_id is not None and (login, body, post) == (None, None, None):
        from engine.tokens import Tokens

        said = Tokens(call.workspace.engine, call.actor()).revoke(token_id)
        told(call, said, f"已收回令牌 {token_id}", f"the token {token_id} is taken back")
        return
    if token_id is not None or login is None or body is None or post is None:
        from engine.errors import Usage

        raise Usage("revoke LOGIN --body CODE --post POST, or revoke --token ID", "revoke")
    prove_again(call, "grant")
    said = accounts(call).revoke(login, body, post)
    told(call, said, f"已收回 {login} {body}.{post}", f"{login} does not hold {body}.{post} any more")


@command("token", help="制作令牌，只显示这一次 · Make a personal token of one's own; it is shown this once only.")
@click.argument("login", type=TEXT, metavar="LOGIN")
@click.option("--days", type=int, default=DAYS, show_default=True, help="有效天数 · days it lives")
@click.option("--scope", "scopes", metavar="SCOPE", multiple=True, type=TEXT,
              help="范围，可多次；不填则除 approve 外同本人 · read, act, notices, audit, export, admin, approve; again for more "
                   "[all but approve]")  # fmt: skip
@click.option(
    "--reset",
    is_flag=True,
    help="管理员令牌全部失效时，由数据库运维人员重置 · no administrator has one left: by the server's operator",
)
@pass_call
def token(call: Call, login: str, days: int, scopes: tuple[str, ...], reset: bool) -> None:
    """Make a token."""
    said = _reset(call, login) if reset else _made(call, login, days, scopes)

    def page() -> None:
        line(said["token"])
        until = local(said["expires_at"], call.zone)
        call.note(
            f"有效至 {until}；请存入仅本人可读的文件", f"valid until {until}; keep it in a file only its owner can read"
        )

    call.answer(said, page)


def _made(call: Call, login: str, days: int, scopes: tuple[str, ...]) -> dict[str, Any]:
    from engine.scopes import read_scope
    from engine.tokens import Tokens

    wanted = read_scope(scopes) if scopes else None
    prove_again(call, "token")
    return Tokens(call.workspace.engine, call.actor()).make(login, days, wanted)


def _reset(call: Call, login: str) -> dict[str, Any]:
    from workflows.way_back import reset_token

    call.operator = True
    return reset_token(call.workspace, login)


@command("tokens", help="某人的令牌 · The tokens of LOGIN, never the secrets.")
@click.argument("login", type=TEXT, metavar="LOGIN")
@pass_call
def tokens(call: Call, login: str) -> None:
    """List tokens."""
    from engine.tokens import Tokens

    found = Tokens(call.workspace.engine, call.actor()).listed(login)
    shown = [{**each, "scope": " ".join(each["scope"] or ["-"])} for each in found]
    call.answer({"items": found}, lambda: listing(call, TOKENS, shown))
