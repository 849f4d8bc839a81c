"""Figures of how a campaign's machinery is doing, for whoever watches over it: one small read each, never the whole record."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select

from engine.campaign import Campaign
from engine.holding import TURN
from engine.publishing import get_meta
from engine.rows import D, N
from engine.sequencing import head_of, waiting
from engine.store import Statement, Tx
from engine.unscrubbed import unscrubbed

DUE = Statement(
    select(func.count(), func.min(D.c.next_fire_at)).where(
        D.c.campaign_id == bindparam("campaign_id"), D.c.next_fire_at <= bindparam("now")
    )
)
BY_STATUS = Statement(
    select(N.c.status, func.count()).where(N.c.campaign_id == bindparam("campaign_id")).group_by(N.c.status)
)
OLDEST = Statement(
    select(func.min(N.c.next_try_at)).where(
        N.c.campaign_id == bindparam("campaign_id"), N.c.status == "owed", N.c.next_try_at <= bindparam("now")
    )
)


@dataclass(frozen=True, slots=True)
class Gauges:
    """*due* deadlines wait to be fired, the oldest for *due_s* seconds; the oldest owed notice waits for *owed_s*.

    *sequenced* entries have their place in the log, *unsequenced* wait for it; *turned_at* is the last mark of a scheduler
    (RFC 3339), empty if there never was one. *unscrubbed* erasures may still stand in the database's files.
    """

    due: int
    due_s: float
    notices: dict[str, int]
    owed_s: float
    sequenced: int
    unsequenced: int
    turned_at: str
    unscrubbed: int = 0


def gauges(tx: Tx, campaign: Campaign, now_us: int) -> Gauges:
    """Read the figures as of *now_us*."""
    where = {"campaign_id": campaign.id}
    due, oldest = tx.rows(DUE, **where, now=now_us)[0]
    owed = tx.rows(OLDEST, **where, now=now_us)[0][0]
    return Gauges(
        due, _age(now_us, oldest), {row[0]: row[1] for row in tx.rows(BY_STATUS, **where)}, _age(now_us, owed),
        head_of(tx, campaign.id, campaign.log).size, waiting(tx, campaign.id), get_meta(tx, TURN.format(campaign.id)) or "",
        unscrubbed(tx, campaign),
    )  # fmt: skip


def _age(now_us: int, since: Any) -> float:
    return 0.0 if since is None else max(0.0, (now_us - int(since)) / 1e6)
