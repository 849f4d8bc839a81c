"""What a person proves himself with, as the database has it."""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, insert, select, update

from engine.access_tables import Credential
from engine.people_tables import Person
from engine.store import Statement, Tx
from engine.tables import table_of

C, P = table_of(Credential), table_of(Person)

_COLUMNS = (
    P.c.login, P.c.disabled_at, C.c.password, C.c.password_set_at, C.c.activated_by, C.c.totp_secret, C.c.totp_step,
    C.c.totp_digest, C.c.issued_by, C.c.confirmed_by,
)  # fmt: skip
_OF = select(*_COLUMNS).where(P.c.login == bindparam("login"))
READ = Statement(_OF.select_from(P).join(C, C.c.login == P.c.login, isouter=True))
HOLD = Statement(
    select(*_COLUMNS).where(and_(C.c.login == P.c.login, P.c.login == bindparam("login"))),
    lock="lock_matter",
)
"""The same, locked: two who show one code at the same moment are not both let in."""

KNOWN = Statement(
    select(P.c.login, P.c.disabled_at, C.c.issued_by, C.c.confirmed_by)
    .select_from(P)
    .join(C, C.c.login == P.c.login, isouter=True)
    .where(P.c.login == bindparam("login"))
)
"""A person, with who began the account and who has confirmed it since."""

THERE = Statement(select(C.c.login).where(C.c.login == bindparam("login")))
ADD = Statement(insert(C), [column.name for column in C.columns])
RENEW = Statement(
    update(C)
    .where(C.c.login == bindparam("b_login"))
    .values(
        password=bindparam("password"), password_set_at=bindparam("password_set_at"),
        activated_at=bindparam("activated_at"), activated_by=bindparam("activated_by"),
        totp_secret=bindparam("totp_secret"), totp_step=bindparam("totp_step"), totp_digest=bindparam("totp_digest"),
        issued_by=bindparam("issued_by"), confirmed_by=bindparam("confirmed_by"), confirmed_at=bindparam("confirmed_at"),
    )
)  # fmt: skip
PASSWORD = Statement(
    update(C)
    .where(C.c.login == bindparam("b_login"))
    .values(password=bindparam("password"), password_set_at=bindparam("password_set_at"))
)
TOTP = Statement(
    update(C)
    .where(C.c.login == bindparam("b_login"))
    .values(
        totp_secret=bindparam("totp_secret"), totp_step=bindparam("totp_step"), totp_digest=bindparam("totp_digest")
    )
)
RESEAL = Statement(
    update(C)
    .where(C.c.login == bindparam("b_login"), C.c.totp_secret == bindparam("b_before"))
    .values(totp_secret=bindparam("totp_secret"))
)
CONFIRM = Statement(
    update(C)
    .where(C.c.login == bindparam("b_login"))
    .values(
        confirmed_by=bindparam("confirmed_by"),
        confirmed_at=bindparam("confirmed_at"),
        activated_by=bindparam("activated_by"),
    )
)
UNCONFIRMED = Statement(
    select(*_COLUMNS, C.c.activated_at)
    .join(C, C.c.login == P.c.login)
    .where(C.c.issued_by.is_not(None), C.c.confirmed_by.is_(None), P.c.disabled_at.is_(None))
    .order_by(C.c.activated_at, P.c.login)
)
FACTORS = Statement(select(C.c.login, C.c.totp_secret).where(C.c.totp_secret.is_not(None)).order_by(C.c.login))
STEP = Statement(update(C).where(C.c.login == bindparam("b_login")).values(totp_step=bindparam("totp_step")))


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a login; without a *password* it was never activated."""

    login: str
    disabled_at: int | None
    password: str | None
    password_set_at: int | None
    activated_by: str | None
    totp_secret: str | None
    totp_step: int | None
    totp_digest: str | None
    issued_by: str | None
    confirmed_by: str | None

    @property
    def usable(self) -> bool:
        """Whether somebody could sign in with it."""
        return self.disabled_at is None and self.password is not None


def read(tx: Tx, login: str) -> Held | None:
    """What is known of *login*; None if nobody has it."""
    row = tx.row(READ, login=login)
    return Held(*row) if row else None


def hold(tx: Tx, login: str) -> Held | None:
    """The same, locked until the transaction ends; None if it was never activated."""
    row = tx.row(HOLD, login=login)
    return Held(*row) if row else None


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor as it is stored: sealed, and by which digest it is known."""

    sealed: str
    digest: str


def activate(
    tx: Tx, login: str, password: str, factor: Factor | None, by: str | None, issued_by: str | None, now_us: int
) -> None:
    """Store a new credential in the place of any earlier one; *issued_by* is who must be confirmed by somebody else."""
    values = {
        "password": password, "password_set_at": now_us, "activated_at": now_us, "activated_by": by,
        "totp_secret": factor.sealed if factor else None, "totp_step": 0, "totp_digest": factor.digest if factor else None,
        "issued_by": issued_by, "confirmed_by": None, "confirmed_at": None,
    }  # fmt: skip
    if tx.row(THERE, login=login):
        tx.write(RENEW, {"b_login": login, **values})
    else:
        tx.write(ADD, {"login": login, **values})


def set_password(tx: Tx, login: str, password: str, now_us: int) -> None:
    """Store another password."""
    tx.write(PASSWORD, {"b_login": login, "password": password, "password_set_at": now_us})


def set_factor(tx: Tx, login: str, factor: Factor) -> None:
    """Store another second factor."""
    tx.write(TOTP, {"b_login": login, "totp_secret": factor.sealed, "totp_step": 0, "totp_digest": factor.digest})


def factors(tx: Tx) -> list[tuple[str, str]]:
    """Every login that has a second factor, and how it is stored."""
    return [(login, stored) for login, stored in tx.rows(FACTORS)]


def reseal(tx: Tx, login: str, before: str, stored: str) -> None:
    """Store the same second factor sealed otherwise, unless it is another one by now."""
    tx.write(RESEAL, {"b_login": login, "b_before": before, "totp_secret": stored})


def unconfirmed(tx: Tx) -> list[tuple[Held, int]]:
    """The accounts that somebody has begun for another and nobody has confirmed, and when they were activated."""
    return [(Held(*row[:-1]), row[-1]) for row in tx.rows(UNCONFIRMED)]


def confirm(tx: Tx, held: Held, by: str, now_us: int) -> None:
    """Remember who has confirmed that the account is its holder's; who gave out its code is nobody in it from then on."""
    there = None if held.activated_by == held.issued_by else held.activated_by
    tx.write(CONFIRM, {"b_login": held.login, "confirmed_by": by, "confirmed_at": now_us, "activated_by": there})


def use_step(tx: Tx, login: str, step: int) -> None:
    """Remember the code that was used last."""
    tx.write(STEP, {"b_login": login, "totp_step": step})
