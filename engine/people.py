"""Who is who: logins, the posts they hold at bodies, tokens, and whom a message for a post reaches."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from engine.campaign_schema import CampaignDoc
from engine.clock import rfc3339, to_us
from engine.credentials import KNOWN
from engine.delegations import Standing, seconds, standing
from engine.errors import Forbidden, Invalid, NotFound
from engine.ids import new_id
from engine.logins import must_be_a_person
from engine.orders import Actor
from engine.people_tables import Grant, Person, Token
from engine.roster import known_at
from engine.scopes import stored
from engine.spellings import refuse_taken
from engine.store import Statement, Tx
from engine.tables import table_of

P, G, T = (table_of(model) for model in (Person, Grant, Token))

TOKEN_DAYS = 90
"""Longest life of a personal token, in days. PLACEHOLDER"""

PERSON = Statement(select(P.c.login, P.c.disabled_at).where(P.c.login == bindparam("login")))
POSTS_OF = Statement(
    select(G.c.body, G.c.post).where(
        G.c.campaign_id == bindparam("campaign_id"),
        G.c.login == bindparam("login"),
        G.c.valid_from <= bindparam("now"),
        or_(G.c.valid_to.is_(None), G.c.valid_to > bindparam("now")),
    )
)
ALL_POSTS = Statement(
    select(G.c.login, G.c.body, G.c.post)
    .join(P, P.c.login == G.c.login)
    .where(
        G.c.campaign_id == bindparam("campaign_id"),
        P.c.disabled_at.is_(None),
        G.c.valid_from <= bindparam("now"),
        or_(G.c.valid_to.is_(None), G.c.valid_to > bindparam("now")),
    )
    .order_by(G.c.login)
)
KEEPERS = Statement(
    select(G.c.campaign_id, G.c.body, G.c.login, G.c.valid_to)
    .join(P, P.c.login == G.c.login)
    .where(
        G.c.post == bindparam("post"),
        P.c.disabled_at.is_(None),
        G.c.valid_from <= bindparam("now"),
        or_(G.c.valid_to.is_(None), G.c.valid_to > bindparam("now")),
    )
    .order_by(G.c.id),
    lock="lock_matter",
)
"""Who holds a post anywhere, and locked, so that two of them cannot disable each other at the same moment."""

TOKEN = Statement(
    select(T.c.login, T.c.hash, T.c.expires_at, T.c.revoked_at, T.c.scope, T.c.issued_by).where(
        T.c.id == bindparam("id")
    )
)
ADD_PERSON = Statement(insert(P), [column.name for column in P.columns])
ADD_GRANT = Statement(insert(G), [column.name for column in G.columns])
ADD_TOKEN = Statement(insert(T), [column.name for column in T.columns])
DISABLE = Statement(update(P).where(P.c.login == bindparam("b_login")).values(disabled_at=bindparam("at")))
REVOKE = Statement(
    update(T).where(T.c.login == bindparam("b_login"), T.c.revoked_at.is_(None)).values(revoked_at=bindparam("at"))
)


def rehearsal_logins(doc: CampaignDoc) -> dict[str, frozenset[tuple[str, str]]]:
    """The logins that a rehearsal believes: ``CODE.post`` for every post of every body, and the campaign's own."""
    logins = {f"{body.code}.{post}": frozenset({(body.code, post)}) for body in doc.bodies for post in body.posts}
    for login, seats in doc.logins.items():
        logins[login] = frozenset((seat.body, seat.post) for seat in seats)
    return logins


class Directory:
    """Who holds which post at one moment."""

    def __init__(self, holders: Iterable[tuple[str, str, str]]) -> None:
        self._at: dict[tuple[str, str], list[str]] = {}
        self._of: dict[tuple[str, str], list[str]] = {}
        for login, body, post in holders:
            self._at.setdefault((body, post), []).append(login)
            self._of.setdefault((login, body), []).append(post)
        self.logins = frozenset(login for logins in self._at.values() for login in logins)

    def posts_at(self, login: str, body: str) -> Sequence[str]:
        """The posts of *body* at which *login* is reached."""
        return self._of.get((login, body), ())

    def held(self) -> Set[tuple[str, str]]:
        """The posts that anybody holds, each with its body before it."""
        return self._at.keys()

    def reach(self, body: str, posts: Iterable[str]) -> list[str]:
        """The logins of the first of *posts* that anybody holds at *body*; else the first post's own address."""
        wanted = list(posts)
        for post in wanted:
            if (body, post) in self._at:
                return self._at[body, post]
        return [f"{body}.{wanted[0]}"] if wanted else []


