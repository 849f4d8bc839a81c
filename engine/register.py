"""The register of persons: who has a login and which posts, searched and paged, and the posts that nobody holds."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select

from engine.access_tables import Credential
from engine.clock import from_us, rfc3339, to_us
from engine.errors import NotFound
from engine.people import ALL_POSTS, holders
from engine.people_tables import Grant, Person
from engine.recovery_codes import left
from engine.service import Engine
from engine.store import Tx
from engine.tables import table_of
from engine.three import three_of

P, G, C = table_of(Person), table_of(Grant), table_of(Credential)

ROWS = 50
"""Persons of a page. PLACEHOLDER"""


class Register:
    """The persons of the database of *engine*, with the posts they hold in its campaign."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def page(self, words: str = "", after: str = "", rows: int = ROWS) -> dict[str, Any]:
        """Those whose login, name or body's code contains *words*, by login, from behind *after*; ``total`` of all such."""
        people = self.engine.people
        if people.mode == "rehearsal":
            found = sorted(login for login, seats in people.rehearsal.items() if _fits(words, login, seats))
            part = [login for login in found if login > after]
            items = [
                _person(login, login, None, active=False, second=False, posts=self._static(login))
                for login in part[:rows]
            ]
            return {"items": items, "total": len(found), "next": part[rows - 1] if len(part) > rows else None}
        with self.engine.database.snapshot() as tx:
            wanted = self._wanted(words)
            ((total,),) = tx.select(select(func.count()).select_from(P).where(*wanted))
            columns = select(
                P.c.login, P.c.name, P.c.disabled_at, C.c.password.is_not(None), C.c.totp_secret.is_not(None)
            )
            some = tx.select(
                columns.select_from(P).join(C, C.c.login == P.c.login, isouter=True)
                .where(*wanted, P.c.login > after).order_by(P.c.login).limit(rows + 1)
            )  # fmt: skip
            seats = self._seats(tx, [row[0] for row in some[:rows]])
        items = [
            _person(row[0], row[1], row[2], active=bool(row[3]), second=bool(row[4]), posts=seats.get(row[0], []))
            for row in some[:rows]
        ]
        return {"items": items, "total": total, "next": some[rows - 1][0] if len(some) > rows else None}

    def one(self, login: str) -> dict[str, Any]:
        """One person with every post that was ever given to him. Raises NotFound."""
        people = self.engine.people
        if people.mode == "rehearsal" and login in people.rehearsal:
            return _person(login, login, None, active=False, second=False, posts=self._static(login))
        with self.engine.database.snapshot() as tx:
            columns = select(
                P.c.login, P.c.name, P.c.disabled_at, C.c.password.is_not(None), C.c.totp_secret.is_not(None),
                C.c.issued_by, C.c.confirmed_by,
            )  # fmt: skip
            found = tx.select(
                columns.select_from(P).join(C, C.c.login == P.c.login, isouter=True).where(P.c.login == login)
            )
            if not found:
                raise NotFound(f"nobody has the login {login!r}", "no_login")
            said = _person(
                found[0][0], found[0][1], found[0][2], active=bool(found[0][3]), second=bool(found[0][4]),
                posts=self._seats(tx, [login], ended=True).get(login, []),
            )  # fmt: skip
            begun_by = found[0][5] if found[0][6] is None else None
            return {**said, "recovery_codes": left(tx, login), "begun_by": begun_by}

    def vacant(self) -> list[dict[str, str]]:
        """The posts that nobody holds now, in the campaign's order."""
        people, now_us = self.engine.people, to_us(self.engine.clock.now())
        if people.mode == "rehearsal":
            return []
        with self.engine.database.snapshot() as tx:
            held = {(body, post) for _, body, post in tx.rows(ALL_POSTS, campaign_id=people.campaign_id, now=now_us)}
        bodies = self.engine.campaign.doc.bodies
        return [
            {"body": body.code, "post": post} for body in bodies for post in body.posts if (body.code, post) not in held
        ]

    def three(self) -> list[dict[str, Any]]:
        """The three administrators with who holds each post; none in a campaign that names none."""
        three, now = three_of(self.engine.campaign), self.engine.clock.now()
        if three is None:
            return []
        with self.engine.database.snapshot() as tx:
            return [
                {"body": body, "post": post, "holders": holders(self.engine.people, tx, (body, post), now)}
                for body, post in sorted(three.seats())
            ]

    def _wanted(self, words: str) -> list[ColumnElement[bool]]:
        if not words:
            return []
        now_us = to_us(self.engine.clock.now())
        held = exists().where(
            G.c.campaign_id == self.engine.campaign.id, G.c.login == P.c.login, G.c.valid_from <= now_us,
            or_(G.c.valid_to.is_(None), G.c.valid_to > now_us), G.c.body.contains(words, autoescape=True),
        )  # fmt: skip
        return [or_(P.c.login.contains(words, autoescape=True), P.c.name.contains(words, autoescape=True), held)]

    def _seats(self, tx: Tx, logins: list[str], *, ended: bool = False) -> Mapping[str, list[dict[str, Any]]]:
        now_us = to_us(self.engine.clock.now())
        columns = select(G.c.login, G.c.body, G.c.post, G.c.valid_from, G.c.valid_to, G.c.granted_by)
        wanted = columns.where(G.c.campaign_id == self.engine.campaign.id, G.c.login.in_(logins)).order_by(G.c.id)
        found: dict[str, list[dict[str, Any]]] = {}
        for login, body, post, since, until, by in tx.select(wanted) if logins else ():
            over = until is not None and until <= now_us
            if ended or not over:
                found.setdefault(login, []).append(_seat(body, post, since, until, by, over=over))
        return found

    def _static(self, login: str) -> list[dict[str, Any]]:
        return [_seat(*seat, None, None, None, over=False) for seat in sorted(self.engine.people.rehearsal[login])]


def _fits(words: str, login: str, seats: Iterable[tuple[str, str]]) -> bool:
    return words in login or any(words in body for body, _ in seats)


def _seat(body: str, post: str, since: int | None, until: int | None, by: str | None, *, over: bool) -> dict[str, Any]:
    return {
        "body": body, "post": post, "from": rfc3339(from_us(since)) if since is not None else None,
        "until": rfc3339(from_us(until)) if until is not None else None, "granted_by": by, "over": over,
    }  # fmt: skip


def _person(
    login: str, name: str, disabled_at: int | None, active: bool, second: bool, posts: list[dict[str, Any]]
) -> dict[str, Any]:  # fmt: skip
    return {
        "login": login, "name": name, "disabled_at": rfc3339(from_us(disabled_at)) if disabled_at is not None else None,
        "activated": bool(active), "second_factor": bool(second), "posts": posts, "recovery_codes": 0, "begun_by": None,
    }  # fmt: skip
