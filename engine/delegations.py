"""Standing in (委托): which delegations are in force at a moment, and what follows from them.

A delegation is in force while it has begun and not ended, its delegator still holds the post by a grant he held when it
was made, the delegate still holds a post of his own that he held then, and neither is disabled. Nobody passes on what he
only stands in for: a delegation rests on a grant, never on another delegation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, exists, or_, select

from engine.orders import Actor
from engine.people_tables import Delegation, Grant, Person
from engine.store import Statement, Tx
from engine.tables import table_of

D, G, P = (table_of(model) for model in (Delegation, Grant, Person))

GIVEN, OWN = G.alias("given"), G.alias("own")


def _held(grant: FromClause) -> ColumnElement[bool]:
    """A grant that was there when the delegation was made, and still is."""
    return and_(
        grant.c.campaign_id == D.c.campaign_id,
        grant.c.valid_from <= D.c.made_at,
        or_(grant.c.valid_to.is_(None), grant.c.valid_to > bindparam("now")),
    )


_RUNNING = (
    D.c.campaign_id == bindparam("campaign_id"),
    D.c.ended_at.is_(None),
    D.c.valid_from <= bindparam("now"),
    D.c.valid_to > bindparam("now"),
)
_COLUMNS = (D.c.delegator, D.c.delegate, D.c.body, D.c.post)

RUNNING = Statement(select(*_COLUMNS).where(*_RUNNING).order_by(D.c.id))
"""By their own dates alone: in a rehearsal posts are not granted but believed."""

IN_FORCE = Statement(
    select(*_COLUMNS)
    .where(
        *_RUNNING,
        exists().where(
            _held(GIVEN), GIVEN.c.login == D.c.delegator, GIVEN.c.body == D.c.body, GIVEN.c.post == D.c.post
        ),
        exists().where(_held(OWN), OWN.c.login == D.c.delegate),
        ~exists().where(P.c.login.in_((D.c.delegator, D.c.delegate)), P.c.disabled_at.is_not(None)),
    )
    .order_by(D.c.id)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """*delegate* stands in for *delegator* at one post of a body."""

    delegator: str
    delegate: str
    body: str
    post: str


def standing(
    tx: Tx, campaign_id: int, now_us: int, believed: Mapping[str, frozenset[tuple[str, str]]] | None
) -> list[Standing]:
    """The delegations in force; *believed* are the posts of a rehearsal, None in production."""
    rows = tx.rows(IN_FORCE if believed is None else RUNNING, campaign_id=campaign_id, now=now_us)
    found = [Standing(*row) for row in rows]
    if believed is None:
        return found
    return [
        each
        for each in found
        if (each.body, each.post) in believed.get(each.delegator, ()) and each.delegate in believed
    ]


def seconds(rows: Iterable[tuple[str, str, str]], stand_ins: Iterable[Standing]) -> list[tuple[str, str, str]]:
    """Whoever stands in, as a holder behind those in *rows*: he is told as well as the absent holder, never twice."""
    told = set(rows)
    found = []
    for each in stand_ins:
        row = (each.delegate, each.body, each.post)
        if row not in told:
            told.add(row)
            found.append(row)
    return found


def deputies(actor: Actor, stand_ins: Sequence[Standing]) -> dict[str, Actor]:
    """Whom *actor* may act for: by each delegator the actor he is then, with the posts given to him and none of his own."""
    if actor.on_behalf_of is not None:
        return {}
    posts: dict[str, set[tuple[str, str]]] = {}
    for each in stand_ins:
        if each.delegate == actor.login:
            posts.setdefault(each.delegator, set()).add((each.body, each.post))
    return {who: replace(actor, posts=frozenset(given), on_behalf_of=who) for who, given in sorted(posts.items())}
