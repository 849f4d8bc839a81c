"""Digests: what is due to one person over one channel at one moment rides in one message, and its members remember which."""

from collections.abc import Iterable, Sequence
from dataclasses import fields

from sqlalchemy import bindparam, literal_column, null, or_, select, update

from engine.campaign import Campaign
from engine.digest_words import Particular, compose_digest
from engine.outbox import OWED
from engine.owed_record import record_owed
from engine.owing import address_of
from engine.rows import INSERT_NOTICE, D, M, N, NoticeRow
from engine.store import IDS, Statement, Tx

MOST_LOOKED_AT = 20_000
"""Owed notices that are looked through at once for those that may ride together. PLACEHOLDER"""

MOST_RIDING = 500
"""Notices in one digest; more go in a second one, for no message is read that has no end. PLACEHOLDER"""

DUE = Statement(
    select(N.c.id, N.c.recipient, N.c.channel, N.c.kind, N.c.body)
    .where(
        OWED,
        N.c.campaign_id == bindparam("campaign_id"),
        N.c.next_try_at <= bindparam("now"),
        or_(N.c.lease_until.is_(None), N.c.lease_until <= bindparam("now")),
        N.c.digest_id.is_(None),
        N.c.urgent == 0,
        N.c.ref.is_not(None),
    )
    .order_by(N.c.id)
    .limit(bindparam("limit")),
    lock="lock_matter",
)
"""Locked in the order of their ids: of two senders the second waits, and finds them riding already."""

PARTICULARS = Statement(
    select(N, M.c.title, M.c.definition_id, D.c.code, D.c.last_day, D.c.breach_at, D.c.status)
    .select_from(
        N.outerjoin(M, (M.c.campaign_id == N.c.campaign_id) & (M.c.ref == N.c.ref)).outerjoin(
            D, D.c.id == N.c.deadline_id
        )
    )
    .where(N.c.id.in_(IDS))
    .order_by(N.c.id)
)
RIDES = Statement(update(N).where(N.c.id == bindparam("b_id")).values(digest_id=bindparam("digest")))
MEMBERS = Statement(
    select(N).where(N.c.digest_id == bindparam("digest"), N.c.status == bindparam("status")).order_by(N.c.id)
)
HELD_MEMBERS = Statement(MEMBERS.expression, lock="lock_matter")
"""The same, locked in the order of their ids: nobody else takes down anything of them until the end."""

MARK_MEMBERS = Statement(
    update(N)
    .where(N.c.digest_id == bindparam("b_digest"), N.c.status == bindparam("b_status"))
    .values(status=bindparam("new_status"), sent_at=bindparam("sent"), last_error=bindparam("error"))
)
ACKNOWLEDGE_MEMBERS = Statement(
    update(N)
    .where(N.c.digest_id == bindparam("b_digest"), N.c.status == literal_column("'sent'"))
    .values(
        status=literal_column("'acknowledged'"),
        acknowledged_at=bindparam("at"),
        acknowledged_by=bindparam("by"),
        acknowledged_auth=bindparam("auth"),
    )
)
ALIGHT = Statement(update(N).where(N.c.id == bindparam("b_id")).values(digest_id=null()))

WIDTH = len(fields(NoticeRow))


def bundle(tx: Tx, campaign: Campaign, now_us: int) -> int:
    """Put what is due by *now_us* and may ride together into digests; return how many digests there are now to send."""
    if not campaign.delivery.digesting:
        return 0
    groups: dict[tuple[str, str], list[int]] = {}
    for ident, recipient, channel, kind, body in tx.rows(
        DUE, campaign_id=campaign.id, now=now_us, limit=MOST_LOOKED_AT
    ):
        if campaign.delivery.digests(kind, body):
            groups.setdefault((recipient, channel), []).append(ident)
    together = [idents for idents in groups.values() if len(idents) > 1]
    return len(ride(tx, campaign, particulars(tx, campaign, together), now_us)) if together else 0


def same_way(tx: Tx, campaign: Campaign, notices: Iterable[NoticeRow]) -> list[list[NoticeRow]]:
    """Put together what goes to one recipient over one channel at one address.

    Who works for two bodies may be reached at the duty desk of each: what is one body's does not go to the other's.
    """
    addresses: dict[tuple[str, str, str], str] = {}
    groups: dict[tuple[str, str, str], list[NoticeRow]] = {}
    for each in notices:
        seat = each.recipient, each.channel, each.body
        if seat not in addresses:
            addresses[seat] = address_of(tx, campaign, each)
        groups.setdefault((each.recipient, each.channel, addresses[seat]), []).append(each)
    return list(groups.values())


def particulars(tx: Tx, campaign: Campaign, together: Iterable[Sequence[int]]) -> list[list[Particular]]:
    """The notices with these ids, with their matters and deadlines, in groups that go one way, none alone or too long."""
    groups = [group for group in together if group]
    rows = tx.among(PARTICULARS, sorted(ident for group in groups for ident in group)) if groups else []
    found = {row[0]: Particular(NoticeRow(*row[:WIDTH]), *row[WIDTH:]) for row in rows}
    ways = [way for group in groups for way in same_way(tx, campaign, (found[ident].notice for ident in group))]
    parts = [way[at : at + MOST_RIDING] for way in ways if len(way) > 1 for at in range(0, len(way), MOST_RIDING)]
    return [[found[each.id] for each in part] for part in parts]


def ride(tx: Tx, campaign: Campaign, groups: Iterable[Sequence[Particular]], now_us: int) -> list[NoticeRow]:
    """Write one digest for each of *groups* and note on its members that they ride in it."""
    digests = []
    for group in groups:
        digest = compose_digest(campaign, group, now_us)
        digests.append(digest)
        tx.put(INSERT_NOTICE, [digest])
        tx.write_many(RIDES, [{"b_id": each.notice.id, "digest": digest.id} for each in group])
    record_owed(tx, campaign, digests, now_us)
    return digests


def members(tx: Tx, digest_id: int, status: str) -> list[NoticeRow]:
    """The notices that ride in a digest and stand at *status*."""
    return [NoticeRow(*row) for row in tx.rows(MEMBERS, digest=digest_id, status=status)]


def hold_members(tx: Tx, digest_id: int, status: str) -> list[NoticeRow]:
    """The same for whoever puts down what became of them: they still stand so, and do until the transaction ends."""
    return [NoticeRow(*row) for row in tx.rows(HELD_MEMBERS, digest=digest_id, status=status)]
