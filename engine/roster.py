"""Who is who, known from one transaction to the next, and read anew only after somebody has changed it.

Whatever writes to the tables of people moves a stamp in its own transaction (engine/store.py sees to that); an order
reads the stamp with its first read. What may be done is never decided by what is known here, only who is told and how.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from sqlalchemy import bindparam, func, select, union_all

from engine.people_tables import Delegation, Grant
from engine.publishing import get_meta
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.who import WHO

T = TypeVar("T")

G, D = table_of(Grant), table_of(Delegation)

NEXT_EDGE = Statement(
    union_all(
        *(
            select(func.min(column)).where(table.c.campaign_id == bindparam("campaign_id"), column > bindparam("now"))
            for table in (G, D)
            for column in (table.c.valid_from, table.c.valid_to)
        )
    )
)
"""When the next post or delegation begins or ends by its own dates."""

NEVER = 2**62
"""Later than every instant, in microseconds."""


def note(tx: Tx, state: Iterable[tuple[str, str]] | Mapping[str, str]) -> None:
    """Remember the stamp, if it is among the properties that were read."""
    tx.memo[WHO] = dict(state).get(WHO, "")


def known(tx: Tx, what: str, campaign_id: int, read: Callable[[], T]) -> T:
    """What *read* gives, or gave under the stamp that still holds."""
    stamp = _stamp(tx)
    found: tuple[str, T] | None = tx.lasting.get((what, campaign_id))
    if found is not None and found[0] == stamp:
        return found[1]
    fresh = read()
    if stamp is not None:
        tx.lasting[what, campaign_id] = stamp, fresh
    return fresh


def known_at(tx: Tx, what: str, campaign_id: int, owner: object, now_us: int, read: Callable[[], T]) -> T:
    """The same for what *read* gives for an instant: it holds until a post or a delegation begins or ends, for *owner*."""
    stamp = _stamp(tx)
    kept: tuple[str, tuple[object, int, int, T]] | None = tx.lasting.get((what, campaign_id))
    if kept is not None and kept[0] == stamp:
        by, since, until, found = kept[1]
        if by is owner and since <= now_us < until:
            return found
    edges = [at for (at,) in tx.rows(NEXT_EDGE, campaign_id=campaign_id, now=now_us) if at is not None]
    fresh = read()
    if stamp is not None:
        tx.lasting[what, campaign_id] = stamp, (owner, now_us, min(edges, default=NEVER), fresh)
    return fresh


def _stamp(tx: Tx) -> str | None:
    """The stamp under which this transaction reads; None if it has changed something itself, which may yet be undone."""
    if tx.stirred:
        return None
    if WHO not in tx.memo:
        tx.memo[WHO] = get_meta(tx, WHO) or ""
    stamp: str = tx.memo[WHO]
    return stamp
