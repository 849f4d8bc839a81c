"""What was owed, on the chained record: each notice with the mark of its words and its way, before anybody is told anything.

The entry of the act that owes them says so. What no act owes has an entry of its own in the stream ``owed/…``, as all had
in the first databases.
"""

from collections.abc import Sequence

from sqlalchemy import and_, func, select

from engine.campaign import Campaign
from engine.canonical import digest_of
from engine.clock import stamp
from engine.history import Chain, Line, chain_at, link
from engine.orders import SYSTEM
from engine.rows import INSERT_ENTRY, MARK_DIGITS, E, NoticeRow
from engine.store import Statement, Tx

OWED = "owed"
"""What an entry says it by, and how the stream begins of what no act has owed: whoever sends writes the other at any time."""


def stream_of_owed(notice: NoticeRow, campaign: Campaign) -> str:
    """The stream that proves that *notice* was owed: that of its matter, else that of the campaign."""
    return f"{OWED}/{notice.ref or campaign.code}"


def mark_of_notice(notice: NoticeRow) -> str:
    """The hash of what never changes of a notice: to whom, about what, by which way, when planned, and its words."""
    fixed = (
        notice.ref, notice.deadline_id, notice.kind, notice.level, notice.recipient, notice.body, notice.channel,
        notice.planned_at, notice.subject, notice.text, notice.dedup, notice.entry_seq, notice.urgent, notice.items,
    )  # fmt: skip
    return digest_of(fixed)[:MARK_DIGITS]


def said_owed(notices: Sequence[NoticeRow]) -> list[list[str]]:
    """What an entry says of the *notices* that it owes: each with its mark and when it is to go."""
    return [[str(each.id), mark_of_notice(each), stamp(each.next_try_at)] for each in notices]


def record_owed(tx: Tx, campaign: Campaign, notices: Sequence[NoticeRow], now_us: int) -> None:
    """Enter that *notices* are owed since *now_us*, by no act that has an entry: one entry a stream."""
    streams: dict[str, list[NoticeRow]] = {}
    for each in notices:
        streams.setdefault(stream_of_owed(each, campaign), []).append(each)
    _read_ends(tx, campaign, sorted(streams))
    rows = []
    for stream, found in sorted(streams.items()):
        chain = chain_at(tx, campaign.id, campaign.log, stream)
        rows.append(link(chain, Line(OWED, SYSTEM, now_us, now_us, more={OWED: said_owed(found)})))
    tx.write_many(INSERT_ENTRY, rows)


def _read_ends(tx: Tx, campaign: Campaign, streams: Sequence[str]) -> None:
    """Read the ends of several streams at once: of a batch of reminders each matter has its own."""
    wanted = [stream for stream in streams if ("chain", campaign.id, stream) not in tx.kept]
    if len(wanted) < 2:
        return
    last = (
        select(E.c.stream, func.max(E.c.seq).label("seq"))
        .where(E.c.campaign_id == campaign.id, E.c.stream.in_(wanted))
        .group_by(E.c.stream)
        .subquery()
    )
    ends = select(E.c.stream, E.c.seq, E.c.hash).join(
        last, and_(E.c.campaign_id == campaign.id, E.c.stream == last.c.stream, E.c.seq == last.c.seq)
    )
    found = {row[0]: row[1:] for row in tx.rows(Statement(ends))}
    for stream in wanted:
        tx.kept["chain", campaign.id, stream] = Chain(campaign.id, campaign.log, stream, *found.get(stream, ()))
