"""A fresh proof on the command line: who is signed in is asked for the password again, as on the pages, before a grave act."""

import os
import sys
from typing import TYPE_CHECKING

from commands.call import Call

if TYPE_CHECKING:
    from engine.errors import Forbidden

SESSION = "ds_"
"""How the secret of a session begins; a personal token is asked for nothing, and the owner of a local database neither."""


def prove_again(call: Call, act: str) -> None:
    """Let *act*, one of `engine.step_up.ACTS`, go on only with a fresh proof of whoever is signed in; nothing in a rehearsal.

    At a terminal the password is asked for, and the session goes on under another secret, in its file. Raises Forbidden
    (``step_up``) where nobody can be asked, and for a wrong password.
    """
    secret = call.token()
    if call.workspace.mode == "rehearsal" or secret is None or not secret.startswith(SESSION):
        return
    path = call.token_path
    if path is not None and sys.stdin.isatty() and os.access(path, os.W_OK):
        _ask(call, secret, path)
    else:
        must_be_fresh(call, secret, act)


def must_be_fresh(call: Call, secret: str, act: str) -> None:
    """Raise Forbidden (``step_up``) for a session whose proof is too old."""
    from engine.errors import Forbidden
    from engine.step_up import refuse_stale

    sessions = call.workspace.sessions
    try:
        refuse_stale(sessions.resolve(secret), sessions.clock.now(), act)
    except Forbidden as error:
        raise _advised(error) from None


def _advised(error: "Forbidden") -> "Forbidden":
    if error.code == "step_up":
        error.hint = "sign in anew: duban login LOGIN --to FILE"
    return error


def _ask(call: Call, secret: str, path: str) -> None:
    from commands.asking import asked, keep_secret
    from engine.step_up import fresh

    sessions = call.workspace.sessions
    if fresh(sessions.resolve(secret), sessions.clock.now()):
        return
    password = asked(call, None, "", "请再输一次口令", "your password once more")
    code = asked(call, None, "", "动态码（没有则回车）", "code of the second factor (Enter for none)", needless=True)
    keep_secret(path, sessions.step_up(secret, password, code))
