"""What was put aside as undeliverable and still matters: for whoever says, later, how somebody is reached."""

from sqlalchemy import and_, bindparam, or_, select

from engine.campaign import Campaign
from engine.rows import D, M, N
from engine.store import Statement, Tx

STILL_WANTED = Statement(
    select(N.c.id)
    .select_from(
        N.join(M, and_(M.c.campaign_id == N.c.campaign_id, M.c.ref == N.c.ref)).outerjoin(D, D.c.id == N.c.deadline_id)
    )
    .where(
        N.c.campaign_id == bindparam("campaign_id"),
        N.c.status == "dead",
        or_(N.c.recipient == bindparam("holder"), N.c.recipient.like(bindparam("posts"), escape="\\")),
        M.c.closed == 0,
        or_(
            N.c.deadline_id.is_(None),
            and_(D.c.stopped_at.is_(None), or_(N.c.kind != "reminder", D.c.breach_at > bindparam("now"))),
        ),
    )
    .order_by(N.c.planned_at, N.c.id)
)


def still_wanted(tx: Tx, campaign: Campaign, holder: str, now_us: int) -> list[str]:
    """The ids of the dead notices to *holder*, or to any post of that body, the oldest first.

    Left out are those of closed matters, of clocks that have stopped, and reminders of a day that is over.
    """
    posts = holder.replace("_", "\\_") + ".%" if holder in campaign.bodies else holder
    rows = tx.rows(STILL_WANTED, campaign_id=campaign.id, holder=holder, posts=posts, now=now_us)
    return [str(ident) for (ident,) in rows]
