"""Answers of the database that are kept for as long as nothing more is put on record: for figures over all matters.

Whatever changes a matter, a deadline or a notice leaves an entry in the same transaction, and no entry ever goes. So two
views of a database that hold equally many entries of a campaign hold the same, whichever process looks, and in whatever
order the database lets transactions become visible. Who is a party to what is written down anew without an entry when the
campaign's file has changed: that moves the stamp of campaign and calendar, which counts, too. An answer that depends on
the time of looking has that time among its parameters and is another answer then.
"""

import threading
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.sql.elements import ClauseElement

from engine.campaign import Campaign
from engine.log_tables import LogPending, LogState
from engine.statement import Statement
from engine.store import Tx
from engine.tables import table_of

P, S = table_of(LogPending), table_of(LogState)

MOST = 400
"""Answers that a process keeps of a database; the one asked for longest ago goes. PLACEHOLDER"""

LONGEST = 2_000
"""Rows of an answer that is kept: a figure has few. PLACEHOLDER"""

KEPT = "steady"
"""Under which name they lie with what outlives a transaction."""

_ORDER = threading.Lock()


HOW_MANY = Statement(
    select(
        func.coalesce(select(S.c.size).where(S.c.campaign_id == bindparam("campaign_id")).scalar_subquery(), 0)
        + select(func.count()).select_from(P).where(P.c.campaign_id == bindparam("campaign_id")).scalar_subquery()
    )
)
"""How many entries a campaign has, in the log or waiting for their place in it."""


def entries(tx: Tx, campaign_id: int) -> int:
    """How many entries the campaign has as *tx* sees it."""
    found = tx.memo.get(KEPT)
    if found is None:
        found = tx.memo[KEPT] = int(tx.rows(HOW_MANY, campaign_id=campaign_id)[0][0])
    return int(found)


def steady(tx: Tx, campaign: Campaign, expression: ClauseElement) -> list[Any]:
    """Run a read that tells nothing but what is on record, or give what it found when there was as much on it.

    Not for what changes without an entry. A transaction that has written anything itself asks the database.
    """
    statement = Statement(expression)
    if tx.writes:
        return tx.rows(statement)
    key = (campaign.id, *tx.text_of(statement))
    number = (entries(tx, campaign.id), campaign.stamp)
    kept: dict[Any, tuple[Any, list[Any]]] = tx.lasting.setdefault(KEPT, {})
    with _ORDER:
        found = kept.pop(key, None)
        if found is not None and found[0] == number:
            kept[key] = found
            return found[1]
    rows = tx.rows(statement)
    if len(rows) <= LONGEST:
        with _ORDER:
            kept[key] = (number, rows)
            while len(kept) > MOST:
                del kept[next(iter(kept))]
    return rows
