"""What could not be told to a post that nobody held is owed again when somebody does; whoever delivers passes it on to him."""

from collections.abc import Collection

from sqlalchemy import bindparam, literal_column, select

from engine.campaign import Campaign
from engine.digest_words import KIND as DIGEST
from engine.digests import MARK_MEMBERS, hold_members
from engine.history import Line
from engine.holding import record
from engine.orders import SYSTEM
from engine.outbox import MARK_AGAIN
from engine.rows import N, NoticeRow
from engine.store import Statement, Tx

NOBODY = "nobody holds the post "
"""How the reason begins for which such a notice was put aside."""

PUT_ASIDE = Statement(
    select(N)
    .where(
        N.c.campaign_id == bindparam("campaign_id"),
        N.c.status == literal_column("'dead'"),
        N.c.digest_id.is_(None),
        N.c.last_error.startswith(NOBODY),
    )
    .order_by(N.c.id)
    .with_for_update(skip_locked=True)
)
"""Two processes that see the same appointment do not owe the same notice twice."""


def owe_again(tx: Tx, campaign: Campaign, posts: Collection[str], now_us: int) -> int:
    """Owe again what was put aside for these *posts* (``body.post``), on the record; return how many notices that were."""
    found = [NoticeRow(*row) for row in tx.rows(PUT_ASIDE, campaign_id=campaign.id)]
    dead = [each for each in found if each.recipient in posts]
    riding = [each for notice in dead if notice.kind == DIGEST for each in hold_members(tx, notice.id, "dead")]
    tx.write_many(MARK_AGAIN, [{"b_id": each.id, "new_status": "owed", "at": now_us} for each in dead])
    again = {"b_status": "dead", "new_status": "owed", "sent": None, "error": None}
    tx.write_many(MARK_MEMBERS, [{**again, "b_digest": each.id} for each in dead if each.kind == DIGEST])
    record(tx, campaign, [*dead, *riding], Line("notice", SYSTEM, now_us, now_us, "retry", more={"why": "post_filled"}))
    return len(dead)
