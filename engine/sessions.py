"""Sessions: signing in and out, who is seen behind a secret, and proving oneself once more before a grave act.

Idle and absolute ends are measured on the machine's clock, also in a rehearsal, whose own clock jumps; what is entered in
the record bears the campaign's time. Nothing is remembered between two requests: who was disabled or lost a post is out
with the next one, on every node.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from engine import credentials, known_devices, session_rows, throttle
from engine.access_record import enter_access
from engine.admission import Admission, Proof, refused
from engine.clock import Clock, from_us, rfc3339, to_us
from engine.credentials import Held
from engine.errors import DubanError, Forbidden, NotFound, Reason, Unavailable
from engine.orders import Actor
from engine.passwords import Passwords
from engine.scopes import refuse_outside
from engine.service import Engine
from engine.session_rows import Row, csrf_of
from engine.store import Tx
from engine.three import refuse_clash, refuse_unless_security
from engine.transacting import transact

AHEAD = timedelta(minutes=5)
"""How far ahead of our clock a session may have been used, on a node whose clock differs; more is of a clock set back. PLACEHOLDER"""

TOUCH_AFTER = timedelta(minutes=1)
"""A session's last use is written at most so often: an idle one may end so much earlier than its limit."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session of *login*, as its holder may see it; instants are the machine's."""

    id: str
    login: str
    address: str
    created_at: datetime
    seen_at: datetime
    stepped_up_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """The session as lists show it."""
        return {
            "id": self.id, "login": self.login, "address": self.address, "created_at": rfc3339(self.created_at),
            "seen_at": rfc3339(self.seen_at),
            "stepped_up_at": rfc3339(self.stepped_up_at) if self.stepped_up_at else None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """Who is behind a request: *csrf* is what its forms must carry."""

    session: Session
    actor: Actor
    csrf: str

    @property
    def stepped_up_at(self) -> datetime | None:
        """When the holder last proved himself."""
        return self.session.stepped_up_at


@cache
def full_cost() -> Passwords:
    """The one that all of a process share, so that no more than a few hash at once."""
    return Passwords()


class Sessions:
    """The sessions of a database, seen for the campaign of *engine*; *clock* is the machine's."""

    def __init__(self, engine: Engine, clock: Clock, passwords: Passwords | None = None) -> None:
        self.engine = engine
        self.clock = clock
        self._passwords = passwords

    @property
    def admission(self) -> Admission:
        """Who compares passwords."""
        return Admission(self.engine, self.clock, self._passwords or full_cost())

    def sign_in(self, login: str, password: str, code: str, address: str, device: str = "") -> tuple[str, Session]:
        """Begin a session; the secret stands in clear in the answer only. An empty *code* is none.

        *device* is what `remember` gave the browser earlier.

        Raises Forbidden: ``sign_in_failed`` for every way to be wrong, ``throttled``, ``password_aged``,
        ``second_factor_missing``; Unavailable if too many sign in at this moment.
        """

        def work(tx: Tx, held: Held, now: datetime) -> tuple[str, Session]:
            secret, row = session_rows.begin(
                tx, held.login, address, to_us(now), proved=True, vouched_by=held.activated_by
            )
            said = {"address": address, "session": row.id, "hash": row.hash}
            enter_access(tx, self.engine, row.login, "signed_in", self._actor(tx, row), **said)
            return secret, _session(row)

        return self.admission.admit(Proof(login, password, code, address, device), work)

    def remember(self, login: str, device: str) -> str:
        """What a browser shall keep in which *login* has just signed in, so that it is known the next time."""
        now_us = to_us(self.clock.now())
        return self.engine.in_transaction(lambda tx: known_devices.remember(tx, login, device, now_us))

    def enter(self, login: str, address: str) -> tuple[str, Session]:
        """Begin a session as a login of a rehearsal, without any proof. Raises Forbidden in production, and for nobody's login."""
        people = self.engine.people
        if people.mode != "rehearsal":
            raise Forbidden("only a rehearsal is entered without a password", "no_entry")
        people.believed(login)

        def work(tx: Tx) -> tuple[str, Session]:
            now_us = to_us(self.clock.now())
            secret, row = session_rows.begin(tx, login, address, now_us, proved=True, vouched_by=None)
            said = {"address": address, "session": row.id, "hash": row.hash}
            enter_access(tx, self.engine, login, "entered", self._actor(tx, row), **said)
            return secret, _session(row)

        return self.engine.in_transaction(work)

    def resolve(self, secret: str) -> Seen:
        """Who is behind *secret*, with the posts held now. Raises Forbidden (``no_session``)."""
        now = self.clock.now()
        with self.engine.database.snapshot() as tx:
            row = self._open(tx, secret, now)
            actor = self._actor(tx, row)
        if now - from_us(row.seen_at) >= TOUCH_AFTER:
            row = self._touched(row, now)
        return Seen(_session(row), actor, csrf_of(secret))

    def _touched(self, row: Row, now: datetime) -> Row:
        """Remember that the session was used; a database that takes nothing just now only lets it end earlier."""
        try:
            transact(self.engine.database, lambda tx: session_rows.touch(tx, row.id, to_us(now)))
        except Unavailable:
            return row
        return replace(row, seen_at=to_us(now))

    def step_up(self, secret: str, password: str, code: str, device: str = "") -> str:
        """Prove oneself once more, by password or code or both; return the session's new secret, the old one is void.

        In a rehearsal nothing is proved. Raises Forbidden: ``no_session``, ``sign_in_failed``, ``throttled``.
        """
        seen = self.resolve(secret)
        if self.engine.people.mode == "rehearsal":
            return self._answered(lambda tx: self._stepped(tx, secret))
        admission, address = self.admission, seen.session.address
        attempt = admission.attempt(seen.session.login, address, device)
        held = attempt.held
        right = bool(password) and admission.passwords.fits(password, held.password if held else None)

        def work(tx: Tx) -> str | DubanError:
            again = credentials.hold(tx, seen.session.login)
            whole = again is not None and held is not None and again.password == held.password
            proved = right if password else bool(code)
            if again is None or not whole or not proved:
                return self._failed(tx, seen, address)
            if code and not admission.use_code(tx, again, code, self.clock.now()):
                return self._failed(tx, seen, address)
            attempt.succeed(tx)
            return self._stepped(tx, secret)

        return self._answered(work)

    def _answered(self, work: Callable[[Tx], str | DubanError]) -> str:
        said = self.engine.in_transaction(work)
        if isinstance(said, DubanError):
            raise said
        return said

    def _failed(self, tx: Tx, seen: Seen, address: str) -> Forbidden:
        throttle.fail_address(tx, address, to_us(self.clock.now()))
        enter_access(tx, self.engine, seen.session.login, "step_up_failed", seen.actor, address=address)
        return refused()

    def _stepped(self, tx: Tx, secret: str) -> str:
        now = self.clock.now()
        row = self._open(tx, secret, now, locked=True)
        fresh = session_rows.rotate(tx, row.id, to_us(now))
        said = {"session": row.id, "hash": session_rows.hash_of(fresh)}
        enter_access(tx, self.engine, row.login, "stepped_up", self._actor(tx, row), **said)
        return fresh

    def sign_out(self, secret: str) -> None:
        """End the session; nothing happens if it is over already."""

        def work(tx: Tx) -> None:
            row = session_rows.find(tx, secret, locked=True)
            if row is None or row.ended_at is not None:
                return
            now_us = to_us(self.clock.now())
            session_rows.end(tx, row.id, now_us)
            who = Actor(row.login, f"session:{row.id}")
            enter_access(tx, self.engine, row.login, "signed_out", who, session=row.id)

        self.engine.in_transaction(work)

    def list(self, login: str) -> Sequence[Session]:
        """The sessions of *login* that are not over, the oldest first."""
        with self.engine.database.snapshot() as tx:
            return [_session(row) for row in self._open_of(tx, login)]

    def listed(self, login: str, actor: Actor) -> Sequence[Session]:
        """The sessions of *login* for *actor*. Raises Forbidden for anybody but him and a security administrator, NotFound."""
        with self.engine.database.snapshot() as tx:
            self._must_be_ours(tx, login, actor, "see")
            return [_session(row) for row in self._open_of(tx, login)]

    def _must_be_ours(self, tx: Tx, login: str, actor: Actor, what: str) -> None:
        refuse_outside(actor, "admin")
        if actor.login != login or actor.on_behalf_of is not None:
            refuse_unless_security(self.engine, tx, actor, f"{what} the sessions of {login}")
        if not self.engine.people.exists(tx, login):
            raise NotFound(f"nobody has the login {login!r}", "no_login")

    def end_all(self, login: str, actor: Actor | None = None) -> int:
        """End every session of *login*, at once on every node; return how many there were.

        *actor* is who wants it, the holder himself if nobody is named. Raises Forbidden for anybody but him and a security
        administrator, NotFound for nobody's login.
        """
        actor = actor or Actor(login, "self")

        def work(tx: Tx) -> int:
            self._must_be_ours(tx, login, actor, "end")
            count = len(self._open_of(tx, login))
            session_rows.end_all(tx, login, to_us(self.clock.now()))
            known_devices.forget(tx, login)
            enter_access(tx, self.engine, login, "sessions_ended", actor, count=count)
            return count

        return self.engine.in_transaction(work)

    def end_one(self, ident: str, actor: Actor) -> None:
        """End the session *ident* of the actor's own. Raises NotFound for one that is not his, or over."""

        def work(tx: Tx) -> None:
            if ident not in {row.id for row in self._open_of(tx, actor.login)}:
                raise NotFound(f"{actor.login} has no session {ident[:40]!r}", "no_such_session")
            session_rows.end(tx, ident, to_us(self.clock.now()))
            enter_access(tx, self.engine, actor.login, "signed_out", actor, session=ident)

        refuse_outside(actor, "admin")
        self.engine.in_transaction(work)

    def _open_of(self, tx: Tx, login: str) -> Sequence[Row]:
        born, seen = self._limits(self.clock.now())
        return session_rows.open_of(tx, login, born, seen)

    def _limits(self, now: datetime) -> tuple[int, int]:
        """The instants after which a session must have begun, and been used."""
        access = self.engine.campaign.doc.sign_in
        return (
            to_us(now - timedelta(hours=access.hours)),
            to_us(now - timedelta(minutes=access.idle_minutes)),
        )

    def _open(self, tx: Tx, secret: str, now: datetime, *, locked: bool = False) -> Row:
        row = session_rows.find(tx, secret, locked=locked)
        born, seen = self._limits(now)
        if (
            row is None
            or row.ended_at is not None
            or not (born < row.created_at and seen < row.seen_at <= to_us(now + AHEAD))
        ):
            raise no_session()
        return row

    def _actor(self, tx: Tx, row: Row) -> Actor:
        """The holder with the posts valid now. Raises Forbidden if he is disabled or nobody any more."""
        people, auth = self.engine.people, f"session:{row.id}"
        try:
            if people.mode == "rehearsal":
                return replace(people.believed(row.login), auth=auth)
            found = people.known(tx, row.login, auth, self.engine.clock.now())
        except Forbidden:
            raise no_session() from None
        refuse_clash(self.engine.campaign, found.login, found.posts)
        return replace(found, vouched_by=row.vouched_by)


def no_session() -> Forbidden:
    """The one answer to a secret that stands for no session, or for one that is over."""
    reason = Reason("session", "登录已失效，请重新登录", "you are signed out; sign in again")
    return Forbidden(reason.en, "no_session", [reason])


def _session(row: Row) -> Session:
    return Session(
        row.id, row.login, row.address, from_us(row.created_at), from_us(row.seen_at),
        from_us(row.stepped_up_at) if row.stepped_up_at is not None else None,
    )  # fmt: skip
