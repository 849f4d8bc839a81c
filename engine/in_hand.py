"""How a matter comes to hand: locked and read with its deadlines for an order, or read only to be looked at."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.ended_clocks import ClockReads, clock_reads
from engine.errors import NotFound
from engine.held import Held, unpack
from engine.rows import (
    CLOCKS_OF_REF,
    LOCK_MATTER,
    LOCK_MATTER_BY_ID,
    MATTER_BY_REF,
    OPEN_CHILDREN,
    MatterRow,
    clocks_of,
)
from engine.stamp import must_be_counted, waiting
from engine.store import Statement, Tx

Read = tuple[Statement, Mapping[str, Any]]


def kept(tx: Tx, key: int | tuple[int, str]) -> Held | None:
    """A matter as it was last saved here, by its id or by campaign and reference; only to look at."""
    found: Held | None = tx.kept.get(key)
    return found


def hold(tx: Tx, campaign: Campaign, ref: str, now: datetime, *extra: Any) -> tuple[Held, list[list[Any]]]:
    """Lock the matter *ref* and read it with the clocks that an order needs and the *extra* statements in one go.

    Raises NotFound.
    """
    saved = kept(tx, (campaign.id, ref))
    if saved is not None:
        waits, rest = waiting(tx, campaign, extra)
        held = saved.again(campaign, now)
    else:
        place = campaign.places.get(ref)
        how = clock_reads(campaign, None if place is None else place.kind)
        waits, (found, clocks, *rest) = waiting(tx, campaign, (*_reads_of(campaign, ref, how), *extra))
        if not found and campaign.places.pop(ref, None) is not None:  # remembered from what was undone
            found, clocks = tx.fetch(*_reads_of(campaign, ref, how))
        if not found:
            raise NotFound(f"no matter {ref!r} in {campaign.code}", "no_matter")
        held = _read_for_order(tx, campaign, found, clocks, now, how)
    if waits:
        must_be_counted(waits, held.row.id)
    return with_children(tx, held), rest


def _read_for_order(
    tx: Tx, campaign: Campaign, found: list[Any], clocks: list[Any], now: datetime, how: ClockReads
) -> Held:
    """The matter of what was read of it and of those of its clocks that an order needs."""
    row = MatterRow(*found[0])
    held = unpack(campaign, row, clocks_of(row, clocks), now, whole=False)
    if not held.machine.asks_breach <= how.codes:
        held.all_clocks(tx)
    return held


def _reads_of(campaign: Campaign, ref: str, how: ClockReads) -> tuple[Read, Read]:
    """What locks the matter *ref* and reads it with its clocks: by its number, where that is remembered."""
    place = campaign.places.get(ref)
    if place is not None:
        by_id = {"id": place.id}
        return (LOCK_MATTER_BY_ID, by_id), (how.by_id, by_id)
    where = {"campaign_id": campaign.id, "ref": ref}
    return (LOCK_MATTER, where), (how.by_ref, where)


def hold_id(tx: Tx, campaign: Campaign, ident: int, now: datetime) -> Held:
    """Lock a matter by its id. Raises Stale while its dates wait to be counted again."""
    saved = kept(tx, ident)
    if saved is not None:
        return with_children(tx, saved.again(campaign, now))
    how, where = clock_reads(campaign, None), {"id": ident}
    waits, (found, clocks) = waiting(tx, campaign, ((LOCK_MATTER_BY_ID, where), (how.by_id, where)))
    must_be_counted(waits, ident)
    return with_children(tx, _read_for_order(tx, campaign, found, clocks, now, how))


def look(tx: Tx, campaign: Campaign, ref: str, now: datetime) -> Held:
    """Read a matter with all its clocks without locking it. Raises NotFound."""
    where = {"campaign_id": campaign.id, "ref": ref}
    found, clocks = tx.fetch((MATTER_BY_REF, where), (CLOCKS_OF_REF, where))
    if not found:
        raise NotFound(f"no matter {ref!r} in {campaign.code}", "no_matter")
    row = MatterRow(*found[0])
    return with_children(tx, unpack(campaign, row, clocks_of(row, clocks), now))


def with_children(tx: Tx, held: Held) -> Held:
    """Count the open children of the matter, if its definition asks for them."""
    if held.machine.asks_children:
        counts: dict[str, int] = {}
        for kind in _open_children(tx, held.row.id):
            counts[kind] = counts.get(kind, 0) + 1
        held.children = counts
    return held


def _open_children(tx: Tx, ident: int) -> list[str]:
    """The kind of each open child."""
    if tx.mirror is not None:
        return [kind for kind, closed, _ in tx.mirror.children(tx, ident) if not closed]
    return [kind for (kind,) in tx.rows(OPEN_CHILDREN, id=ident)]
