"""Checking who can get in: codes, passwords, second factors and sessions, against the entries by which they came to be."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from engine.access_tables import Credential, LoginSession, OneTimeCode, RecoveryCode
from engine.factor_seal import digest_of, known_as
from engine.rows import E
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.verify_findings import Findings

C, L, O, R = (table_of(model) for model in (Credential, LoginSession, OneTimeCode, RecoveryCode))  # noqa: E741 - one letter a table

TRIGGERS = (
    "code", "activated", "password", "second_factor", "signed_in", "entered", "recovery_codes", "recovery_used", "vouched",
)  # fmt: skip
"""What the record says of what somebody proves himself with."""

SAID = Statement(
    select(E.c.record)
    .where(or_(E.c.stream.like("authz/%"), E.c.stream.like("access/%")))
    .where(E.c.trigger.in_(TRIGGERS))
    .order_by(E.c.recorded_at, E.c.campaign_id, E.c.stream, E.c.seq)
)
CREDENTIALS = Statement(
    select(
        C.c.login, C.c.password, C.c.totp_secret, C.c.totp_digest, C.c.activated_by, C.c.issued_by, C.c.confirmed_by
    ).order_by(C.c.login)
)
RECOVERY = Statement(select(R.c.id, R.c.login, R.c.hash, R.c.used_at).order_by(R.c.id))
CODES = Statement(select(O.c.id, O.c.login, O.c.hash, O.c.issued_by).order_by(O.c.id))
SESSIONS = Statement(select(L.c.id, L.c.login).order_by(L.c.id))


@dataclass(slots=True)
class Proved:
    """What a login proves itself with, as the record tells it."""

    password: str | None = None
    factor: str | None = None
    there: str | None = None
    begun_by: str | None = None
    confirmed_by: str | None = None

    def confirm(self, by: str) -> None:
        """Take in who confirmed the account: who gave out its code is nobody in it from then on."""
        self.confirmed_by = by
        if self.there == self.begun_by:
            self.there = None


class Access:
    """What the record tells: each code, what each login proves itself with, each session that began."""

    def __init__(self) -> None:
        self.codes: dict[str, tuple[Any, ...]] = {}
        self.credentials: dict[str, Proved] = {}
        self.sessions: dict[str, str] = {}
        self.recovery: dict[str, tuple[str, str]] = {}
        self.used: set[str] = set()

    def take(self, body: dict[str, Any]) -> None:
        """Take in one entry."""
        said = body.get("account") or body["access"]
        login = said["login"]
        held = self.credentials.setdefault(login, Proved())
        for each in said.get("recovery", ()):
            self.recovery[each["id"]] = login, each["hash"]
        match body["trigger"]:
            case "code":
                self.codes[said["code_id"]] = (login, said["hash"], said["issued_by"])
            case "activated":
                at_keyboard = said.get("at_keyboard")
                self.credentials[login] = Proved(
                    said["credential"], said.get("second_factor"), at_keyboard, said.get("begun_by")
                )
            case "password":
                held.password = said["credential"]
            case "second_factor":
                held.factor = said["second_factor"]
            case "vouched":
                held.confirm(said["by"])
            case "recovery_used":
                self.used.add(said["recovery_id"])
            case "recovery_codes":
                pass
            case _:
                self.sessions[said["session"]] = login


def check_access(tx: Tx, found: Findings) -> int:
    """Hold codes, credentials and sessions against the record; return how many rows there are."""
    told = Access()
    for (record,) in tx.rows(SAID):
        try:
            told.take(json.loads(record))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # an entry that is none: found where the chains are checked
    count = 0
    for stream, words in (*_codes(tx, told), *_credentials(tx, told), *_sessions(tx, told), *_recovery(tx, told)):
        count += 1
        if words:
            found.add("access_differs", words, stream)
    return count


Flaw = tuple[str, str | None]


def _codes(tx: Tx, told: Access) -> Iterator[Flaw]:
    for ident, *row in tx.rows(CODES):
        same = told.codes.get(ident) == tuple(row)
        yield f"authz/{row[0]}", None if same else f"nobody entered that the code {ident} was issued so"


def _credentials(tx: Tx, told: Access) -> Iterator[Flaw]:
    for login, password, stored, digest, *by in tx.rows(CREDENTIALS):
        same = told.credentials.get(login) == Proved(digest_of(password), known_as(stored, digest), *by)
        yield f"authz/{login}", None if same else f"nobody entered what {login} proves itself with now"


def _recovery(tx: Tx, told: Access) -> Iterator[Flaw]:
    for ident, login, digest, used_at in tx.rows(RECOVERY):
        same = told.recovery.get(ident) == (login, digest) and (ident in told.used) == (used_at is not None)
        yield f"authz/{login}", None if same else f"nobody entered that the recovery code {ident} stands so"


def _sessions(tx: Tx, told: Access) -> Iterator[Flaw]:
    for ident, login in tx.rows(SESSIONS):
        same = told.sessions.get(ident) == login
        yield f"access/{login}", None if same else f"nobody entered that the session {ident} began"
