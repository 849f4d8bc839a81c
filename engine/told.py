"""What was owed since an earlier look: for telling a rehearsal as it happens."""

from sqlalchemy import bindparam, select

from engine.rows import N, NoticeRow
from engine.store import Statement, Tx

NEWER = Statement(
    select(N).where(N.c.campaign_id == bindparam("campaign_id"), N.c.id > bindparam("known")).order_by(N.c.id)
)


def newer_notices(tx: Tx, campaign_id: int, known: int) -> list[NoticeRow]:
    """The notices that came after the one with the id *known*, in order."""
    return [NoticeRow(*row) for row in tx.rows(NEWER, campaign_id=campaign_id, known=known)]
