"""One-time codes (激活码): with one its holder makes an account his own; bound to the login, used once, and it ends."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update

from engine.access_tables import OneTimeCode
from engine.clock import to_us
from engine.store import Statement, Tx
from engine.tables import table_of

O = table_of(OneTimeCode)  # noqa: E741 - the tables of a module have one letter each

LIFE = timedelta(days=3)
"""How long a code can be used. PLACEHOLDER"""

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What codes are written with: 32 signs that nobody takes for one another; no 0, 1, I, O."""

GROUPS = 4
GROUP = 5
"""Four groups of five letters: 100 random bits."""

ADD = Statement(insert(O), [column.name for column in O.columns])
OPEN = Statement(
    select(O.c.id, O.c.hash, O.c.issued_by).where(
        O.c.login == bindparam("login"), O.c.used_at.is_(None), O.c.revoked_at.is_(None), O.c.expires_at > bindparam("now")
    ),
    lock="lock_matter",
)  # fmt: skip
USE = Statement(update(O).where(O.c.id == bindparam("b_id")).values(used_at=bindparam("used_at")))
WITHDRAW = Statement(
    update(O)
    .where(O.c.login == bindparam("b_login"), O.c.used_at.is_(None), O.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("revoked_at"))
)


def make(tx: Tx, login: str, issued_by: str, now: datetime) -> tuple[str, dict[str, str]]:
    """Make a code for *login* in the place of any open one; return it (this once only) and what the record says of it."""
    withdraw(tx, login, now)
    signs = "".join(secrets.choice(LETTERS) for _ in range(GROUPS * GROUP))
    code = "-".join(signs[at : at + GROUP] for at in range(0, len(signs), GROUP))
    ident, digest = secrets.token_hex(8), hash_of(login, code)
    values = {"id": ident, "login": login, "hash": digest, "issued_by": issued_by, "made_at": to_us(now)}
    tx.write(ADD, {**values, "expires_at": to_us(now + LIFE), "used_at": None, "revoked_at": None})
    said = {"login": login, "code_id": ident, "expires_at": (now + LIFE).isoformat(), "issued_by": issued_by}
    return code, {**said, "hash": digest}


def use(tx: Tx, login: str, code: str, now: datetime) -> tuple[str, str] | None:
    """Use the code up; return its id and who issued it, None if it is not the open one of *login*."""
    digest = hash_of(login, code)
    found = None
    for ident, stored, issued_by in tx.rows(OPEN, login=login, now=to_us(now)):
        if hmac.compare_digest(stored, digest):
            found = ident, issued_by
    if found is not None:
        tx.write(USE, {"b_id": found[0], "used_at": to_us(now)})
    return found


def withdraw(tx: Tx, login: str, now: datetime) -> None:
    """Withdraw every open code of *login*."""
    tx.write(WITHDRAW, {"b_login": login, "revoked_at": to_us(now)})


def hash_of(login: str, code: str) -> str:
    """What is kept of a code, bound to its login; blanks, dashes and small letters make no difference."""
    plain = "".join(char for char in code.upper() if char.isalnum())
    return hashlib.sha256(f"{login}\0{plain}".encode("utf-8", "replace")).hexdigest()
