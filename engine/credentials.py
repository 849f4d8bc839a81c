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
)  # fmt: skip
_OF = select(*_COLUMNS).where(P.c.login == bindparam("login"))
READ = Statement(_OF.select_from(P).join(C, C.c.login == P.c.login, isouter=True))
HOLD = Statement(
    select(*_COLUMNS).where(and_(C.c.login == P.c.login, P.c.login == bindparam("login"))),
    lock="lock_matter",
)
"""The same, locked: two who show one code at the same moment are not both let in."""

THERE = Statement(select(C.c.login).where(C.c.login == bindparam("login")))
ADD = Statement(insert(C), [column.name for column in C.columns])
RENEW = Statement(
    update(C)
    .where(C.c.login == bindparam("b_login"))
    .values(
        password=bindparam("password"), password_set_at=bindparam("password_set_at"),
        activated_at=bindparam("activated_at"), activated_by=bindparam("activated_by"),
        totp_secret=bindparam("totp_secret"), totp_step=bindparam("totp_step"),
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
    .values(totp_secret=bindparam("totp_secret"), totp_step=bindparam("totp_step"))
)
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


def activate(tx: Tx, login: str, password: str, totp_secret: str | None, by: str | None, now_us: int) -> None:
    """Store a new credential in the place of any earlier one."""
    values = {
        "password": password, "password_set_at": now_us, "activated_at": now_us, "activated_by": by,
        "totp_secret": totp_secret, "totp_step": 0,
    }  # fmt: skip
    if tx.row(THERE, login=login):
        tx.write(RENEW, {"b_login": login, **values})
    else:
        tx.write(ADD, {"login": login, **values})


def set_password(tx: Tx, login: str, password: str, now_us: int) -> None:
    """Store another password."""
    tx.write(PASSWORD, {"b_login": login, "password": password, "password_set_at": now_us})


def set_totp(tx: Tx, login: str, secret: str | None) -> None:
    """Store another secret of the second factor."""
    tx.write(TOTP, {"b_login": login, "totp_secret": secret, "totp_step": 0})


def use_step(tx: Tx, login: str, step: int) -> None:
    """Remember the code that was used last."""
    tx.write(STEP, {"b_login": login, "totp_step": step})