class People:
    """The persons of a database, seen for one campaign."""

    def __init__(self, doc: CampaignDoc, campaign_id: int, mode: str) -> None:
        self.campaign_id = campaign_id
        self.mode = mode
        self.rehearsal: Mapping[str, frozenset[tuple[str, str]]] = rehearsal_logins(doc) if mode == "rehearsal" else {}
        self._static = (
            Directory(
                (login, body, post) for login, seats in sorted(self.rehearsal.items()) for body, post in sorted(seats)
            )
            if mode == "rehearsal"
            else None
        )
        self.bodies = {body.code: frozenset(body.posts) for body in doc.bodies}

    def directory(self, tx: Tx, now: datetime) -> Directory:
        """Who holds which post now, whoever stands in for a holder behind him; read once a transaction."""
        if "directory" not in tx.memo:
            tx.memo["directory"] = known_at(
                tx, "directory", self.campaign_id, self, to_us(now), lambda: self._directory(tx, now)
            )
        found: Directory = tx.memo["directory"]
        return found

    def _directory(self, tx: Tx, now: datetime) -> Directory:
        stand_ins = self.standing(tx, now)
        if self._static is not None and not stand_ins:
            return self._static
        if self._static is not None:
            rows = [(login, *seat) for login, seats in sorted(self.rehearsal.items()) for seat in sorted(seats)]
        else:
            found = tx.rows(ALL_POSTS, campaign_id=self.campaign_id, now=to_us(now))
            rows = [(login, body, post) for login, body, post in found]
        return Directory([*rows, *seconds(rows, stand_ins)])

    def standing(self, tx: Tx, now: datetime) -> list[Standing]:
        """Who stands in for whom now."""
        return standing(tx, self.campaign_id, to_us(now), self.rehearsal if self._static is not None else None)

    def posts_of(self, tx: Tx, login: str, now: datetime) -> frozenset[tuple[str, str]]:
        """The posts that *login* holds itself now; none for somebody who is disabled or unknown."""
        if self._static is not None:
            return self.rehearsal.get(login, frozenset())
        row = tx.row(PERSON, login=login)
        if row is None or row[1] is not None:
            return frozenset()
        return frozenset(
            (body, post) for body, post in tx.rows(POSTS_OF, campaign_id=self.campaign_id, login=login, now=to_us(now))
        )

    def believed(self, login: str) -> Actor:
        """The actor behind a login of a rehearsal. Raises Forbidden for a login that no post of the campaign has."""
        if login not in self.rehearsal:
            raise Forbidden(f"nobody here has the login {login!r}", "unknown_login")
        return Actor(login, "rehearsal", self.rehearsal[login])

    def known(self, tx: Tx, login: str, auth: str, now: datetime, key: str = "") -> Actor:
        """The actor behind a person's login with the posts valid now. Raises Forbidden if unknown or disabled."""
        row = tx.row(KNOWN, login=login)
        if row is None or row[1] is not None:
            raise Forbidden(f"nobody here may act as {login!r}", "unknown_login")
        posts = tx.rows(POSTS_OF, campaign_id=self.campaign_id, login=login, now=to_us(now))
        begun_by = row[2] if row[3] is None else None
        return Actor(login, auth, frozenset((body, post) for body, post in posts), key, issued_by=begun_by)

    def by_token(self, tx: Tx, secret: str, now: datetime) -> Actor:
        """The actor behind a personal token. Raises Forbidden with one message for every way to be wrong."""
        refusal = Forbidden("the token is not valid; ask for a new one: duban user token LOGIN", "bad_token")
        ident = token_ident(secret.strip())
        row = tx.row(TOKEN, id=ident) if ident else None
        if row is None or not hmac.compare_digest(row[1], token_hash(secret.strip())):
            raise refusal
        login, _, expires_at, revoked_at, scope, issued_by = row
        if revoked_at is not None or expires_at <= to_us(now):
            raise refusal
        found = self.known(tx, login, f"token:{ident}", now)
        return replace(found, scope=stored(scope), vouched_by=issued_by)

    def add(self, tx: Tx, login: str, name: str, now: datetime) -> None:
        """Add a person. Raises Invalid for a login or name that is none, Conflict for a login that is taken."""
        must_be_a_person(login, name)
        refuse_taken(tx, login)
        tx.write(ADD_PERSON, {"login": login, "name": name, "created_at": to_us(now), "disabled_at": None})
        refuse_taken(tx, login, {login})  # by who adds another spelling at this moment

    def grant(
        self, tx: Tx, login: str, body: str, post: str, by: str, now: datetime, valid_to: datetime | None = None
    ) -> None:
        """Give a post. Raises NotFound or Invalid as `must_be_grantable` does."""
        self.must_be_grantable(tx, login, body, post, now, valid_to)
        values = {
            "id": new_id(), "campaign_id": self.campaign_id, "login": login, "body": body, "post": post,
            "valid_from": to_us(now), "valid_to": to_us(valid_to) if valid_to else None, "granted_by": by,
        }  # fmt: skip
        tx.write(ADD_GRANT, values)

    def must_be_grantable(
        self, tx: Tx, login: str, body: str, post: str, now: datetime, valid_to: datetime | None
    ) -> None:
        """Raise NotFound for nobody's login or no body, Invalid for no post of it or a time that is past."""
        self._must_exist(tx, login)
        if valid_to is not None and valid_to <= now:
            raise Invalid(
                f"until {rfc3339(valid_to)} is past (now {rfc3339(now)}): a post is held from now on", "until_past"
            )
        if body not in self.bodies:
            raise NotFound(f"no body {body!r} in this campaign; there are: {', '.join(sorted(self.bodies))}", "no_body")
        if post not in self.bodies[body]:
            raise Invalid(
                f"{body} has no post {post!r}; it has: {', '.join(sorted(self.bodies[body])) or 'none'}", "no_post"
            )

    def token(
        self, tx: Tx, login: str, days: int, now: datetime, scope: str | None = None, issued_by: str | None = None
    ) -> tuple[str, str, datetime]:
        """Make a token for *login*; return it (this once only), its id and when it ends.

        *scope* are the names of what it is for, None everything; *issued_by* who else has had it in hand.
        """
        row = tx.row(PERSON, login=login)
        if row is None or row[1] is not None:
            raise NotFound(f"nobody has the login {login!r}, or it is disabled", "no_login")
        if not 1 <= days <= TOKEN_DAYS:
            raise Invalid(f"a token lives 1 to {TOKEN_DAYS} days", "days")
        ident = secrets.token_hex(4)
        secret = f"db_{ident}_{secrets.token_urlsafe(32)}"
        expires_at = now + timedelta(days=days)
        values: dict[str, Any] = {"id": ident, "login": login, "hash": token_hash(secret), "created_at": to_us(now)}
        tx.write(ADD_TOKEN, {**values, "expires_at": to_us(expires_at), "revoked_at": None, "scope": scope,
                             "issued_by": issued_by, "last_used_at": None})  # fmt: skip
        return secret, ident, expires_at

    def disable(self, tx: Tx, login: str, now: datetime) -> None:
        """Disable a person and revoke every token; effective with the next order."""
        self._must_exist(tx, login)
        tx.write(DISABLE, {"b_login": login, "at": to_us(now)})
        self.revoke(tx, login, now)

    def revoke(self, tx: Tx, login: str, now: datetime) -> None:
        """Revoke every token of a person."""
        tx.write(REVOKE, {"b_login": login, "at": to_us(now)})

    def last_of(self, tx: Tx, post: str, login: str, now: datetime) -> str | None:
        """The body, of any campaign, where nobody but *login* holds *post* without an end; None if *login* may go."""
        others: dict[tuple[int, str], bool] = {}
        rows = tx.rows(KEEPERS, post=post, now=to_us(now))
        for campaign_id, body, holder, valid_to in rows:
            others[campaign_id, body] = others.get((campaign_id, body), False) or (holder != login and valid_to is None)
        held = [(campaign_id, body) for campaign_id, body, holder, _ in rows if holder == login]
        return next((body for campaign_id, body in held if not others[campaign_id, body]), None)

    def exists(self, tx: Tx, login: str) -> bool:
        """Say whether somebody has this login."""
        return login in self.rehearsal or tx.row(PERSON, login=login) is not None

    def _must_exist(self, tx: Tx, login: str) -> None:
        if tx.row(PERSON, login=login) is None:
            raise NotFound(f"nobody has the login {login!r}", "no_login")


def holders(people: People, tx: Tx, seat: tuple[str, str], now: datetime) -> list[str]:
    """Who holds *seat* himself now and is not disabled, each once."""
    if people.mode == "rehearsal":
        return sorted(login for login, seats in people.rehearsal.items() if seat in seats)
    rows = tx.rows(ALL_POSTS, campaign_id=people.campaign_id, now=to_us(now))
    return sorted({login for login, body, post in rows if (body, post) == seat})


_TOKEN = re.compile(r"db_([0-9a-f]{8})_[A-Za-z0-9_-]{43}", re.ASCII)


def token_ident(secret: str) -> str | None:
    """The token that a secret names; None if it does not have the form of one."""
    found = _TOKEN.fullmatch(secret)
    return found[1] if found else None


def token_hash(secret: str) -> str:
    """What is kept of a token: of 256 random bits a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
