"""Answers of the database that are kept for as long as nothing more is put on record: for figures over all matters.

Whatever changes a matter, a deadline or a notice leaves an entry in the same transaction, and no entry ever goes. So two
views of a database that hold equally many entries of a campaign hold the same, whichever process looks, and in whatever
order the database lets transactions become visible. Who is a party to what is written down anew without an entry when the
campaign's file has changed: that moves the stamp of campaign and calendar, which counts, too. An answer that depends on
the time of looking has that time among its parameters and is another answer then.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select, text
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

IN_LINE, BETWEEN = "\t", "\n"
"""Between the values of a row, and between rows, where they are handed over in one text."""

BINDING = 10
"""How tightly SQLAlchemy takes what joins texts to bind: more than any sum or product, as SQLite does."""

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
    return _kept(tx, campaign, Statement(expression), tx.rows)


def tallied(
    tx: Tx, campaign: Campaign, columns: Sequence[ColumnElement[Any]], where: Sequence[ColumnElement[bool]]
) -> list[tuple[Any, ...]]:
    """How many rows have each set of values in *columns*, as `steady` would have it grouped: the values, then their number.

    The values must be texts without control characters, or whole numbers, and come as texts. For very many rows that have
    few values between them: SQLite would sort all of them to group them, and takes three times as long as to hand them over
    in one text (some forty bytes a row), which is counted here.
    """
    if not tx.sorts_groups:
        values = [column.label(f"value_{number}") for number, column in enumerate(columns)]
        each = select(*values, func.count()).where(*where).group_by(*(text(value.name) for value in values))
        return [(*map(str, row[:-1]), row[-1]) for row in steady(tx, campaign, each)]
    line = columns[0]
    for column in columns[1:]:
        for part in (literal_column(f"'{IN_LINE}'"), column):
            line = line.op("||", precedence=BINDING)(part)
    whole = Statement(select(func.group_concat(line, BETWEEN)).where(*where))

    def counted(statement: Statement) -> list[Any]:
        ((said,),) = tx.rows(statement)
        lines = Counter(said.split(BETWEEN)) if said else Counter[str]()
        return [(*each.split(IN_LINE), number) for each, number in lines.items()]

    return _kept(tx, campaign, whole, counted)


def _kept(tx: Tx, campaign: Campaign, statement: Statement, read: Callable[[Statement], list[Any]]) -> list[Any]:
    if tx.writes:
        return read(statement)
    key = (campaign.id, *tx.text_of(statement))
    number = (entries(tx, campaign.id), campaign.stamp)
    kept: dict[Any, tuple[Any, list[Any]]] = tx.lasting.setdefault(KEPT, {})
    with _ORDER:
        found = kept.pop(key, None)
        if found is not None and found[0] == number:
            kept[key] = found
            return found[1]
    rows = read(statement)
    if len(rows) <= LONGEST:
        with _ORDER:
            kept[key] = (number, rows)
            while len(kept) > MOST:
                del kept[next(iter(kept))]
    return rows
