"""How often each body was urged: the office's own count of its pressing."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import String, cast, func, literal, literal_column, select

from engine.campaign import Campaign
from engine.rows import N
from engine.shapes import at
from engine.store import Tx


def urged(tx: Tx, campaign: Campaign, bodies: Collection[str] | None = None) -> dict[str, Any]:
    """How often each body (of *bodies*) was urged, on how many matters, and when last; bodies never urged are left out."""
    times = func.count(func.distinct(N.c.ref + literal("#") + cast(N.c.entry_seq, String)))
    statement = (
        select(N.c.body, times, func.count(func.distinct(N.c.ref)), func.max(N.c.effective_at))
        .where(N.c.campaign_id == campaign.id, N.c.kind == literal_column("'urge'"))
        .group_by(N.c.body)
        .order_by(times.desc(), N.c.body)
    )
    items = [
        {"body": body, "name": campaign.body_name(body), "times": count, "matters": matters, "last_at": at(last)}
        for body, count, matters, last in tx.select(statement)
        if bodies is None or body in bodies
    ]
    return {"items": items}
