"""The one road: every change is an order, and every order is one transaction."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from engine.adjusting import pause, resume
from engine.amending import attach, correct, extend
from engine.campaign import Campaign
from engine.clock import Clock
from engine.commenting import comment
from engine.convoy import Convoy
from engine.delegations import deputies
from engine.desk import Desk
from engine.errors import DubanError, Forbidden, Invalid, Reason
from engine.factor_seal import FactorSeal
from engine.facts import MAX_TEXT
from engine.moving import do
from engine.opening import open_matter
from engine.orders import SYSTEM, Actor, Attach, Comment, Correct, Do, Extend, Open, Order, Pause, Resume, Urge
from engine.outcome import Outcome
from engine.people import People
from engine.scopes import refuse_outside
from engine.start_events import FUTURE_TOLERANCE
from engine.store import Database, Tx
from engine.transacting import transact
from engine.urging import urge
from engine.vault import Vault, names_secret

if TYPE_CHECKING:
    from engine.timekeeping import Timekeeper

T = TypeVar("T")

RESERVED = ("campaign:", "chore:", "mig:", "return:")
"""How the request ids begin of what the campaign opens, of its returns and chores, and of migrations."""

LONGEST_REQUEST_ID = 200
"""Characters of a request id. PLACEHOLDER"""


class Engine:
    """Take orders for one campaign of one database.

    *poke*, if set, is called after every order; *watch* with the ids of the matters that a transaction has changed;
    *refresh* when calendar or campaign turn out to be of yesterday; *guard* before anything is written; *timekeeper*
    refuses what a stepped clock would date; *vault* gives what seals who reported, when an order says it; *factors* what
    seals second factors.
    """

    def __init__(self, database: Database, campaign: Campaign, people: People, clock: Clock) -> None:
        self.database = database
        self.campaign = campaign
        self.people = people
        self.clock = clock
        self.poke: Callable[[], None] | None = None
        self.refresh: Callable[[], object] | None = None
        self.watch: Callable[[Sequence[int]], None] | None = None
        self.guard: Callable[[], None] | None = None
        self.timekeeper: Timekeeper | None = None
        self.vault: Callable[[], Vault] = Vault
        self.factors: Callable[[], FactorSeal] = FactorSeal
        self._convoy = Convoy(database, self._transact, self._committed) if database.one_writer else None

    def execute(self, order: Order, actor: Actor) -> Outcome:
        """Carry out *order*, and commit. Raises a DubanError and changes nothing if it is refused.

        With one writer at a time, orders of several threads that wait for it share a commit.
        """
        self._look_first()
        carry = self._convoy.carry if self._convoy is not None else self._transact
        outcome: Outcome = carry(lambda tx: self.run(tx, order, actor))
        if self.poke is not None:
            self.poke()
        return outcome

    def in_transaction(self, work: Callable[[Tx], T]) -> T:
        """Run *work* in a transaction, again if it met another at a key or in a deadlock."""
        self._look_first()
        return self._transact(work)

    def _look_first(self) -> None:
        """Raise what keeps anything from being written now."""
        if self.guard is not None:
            self.guard()
        if self.timekeeper is not None:
            self.timekeeper.refuse()

    def _transact(self, work: Callable[[Tx], T]) -> T:
        done, tx = transact(self.database, work, self.refresh)
        self._committed(tx)
        return done

    def _committed(self, tx: Tx) -> None:
        if self.watch is not None:
            self.watch(tx.changed)

    def run(self, tx: Tx, order: Order, actor: Actor) -> Outcome:
        """Carry out *order* inside *tx*, the caller's transaction; all checks come before the first write."""
        refuse_outside(actor, "act")
        desk = Desk(self.campaign, self.people, tx, self.clock.now(), actor)
        if self.timekeeper is not None:
            self.timekeeper.refuse_within()
        _check(order, desk.now)
        _refuse_reserved(order, actor)
        self._refuse_ended(tx, actor)
        if names_secret(tx, self.campaign, order):
            order = self.vault().sealed(tx, self.campaign, order, desk.now)
        for kind, carry_out in ROADS.items():
            if isinstance(order, kind):
                return carry_out(desk, order)
        raise DubanError(f"no such order: {type(order).__name__}")

    def _refuse_ended(self, tx: Tx, actor: Actor) -> None:
        """Raise Forbidden if the delegation by which *actor* acts has ended since it was looked up."""
        if actor.on_behalf_of is None:
            return
        own = replace(actor, on_behalf_of=None)
        found = deputies(own, self.people.standing(tx, self.clock.now())).get(actor.on_behalf_of)
        if found is None or not actor.posts <= found.posts:
            reason = Reason("delegation", "委托已终止", "the delegation has ended")
            raise Forbidden(
                f"{actor.login} may not act for {actor.on_behalf_of}: {reason.en}", "no_delegation", [reason]
            )


ROADS: dict[type[Order], Callable[[Desk, Any], Outcome]] = {
    Do: do,
    Open: open_matter,
    Correct: correct,
    Attach: attach,
    Extend: extend,
    Urge: urge,
    Comment: comment,
    Pause: pause,
    Resume: resume,
}
"""Which function carries out which order."""


_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_TEXTS = {
    kind: tuple(name for name, spec in kind.__dataclass_fields__.items() if spec.type in (str, str | None))
    for kind in ROADS
}
"""The texts of each order."""


def _check(order: Order, now: datetime) -> None:
    if order.occurred_at is not None and order.occurred_at > now + FUTURE_TOLERANCE:
        raise Invalid(
            f"occurred_at {order.occurred_at.isoformat()} lies in the future (now {now.isoformat()})", "future"
        )
    if order.request_id is not None and not 1 <= len(order.request_id) <= LONGEST_REQUEST_ID:
        raise Invalid(f"a request id has 1 to {LONGEST_REQUEST_ID} characters", "request_id")
    for name in _TEXTS[type(order)]:
        said = getattr(order, name)
        if said and not _writable(said):
            raise Invalid(
                f"{name}: at most {MAX_TEXT} characters of Unicode, no control characters or marks that turn the reading direction",
                "bad_text",
            )


def _refuse_reserved(order: Order, actor: Actor) -> None:
    """Raise Invalid for a request id that the system's own acts go by: taken by somebody, that act would never be done."""
    if order.request_id is not None and order.request_id.startswith(RESERVED) and actor.person != SYSTEM.person:
        raise Invalid(
            f"request ids that begin with {order.request_id.partition(':')[0]}: are the system's own", "request_id"
        )


def _writable(text: str) -> bool:
    """Say whether both databases and the record can keep *text*: no NUL, no half of a surrogate pair, not too long."""
    return len(text) <= MAX_TEXT and (text.isprintable() or _UNWRITABLE.search(text) is None)
