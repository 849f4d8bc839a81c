"""What everybody was told of an overdue deadline, and whether he has said that he got it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import and_, bindparam, literal_column, select

from engine.campaign import Campaign
from engine.rows import D, M, N
from engine.store import IDS, Statement, Tx

REPEAT, IDLE = "repeat", "idle"
"""Kinds of notice: an overdue one again, and one on what was acknowledged and then lay."""

FEW = 500
"""Matters whose notices are looked up one by one rather than all read. PLACEHOLDER"""

_TELLING = (
    select(N.c.kind, N.c.level, N.c.recipient, N.c.body, N.c.status, N.c.sent_at, N.c.effective_at, N.c.acknowledged_at,
           N.c.ref, D.c.id, D.c.epoch, D.c.owner_body, D.c.matter_id)
    .select_from(D)
    .join(M, M.c.id == D.c.matter_id)
    .join(N, and_(N.c.campaign_id == M.c.campaign_id, N.c.ref == M.c.ref, N.c.deadline_id == D.c.id))
    .where(
        N.c.kind.in_([literal_column(f"'{kind}'") for kind in ("overdue", "escalation", REPEAT, IDLE)]),
        D.c.stopped_at.is_(None),
        D.c.paused_at.is_(None),
        D.c.status == literal_column("'breached'"),
    )
    .order_by(N.c.id)
)  # fmt: skip
"""From the few deadlines that are overdue, by the index on their matters, to what was told of them."""

TOLD = Statement(_TELLING.where(D.c.campaign_id == bindparam("campaign_id")))
TOLD_OF = Statement(_TELLING.where(M.c.id.in_(IDS)))


@dataclass(slots=True)
class Dun:
    """What one recipient was told of one overdue deadline, and whether he has said that he got it."""

    deadline: int
    epoch: int
    matter: int
    ref: str
    recipient: str
    body: str
    owner: str
    level: int = 0
    overdue: bool = False
    last_us: int = 0
    acknowledged_us: int | None = None
    repeats: set[int] = field(default_factory=set)
    idles: dict[int, int] = field(default_factory=dict)


def told_of(tx: Tx, campaign: Campaign, matters: Sequence[int] | None = None) -> list[Dun]:
    """What everybody was told of every overdue deadline, of a few *matters* alone, in the order in which it was first said."""
    found: dict[tuple[int, str], Dun] = {}
    few = matters is not None and len(matters) <= FEW
    for row in tx.among(TOLD_OF, matters or ()) if few else tx.rows(TOLD, campaign_id=campaign.id):
        kind, level, recipient, body, status, sent, effective, acknowledged, ref, ident, epoch, owner, matter = row
        dun = found.setdefault((ident, recipient), Dun(ident, epoch, matter, ref, recipient, body, owner))
        if kind == IDLE:
            dun.idles[level] = effective
            continue
        if status not in ("cancelled", "dead"):
            dun.last_us = max(
                dun.last_us, sent or effective
            )  # also a rung of today that is on its way: once a day is enough
        if kind == REPEAT:
            dun.repeats.add(level)
        elif kind == "overdue" and status in ("sent", "acknowledged"):
            dun.overdue, dun.level = True, max(dun.level, level)
        if acknowledged is not None:
            dun.acknowledged_us = min(dun.acknowledged_us or acknowledged, acknowledged)
    return list(found.values())
