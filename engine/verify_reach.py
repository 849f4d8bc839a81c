"""Checking who stands in for whom, how people are reached and whose feed is shown, against what the record tells of it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine.canonical import parsed
from engine.clock import to_us
from engine.delegations import D
from engine.feed_tokens import F
from engine.store import Statement, Tx
from engine.verify_findings import Findings
from engine.verify_others import Others
from engine.ways import C

DELEGATIONS = Statement(
    select(
        D.c.delegator, D.c.delegate, D.c.body, D.c.post, D.c.valid_from, D.c.valid_to, D.c.made_by, D.c.made_at,
        D.c.ended_at, D.c.reason,
    ).where(D.c.campaign_id == bindparam("campaign_id"))
)  # fmt: skip
CONTACTS = Statement(
    select(C.c.holder, C.c.channel, C.c.quiet, C.c.rank, C.c.set_by, C.c.set_at, C.c.ended_at, C.c.address).where(
        C.c.campaign_id == bindparam("campaign_id")
    )
)
FEEDS = Statement(
    select(F.c.id, F.c.login, F.c.made_at, F.c.revoked_at, F.c.hash).where(F.c.campaign_id == bindparam("campaign_id"))
)

Row = list[Any]

SLACK_US = 60_000_000
"""How far the instants of a delegation may lie from its entry: both were read from the clock, one after the other."""


@dataclass(slots=True)
class Reach:
    """What the record tells, row by row as the tables have it; what is not known any more is None at a row's end."""

    delegations: list[Row] = field(default_factory=list)
    contacts: list[Row] = field(default_factory=list)
    feeds: list[Row] = field(default_factory=list)

    def take(self, body: dict[str, Any], private: str | None) -> None:
        """Take in one entry."""
        at, by = _us(body["recorded_at"]), body["actor"]
        said: dict[str, Any] = body.get("account") or body.get("contact") or {}
        match body["trigger"]:
            case "delegate":
                times = _us(said["from"]), _us(said["until"])
                for seat in said["posts"]:
                    who = said["delegator"], said["delegate"], *seat.split(".", 1)
                    self.delegations.append([*who, *times, by, at, None, private.strip() if private else None])
            case "undelegate":
                for row in self.delegations:
                    same = row[:2] == [said["delegator"], said["delegate"]] and f"{row[2]}.{row[3]}" in said["posts"]
                    if same and row[8] is None and row[5] > at:
                        row[8] = at
            case "contact_set" | "contact_drop" as what:
                _end(self.contacts, 6, {0: said["holder"], 1: said["channel"]}, at)
                if what == "contact_set":
                    way = said["holder"], said["channel"], said.get("quiet", ""), said.get("rank", 1)
                    self.contacts.append([*way, by, at, None, private])
            case "feed_token" | "feed_token_revoked" as what:
                _end(self.feeds, 3, {1: said["login"]}, at)
                if what == "feed_token":
                    self.feeds.append([said["feed_token"], said["login"], at, None, said.get("hash")])


def _us(text: str) -> int:
    return to_us(datetime.fromisoformat(text))


def _end(rows: Iterable[Row], column: int, where: dict[int, Any], at: int) -> None:
    for row in rows:
        if row[column] is None and all(row[place] == value for place, value in where.items()):
            row[column] = at


def check_reach(tx: Tx, campaign_id: int, since: int, others: Others, found: Findings) -> int:
    """Hold the tables of delegations, contacts and feed tokens against the record; return how many rows there are.

    What was made by *since*, when the log began, and has no entry is reserved, not found.
    """
    told = Reach()
    entries = sorted(
        others.said("authz/", "contacts/", campaign_id=campaign_id), key=lambda each: (each.stream, each.seq)
    )
    for entry, private in others.private(entries, "address", "reason"):
        try:
            told.take(parsed(entry.record), None if private is None else parsed(private))
        except (AttributeError, KeyError, TypeError, ValueError):
            continue  # an entry that is none: found where the chains are checked
    subjects = (
        ("delegation_differs", "authz", 0, 7, DELEGATIONS, told.delegations),
        ("contact_differs", "contacts", 0, 5, CONTACTS, told.contacts),
        ("feed_token_differs", "authz", 1, 2, FEEDS, told.feeds),
    )
    count, older = 0, set()
    for code, stream, holder, made, statement, said in subjects:
        rows = [list(row) for row in tx.rows(statement, campaign_id=campaign_id)]
        count += len(rows)
        if statement is DELEGATIONS:
            _level(rows, said)
        for row, there in _unlike(rows, said):
            if there and row[made] <= since:
                older.add(row[holder])
                continue
            words = "is there, and nobody entered it so" if there else "was entered, and the row is gone or another"
            found.add(code, f"{_plain(row[:-1])}: {words}", f"{stream}/{row[holder]}")
    if older:
        found.reserve("older_reach", f"delegations, contacts, feeds older than the log: {', '.join(sorted(older))}")
    return count


def _level(rows: list[Row], said: list[Row]) -> None:
    """Take the instants of making and ending from the entry where the row's are hardly others."""
    for row in rows:
        for entered in said:
            if row[:7] == entered[:7] and _near(row[7], entered[7]) and _near(row[8], entered[8]):
                row[7:9] = entered[7:9]
                break


def _near(one: int | None, other: int | None) -> bool:
    return one == other if one is None or other is None else abs(one - other) <= SLACK_US


def _unlike(rows: list[Row], said: list[Row]) -> Iterator[tuple[Row, bool]]:
    """The rows that nobody entered (True), then the entries that have no row (False)."""
    erased = {tuple(row[:-1]) for row in said if row[-1] is None}
    there = Counter(tuple(row[:-1]) + ((None,) if tuple(row[:-1]) in erased else (row[-1],)) for row in rows)
    known = Counter(tuple(row[:-1]) + ((None,) if tuple(row[:-1]) in erased else (row[-1],)) for row in said)
    for row in (there - known).elements():
        yield list(row), True
    for row in (known - there).elements():
        yield list(row), False


def _plain(row: Row) -> str:
    return " ".join(str(each) for each in row if isinstance(each, str) and each)
