"""Checking who can get in: codes, passwords, second factors and sessions, against the entries by which they came to be."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import or_, select

from engine.access_tables import Credential, LoginSession, OneTimeCode
from engine.activation import digest_of
from engine.rows import E
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.verify_findings import Findings

C, L, O = (table_of(model) for model in (Credential, LoginSession, OneTimeCode))  # noqa: E741 - one letter a table

SAID = Statement(
    select(E.c.record)
    .where(or_(E.c.stream.like("authz/%"), E.c.stream.like("access/%")))
    .where(E.c.trigger.in_(("code", "activated", "password", "second_factor", "signed_in", "entered")))
    .order_by(E.c.recorded_at, E.c.campaign_id, E.c.stream, E.c.seq)
)
CREDENTIALS = Statement(select(C.c.login, C.c.password, C.c.totp_secret, C.c.activated_by).order_by(C.c.login))
CODES = Statement(select(O.c.id, O.c.login, O.c.hash, O.c.issued_by).order_by(O.c.id))
SESSIONS = Statement(select(L.c.id, L.c.login).order_by(L.c.id))


class Access:
    """What the record tells: each code, what each login proves itself with, each session that began."""

    def __init__(self) -> None:
        self.codes: dict[str, tuple[Any, ...]] = {}
        self.credentials: dict[str, tuple[Any, ...]] = {}
        self.sessions: dict[str, str] = {}

    def take(self, body: dict[str, Any]) -> None:
        """Take in one entry."""
        said = body.get("account") or body["access"]
        login = said["login"]
        before = self.credentials.get(login, (None, None, None))
        match body["trigger"]:
            case "code":
                self.codes[said["code_id"]] = (login, said["hash"], said["issued_by"])
            case "activated":
                self.credentials[login] = (said["credential"], said.get("second_factor"), said.get("at_keyboard"))
            case "password":
                self.credentials[login] = (said["credential"], *before[1:])
            case "second_factor":
                self.credentials[login] = (before[0], said["second_factor"], before[2])
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
    for stream, words in (*_codes(tx, told), *_credentials(tx, told), *_sessions(tx, told)):
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
    for login, password, secret, by in tx.rows(CREDENTIALS):
        same = told.credentials.get(login) == (digest_of(password), digest_of(secret), by)
        yield f"authz/{login}", None if same else f"nobody entered what {login} proves itself with now"


def _sessions(tx: Tx, told: Access) -> Iterator[Flaw]:
    for ident, login in tx.rows(SESSIONS):
        same = told.sessions.get(ident) == login
        yield f"access/{login}", None if same else f"nobody entered that the session {ident} began"
