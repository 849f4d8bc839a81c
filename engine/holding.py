"""Held mode (积压待发): after an outage or a restore nothing stale goes out by itself; a person looks at it first."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, literal_column, null, or_, select, update

from engine.campaign import Campaign
from engine.clock import from_us, rfc3339, to_us
from engine.digest_words import KIND as DIGEST
from engine.facts import read_instant
from engine.history import Line, append, chain_at
from engine.orders import SYSTEM, Actor
from engine.outbox import OWED
from engine.owing import free_us, known_ways
from engine.publishing import set_meta
from engine.rows import D, N, NoticeRow
from engine.sight import Sight
from engine.store import IDS, Statement, Tx
from engine.tables import Meta, table_of

K = table_of(Meta)

ALARM = "backlog"
"""The kind of the one message that tells the office of what is held; it is never held itself."""

GRACE = timedelta(hours=1)
"""Beyond the limit: whose scheduler is called once a day by the clock of another program has no outage. PLACEHOLDER"""

BEAT = timedelta(minutes=10)
"""How often a running scheduler leaves a mark that it was there: the coarseness with which an outage is seen. PLACEHOLDER"""

HOLD, TURN, OUTAGE = "hold:{}", "turn:{}", "outage:{}"
"""Properties of the database, for the campaign with this id: held mode; the last turn; a rehearsal's outage since."""

STATE = Statement(
    select(K.c.key, K.c.value).where(or_(*(K.c.key == bindparam(name) for name in ("hold", "turn", "outage"))))
)
CANDIDATES = Statement(
    select(N, D.c.breach_at)
    .select_from(N.outerjoin(D, D.c.id == N.c.deadline_id))
    .where(
        OWED,
        N.c.campaign_id == bindparam("campaign_id"),
        N.c.next_try_at <= bindparam("now"),
        N.c.planned_at <= bindparam("planned"),
        or_(N.c.lease_until.is_(None), N.c.lease_until <= bindparam("now")),
        N.c.digest_id.is_(None),
        N.c.released_at.is_(None),
        N.c.kind != literal_column(f"'{ALARM}'"),
    )
    .order_by(N.c.id)
)
STILL = Statement(
    select(N.c.id, N.c.lease_until).where(N.c.id.in_(IDS), OWED, N.c.released_at.is_(None)).order_by(N.c.id),
    lock="lock_matter",
)
"""Which of these are still as they were looked at: another scheduler may have put them aside, and somebody released them.

Or another is sending them by now, until their lease is over.
"""

PUT_ASIDE = Statement(
    update(N)
    .where(N.c.id == bindparam("b_id"), OWED)
    .values(status=bindparam("new_status"), lease_until=null(), worker=null())
)
DISSOLVE = Statement(
    update(N)
    .where(N.c.digest_id == bindparam("b_digest"), OWED)
    .values(status=literal_column("'held'"), digest_id=null())
)
COUNTS = Statement(
    select(N.c.recipient, N.c.channel, N.c.body, func.count(), func.min(N.c.planned_at))
    .where(N.c.campaign_id == bindparam("campaign_id"), N.c.status == literal_column("'held'"))
    .group_by(N.c.recipient, N.c.channel, N.c.body)
    .order_by(N.c.recipient, N.c.channel, N.c.body)
)
WIDTH = len(fields(NoticeRow))


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a campaign is in held mode, and whether its scheduler was away: *mode* is who began it, when and why."""

    mode: Mapping[str, Any] | None
    turn_us: int | None
    outage_us: int | None

    def away(self, campaign: Campaign, now_us: int, kind: str) -> bool:
        """Whether nobody was at the wheel for longer than the campaign's limit; in a rehearsal only if that was said."""
        since = self.outage_us if kind == "rehearsal" else self.turn_us
        return since is not None and now_us - campaign.delivery.free_us(since) > limit_us(campaign)


