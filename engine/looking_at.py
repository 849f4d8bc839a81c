"""Many matters read whole at once, without locking them: as many statements for a page as for one row."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from engine.campaign import Campaign
from engine.held import Held, unpack
from engine.lists import rows_of
from engine.rows import M
from engine.store import Tx
from engine.viewing import AT_ONCE


def look_at(tx: Tx, campaign: Campaign, ids: Sequence[int], now: datetime) -> list[Held]:
    """The matters with these ids as a question about what can be done with them needs them, with their open children."""
    if not ids:
        return []
    found = [unpack(campaign, matter, clocks, now) for matter, clocks in rows_of(tx, ids)]
    asking = [held.row.id for held in found if held.machine.asks_children]
    counts: dict[int, dict[str, int]] = {}
    for at in range(0, len(asking), AT_ONCE):
        of_them = M.c.parent_id.in_(asking[at : at + AT_ONCE])
        for parent, kind in tx.select(select(M.c.parent_id, M.c.kind).where(of_them, M.c.closed == 0)):
            kinds = counts.setdefault(parent, {})
            kinds[kind] = kinds.get(kind, 0) + 1
    for held in found:
        if held.machine.asks_children:
            held.children = counts.get(held.row.id, {})
    return found
