"""What was owed since an earlier look, or is asked for by its ids: read, never locked."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from engine.rows import N, NoticeRow
from engine.store import Statement, Tx

NEWER = Statement(
    select(N).where(N.c.campaign_id == bindparam("campaign_id"), N.c.id > bindparam("known")).order_by(N.c.id)
)
SEEN = Statement(select(N).where(N.c.campaign_id == bindparam("campaign_id"), N.c.id == bindparam("id")))


def newer_notices(tx: Tx, campaign_id: int, known: int) -> list[NoticeRow]:
    """The notices that came after the one with the id *known*, in order."""
    return [NoticeRow(*row) for row in tx.rows(NEWER, campaign_id=campaign_id, known=known)]


def notices_by_id(tx: Tx, campaign_id: int, idents: Sequence[int]) -> list[NoticeRow]:
    """Those of the notices *idents* that are of this campaign, as they stand; not locked."""
    found = tx.fetch(*((SEEN, {"campaign_id": campaign_id, "id": ident}) for ident in idents))
    return [NoticeRow(*row) for rows in found for row in rows]
