"""Who operates the database server, and whether an office can still help itself: its administrators with a token that holds."""

from datetime import datetime

from sqlalchemy import bindparam, or_, select, text

from engine.clock import to_us
from engine.people_tables import Grant, Person, Token
from engine.store import Database, Statement, Tx
from engine.tables import table_of

P, G, T = (table_of(model) for model in (Person, Grant, Token))

ABLE = Statement(
    select(T.c.login)
    .join(P, P.c.login == T.c.login)
    .join(G, G.c.login == T.c.login)
    .where(
        G.c.campaign_id == bindparam("campaign_id"),
        G.c.body == bindparam("body"),
        G.c.post == bindparam("post"),
        P.c.disabled_at.is_(None),
        G.c.valid_from <= bindparam("now"),
        or_(G.c.valid_to.is_(None), G.c.valid_to > bindparam("now")),
        T.c.revoked_at.is_(None),
        T.c.expires_at > bindparam("now"),
        or_(T.c.last_used_at.is_not(None), T.c.issued_by.is_(None), T.c.issued_by.not_like("os:%")),
    )
    .group_by(T.c.login)
    .order_by(T.c.login)
)


def operator_of(database: Database, tx: Tx) -> str | None:
    """The database role under which we came, if the tables are its own; None for any other, and where there is no server."""
    rows = tx.select(text(database.wire.operator))
    return str(rows[0][0]) if rows and rows[0][0] else None


def able(tx: Tx, campaign_id: int, body: str, post: str, now: datetime) -> list[str]:
    """Who holds the post at the body and has a token that holds.

    The one that the beginning of the production showed does not count until it was shown to us once: whoever was to see it
    may never have, because the beginning was cut off before it came out.
    """
    rows = tx.rows(ABLE, campaign_id=campaign_id, body=body, post=post, now=to_us(now))
    return [login for (login,) in rows]
