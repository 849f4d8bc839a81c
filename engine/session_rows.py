"""Sessions, as the database has them."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine.access_tables import LoginSession
from engine.store import Statement, Tx
from engine.tables import table_of

L = table_of(LoginSession)

PREFIX = "ds"
"""How the secret of a session begins, so that it is taken for nothing else."""

LONGEST_SECRET = 200
"""Characters of a secret that are looked at."""

BY_ID = Statement(select(*L.columns).where(L.c.id == bindparam("id")))
HOLD = Statement(select(*L.columns).where(L.c.id == bindparam("id")), lock="lock_matter")
OPEN_OF = Statement(
    select(*L.columns)
    .where(
        L.c.login == bindparam("login"),
        L.c.ended_at.is_(None),
        L.c.created_at > bindparam("born"),
        L.c.seen_at > bindparam("seen"),
    )
    .order_by(L.c.created_at)
)
ADD = Statement(insert(L), [column.name for column in L.columns])
TOUCH = Statement(
    update(L).where(L.c.id == bindparam("b_id"), L.c.ended_at.is_(None)).values(seen_at=bindparam("seen_at"))
)
ROTATE = Statement(
    update(L)
    .where(L.c.id == bindparam("b_id"))
    .values(hash=bindparam("hash"), seen_at=bindparam("seen_at"), stepped_up_at=bindparam("stepped_up_at"))
)
END = Statement(update(L).where(L.c.id == bindparam("b_id")).values(ended_at=bindparam("ended_at")))
END_ALL = Statement(
    update(L)
    .where(L.c.login == bindparam("b_login"), L.c.ended_at.is_(None), L.c.id != bindparam("b_kept"))
    .values(ended_at=bindparam("ended_at"))
)


@dataclass(frozen=True, slots=True)
class Row:
    """One session; its instants are microseconds of the machine's clock."""

    id: str
    login: str
    hash: str
    address: str
    created_at: int
    seen_at: int
    stepped_up_at: int | None
    ended_at: int | None
    vouched_by: str | None

    def fits(self, secret: str) -> bool:
        """Say whether *secret* is this session's."""
        return hmac.compare_digest(self.hash, hash_of(secret))


def hash_of(secret: str) -> str:
    """What is kept of a secret of 256 random bits: a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret(ident: str) -> str:
    """A fresh secret of the session *ident*."""
    return f"{PREFIX}_{ident}_{secrets.token_urlsafe(32)}"


def ident_of(secret: str) -> str | None:
    """The session that a secret names; None if it is no secret of a session."""
    if len(secret) > LONGEST_SECRET or not secret.isascii():
        return None
    parts = secret.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == PREFIX and len(parts[1]) == 16 and parts[1].isalnum() else None


def begin(tx: Tx, login: str, address: str, now_us: int, *, proved: bool, vouched_by: str | None) -> tuple[str, Row]:
    """Store a new session; return its secret, which stands nowhere else, and its row."""
    ident = secrets.token_hex(8)
    secret = new_secret(ident)
    row = Row(ident, login, hash_of(secret), address, now_us, now_us, now_us if proved else None, None, vouched_by)
    tx.write(ADD, {name: getattr(row, name) for name in Row.__slots__})
    return secret, row


def find(tx: Tx, secret: str, *, locked: bool = False) -> Row | None:
    """The session whose secret this is, ended or not."""
    ident = ident_of(secret)
    row = tx.row(HOLD if locked else BY_ID, id=ident) if ident else None
    found = Row(*row) if row else None
    return found if found is not None and found.fits(secret) else None


def touch(tx: Tx, ident: str, now_us: int) -> None:
    """Remember that the session was used."""
    tx.write(TOUCH, {"b_id": ident, "seen_at": now_us})


def rotate(tx: Tx, ident: str, now_us: int) -> str:
    """Give the session another secret; the old one is worth nothing from then on."""
    secret = new_secret(ident)
    tx.write(ROTATE, {"b_id": ident, "hash": hash_of(secret), "seen_at": now_us, "stepped_up_at": now_us})
    return secret


def end(tx: Tx, ident: str, now_us: int) -> None:
    """End one session."""
    tx.write(END, {"b_id": ident, "ended_at": now_us})


def end_all(tx: Tx, login: str, now_us: int, kept: str = "") -> None:
    """End every session of *login* but *kept*."""
    tx.write(END_ALL, {"b_login": login, "b_kept": kept, "ended_at": now_us})


def open_of(tx: Tx, login: str, born: int, seen: int) -> list[Any]:
    """The sessions of *login* that are not over: begun after *born*, used after *seen*."""
    return [Row(*row) for row in tx.rows(OPEN_OF, login=login, born=born, seen=seen)]


def csrf_of(secret: str) -> str:
    """What the forms of a session must carry: it follows from the secret and does not tell it."""
    return hmac.new(secret.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()
