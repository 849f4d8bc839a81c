"""Owing notices: each goes to its recipient by every way of the first rank that is known, in the hours in which it may."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.campaign import Campaign
from engine.clock import from_us, to_us
from engine.ids import new_id
from engine.owed_record import record_owed
from engine.people import Directory
from engine.rows import INSERT_NOTICE, INSERT_OWED, NoticeRow
from engine.store import Tx
from engine.ways import Way, next_rank, ways_of, ways_to

ROUNDS = 3
"""How often window and quiet hours are asked in turn; where they never agree, the quiet hours have the last word."""


def owe(tx: Tx, campaign: Campaign, notices: Sequence[NoticeRow]) -> None:
    """Write new *notices* as owed by no act, one row a way; what has no way of its own takes the campaign's usual channel.

    The rows given are those of the first way, and say afterwards when they will go. An act says in its own entry what it
    owes (`Desk.enter`).
    """
    if notices:
        now_us = max(each.next_try_at for each in notices)  # what is just composed is to go at once
        rows = would_owe(tx, campaign, notices)
        tx.put(INSERT_OWED, rows)
        record_owed(tx, campaign, rows, now_us)


def would_owe(tx: Tx, campaign: Campaign, notices: Sequence[NoticeRow]) -> list[NoticeRow]:
    """The rows that `owe` writes, each with its channel and the instant at which it will go."""
    if not ways_of(tx, campaign.id):
        return [_by_usual_way(campaign, each) for each in notices]
    return [row for each in notices for row in _by_each_way(campaign, each, next_rank(known_ways(tx, campaign, each)))]


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


def known_ways(tx: Tx, campaign: Campaign, notice: NoticeRow) -> Sequence[Way]:
    """Every way to the recipient of *notice*, the first rank first; by the posts this transaction has read of him."""
    ways, directory = ways_of(tx, campaign.id), tx.memo.get("directory")
    if not ways:
        return ()
    posts = directory.posts_at(notice.recipient, notice.body) if isinstance(directory, Directory) else ()
    return ways_to(ways, notice.recipient, notice.body, posts)


def address_of(tx: Tx, campaign: Campaign, notice: NoticeRow) -> str:
    """Where *notice* would go by its channel, as known now; the login itself if nothing else is known."""
    ways = known_ways(tx, campaign, notice)
    return next((way.address for way in ways if way.channel == notice.channel), notice.recipient)


def owe_further(tx: Tx, campaign: Campaign, dead: Sequence[NoticeRow], now_us: int) -> None:
    """Owe what died on its way once more by the ways of the next rank, if there are any."""
    rows = []
    for notice in dead:
        ways = known_ways(tx, campaign, notice)
        rank = next((way.rank for way in ways if way.channel == notice.channel), None)
        if rank is None:
            continue
        fresh = replace(
            notice, id=new_id(), status="owed", attempts=0, effective_at=now_us, next_try_at=now_us, lease_until=None,
            worker=None, last_error=None, digest_id=None, dedup=f"{notice.dedup}>{rank}",
        )  # fmt: skip
        rows += list(_by_each_way(campaign, fresh, next_rank(ways, rank))) if next_rank(ways, rank) else []
    tx.put(INSERT_NOTICE, rows)
    record_owed(tx, campaign, rows, now_us)


def _by_usual_way(campaign: Campaign, notice: NoticeRow) -> NoticeRow:
    """The notice itself, not before it may go."""
    owed_us = notice.next_try_at
    notice.next_try_at = notice.effective_at = owed_us if notice.urgent else campaign.delivery.free_us(owed_us)
    return notice


def _by_each_way(campaign: Campaign, notice: NoticeRow, ways: Sequence[Way]) -> Iterator[NoticeRow]:
    """The same words by each way, the first of them under the notice's own id, none before it may go."""
    owed_us, urgent = notice.next_try_at, bool(notice.urgent)
    if not ways:
        yield _by_usual_way(campaign, notice)
        return
    for at, way in enumerate(ways):
        free = free_us(campaign, owed_us, way, urgent=urgent)
        if at == 0:
            notice.channel, notice.next_try_at, notice.effective_at = way.channel, free, free
            yield notice
        else:
            ident, dedup = new_id(), f"{notice.dedup}:{way.channel}"
            yield replace(notice, id=ident, dedup=dedup, channel=way.channel, next_try_at=free, effective_at=free)
