"""Putting it together: a database, a campaign, a clock and the people make a workspace that edges work with."""

import getpass
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine import schema_version
from engine.access import merged
from engine.campaign import Campaign
from engine.campaign_schema import CampaignDoc
from engine.clock import Clock, SystemClock, VirtualClock
from engine.delegations import deputies
from engine.dialect import sqlite_file
from engine.documents import DocumentStore, FileStore
from engine.errors import Forbidden, Reason, Refused, Unavailable
from engine.log_guard import LogGuard
from engine.orders import SYSTEM, Actor
from engine.people import People
from engine.publishing import assemble, choose, forward_clock, get_meta, stored_clock
from engine.reading import Reader
from engine.recounting import settle
from engine.service import Engine
from engine.sight import Sight, sight_of
from engine.stamp import Stale, must_be_current, state_in
from engine.store import Database, Tx
from engine.three import keeps_accounts, refuse_clash
from engine.timekeeping import Doubt, ShownClock, Timekeeper
from engine.tokens import note_use
from engine.workdays import YearNotice
from workflows.calendars import calendar_in
from workflows.factor_key import factors_of
from workflows.library import shipped_access, texts
from workflows.standards import shipped_standards
from workflows.vault_key import vault_of

if TYPE_CHECKING:
    from engine.receipts import Signing
    from engine.sessions import Sessions


@dataclass
class Workspace:
    """What every edge works with."""

    database: Database
    campaign: Campaign
    engine: Engine
    reader: Reader
    people: People
    clock: Clock
    mode: str
    documents: DocumentStore

    def close(self) -> None:
        self.database.close()

    def refresh(self) -> None:
        """Work with the calendar and the campaign that the database has now, and count again what waits for it."""
        if self.look_again():
            settle(self.engine)

    def look_again(self) -> bool:
        """Take over calendar and campaign if somebody has changed them; return whether dates wait to be counted again.

        Whoever reads next goes by a clock that was looked at.
        """
        self.doubt()
        with self.database.snapshot() as tx:
            try:
                return bool(must_be_current(self.campaign, state_in(tx, self.campaign)))
            except Stale:
                self.use(assembled(tx, *choose(tx, self.campaign.code)))
                return True

    def doubt(self) -> Doubt | None:
        """Why the machine's clock is not believed; None if it is, and of a rehearsal's."""
        keeper = self.engine.timekeeper
        return None if keeper is None else keeper.look()

    def use(self, campaign: Campaign) -> None:
        """Work with *campaign* from now on.

        Its people are there before it: another thread that has found the new campaign never goes by the old one's people,
        and who has the old one still is told that it is of yesterday.
        """
        people = People(campaign.doc, campaign.id, self.mode)
        for each in (self, self.engine):
            each.people = people
            each.campaign = campaign
        self.reader.campaign = campaign

    def move_clock(self, tx: Tx, at: datetime) -> None:
        """Move the clock of a rehearsal and remember it in the database. Raises Refused in production.

        The clock in the database is that of all: it never runs back, and a process whose own is behind catches up. Our
        own moves once that is committed: no thread here acts at an instant to which the clock has not come.
        """
        if not isinstance(self.clock, VirtualClock):
            raise Refused("only a rehearsal database has a clock that can be moved", "no_virtual_clock")
        tx.after.append(partial(self.clock.move_to, forward_clock(tx, max(at, self.clock.now()))))

    @cached_property
    def signing(self) -> "Signing":
        """What signs receipts."""
        from engine.receipts import Signing  # what signs is not loaded for every command

        return Signing(self.database, self.campaign)

    @property
    def sessions(self) -> "Sessions":
        """Who is signed in, on the machine's own clock: that of a rehearsal jumps."""
        from engine.sessions import Sessions  # what compares passwords is not loaded for every command

        return Sessions(self.engine, SystemClock() if self.mode == "rehearsal" else self.clock)

    def holder(self, login: str) -> Actor:
        """The posts that *login* holds, for looking, not for acting. Raises Forbidden for nobody's login."""
        if self.mode == "rehearsal":
            return self.people.believed(login)
        with self.database.snapshot() as tx:
            return self.people.known(tx, login, "looked up", self.clock.now())

    def deputies(self, actor: Actor) -> dict[str, Actor]:
        """Whom *actor* may act for now: by each absent person's login the actor he is then."""
        with self.database.snapshot() as tx:
            return deputies(actor, self.people.standing(tx, self.clock.now()))

    def deputy(self, actor: Actor, on_behalf: str) -> Actor:
        """*actor* acting for *on_behalf*. Raises Forbidden unless a delegation is in force."""
        found = self.deputies(actor)
        if on_behalf not in found:
            there = ", ".join(found) or "nobody"
            reason = Reason("delegation", f"没有生效的委托；可代：{there}", f"no delegation is in force; for: {there}")
            raise Forbidden(f"{actor.login} may not act for {on_behalf}: {reason.en}", "no_delegation", [reason])
        return found[on_behalf]

    def sight(self, actor: Actor) -> Sight:
        """What *actor* sees and may use now, with what those see for whom he stands in; accounts only in his own name."""
        with self.database.snapshot() as tx:
            absent = deputies(actor, self.people.standing(tx, self.clock.now())).values()
            keeps = actor.on_behalf_of is None and keeps_accounts(self.engine, tx, actor)
        return sight_of(self.campaign, actor, *absent).keeping_accounts(keeps)

    def actor(self, login: str | None = None, token: str | None = None) -> Actor:
        """Who acts: the holder of *token*, else a believed login of a rehearsal, else the owner of a local database.

        The secret of a session is taken like a token. Raises Forbidden for everybody else, and for whoever holds two posts
        of the three administrators.
        """
        found = self._known(login, token)
        refuse_clash(self.campaign, found.login, found.posts)
        return found

    def _known(self, login: str | None, token: str | None) -> Actor:
        if self.mode == "rehearsal" and token is None:
            return self.people.believed(login or self.campaign.doc.administrator)
        if token is not None:
            actor = self._shown(token)
            if login is not None and login != actor.login:
                raise Forbidden(f"the token is {actor.login}'s, not {login}'s", "forbidden")
            return actor
        with self.database.snapshot() as tx:
            return owner_of(self.database, self.people, tx, login or self.campaign.doc.administrator, self.clock.now())

    def _shown(self, secret: str) -> Actor:
        """Who is behind a token or the secret of a session. The first use of a token on a day is entered."""
        if secret.startswith("ds_"):
            return self.sessions.resolve(secret).actor
        with self.database.snapshot() as tx:
            actor = self.people.by_token(tx, secret, self.clock.now())
        with suppress(Unavailable):  # a database that takes nothing just now can still be looked at
            note_use(self.engine, secret, actor)
        return actor


