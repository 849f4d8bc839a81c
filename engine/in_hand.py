"""How a matter comes to hand: locked and read with its deadlines for an order, or read only to be looked at."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.errors import NotFound
from engine.held import Held, unpack
from engine.rows import (
    CLOCKS_OF_ID,
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
    """Lock the matter *ref* and read it with its deadlines and the *extra* statements in one go. Raises NotFound."""
    saved = kept(tx, (campaign.id, ref))
    if saved is not None:
        waits, rest = waiting(tx, campaign, extra)
        held = saved.again(campaign, now)
    else:
        waits, (found, clocks, *rest) = waiting(tx, campaign, (*_reads_of(campaign, ref), *extra))
        if not found and campaign.places.pop(ref, None) is not None:  # remembered from what was undone
            found, clocks = tx.fetch(*_reads_of(campaign, ref))
        if not found:
            raise NotFound(f"no matter {ref!r} in {campaign.code}", "no_matter")
        held = _read(campaign, found, clocks, now)
    if waits:
        must_be_counted(waits, held.row.id)
    return with_children(tx, held), rest


def _read(campaign: Campaign, found: list[Any], clocks: list[Any], now: datetime) -> Held:
    """The matter of what was read of it and of its deadlines."""
    row = MatterRow(*found[0])
    return unpack(campaign, row, clocks_of(row, clocks), now)


def _reads_of(campaign: Campaign, ref: str) -> tuple[Read, Read]:
    """What locks the matter *ref* and reads it with its deadlines: by its number, where that is remembered."""
    place = campaign.places.get(ref)
    if place is not None:
        by_id = {"id": place.id}
        return (LOCK_MATTER_BY_ID, by_id), (CLOCKS_OF_ID, by_id)
    where = {"campaign_id": campaign.id, "ref": ref}
    return (LOCK_MATTER, where), (CLOCKS_OF_REF, where)


def hold_id(tx: Tx, campaign: Campaign, ident: int, now: datetime) -> Held:
    """Lock a matter by its id. Raises Stale while its dates wait to be counted again."""
    saved = kept(tx, ident)
    if saved is not None:
        return with_children(tx, saved.again(campaign, now))
    reads = ((LOCK_MATTER_BY_ID, {"id": ident}), (CLOCKS_OF_ID, {"id": ident}))
    waits, (found, clocks) = waiting(tx, campaign, reads)
    must_be_counted(waits, ident)
    return with_children(tx, _read(campaign, found, clocks, now))


def look(tx: Tx, campaign: Campaign, ref: str, now: datetime) -> Held:
    """Read a matter without locking it. Raises NotFound."""
    where = {"campaign_id": campaign.id, "ref": ref}
    found, clocks = tx.fetch((MATTER_BY_REF, where), (CLOCKS_OF_REF, where))
    if not found:
        raise NotFound(f"no matter {ref!r} in {campaign.code}", "no_matter")
    return with_children(tx, _read(campaign, found, clocks, now))


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
