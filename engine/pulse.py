"""The pulse of a campaign: something that changes whenever anything was put on record."""

from sqlalchemy import func, select

from engine.log_tables import LogPending, LogState
from engine.store import Tx
from engine.tables import table_of

P, S = table_of(LogPending), table_of(LogState)


def pulse(tx: Tx, campaign_id: int) -> str:
    """How far the log over all entries has come, and what waits for its place in it."""
    (newest,) = tx.select(select(func.max(P.c.id)).where(P.c.campaign_id == campaign_id))[0]
    size = tx.select(select(S.c.size).where(S.c.campaign_id == campaign_id))
    return f"{size[0][0] if size else 0}.{newest or 0}"
