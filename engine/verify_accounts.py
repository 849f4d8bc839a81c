"""Checking who may do what: persons, posts and tokens as the record tells them, against the tables that are believed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, literal_column, select

from engine.canonical import parsed
from engine.clock import to_us
from engine.people import G, P, T
from engine.rows import E
from engine.sequencing import S
from engine.store import Statement, Tx
from engine.verify_findings import Findings
from engine.verify_others import Others

PERSONS = Statement(select(P.c.login, P.c.created_at, P.c.disabled_at).order_by(P.c.login))
GRANTS = Statement(
    select(G.c.campaign_id, G.c.login, G.c.body, G.c.post, G.c.valid_from, G.c.valid_to, G.c.granted_by).order_by(
        G.c.id
    )
)
TOKENS = Statement(
    select(
        T.c.id, T.c.login, T.c.hash, T.c.created_at, T.c.expires_at, T.c.revoked_at, T.c.scope, T.c.issued_by
    ).order_by(T.c.id)
)
SINCE = Statement(
    select(S.c.since).where(
        S.c.campaign_id == bindparam("campaign_id"),
        ~exists().where(
            E.c.campaign_id == S.c.campaign_id,
            E.c.stream.like("log/%"),
            E.c.kind == literal_column("'configured'"),
            E.c.trigger == literal_column("'init'"),
        ),
    )
)
"""Nothing if the beginning of the database is on record: then nothing is older than the log, whatever the row says."""


BEFORE_ALL = -(2**63)


@dataclass(slots=True)
class Accounts:
    """What the record tells: persons with when they came and went, posts, tokens with their hash."""

    persons: dict[str, list[int | None]] = field(default_factory=dict)
    grants: list[tuple[Any, ...]] = field(default_factory=list)
    tokens: dict[str, list[Any]] = field(default_factory=dict)

    def take(self, campaign_id: int, body: dict[str, Any]) -> None:
        """Take in one entry."""
        said, at = body["account"], _us(body["recorded_at"])
        login = said["login"]
        match body["trigger"]:
            case "add":
                self.persons[login] = [at, None]
            case "grant":
                seat, _, post = said["grant"].partition(".")
                until = _us(said["until"]) if said.get("until") else None
                self.grants.append((campaign_id, login, seat, post, at, until, body["actor"]))
            case "token" | "token_reset":
                if body["trigger"] == "token_reset":
                    self._end_tokens(login, at)
                more = [said.get("scope"), said.get("issued_by")]
                self.tokens[said["token_id"]] = [login, said.get("hash"), at, _us(said["expires_at"]), None, *more]
            case "disable":
                self.persons.setdefault(login, [None, None])[1] = at
                self._end_tokens(login, at)
            case "enable":
                self.persons.setdefault(login, [None, None])[1] = None
            case _:
                self._take_back(campaign_id, body["trigger"], said, at)

    def _take_back(self, campaign_id: int, what: str, said: dict[str, Any], at: int) -> None:
        """Take in an entry by which something ended."""
        match what:
            case "revoke":
                gone = (campaign_id, said["login"], *said["grant"].split(".", 1))
                for number, row in enumerate(self.grants):
                    if row[:4] == gone and (row[5] is None or row[5] > at):
                        self.grants[number] = (*row[:5], at, row[6])
            case "token_revoked":
                self.tokens[said["token_id"]][4] = at
            case "activated":
                self._end_tokens(said["login"], at)

    def _end_tokens(self, login: str, at: int) -> None:
        for token in self.tokens.values():
            if token[0] == login and token[4] is None:
                token[4] = at


def _us(text: str) -> int:
    return to_us(datetime.fromisoformat(text))


def check_accounts(tx: Tx, campaign_id: int, others: Others, found: Findings) -> int:
    """Hold the tables of persons, posts and tokens against the record; return how many rows there are.

    What is older than the log in a database that was begun without one is reserved, not found.
    """
    told = Accounts()
    for said in others.said("authz/"):
        try:
            told.take(said.campaign_id, parsed(said.record))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # an entry that is none: found where the chains are checked
    since = log_since(tx, campaign_id)
    older: set[str] = set()
    count = 0
    for flaws in (_persons(tx, told), _grants(tx, told), _tokens(tx, told)):
        for login, at, words in flaws:
            count += 1
            if words and at is not None and at <= since:
                older.add(login)
            elif words:
                found.add(words[0], words[1], f"authz/{login}")
    if older:
        found.reserve("older_accounts", f"accounts older than the log: {', '.join(sorted(older))}")
    return count


def log_since(tx: Tx, campaign_id: int) -> int:
    """When the log began, in microseconds, in a database that is older than it; else before all times."""
    row = tx.row(SINCE, campaign_id=campaign_id)
    return row[0] if row and row[0] else BEFORE_ALL


Flaw = tuple[str, int | None, tuple[str, str] | None]


def _persons(tx: Tx, told: Accounts) -> Iterator[Flaw]:
    there = {login: [created, disabled] for login, created, disabled in tx.rows(PERSONS)}
    for login in sorted(there.keys() | told.persons.keys()):
        row, said = there.get(login), told.persons.get(login)
        if row is None:
            yield login, None, ("account_differs", f"{login} was added and is gone")
        elif said is None or said[0] is None:
            same = said is not None and said[1] == row[1]
            yield login, row[0], None if same else ("account_differs", f"nobody entered that {login} was added")
        else:
            yield login, None, None if row == said else ("account_differs", f"{login}: row {row}, history {said}")


def _grants(tx: Tx, told: Accounts) -> Iterator[Flaw]:
    there = [tuple(row) for row in tx.rows(GRANTS)]
    said = list(told.grants)
    for row in there:
        if row in said:
            said.remove(row)
            yield row[1], None, None
        else:
            yield row[1], row[4], ("grant_differs", f"{row[1]} holds {row[2]}.{row[3]}; nobody entered it so")
    for row in said:
        yield row[1], None, ("grant_differs", f"{row[1]} was given {row[2]}.{row[3]}; the row is gone or another")


def _tokens(tx: Tx, told: Accounts) -> Iterator[Flaw]:
    there = {row[0]: list(row[1:]) for row in tx.rows(TOKENS)}
    for ident in sorted(there.keys() | told.tokens.keys()):
        row, said = there.get(ident), told.tokens.get(ident)
        if row is None:
            yield str((said or [""])[0]), None, ("token_differs", f"the token {ident} was made and is gone")
        elif said is None:
            yield row[0], row[2], ("token_differs", f"nobody entered that the token {ident} was made")
        else:
            known = [*said[:1], said[1] if said[1] is not None else row[1], *said[2:]]
            yield row[0], None, None if row == known else ("token_differs", f"the token {ident} is not as it was made")
