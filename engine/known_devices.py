"""Browsers in which somebody has signed in: from there a right password gets through, whoever guesses elsewhere meanwhile.

Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies". A secret of a device opens nothing: it only chooses
the counter of failures, and after a few failures it is worth nothing.
"""

import hashlib
import hmac
import secrets

from sqlalchemy import bindparam, delete, insert, select, update

from engine.access_tables import KnownDevice
from engine.store import Statement, Tx
from engine.tables import table_of

D = table_of(KnownDevice)

PREFIX = "dk"
"""How the secret of a device begins."""

MOST = 4
"""Secrets of devices that one browser keeps, for as many who share it; and those that are looked at. PLACEHOLDER"""

BY_ID = Statement(select(D.c.login, D.c.hash).where(D.c.id == bindparam("id")))
ADD = Statement(insert(D), [column.name for column in D.columns])
SEEN = Statement(update(D).where(D.c.id == bindparam("b_id")).values(seen_at=bindparam("seen_at")))
FORGET = Statement(delete(D).where(D.c.login == bindparam("b_login")))


def find(tx: Tx, login: str, kept: str) -> str | None:
    """The device of *login* among the secrets that a browser keeps, joined by points; None if there is none."""
    for secret in split(kept):
        ident = secret.split("_")[1]
        row = tx.row(BY_ID, id=ident)
        if row is not None and row[0] == login and hmac.compare_digest(row[1], _hash(secret)):
            return ident
    return None


def remember(tx: Tx, login: str, kept: str, now_us: int) -> str:
    """What the browser shall keep from now on: the secrets it has, with one for *login*."""
    ident = find(tx, login, kept)
    if ident is not None:
        tx.write(SEEN, {"b_id": ident, "seen_at": now_us})
        return ".".join(split(kept))
    ident = secrets.token_hex(8)
    secret = f"{PREFIX}_{ident}_{secrets.token_hex(32)}"
    tx.write(ADD, {"id": ident, "login": login, "hash": _hash(secret), "made_at": now_us, "seen_at": now_us})
    return ".".join([secret, *split(kept)][:MOST])


def forget(tx: Tx, login: str) -> None:
    """Know none of the browsers of *login* any more."""
    tx.write(FORGET, {"b_login": login})


def split(kept: str) -> list[str]:
    """The secrets in what a browser keeps; what has not their form is left out."""
    if len(kept) > 100 * MOST or not kept.isascii():
        return []
    return [each for each in kept.split(".") if _formed(each)][:MOST]


def _formed(secret: str) -> bool:
    parts = secret.split("_")
    return len(parts) == 3 and parts[0] == PREFIX and len(parts[1]) == 16 and len(parts[2]) == 64 and parts[1].isalnum()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
