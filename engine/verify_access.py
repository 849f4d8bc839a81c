"""Checking who can get in: codes, passwords, second factors and sessions, against the entries by which they came to be."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import bindparam, select

from engine.access_tables import Credential, GrantProposal, LoginSession, OneTimeCode, RecoveryCode
from engine.access_told import Access
from engine.canonical import parsed
from engine.erasure_grounds import ERASED_MARK
from engine.factor_seal import digest_of, known_as
from engine.history import P as PRIVATE
from engine.people import P
from engine.publishing import get_meta
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.verify_findings import Findings
from engine.verify_others import Others

C, L, O, A, R = (table_of(model) for model in (Credential, LoginSession, OneTimeCode, GrantProposal, RecoveryCode))  # noqa: E741 - one letter a table

NAMES = Statement(
    select(PRIVATE.c.stream, PRIVATE.c.value, P.c.name)
    .join(P, PRIVATE.c.stream == "authz/" + P.c.login)
    .where(PRIVATE.c.field == "name")
    .order_by(PRIVATE.c.stream)
)
NAME = Statement(select(P.c.name).where(P.c.login == bindparam("login")))
CREDENTIALS = Statement(
    select(
        C.c.login, C.c.password, C.c.totp_secret, C.c.totp_digest, C.c.activated_by, C.c.issued_by, C.c.confirmed_by,
        C.c.password_set_at, C.c.activated_at,
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
RECOVERY = Statement(select(R.c.id, R.c.login, R.c.hash, R.c.used_at).order_by(R.c.id))
PROPOSALS = Statement(select(A).order_by(A.c.id))

SLACK_US = 60_000_000
"""How far the instants of these rows may lie from their entries: the machine's clock and the campaign's, read one by one."""

GONE = "on record, and the row is gone"

OTHER_NAME = "the person's name is another than the one that was entered"

Flaw = tuple[str, str | None]


def check_access(tx: Tx, others: Others, found: Findings, *, whole: bool = True) -> int:
    """Hold codes, credentials, sessions and proposed posts against the record; return how many rows there are.

    Codes and sessions that are long over are put away (`engine.tidying`), so that one of them is missing says nothing.

    Without the *whole* record, of a database older than its log, what is on record may have a row no more.
    Their instants are the machine's: they are compared where that is the record's clock too, in production.
    """
    told, erased = Access(), set[str]()
    for said in others.said("authz/", "access/"):
        try:
            body = parsed(said.record)
            if any("name" in names for names in body.get("erased", {}).get("fields", {}).values()):
                erased.add(said.stream)
            told.take(body)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # an entry that is none: found where the chains are checked; or about a row of another release
    near = _near if get_meta(tx, "mode") == "production" else _both
    count = 0
    checks = (
        _codes(tx, told, near),
        _credentials(tx, told, near),
        _sessions(tx, told, near),
        _recovery(tx, told),
        _proposals(tx, told),
        _names(tx, erased),
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


def _credentials(tx: Tx, told: Access, near: Any) -> Iterator[Flaw]:
    rows = tx.rows(CREDENTIALS)
    for login, password, stored, digest, there, begun_by, confirmed_by, set_at, activated_at in rows:
        said = told.credentials.get(login)
        now = (digest_of(password), known_as(stored, digest), there, begun_by, confirmed_by)
        same = said is not None and now == (said.password, said.factor, said.there, said.begun_by, said.confirmed_by)
        same = same and said is not None and near(set_at, said.set_at) and near(activated_at, said.activated)
        yield f"authz/{login}", None if same else f"nobody entered what {login} proves itself with now"
    yield from _gone(told.credentials, (row[0] for row in rows), "the password of")


def _recovery(tx: Tx, told: Access) -> Iterator[Flaw]:
    for ident, login, digest, used_at in tx.rows(RECOVERY):
        same = told.recovery.get(ident) == (login, digest) and (ident in told.recovered) == (used_at is not None)
        yield f"authz/{login}", None if same else f"nobody entered that the recovery code {ident} stands so"


def _sessions(tx: Tx, told: Access, near: Any) -> Iterator[Flaw]:
    rows = tx.rows(SESSIONS)
    for ident, login, digest, vouched_by, begun, proved, ended in rows:
        said = told.sessions.get(ident)
        same = said is not None and (login, vouched_by) == (said.login, said.vouched_by)
        same = same and said is not None and said.hash in (None, digest) and near(begun, said.begun)
        same = same and said is not None and near(proved, said.proved)
        same = same and said is not None and (said.unsure or near(ended, said.ended))
        yield f"access/{login}", None if same else f"nobody entered that the session {ident} began so, or ended so"


def _proposals(tx: Tx, told: Access) -> Iterator[Flaw]:
    rows = {str(row[0]): list(row[2:]) for row in tx.rows(PROPOSALS)}
    for ident, row in rows.items():
        same = told.proposals.get(ident) == row
        yield f"authz/{row[0]}", None if same else f"the proposal {ident} of a post is not as it was entered"
    yield from _gone(told.proposals, rows, "the proposal")


def _names(tx: Tx, erased: Collection[str]) -> Iterator[Flaw]:
    """A person's name stands as a commitment; a mark stands for one that was *erased*, by the streams that say so."""
    for stream, value, name in tx.rows(NAMES):
        right = name == ERASED_MARK if stream in erased else parsed(value) == name
        yield stream, None if right else OTHER_NAME
    for stream in sorted(erased):
        row = tx.row(NAME, login=stream.partition("/")[2])
        yield stream, None if row is not None and row[0] == ERASED_MARK else OTHER_NAME
