"""What the database knows of chores and milestones: which are done, and who has met a deadline."""

from datetime import datetime

from sqlalchemy import bindparam, func, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.history import Line, append, chain_at
from engine.orders import SYSTEM
from engine.rows import INSERT_CHORE, D, M
from engine.store import Statement, Tx
from engine.tables import CampaignRow, ChoreDone, table_of

C, K = table_of(ChoreDone), table_of(CampaignRow)

DONE = Statement(select(C.c.code, C.c.period).where(C.c.campaign_id == bindparam("campaign_id")))
LAST_DONE = Statement(
    select(func.max(C.c.period), func.max(C.c.done_at)).where(
        C.c.campaign_id == bindparam("campaign_id"), C.c.code == bindparam("code")
    )
)
OPENED_AT = Statement(select(K.c.opened_at).where(K.c.id == bindparam("id")))
STANDING_OF = Statement(
    select(M.c.ref, M.c.body, M.c.title, M.c.data, D.c.status, D.c.breach_at, D.c.breached_at)
    .join(D, D.c.matter_id == M.c.id)
    .where(M.c.campaign_id == bindparam("campaign_id"), M.c.kind == bindparam("kind"), D.c.code == bindparam("code"))
    .order_by(M.c.ref, D.c.id)
)
WHO_HAS = Statement(
    select(M.c.body, M.c.ref, D.c.status, D.c.stopped_at, D.c.last_day)
    .join(D, D.c.matter_id == M.c.id)
    .where(M.c.campaign_id == bindparam("campaign_id"), M.c.kind == bindparam("kind"), D.c.code == bindparam("code"))
    .order_by(M.c.ref, D.c.id)
)


def stream_of_chores(code: str) -> str:
    """The stream that tells which chores of a campaign were done."""
    return f"chores/{code}"


def note_done(tx: Tx, campaign: Campaign, code: str, period: str, now: datetime) -> None:
    """Write that a chore is done for a period, and put it on record. Raises Clash if another process was faster."""
    now_us = to_us(now)
    tx.write(INSERT_CHORE, {"campaign_id": campaign.id, "code": code, "period": period, "done_at": now_us})
    chain = chain_at(tx, campaign.id, campaign.log, stream_of_chores(campaign.code))
    append(tx, chain, Line("chore", SYSTEM, now_us, now_us, trigger=code, more={"period": period}))
    tx.flush()