def owner_of(database: Database, people: People, tx: Tx, login: str, now: datetime) -> Actor:
    """The operating-system owner of a local database acts under any login of it, and the record says so."""
    path = sqlite_file(database.url)
    if path is None or not path.exists() or path.stat().st_uid != os.getuid():
        raise Forbidden("say who you are: a token is needed (--token-file FILE)", "no_identity")
    return people.known(tx, login, f"owner:{os.getuid()}:{os_name()}", now, key=f"os:{os.getuid()}")


def keyboard(database: Database) -> str | None:
    """The human at this keyboard, where it is the owner of a local database: whoever else is told to be there, he is."""
    path = sqlite_file(database.url)
    ours = path is not None and path.exists() and path.stat().st_uid == os.getuid()
    return f"os:{os.getuid()}" if ours else None


def beginner() -> Actor:
    """The system, on behalf of whoever runs the command; the record says who that is."""
    return Actor(SYSTEM.login, f"init:{os.getuid()}:{os_name()}", key=SYSTEM.login)


def os_name() -> str:
    """Name the operating system's user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def open_workspace(url: str, campaign: str | None = None, *, documents: DocumentStore | None = None) -> Workspace:
    """Open an initialised database. Raises Unavailable if it does not fit, Usage if a campaign must be chosen."""
    database = Database(url)
    try:
        schema_version.refuse_unfit(database)
        with database.snapshot() as tx:
            mode = get_meta(tx, "mode") or "production"
            clock: Clock = VirtualClock(stored_clock(tx)) if mode == "rehearsal" else SystemClock()
            ready = assembled(tx, *choose(tx, campaign))
    except BaseException:
        database.close()
        raise
    return make_workspace(database, ready, clock, mode, documents)


def assembled(tx: Tx, ident: int, doc: CampaignDoc, *more: YearNotice) -> Campaign:
    """Make a stored campaign ready with the calendar of its database, and *more* notices that are not stored yet."""
    calendar, earlier = calendar_in(tx, *more)
    rights = merged(shipped_access(), doc.rights)
    return assemble(tx, ident, doc, calendar, texts().with_own(doc.words), earlier, shipped_standards(), rights)


def make_workspace(
    database: Database, campaign: Campaign, clock: Clock, mode: str, documents: DocumentStore | None
) -> Workspace:
    """Put the rooms together."""
    people = People(campaign.doc, campaign.id, mode)
    store = documents or FileStore(documents_folder(database))
    if isinstance(store, FileStore):
        store.claim(user_of(database))
    workspace = Workspace(
        database,
        campaign,
        Engine(database, campaign, people, clock),
        Reader(database, campaign, clock),
        people,
        clock,
        mode,
        store,
    )
    workspace.reader.clock = ShownClock(clock, lambda: workspace.engine.timekeeper)
    workspace.engine.refresh = workspace.refresh
    workspace.engine.vault = vault_of(database, mode)
    workspace.engine.factors = factors_of(database, mode)
    workspace.engine.guard = LogGuard(database, lambda: workspace.campaign)
    if isinstance(clock, SystemClock):
        workspace.engine.timekeeper = Timekeeper(database, lambda: workspace.campaign, clock)
    return workspace


def user_of(database: Database) -> str:
    """The name under which a database marks the folder of its documents: by its address, so that a copy of it is another."""
    return hashlib.sha256(database.url.render_as_string(hide_password=True).encode()).hexdigest()[:16]


def documents_folder(database: Database) -> Path:
    """Where documents lie: beside a SQLite file, or where ``DUBAN_DOCUMENTS`` says."""
    said = os.environ.get("DUBAN_DOCUMENTS")
    path = sqlite_file(database.url)
    if said:
        return Path(said)
    return path.with_name(path.name + ".documents") if path else Path("var/documents")
