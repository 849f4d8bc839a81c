"""Recovery codes (恢复码): each stands once for a second factor that is lost; shown together once, when a factor is taken."""

import hmac
import secrets
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from engine.access_tables import RecoveryCode
from engine.clock import to_us
from engine.one_time_codes import LETTERS, hash_of
from engine.store import Statement, Tx
from engine.tables import table_of

R = table_of(RecoveryCode)

COUNT = 8
"""Codes of a set. PLACEHOLDER"""

GROUPS = 3
GROUP = 5
"""Three groups of five letters: 75 random bits."""

OPEN = Statement(
    select(R.c.id, R.c.hash).where(
        R.c.login == bindparam("login"), R.c.used_at.is_(None), R.c.revoked_at.is_(None)
    ),
    lock="lock_matter",
)  # fmt: skip
LEFT = Statement(
    select(func.count()).where(R.c.login == bindparam("login"), R.c.used_at.is_(None), R.c.revoked_at.is_(None))
)
ADD = Statement(insert(R), [column.name for column in R.columns])
USE = Statement(update(R).where(R.c.id == bindparam("b_id")).values(used_at=bindparam("used_at")))
WITHDRAW = Statement(
    update(R)
    .where(R.c.login == bindparam("b_login"), R.c.used_at.is_(None), R.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("revoked_at"))
)


def make(tx: Tx, login: str, now: datetime) -> tuple[list[str], list[dict[str, str]]]:
    """Make a set of codes in the place of any earlier one; return them (this once only) and what the record says of them."""
    withdraw(tx, login, now)
    codes, said = [], []
    for _ in range(COUNT):
        signs = "".join(secrets.choice(LETTERS) for _ in range(GROUPS * GROUP))
        code = "-".join(signs[at : at + GROUP] for at in range(0, len(signs), GROUP))
        ident, digest = secrets.token_hex(8), hash_of(login, code)
        values = {"id": ident, "login": login, "hash": digest, "made_at": to_us(now)}
        tx.write(ADD, {**values, "used_at": None, "revoked_at": None})
        codes.append(code)
        said.append({"id": ident, "hash": digest})
    return codes, said


def is_one(typed: str) -> bool:
    """Say whether something typed has the length of a recovery code, and so is no code of the moment."""
    return sum(char.isalnum() for char in typed) == GROUPS * GROUP


def use(tx: Tx, login: str, code: str, now: datetime) -> str | None:
    """Use the code up; return its id, None if it is not an open one of *login*."""
    digest = hash_of(login, code)
    found = None
    for ident, stored in tx.rows(OPEN, login=login):
        if hmac.compare_digest(stored, digest):
            found = ident
    if found is not None:
        tx.write(USE, {"b_id": found, "used_at": to_us(now)})
        tx.flush()
    return found


def left(tx: Tx, login: str) -> int:
    """How many codes of *login* are open."""
    row = tx.row(LEFT, login=login)
    return int(row[0]) if row else 0


def withdraw(tx: Tx, login: str, now: datetime) -> None:
    """Withdraw every open code of *login*."""
    tx.write(WITHDRAW, {"b_login": login, "revoked_at": to_us(now)})
