"""Many persons at once, with their posts and contacts: by the road of one, all in one transaction or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from engine import proposals
from engine.account_record import begin_account, enter_account
from engine.accounts import Accounts
from engine.clock import to_us
from engine.contacts import Contacts
from engine.errors import Conflict, DubanError, Forbidden, Invalid, Problem
from engine.orders import Actor
from engine.people_tables import Grant, Person
from engine.scopes import refuse_outside
from engine.service import Engine
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.three import refuse_unless_security
from engine.urging import administers
from engine.ways import Way, ways_of

P, G = table_of(Person), table_of(Grant)

NAMES = Statement(select(P.c.login, P.c.name))
HELD = Statement(
    select(G.c.login, G.c.body, G.c.post, G.c.valid_to).where(
        G.c.campaign_id == bindparam("campaign_id"),
        G.c.valid_from <= bindparam("now"),
        or_(G.c.valid_to.is_(None), G.c.valid_to > bindparam("now")),
    )
)

Seat = tuple[str, str]
Usable = Callable[[str, str], None]
"""Raises Invalid for a channel that is not there, and for an address that it cannot reach."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What one *line* says of a person: the name if it says one, a post *until* some time, a way to reach him."""

    line: int
    login: str
    name: str = ""
    seat: Seat | None = None
    until: datetime | None = None
    way: Way | None = None


@dataclass
class Enrolment:
    """What was done, or would be; *already* counts what was so before."""

    added: list[str] = field(default_factory=list)
    granted: list[dict[str, Any]] = field(default_factory=list)
    proposed: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    already: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "added": self.added, "granted": self.granted, "proposed": self.proposed, "contacts": self.contacts,
            "already": self.already,
        }  # fmt: skip


@dataclass
class _Undone(DubanError):
    """Ends a transaction that was only tried."""

    done: Enrolment = field(default_factory=Enrolment)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class _Known:
    """What was there before, and what the lines so far have added."""

    names: dict[str, str]
    held: dict[tuple[str, str, str], int | None]
    waiting: set[tuple[str, str, str]]
    ways: dict[tuple[str, str], Way]


class Enroller:
    """Enrol people on behalf of *actor*; an *approver* gives their posts with him, *usable* judges addresses."""

    def __init__(self, engine: Engine, actor: Actor, approver: Actor | None, usable: Usable) -> None:
        self.engine = engine
        self.accounts = Accounts(engine, actor)
        self.contacts = Contacts(engine, actor)
        self.actor = actor
        self.approver = approver
        self.usable = usable

    def enrol(
        self, file: str, lines: Sequence[Enrolled], problems: Sequence[Problem] = (), *, dry: bool = False
    ) -> Enrolment:
        """Add who is not there, give the posts and set the contacts that *lines* of *file* name; nothing at all if one is wrong.

        What is so already is left as it is, so that a file may be read again with more in it. *problems* are those found
        before. Raises Invalid with every problem of all lines at once; Forbidden for whoever keeps no accounts. With *dry*
        everything is tried and nothing stays.
        """
        refuse_outside(self.actor, "admin")

        def work(tx: Tx) -> Enrolment:
            done, found = self._enrolled(tx, file, lines)
            if dry or found or problems:
                raise _Undone("undone", done=done, problems=found)
            return done

        try:
            return self.engine.in_transaction(work)
        except _Undone as undone:
            flaws = sorted([*problems, *undone.problems], key=lambda each: (each.line, each.column))
            if flaws:
                raise Invalid(f"nobody was enrolled: {len(flaws)} mistakes", "roll", problems=flaws) from None
            return undone.done

    def _enrolled(self, tx: Tx, file: str, lines: Sequence[Enrolled]) -> tuple[Enrolment, list[Problem]]:
        engine, now = self.engine, self.engine.clock.now()
        refuse_unless_security(engine, tx, self.actor, "change accounts")
        if any(each.way for each in lines) and not administers(engine.campaign, self.actor):
            raise Forbidden(f"{self.actor.login} may not say how others are reached", "forbidden")
        for login in {each.login for each in lines}:
            begin_account(tx, engine.campaign, login)
        known, done, problems = self._known(tx, now), Enrolment(), list[Problem]()
        for each in lines:
            for step in (self._person, self._post, self._way):
                try:
                    step(tx, now, each, known, done)
                except Forbidden as error:
                    if error.code not in ("three", "same_person"):
                        raise
                    problems.append(error.as_problem(file, each.line))
                except DubanError as error:
                    problems.append(error.as_problem(file, each.line))
        return done, problems

    def _known(self, tx: Tx, now: datetime) -> _Known:
        ident = self.engine.campaign.id
        return _Known(
            {str(login): str(name) for login, name in tx.rows(NAMES)},
            {(login, body, post): end for login, body, post, end in tx.rows(HELD, campaign_id=ident, now=to_us(now))},
            {(row["login"], row["body"], row["post"]) for row in proposals.every(tx, ident) if row["status"] == "open"},
            {(holder, way.channel): way for holder, ways in ways_of(tx, ident).items() for way in ways},
        )

    def _person(self, tx: Tx, now: datetime, each: Enrolled, known: _Known, done: Enrolment) -> None:
        there = known.names.get(each.login)
        if there is None:
            name = each.name or each.login
            self.engine.people.add(tx, each.login, name, now)
            enter_account(tx, self.engine.campaign, self.actor, now, "add", {"login": each.login}, {"name": name})
            known.names[each.login] = name
            done.added.append(each.login)
        elif each.name and each.name != there:
            raise Conflict(f"the login {each.login!r} is that of {there}, not of {each.name}", "login_taken")

    def _post(self, tx: Tx, now: datetime, each: Enrolled, known: _Known, done: Enrolment) -> None:
        if each.seat is None or each.login not in known.names:
            return
        key, end = (each.login, *each.seat), to_us(each.until) if each.until else None
        if key in known.waiting or (key in known.held and known.held[key] == end):
            done.already += 1
            return
        if key in known.held:
            raise Conflict(
                f"{each.login} holds {'.'.join(each.seat)} already, to another day; revoke it first", "held_otherwise"
            )
        what, said = self.accounts.giving(tx, now, each.login, each.seat, each.until, self.approver)
        enter_account(tx, self.engine.campaign, self.actor, now, what, said)
        if "proposal" in said:
            known.waiting.add(key)
            done.proposed.append(said)
        else:
            known.held[key] = end
            done.granted.append(said)

    def _way(self, tx: Tx, now: datetime, each: Enrolled, known: _Known, done: Enrolment) -> None:
        if each.way is None or each.login not in known.names:
            return
        key = (each.login, each.way.channel)
        if known.ways.get(key) == each.way:
            done.already += 1
            return
        self.usable(each.way.channel, each.way.address)
        said = {
            "holder": each.login, "channel": each.way.channel, "address": each.way.address, "quiet": each.way.quiet,
            "rank": each.way.rank,
        }  # fmt: skip
        done.contacts.append(self.contacts.setting(tx, now, said))
        known.ways[key] = each.way
