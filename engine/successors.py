"""Whose a notice is when he who was to get it has left before it went out.

Who is told is decided when a notice is owed. If he has lost the post meanwhile (its time is over, he was disabled), the
notice is cancelled and owed to whoever holds the post now, at once; if nobody does, to the post's own address, which is on
the daily alarm. A notice to somebody who only stood in is cancelled without a successor, since the holder was told as well.
A notice to a post that nobody held goes to its new holder. All of it is on the chained stream of the notice.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, literal_column, null, or_, select, update

from engine.campaign import Campaign
from engine.clock import to_us
from engine.delegations import D, G
from engine.deliveries import stream_of_notice
from engine.digest_words import KIND as DIGEST
from engine.digests import ALIGHT, hold_members, particulars, ride
from engine.history import Line, append, chain_at
from engine.ids import new_id
from engine.orders import SYSTEM
from engine.owed_record import OWED, said_owed
from engine.owing import would_owe
from engine.people import Directory, People
from engine.rows import INSERT_NOTICE, N, NoticeRow
from engine.store import Statement, Tx

HELD_THEN = Statement(
    select(G.c.post).where(
        G.c.campaign_id == bindparam("campaign_id"),
        G.c.login == bindparam("login"),
        G.c.body == bindparam("body"),
        G.c.valid_from <= bindparam("goes"),
        or_(G.c.valid_to.is_(None), G.c.valid_to > bindparam("planned")),
    )
)
"""The posts held at any time between the hour a notice was meant for and the one it is to go at."""
STOOD_IN_THEN = Statement(
    select(D.c.post).where(
        D.c.campaign_id == bindparam("campaign_id"),
        D.c.delegate == bindparam("login"),
        D.c.body == bindparam("body"),
        D.c.valid_from <= bindparam("goes"),
        D.c.valid_to > bindparam("planned"),
        or_(D.c.ended_at.is_(None), D.c.ended_at >= bindparam("planned")),
    )
)
TOLD_THE_SAME = Statement(
    select(N.c.recipient).where(
        N.c.campaign_id == bindparam("campaign_id"),
        N.c.kind == bindparam("kind"),
        N.c.planned_at == bindparam("planned_at"),
        N.c.subject == bindparam("subject"),
        N.c.text == bindparam("text"),
        N.c.status != literal_column("'cancelled'"),
    )
)
MARK_PASSED_ON = Statement(
    update(N)
    .where(N.c.id == bindparam("b_id"), N.c.status == literal_column("'owed'"))
    .values(status=bindparam("new_status"), attempts=N.c.attempts - 1, lease_until=null())
)


def pass_on(tx: Tx, campaign: Campaign, people: People, claimed: Sequence[NoticeRow], now: datetime) -> list[NoticeRow]:
    """Give those of *claimed* that still go to their recipient; the others are cancelled, and owed to the successors.

    Of a digest each notice that rides in it goes its own way: who has left one of two bodies is told of the other's alone.
    """
    directory = people.directory(tx, now)
    kept = []
    for notice in claimed:
        riding = hold_members(tx, notice.id, "owed") if notice.kind == DIGEST else []
        fates = [(each, _heirs(tx, campaign, directory, each)) for each in riding or (notice,)]
        if all(heirs is None for _, heirs in fates):
            kept.append(notice)
            continue
        if riding:
            tx.write_many(ALIGHT, [{"b_id": each.id} for each in riding])
            _hand(tx, campaign, notice, (), to_us(now))
        for each, heirs in fates:
            if heirs is not None:
                _hand(tx, campaign, each, heirs, to_us(now))
        _ride_on(tx, campaign, [each for each, heirs in fates if heirs is None], now)
    return kept


def _heirs(tx: Tx, campaign: Campaign, directory: Directory, notice: NoticeRow) -> list[str] | None:
    """To whom *notice* goes instead; None if it goes to its recipient."""
    recipient, body = notice.recipient, notice.body
    if directory.posts_at(recipient, body):
        return None
    of, _, post = recipient.partition(".")
    if of == body and body in campaign.bodies and post in campaign.bodies[body].posts:
        holders = directory.reach(body, [post])
        return None if holders == [recipient] else holders
    where = {"campaign_id": campaign.id, "login": recipient, "body": body,
             "planned": notice.planned_at, "goes": notice.effective_at}  # fmt: skip
    held, stood_in = tx.fetch((HELD_THEN, where), (STOOD_IN_THEN, where))
    if held:
        return directory.reach(body, [post for (post,) in held])
    return [] if stood_in else None


def _ride_on(tx: Tx, campaign: Campaign, left: Sequence[NoticeRow], now: datetime) -> None:
    """Put what is left of a digest into a new one, if it is several."""
    for riding in particulars(tx, campaign, [[each.id for each in left]]):
        ride(tx, campaign, [riding], to_us(now))


def _hand(tx: Tx, campaign: Campaign, notice: NoticeRow, heirs: Sequence[str], now_us: int) -> None:
    same = {"kind": notice.kind, "planned_at": notice.planned_at, "subject": notice.subject, "text": notice.text}
    told = {login for (login,) in tx.rows(TOLD_THE_SAME, campaign_id=campaign.id, **same)}
    fresh = [
        replace(
            notice, id=new_id(), recipient=heir, channel=campaign.channel, effective_at=now_us, next_try_at=now_us,
            attempts=0, lease_until=None, worker=None, last_error=None, digest_id=None, dedup=f"{notice.dedup}>{heir}",
        )
        for heir in dict.fromkeys(heirs)
        if heir not in told
    ]  # fmt: skip
    rows = would_owe(tx, campaign, fresh) if fresh else []
    tx.write(MARK_PASSED_ON, {"b_id": notice.id, "new_status": "cancelled"})
    said = {
        "notice": str(notice.id), "recipient": notice.recipient, "heirs": [each.recipient for each in fresh],
        **({OWED: said_owed(rows)} if rows else {}),
    }  # fmt: skip
    chain = chain_at(tx, campaign.id, campaign.log, stream_of_notice(campaign, notice))
    append(tx, chain, Line("notice", SYSTEM, now_us, now_us, trigger="passed_on", more=said))
    tx.put(INSERT_NOTICE, rows)