def limit_us(campaign: Campaign) -> int:
    """How late something may be before it is held."""
    return (campaign.delivery.limit + GRACE) // timedelta(microseconds=1)


def standing(tx: Tx, campaign: Campaign) -> Standing:
    """What the database says of held mode."""
    names = {name: form.format(campaign.id) for name, form in (("hold", HOLD), ("turn", TURN), ("outage", OUTAGE))}
    if tx.mirror is not None:
        found: dict[str, str] = tx.mirror.properties.among(tx, list(names.values()))
    else:
        found = {str(key): str(value) for key, value in tx.rows(STATE, **names)}
    mode = json.loads(found[names["hold"]]) if found.get(names["hold"]) else None
    return Standing(mode, *(_instant(campaign, found.get(names[name])) for name in ("turn", "outage")))


def _instant(campaign: Campaign, text: str | None) -> int | None:
    return to_us(read_instant(text, campaign.zone)) if text else None


def hold_stale(tx: Tx, campaign: Campaign, now_us: int, kind: str) -> int:
    """Put aside what is due and stale, and note that the scheduler is there; return how many notices were held.

    *kind* is that of the database: a rehearsal has an outage only if one was rehearsed. After an outage everything
    that fell due is held, so that each recipient gets one message for all of it.
    """
    found = standing(tx, campaign)
    away = found.away(campaign, now_us, kind)
    if kind == "rehearsal" and found.mode is None and not away:
        return 0
    everything = away or found.mode is not None
    planned = now_us if everything else now_us - limit_us(campaign)
    rows = tx.rows(CANDIDATES, campaign_id=campaign.id, now=now_us, planned=planned)
    stale = [
        notice
        for *values, breach_at in rows
        if _stale(campaign, tx, notice := NoticeRow(*values), (breach_at, now_us), found.mode, everything=everything)
    ]
    if stale:
        found_again = tx.among(STILL, [each.id for each in stale])
        still = {ident for ident, lease in found_again if lease is None or lease <= now_us}
        stale = [each for each in stale if each.id in still]
    why = "outage" if away else found.mode["why"] if found.mode else "late"
    put_aside(tx, campaign, stale, SYSTEM, now_us, {"why": why})
    _leave_mark(tx, campaign, found, now_us, kind)
    return len(stale)


def _leave_mark(tx: Tx, campaign: Campaign, found: Standing, now_us: int, kind: str) -> None:
    """In the transaction that holds what an outage left, so that no crash between the two forgets the outage."""
    if kind == "rehearsal":
        if found.outage_us is not None:
            set_meta(tx, OUTAGE.format(campaign.id), "")
    elif found.turn_us is None or now_us - found.turn_us > BEAT // timedelta(microseconds=1):
        set_meta(tx, TURN.format(campaign.id), rfc3339(from_us(now_us)))


def _stale(
    campaign: Campaign,
    tx: Tx,
    notice: NoticeRow,
    times: tuple[int | None, int],
    mode: Mapping[str, Any] | None,
    *,
    everything: bool,
) -> bool:
    breach_at, now_us = times
    if mode is not None and mode["why"] == "restored" and notice.planned_at <= mode["since_us"]:
        return True  # the original may have sent it after the backup: not even a hand-over goes out twice by itself
    if notice.kind == "handover" or (notice.urgent and breach_at is not None and breach_at > now_us):
        return False
    if everything:
        return True
    way = next((way for way in known_ways(tx, campaign, notice) if way.channel == notice.channel), None)
    meant_us = free_us(campaign, notice.planned_at, way, urgent=bool(notice.urgent))
    waited = notice.attempts == 0 and now_us - notice.next_try_at > limit_us(campaign)
    owed_late = notice.kind != DIGEST and notice.effective_at - meant_us > limit_us(campaign)
    return waited or owed_late  # what rides in a digest was judged by itself before


