"""The positions of the log: what was entered after a position, so that whoever looks on can go on where he stopped."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from engine.log_tables import LogLeaf
from engine.store import Statement, Tx
from engine.tables import table_of

L = table_of(LogLeaf)

AFTER = Statement(
    select(L.c.idx, L.c.stream, L.c.seq)
    .where(L.c.campaign_id == bindparam("campaign_id"), L.c.idx >= bindparam("first"))
    .order_by(L.c.idx)
    .limit(bindparam("page"))
)


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry by its position (counted from 1: the size of the log with it), its stream and its number there."""

    position: int
    stream: str
    seq: int


def entered_after(tx: Tx, campaign_id: int, position: int, page: int) -> list[Placed]:
    """Up to *page* entries behind *position*, in the order of the log."""
    rows = tx.rows(AFTER, campaign_id=campaign_id, first=position, page=page)
    return [Placed(idx + 1, stream, seq) for idx, stream, seq in rows]
