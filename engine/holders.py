"""Who is who, for looking: every person with name and posts."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.clock import to_us
from engine.people import ALL_POSTS, P, People
from engine.store import Statement, Tx

EVERYBODY = Statement(select(P.c.login, P.c.name, P.c.disabled_at).order_by(P.c.login))


def holders(
    tx: Tx, people: People, campaign_id: int, now: datetime, bodies: frozenset[str] | None
) -> list[dict[str, Any]]:
    """Every person with the posts held now, by login; only those with a post at one of *bodies* if these are given.

    In a rehearsal the logins that it believes are there as well.
    """
    posts: dict[str, set[tuple[str, str]]] = {login: set(seats) for login, seats in people.rehearsal.items()}
    for login, body, post in tx.rows(ALL_POSTS, campaign_id=campaign_id, now=to_us(now)):
        posts.setdefault(login, set()).add((body, post))
    known = {login: (name, disabled_at is not None) for login, name, disabled_at in tx.rows(EVERYBODY)}
    found = []
    for login in sorted({*posts, *known}):
        name, disabled = known.get(login, (login, False))
        seats = sorted(posts.get(login, ()))
        if bodies is None or any(body in bodies for body, _ in seats):
            held = [{"body": body, "post": post} for body, post in seats]
            found.append({"login": login, "name": name, "posts": held, "disabled": disabled})
    return found