def put_aside(
    tx: Tx, campaign: Campaign, notices: Sequence[NoticeRow], actor: Actor, now_us: int, more: Mapping[str, Any],
    private: Mapping[str, Any] | None = None, status: str = "held",
) -> None:  # fmt: skip
    """Hold (or, as *status* says, cancel) these owed or held notices, on the record with who and why."""
    statement = PUT_ASIDE if status == "held" else SET_ASIDE
    tx.write_many(statement, [{"b_id": each.id, "new_status": _fate(each, status)} for each in notices])
    tx.write_many(DISSOLVE, [{"b_digest": each.id} for each in notices if each.kind == DIGEST])
    record(tx, campaign, notices, Line("notice", actor, now_us, now_us, "hold" if status == "held" else "drop",
                                       private=private, more=more))  # fmt: skip


SET_ASIDE = Statement(
    update(N)
    .where(N.c.id == bindparam("b_id"), N.c.status == literal_column("'held'"))
    .values(status=bindparam("new_status"))
)


def _fate(notice: NoticeRow, status: str) -> str:
    """A digest that had not gone is dissolved: what rode in it is held, and goes in another one."""
    return "cancelled" if notice.kind == DIGEST else status


def record(tx: Tx, campaign: Campaign, notices: Iterable[NoticeRow], line: Line) -> None:
    """Append what was done with *notices* to the streams of their matters, one entry each."""
    streams: dict[str, list[NoticeRow]] = {}
    for each in notices:
        streams.setdefault(f"notices/{each.ref or campaign.code}", []).append(each)
    for stream, group in sorted(streams.items()):
        said = {
            **(line.more or {}),
            "notices": [str(each.id) for each in group],
            "recipients": sorted({each.recipient for each in group}),
        }
        words = Line(
            line.kind, line.actor, line.occurred_us, line.recorded_us, line.trigger, private=line.private, more=said
        )
        append(tx, chain_at(tx, campaign.id, campaign.log, stream), words)


def begin_mode(tx: Tx, campaign: Campaign, by: str, why: str, now_us: int) -> dict[str, Any]:
    """Put the campaign into held mode: what falls due waits for a person."""
    mode = {"since": rfc3339(from_us(now_us)), "since_us": now_us, "by": by, "why": why}
    set_meta(tx, HOLD.format(campaign.id), json.dumps(mode, ensure_ascii=False))
    return mode


def end_mode(tx: Tx, campaign: Campaign) -> None:
    """End held mode."""
    set_meta(tx, HOLD.format(campaign.id), "")


def begin_outage(tx: Tx, campaign: Campaign, since_us: int) -> None:
    """Note that a rehearsal rehearses an outage from *since_us* on, unless one goes on already."""
    if standing(tx, campaign).outage_us is None:
        set_meta(tx, OUTAGE.format(campaign.id), rfc3339(from_us(since_us)))


def held_by_recipient(tx: Tx, campaign: Campaign) -> list[dict[str, Any]]:
    """How many notices are held for each recipient and channel, and since when the oldest waits."""
    return [
        {"recipient": recipient, "channel": channel, "body": body, "count": count, "oldest": rfc3339(from_us(oldest))}
        for recipient, channel, body, count, oldest in tx.rows(COUNTS, campaign_id=campaign.id)
    ]


def held_count(tx: Tx, campaign: Campaign) -> Counter[str]:
    """How many notices are held, by recipient."""
    found: Counter[str] = Counter()
    for each in held_by_recipient(tx, campaign):
        found[each["recipient"]] += each["count"]
    return found


def held_within(tx: Tx, campaign: Campaign, sight: Sight) -> dict[str, Any]:
    """How much is held for whom, as *sight* sees it, and whether held mode is on: who began it, when and why."""
    mode = standing(tx, campaign).mode
    return {
        "recipients": [
            each for each in held_by_recipient(tx, campaign) if sight.everything or each["body"] in sight.bodies
        ],
        "mode": {name: mode[name] for name in ("since", "by", "why")} if mode else None,
    }
