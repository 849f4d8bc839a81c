"""The outbox: which owed notices are free to be sent, and how one is claimed and marked."""

from sqlalchemy import bindparam, func, literal_column, null, or_, select, update

from engine.rows import N
from engine.store import IDS, Statement

OWED = N.c.status == literal_column("'owed'")
"""Written out, since the index of what is owed serves only a query that says so itself."""

_TODO = (
    select(N.c.id)
    .where(
        OWED,
        N.c.campaign_id == bindparam("campaign_id"),
        N.c.next_try_at <= bindparam("now"),
        or_(N.c.lease_until.is_(None), N.c.lease_until <= bindparam("now")),
        N.c.digest_id.is_(None),
    )
    .order_by(N.c.next_try_at, N.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
CLAIM = Statement(
    update(N)
    .where(N.c.id.in_(_TODO.scalar_subquery()))
    .values(lease_until=bindparam("until"), worker=bindparam("who"), attempts=N.c.attempts + 1)
    .returning(N)
)
IN_HAND = Statement(
    select(N.c.id, N.c.worker, N.c.lease_until, N.c.status).where(N.c.id.in_(IDS)).order_by(N.c.id), lock="lock_matter"
)
"""Whose these notices are by now."""

MARK_SENT = Statement(
    update(N)
    .where(
        N.c.id == bindparam("b_id"),
        N.c.worker == bindparam("b_worker"),
        N.c.status.in_([literal_column("'owed'"), literal_column("'cancelled'")]),
    )
    .values(status=bindparam("new_status"), sent_at=bindparam("sent"), lease_until=null(), last_error=null())
)
"""What was cancelled while it was under way, too: it has gone."""

MARK_FAILED = Statement(
    update(N)
    .where(N.c.id == bindparam("b_id"), N.c.worker == bindparam("b_worker"), OWED)
    .values(
        status=bindparam("new_status"),
        next_try_at=bindparam("again"),
        lease_until=null(),
        last_error=bindparam("error"),
    )
)
MARK_WAITING = Statement(
    update(N)
    .where(N.c.id == bindparam("b_id"), N.c.worker == bindparam("b_worker"), OWED)
    .values(
        next_try_at=bindparam("again"), lease_until=null(), attempts=N.c.attempts - 1, last_error=bindparam("error")
    )
)
"""A way that takes no more for now has not failed: the attempt does not count."""

NOTICE = Statement(
    select(N).where(N.c.campaign_id == bindparam("campaign_id"), N.c.id == bindparam("id")), lock="lock_matter"
)
LOOK = Statement(select(N).where(N.c.campaign_id == bindparam("campaign_id"), N.c.id == bindparam("id")))
"""The same without a lock."""

MARK_ACKNOWLEDGED = Statement(
    update(N)
    .where(N.c.id == bindparam("b_id"), N.c.acknowledged_at.is_(None))
    .values(
        status=bindparam("new_status"),
        acknowledged_at=bindparam("at"),
        acknowledged_by=bindparam("by"),
        acknowledged_auth=bindparam("auth"),
    )
)
_SAME = (
    N.c.campaign_id == bindparam("campaign_id"),
    N.c.ref == bindparam("ref"),
    N.c.recipient == bindparam("recipient"),
    N.c.kind == bindparam("kind"),
    N.c.level == bindparam("level"),
    N.c.entry_seq == bindparam("entry_seq"),
    OWED,
)
STILL_OWED = Statement(
    select(N.c.id).where(*_SAME, or_(N.c.lease_until.is_(None), N.c.lease_until <= bindparam("now"))).order_by(N.c.id),
    lock="lock_matter",
)
"""The same words to the same recipient by another way, not sent yet and not on their way; locked, so that they do not set out."""

MARK_NEEDLESS = Statement(
    update(N).where(N.c.id == bindparam("b_id"), OWED).values(status=bindparam("new_status"), lease_until=null())
)
MARK_AGAIN = Statement(
    update(N)
    .where(N.c.id == bindparam("b_id"), N.c.status == literal_column("'dead'"))
    .values(status=bindparam("new_status"), attempts=0, next_try_at=bindparam("at"), lease_until=null(), worker=null())
)
TIMES_URGED = Statement(
    select(func.count(func.distinct(N.c.entry_seq))).where(
        N.c.campaign_id == bindparam("campaign_id"), N.c.ref == bindparam("ref"), N.c.kind == literal_column("'urge'")
    )
)
UNDELIVERED = Statement(
    select(N.c.recipient, N.c.body, N.c.status, func.count(), func.max(N.c.subject))
    .where(
        N.c.campaign_id == bindparam("campaign_id"),
        N.c.effective_at > bindparam("since"),
        N.c.effective_at <= bindparam("now"),
        N.c.kind != literal_column("'unreachable'"),
        N.c.kind != literal_column("'digest'"),
        N.c.kind != literal_column("'late_load'"),
    )
    .group_by(N.c.recipient, N.c.body, N.c.status)
    .order_by(N.c.recipient)
)
"""To whom something was owed after an instant, and what became of it."""

DEAD = Statement(
    select(N.c.id)
    .where(N.c.campaign_id == bindparam("campaign_id"), N.c.status == literal_column("'dead'"), N.c.digest_id.is_(None))
    .order_by(N.c.id)
)

NEXT_TRY = Statement(
    select(func.min(N.c.next_try_at)).where(OWED, N.c.campaign_id == bindparam("campaign_id"), N.c.digest_id.is_(None))
)
