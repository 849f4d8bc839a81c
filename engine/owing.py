"""Owing notices: each goes to its recipient by every way that is known for him."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.campaign import Campaign
from engine.clock import from_us, to_us
from engine.ids import new_id
from engine.rows import INSERT_NOTICE, NoticeRow
from engine.store import Tx
from engine.ways import Way, ways_of


def owe(tx: Tx, campaign: Campaign, notices: Sequence[NoticeRow]) -> None:
    """Write *notices* as owed, one row a way; what has no way of its own takes the campaign's usual channel."""
    if notices:
        ways = ways_of(tx, campaign.id)
        tx.put(
            INSERT_NOTICE,
            [row for each in notices for row in _by_each_way(campaign, each, ways.get(each.recipient, ()))],
        )


def _by_each_way(campaign: Campaign, notice: NoticeRow, ways: Sequence[Way]) -> Iterator[NoticeRow]:
    """The same words by each way, the first of them under the notice's own id, none in quiet hours."""
    if not ways:
        yield notice
    for at, way in enumerate(ways):
        free = to_us(way.free_at(from_us(notice.next_try_at), campaign.zone))
        ident, dedup = (notice.id, notice.dedup) if at == 0 else (new_id(), f"{notice.dedup}:{way.channel}")
        yield replace(notice, id=ident, dedup=dedup, channel=way.channel, next_try_at=free)
