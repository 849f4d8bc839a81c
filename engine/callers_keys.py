"""The keys by which a program sends an order again: each caller has his own, and meets nobody else's."""

from sqlalchemy import bindparam, select

from engine.errors import Invalid
from engine.orders import Actor
from engine.rows import E
from engine.service import RESERVED, Engine
from engine.store import Statement

LONGEST_KEY = 128
"""Characters of a key; with the login before it it is a request id still. PLACEHOLDER"""

SENT_BY = Statement(
    select(E.c.actor).where(E.c.campaign_id == bindparam("campaign_id"), E.c.request_id == bindparam("request_id"))
)


def own_request(engine: Engine, actor: Actor, key: str | None) -> str | None:
    """The request id that *key* is for *actor*: ``LOGIN/KEY``, so that the same word of another caller is another order.

    A key under which he was answered before keys were told apart, or on the command line, stays what it was. Raises Invalid
    for a key that is empty or too long, or could not be looked for: with a NUL, or half a character.
    """
    if key is None or key.startswith(RESERVED):  # the latter is refused by the engine
        return key
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise Invalid(f"a key has 1 to {LONGEST_KEY} printable characters", "request_id")
    with engine.database.snapshot() as tx:
        row = tx.row(SENT_BY, campaign_id=engine.campaign.id, request_id=key)
    return key if row is not None and row[0] == actor.login else f"{actor.login}/{key}"
