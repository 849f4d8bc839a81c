"""Logins that differ in capitals only: nobody can tell them apart, so one of them is there at most."""

from collections.abc import Set

from sqlalchemy import bindparam, func, select

from engine.errors import Conflict
from engine.people_tables import Person
from engine.store import Statement, Tx
from engine.tables import table_of

P = table_of(Person)

SPELT = Statement(select(P.c.login).where(func.lower(P.c.login) == bindparam("login")))


def refuse_taken(tx: Tx, login: str, mine: Set[str] = frozenset()) -> None:
    """Raise Conflict if somebody has *login*, or another spelling of it that is not among *mine*.

    Once asked again after the own row is written, whoever adds another spelling at the same moment has been waited for:
    both move the stamp of who is who.
    """
    others = {str(row[0]) for row in tx.rows(SPELT, login=login.lower())} - mine
    if others:
        raise Conflict(f"the login {min(others)!r} is taken", "login_taken")
