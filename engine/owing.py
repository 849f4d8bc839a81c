"""Owing notices: each goes to its recipient by every way that is known for him, in the hours in which it may."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.campaign import Campaign
from engine.clock import from_us, to_us
from engine.ids import new_id
from engine.rows import INSERT_NOTICE, NoticeRow
from engine.store import Tx
from engine.ways import Way, ways_of

ROUNDS = 3
"""How often window and quiet hours are asked in turn; where they never agree, the quiet hours have the last word."""


def owe(tx: Tx, campaign: Campaign, notices: Sequence[NoticeRow]) -> None:
    """Write *notices* as owed, one row a way; what has no way of its own takes the campaign's usual channel.

    The rows given are those of the first way, and say afterwards when they will go.
    """
    if notices:
        ways = ways_of(tx, campaign.id)
        tx.put(
            INSERT_NOTICE,
            [row for each in notices for row in _by_each_way(campaign, each, ways.get(each.recipient, ()))],
        )


def free_us(campaign: Campaign, at_us: int, way: Way | None = None, *, urgent: bool = False) -> int:
    """The first instant from *at_us* on in the campaign's window and outside the quiet hours of *way*.

    What is *urgent* knows no window, but a person's quiet hours all the same.
    """
    for _ in range(ROUNDS):
        after = at_us if urgent else campaign.delivery.free_us(at_us)
        if way is not None and way.quiet:
            after = to_us(way.free_at(from_us(after), campaign.zone))
        if after == at_us:
            break
        at_us = after
    return at_us


def _by_each_way(campaign: Campaign, notice: NoticeRow, ways: Sequence[Way]) -> Iterator[NoticeRow]:
    """The same words by each way, the first of them under the notice's own id, none before it may go."""
    owed_us, urgent = notice.next_try_at, bool(notice.urgent)
    if not ways:
        notice.next_try_at = notice.effective_at = free_us(campaign, owed_us, urgent=urgent)
        yield notice
        return
    for at, way in enumerate(ways):
        free = free_us(campaign, owed_us, way, urgent=urgent)
        if at == 0:
            notice.channel, notice.next_try_at, notice.effective_at = way.channel, free, free
            yield notice
        else:
            ident, dedup = new_id(), f"{notice.dedup}:{way.channel}"
            yield replace(notice, id=ident, dedup=dedup, channel=way.channel, next_try_at=free, effective_at=free)
