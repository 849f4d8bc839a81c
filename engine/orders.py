"""What an actor may ask of the engine, and who an actor is."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from engine.canonical import canonical


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: *posts* are the (body, post) pairs valid now, *auth* is how we know, *key* is the human behind the login.

    *vouched_by* is who else may hold what *auth* rests on: whoever made the token, or chose the password. Separation of
    duties takes both for one person. *issued_by* gave out the code by which the account was begun, as long as nobody else
    has confirmed that it is its holder's: whatever that one does, this actor is no second person to. *scope* narrows a
    token; None is everything its owner may.
    """

    login: str
    auth: str
    posts: frozenset[tuple[str, str]] = frozenset()
    key: str = ""
    on_behalf_of: str | None = None
    vouched_by: str | None = None
    issued_by: str | None = None
    scope: frozenset[str] | None = None

    @property
    def body(self) -> str | None:
        """The body the actor speaks for: the first of the login's posts."""
        return min(self.posts)[0] if self.posts else None

    @property
    def person(self) -> str:
        return self.key or self.login

    @property
    def trace(self) -> str:
        """Who an act is ascribed to, blank by blank: the person, the login under which he acts, for whom it was done.

        Behind a mark stands who began the account, while nobody has confirmed it.
        """
        return hands(self.person, self.login, self.on_behalf_of, self.vouched_by, begun_by(self.issued_by))

    @property
    def persons(self) -> frozenset[str]:
        """Everybody who acts in this actor: separation of duties looks at each of them."""
        return parted(self.trace)[0]

    def had_a_hand_in(self, trace: str | None) -> bool:
        """Say whether one of them did what is ascribed to *trace*, or began the account of who did, or the other way round."""
        if trace is None:
            return False
        (mine, began_me), (theirs, began_them) = parted(self.trace), parted(trace)
        return not (mine.isdisjoint(theirs | began_them) and theirs.isdisjoint(began_me))

    def one_with(self, trace: str) -> bool:
        """The same, and also where one and the same person began both accounts: he could sit behind either of them.

        Two-person rules of administration ask this: posts, keys, campaigns, machines, the vault.
        """
        return self.had_a_hand_in(trace) or not parted(self.trace)[1].isdisjoint(parted(trace)[1])


BEGAN = "<"
"""Stands before who began an account, in a trace. No login has this sign."""


def begun_by(issuer: str | None) -> str | None:
    """Who began an account, as a trace has it."""
    return BEGAN + issuer if issuer else None


def parted(trace: str) -> tuple[frozenset[str], frozenset[str]]:
    """Who acts, and who began the accounts of those."""
    names = trace.split()
    began = {name.removeprefix(BEGAN) for name in names if name.startswith(BEGAN)}
    return frozenset(name for name in names if not name.startswith(BEGAN)), frozenset(began)


@lru_cache(maxsize=1024)
def hands(*names: str | None) -> str:
    """Everybody who has a hand in an act, each once, with blanks between."""
    return " ".join(dict.fromkeys(each for each in names if each))


SYSTEM = Actor("system", "system", key="system")
"""Timers and signals act under this name; its acts are visibly different from a person's."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document whose bytes are already in the content store."""

    kind: str
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What every order has: facts it states, documents it brings, why, when it happened, and its request id."""

    facts: dict[str, Any] = field(default_factory=dict)
    documents: tuple[Document, ...] = ()
    reason: str | None = None
    occurred_at: datetime | None = None
    request_id: str | None = None

    def content(self) -> str:
        """The canonical content of the order, for telling a repeated request from another one with its id."""
        said = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "request_id"}
        if "copy_to" in said:
            said["copy_to"] = sorted(said["copy_to"])
        said["documents"] = [[paper.kind, paper.sha256] for paper in self.documents]
        said["occurred_at"] = self.occurred_at.isoformat() if self.occurred_at else None
        return canonical([type(self).__name__, {key: value for key, value in said.items() if value is not None}])


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Order):
    """Open a matter of *kind* for *body*."""

    kind: str
    body: str | None = None
    title: str | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Do(Order):
    """Fire *trigger* on the matter *ref*, if it still is at *if_version*."""

    ref: str
    trigger: str
    if_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct(Order):
    """Correct facts of *ref* by a new entry; the old entry stays. *approved_by* is the second person, where one is needed."""

    ref: str
    if_version: int | None = None
    approved_by: Actor | None = None

    def content(self) -> str:
        """The content with the approver's login in the place of the approver."""
        who = self.approved_by.login if self.approved_by else None
        return Order.content(replace(self, approved_by=None)) + (f" {who}" if who else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach(Order):
    """Bring documents to *ref* without a move."""

    ref: str
    if_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend(Order):
    """Put off the deadline *deadline* of *ref*, to the day *until* where its rule leaves the day free."""

    ref: str
    deadline: str
    until: str | None = None
    if_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Urge(Order):
    """Press the body of *ref*; the words are the order's reason."""

    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(Order):
    """Put words on the record of *ref*, the order's reason, and tell the bodies *copy_to* of it (抄送)."""

    ref: str
    copy_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack(Order):
    """Acknowledge the notice with the id *notice*; `engine.notice_desk` carries it out, since it concerns no matter's state."""

    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Order):
    """Stop the clock of the deadline *deadline* of *ref*, by the arrow its definition has for that."""

    ref: str
    deadline: str
    if_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Order):
    """Let the paused clock *deadline* of *ref* run on, by the arrow its definition has for that."""

    ref: str
    deadline: str
    if_version: int | None = None
