"""Checking who can get in: codes, passwords, second factors and sessions, against the entries by which they came to be."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from engine.access_tables import Credential, GrantProposal, LoginSession, OneTimeCode
from engine.activation import digest_of
from engine.clock import to_us
from engine.history import P as PRIVATE
from engine.orders import hands
from engine.people import P
from engine.publishing import get_meta
from engine.rows import E
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.verify_findings import Findings

C, L, O, A = (table_of(model) for model in (Credential, LoginSession, OneTimeCode, GrantProposal))  # noqa: E741 - one letter a table

SAID = Statement(
    select(E.c.record)
    .where(or_(E.c.stream.like("authz/%"), E.c.stream.like("access/%")))
    .order_by(E.c.recorded_at, E.c.campaign_id, E.c.stream, E.c.seq)
)
NAMES = Statement(
    select(PRIVATE.c.stream, PRIVATE.c.value, P.c.name)
    .join(P, PRIVATE.c.stream == "authz/" + P.c.login)
    .where(PRIVATE.c.field == "name")
    .order_by(PRIVATE.c.stream)
)
CREDENTIALS = Statement(
    select(
        C.c.login, C.c.password, C.c.totp_secret, C.c.activated_by, C.c.password_set_at, C.c.activated_at
    ).order_by(C.c.login)
)  # fmt: skip
CODES = Statement(
    select(
        O.c.id, O.c.login, O.c.hash, O.c.issued_by, O.c.expires_at, O.c.used_at, O.c.revoked_at, O.c.made_at
    ).order_by(O.c.id)
)  # fmt: skip
SESSIONS = Statement(
    select(
        L.c.id, L.c.login, L.c.hash, L.c.vouched_by, L.c.created_at, L.c.stepped_up_at, L.c.ended_at
    ).order_by(L.c.id)
)  # fmt: skip
PROPOSALS = Statement(select(A).order_by(A.c.id))

SLACK_US = 60_000_000
"""How far the instants of these rows may lie from their entries: the machine's clock and the campaign's, read one by one."""

GONE = "on record, and the row is gone"

Flaw = tuple[str, str | None]


@dataclass(slots=True)
class Session:
    """A session by the record; the hash is None if its entry, of an earlier release, did not keep it.

    *unsure* if all sessions were ended at the very instant at which it began, in another stream: nobody knows which was first.
    """

    login: str
    hash: str | None
    vouched_by: str | None
    begun: int
    proved: int
    ended: int | None = None
    unsure: bool = False


@dataclass(slots=True)
class Code:
    """A one-time code by the record."""

    login: str
    hash: str
    issued_by: str
    expires: int
    made: int
    used: int | None = None
    revoked: int | None = None


@dataclass(slots=True)
class Access:
    """What the record tells: each code, what each login proves itself with, each session, each post that was proposed."""

    codes: dict[str, Code] = field(default_factory=dict)
    credentials: dict[str, list[Any]] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    proposals: dict[str, list[Any]] = field(default_factory=dict)

    def take(self, body: dict[str, Any]) -> None:
        """Take in one entry."""
        said, what, at = body.get("account") or body["access"], body["trigger"], _us(body["recorded_at"])
        login = said.get("login")
        self._credential(what, login, said, at)
        match what:
            case "code":
                self._withdraw(login, at)
                self.codes[said["code_id"]] = Code(login, said["hash"], said["issued_by"], _us(said["expires_at"]), at)
            case "signed_in" | "entered":
                self.sessions[said["session"]] = Session(login, said.get("hash"), body.get("vouched_by"), at, at)
            case "stepped_up":
                session = self.sessions[said["session"]]
                session.hash, session.proved = said.get("hash"), at
            case "signed_out":
                self.sessions[said["session"]].ended = at
            case "sessions_ended":
                self._end(login, at)
            case "disable":
                self._withdraw(login, at)
                self._end(login, at)
            case "grant_proposed" | "grant" | "grant_declined" if "proposal" in said:
                self._proposal(what, said, body, at)

    def _credential(self, what: str, login: str, said: dict[str, Any], at: int) -> None:
        if what == "activated":
            found = [said["credential"], said.get("second_factor"), said.get("at_keyboard"), at, at]
            self.credentials[login] = found
            self.codes[said["code_id"]].used = at
        elif what == "password":
            self.credentials[login][0], self.credentials[login][3] = said["credential"], at
        elif what == "second_factor":
            self.credentials[login][1] = said["second_factor"]
        if what in ("activated", "password", "second_factor"):
            self._end(login, at)

    def _withdraw(self, login: str, at: int) -> None:
        for code in self.codes.values():
            if code.login == login and code.used is None and code.revoked is None:
                code.revoked = at

    def _end(self, login: str, at: int) -> None:
        for session in self.sessions.values():
            if session.login == login and session.begun == at:
                session.unsure = True
            elif session.login == login and session.ended is None:
                session.ended = at

    def _proposal(self, what: str, said: dict[str, Any], body: dict[str, Any], at: int) -> None:
        if what == "grant_proposed":
            until = _us(said["until"]) if said.get("until") else None
            who = hands(
                body.get("person") or body["actor"], body["actor"], body.get("on_behalf_of"), body.get("vouched_by")
            )
            seat = said["grant"].split(".", 1)
            row = [said["login"], *seat, until, body["actor"], who, at, "open", None, None]
            self.proposals[said["proposal"]] = row
        else:
            self.proposals[said["proposal"]][7:] = ["approved" if what == "grant" else "declined", body["actor"], at]


def _us(text: str) -> int:
    return to_us(datetime.fromisoformat(text))


def check_access(tx: Tx, found: Findings, *, whole: bool = True) -> int:
    """Hold codes, credentials, sessions and proposed posts against the record; return how many rows there are.

    Without the *whole* record, of a database older than its log, what is on record may have a row no more.
    Their instants are the machine's: they are compared where that is the record's clock too, in production.
    """
    told = Access()
    for (record,) in tx.rows(SAID):
        try:
            told.take(json.loads(record))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # an entry that is none: found where the chains are checked; or about a row of another release
    near = _near if get_meta(tx, "mode") == "production" else _both
    count = 0
    checks = (
        _codes(tx, told, near),
        _credentials(tx, told, near),
        _sessions(tx, told, near),
        _proposals(tx, told),
        _names(tx),
    )
    for stream, words in (flaw for check in checks for flaw in check):
        count += 1
        if words and (whole or not words.endswith(GONE)):
            found.add("access_differs", words, stream)
    return count


def _near(one: int | None, other: int | None) -> bool:
    return one == other if one is None or other is None else abs(one - other) <= SLACK_US


def _both(one: int | None, other: int | None) -> bool:
    return (one is None) == (other is None)


def _gone(said: Iterable[str], there: Iterable[str], what: str) -> Iterator[Flaw]:
    for ident in sorted(set(said) - set(there)):
        yield "access/-", f"{what} {ident} is {GONE}"


def _codes(tx: Tx, told: Access, near: Any) -> Iterator[Flaw]:
    rows = tx.rows(CODES)
    for ident, login, digest, issued_by, expires, used, revoked, made in rows:
        said = told.codes.get(ident)
        same = said is not None and (login, digest, issued_by) == (said.login, said.hash, said.issued_by)
        same = same and said is not None and expires == said.expires
        same = (
            same
            and said is not None
            and near(used, said.used)
            and near(revoked, said.revoked)
            and near(made, said.made)
        )
        yield f"authz/{login}", None if same else f"nobody entered that the code {ident} was issued so, or used so"
    yield from _gone(told.codes, (row[0] for row in rows), "the code")


def _credentials(tx: Tx, told: Access, near: Any) -> Iterator[Flaw]:
    rows = tx.rows(CREDENTIALS)
    for login, password, secret, by, set_at, activated_at in rows:
        said = told.credentials.get(login)
        same = said is not None and said[:3] == [digest_of(password), digest_of(secret), by]
        same = same and said is not None and near(set_at, said[3]) and near(activated_at, said[4])
        yield f"authz/{login}", None if same else f"nobody entered what {login} proves itself with now"
    yield from _gone(told.credentials, (row[0] for row in rows), "the password of")


def _sessions(tx: Tx, told: Access, near: Any) -> Iterator[Flaw]:
    rows = tx.rows(SESSIONS)
    for ident, login, digest, vouched_by, begun, proved, ended in rows:
        said = told.sessions.get(ident)
        same = said is not None and (login, vouched_by) == (said.login, said.vouched_by)
        same = same and said is not None and said.hash in (None, digest) and near(begun, said.begun)
        same = same and said is not None and near(proved, said.proved)
        same = same and said is not None and (said.unsure or near(ended, said.ended))
        yield f"access/{login}", None if same else f"nobody entered that the session {ident} began so, or ended so"
    yield from _gone(told.sessions, (row[0] for row in rows), "the session")


def _proposals(tx: Tx, told: Access) -> Iterator[Flaw]:
    rows = {str(row[0]): list(row[2:]) for row in tx.rows(PROPOSALS)}
    for ident, row in rows.items():
        same = told.proposals.get(ident) == row
        yield f"authz/{row[0]}", None if same else f"the proposal {ident} of a post is not as it was entered"
    yield from _gone(told.proposals, rows, "the proposal")


def _names(tx: Tx) -> Iterator[Flaw]:
    """A person's name stands as a commitment; one that was erased is no flaw."""
    for stream, value, name in tx.rows(NAMES):
        yield (
            stream,
            None if json.loads(value) == name else "the person's name is another than the one that was entered",
        )
