"""The second person of a change that one alone may not make."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call, read_token
from commands.fresh_proof import SESSION, must_be_fresh
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.orders import Actor


def approved(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that name the second person: *approver* and *token_file*."""
    by_token = click.option(
        "--approve-token-file", "token_file", metavar="FILE", type=TEXT, help="批准人的令牌，正式库必填 · their token"
    )
    by_login = click.option(
        "--approve-by", "approver", metavar="LOGIN", type=TEXT, help="批准人 · who approves; another person"
    )
    return by_login(by_token(function))


def campaign_approver(call: Call, login: str | None, token_file: str | None, what: str) -> "Actor":
    """Who approves *what* of the campaign; a token must have been made for it, a session be fresh. Raises Usage, Forbidden."""
    from engine.scopes import refuse_outside

    approver = second_person(call, login, token_file, what)
    refuse_outside(approver, "approve")
    secret = read_token(token_file) if token_file is not None else ""
    if call.workspace.mode == "production" and secret.startswith(SESSION):
        must_be_fresh(call, secret, "approve")
    return approver


def second_person(call: Call, login: str | None, token_file: str | None, what: str) -> "Actor":
    """Who approves *what*. Raises Usage if nobody is named, Forbidden in production without a token of theirs."""
    from engine.errors import Usage

    approver = call.approver(login, token_file)
    if approver is None:
        raise Usage(f"{what} needs a second person: --approve-by LOGIN", "no_approver")
    return approver
