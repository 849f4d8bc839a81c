"""Counting a whole campaign again: batch by batch, each a transaction that can be the last one before a crash.

What changes is ordered in the transaction that stores the new calendar or campaign; the batches follow, by whichever
process comes first, and the last of them owes each recipient one notice of all dates that have moved.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import bindparam, literal_column, select, update

from engine.campaign import Campaign
from engine.canonical import canonical
from engine.clock import to_us
from engine.desk import Desk
from engine.errors import DubanError
from engine.held import Held, unpack
from engine.history import Line
from engine.holding import record
from engine.log import logger
from engine.orders import SYSTEM, Actor, Order
from engine.publishing import get_meta, hold_meta, set_meta
from engine.recount import recount
from engine.recount_notices import owe_corrections
from engine.rows import D, DeadlineRow, M, MatterRow, N, NoticeRow
from engine.service import Engine
from engine.stamp import WAITS, must_be_current, state_of
from engine.store import IDS, Statement, Tx
from engine.watches import STANDING

BATCH = 200
"""Matters counted again in one transaction, so that people's orders get their turn between batches."""

WAITING = Statement(
    select(D.c.matter_id)
    .where(
        D.c.campaign_id == bindparam("campaign_id"),
        D.c.matter_id > bindparam("after"),
        D.c.stopped_at.is_(None),
        D.c.status.in_([literal_column(f"'{status}'") for status in ("running", "paused", *STANDING)]),
    )
    .group_by(D.c.matter_id)
    .order_by(D.c.matter_id)
    .limit(bindparam("limit"))
)
MATTERS = Statement(select(M).where(M.c.id.in_(IDS)).order_by(M.c.id), lock="lock_matter")
DEADLINES = Statement(select(D).where(D.c.matter_id.in_(IDS)).order_by(D.c.matter_id, D.c.id))
OWED = Statement(
    select(N).where(
        N.c.campaign_id == bindparam("campaign_id"),
        N.c.status == literal_column("'owed'"),
        N.c.deadline_id.is_not(None),
        N.c.attempts == 0,
        N.c.digest_id.is_(None),
    )
)
FREE = (N.c.status == literal_column("'owed'"), N.c.attempts == literal_column("0"), N.c.digest_id.is_(None))
STILL_FREE = Statement(select(N.c.id).where(N.c.id.in_(IDS), *FREE).order_by(N.c.id), lock="lock_matter")
"""Which of these nobody has begun to send; nobody does until the end."""

TAKE_BACK = Statement(update(N).where(N.c.id == bindparam("b_id"), *FREE).values(status=bindparam("new_status")))


@dataclass(frozen=True, slots=True)
class Recounting:
    """What is being counted again: its *name* (``calendar:2``), why, who ordered it, and the last matter that is done.

    The reminders of *ladders* are planned anew even where no date has moved.
    """

    name: str
    cause: str
    by: str
    auth: str
    key: str
    at_us: int
    after: int = 0
    ladders: tuple[str, ...] = ()

    @property
    def actor(self) -> Actor:
        return Actor(self.by, self.auth, key=self.key)


def order_recounting(tx: Tx, campaign_ids: Sequence[int], what: Recounting) -> None:
    """Put down that these campaigns are to be counted again; an order not yet carried out goes into the new one."""
    for ident in campaign_ids:
        before = pending(tx, ident)
        ladders = {*what.ladders, *(before.ladders if before else ())}
        _keep(tx, ident, replace(what, ladders=tuple(sorted(ladders))))


def pending(tx: Tx, campaign_id: int) -> Recounting | None:
    """What is still to be counted again."""
    return _read(get_meta(tx, _key(campaign_id)))


def _key(campaign_id: int) -> str:
    return WAITS.format(campaign_id)


def _read(text: str | None) -> Recounting | None:
    if not text:
        return None
    kept = json.loads(text)
    return Recounting(**{**kept, "ladders": tuple(kept["ladders"])})


def _keep(tx: Tx, campaign_id: int, what: Recounting | None) -> None:
    set_meta(tx, _key(campaign_id), canonical(asdict(what)) if what else "")


def settle(engine: Engine) -> int:
    """Count again what was ordered to be, to the end; return how many matters were looked at."""
    with engine.database.snapshot() as tx:
        if pending(tx, engine.campaign.id) is None:
            return 0
    total = 0
    while True:
        done = engine.in_transaction(partial(recount_batch, engine))
        if done is None:
            return total
        total += done


def recount_batch(engine: Engine, tx: Tx) -> int | None:
    """Count the next matters again in *tx*; return how many, None if there was nothing left to do.

    The matters are locked, so whoever works on one is waited for; after the last of them the notices are owed. What is to
    be counted is locked before it is read: of two processes that count at once neither begins again what the other ended.
    """
    campaign = engine.campaign
    hold_meta(tx, _key(campaign.id))
    what = _read(must_be_current(campaign, tx.fetch(state_of(campaign))[0]))
    if what is None:
        return None
    desk = Desk(campaign, engine.people, tx, engine.clock.now(), what.actor)
    idents = [ident for (ident,) in tx.rows(WAITING, campaign_id=campaign.id, after=what.after, limit=BATCH)]
    if not idents:
        _keep(tx, campaign.id, None)
        owe_corrections(desk, what.name, what.at_us, what.cause)
        return 0
    moved: set[int] = set()
    for held in held_of(desk, campaign, tx.among(MATTERS, idents)):
        moved.update(_recount(desk, held, what))
    take_back(tx, campaign, moved, to_us(desk.now))
    _keep(tx, campaign.id, replace(what, after=idents[-1]))
    return len(idents)


def held_of(desk: Desk, campaign: Campaign, matters: Sequence[Any]) -> Iterator[Held]:
    """The matters read, each with its deadlines, in the order of their ids."""
    by_matter: dict[int, list[DeadlineRow]] = {}
    for values in desk.tx.among(DEADLINES, [matter[0] for matter in matters]):
        row = DeadlineRow(*values)
        by_matter.setdefault(row.matter_id, []).append(row)
    for values in matters:
        matter = MatterRow(*values)
        yield unpack(campaign, matter, by_matter.get(matter.id, []), desk.now)


def _recount(desk: Desk, held: Held, what: Recounting) -> list[int]:
    """Count one locked matter again; its entry says what has become of it. Returns the ids of deadlines that have moved."""
    try:
        recount(held.clocks, held.facts, what.at_us, what.ladders)
    except DubanError as error:
        logger.bind(matter=held.row.ref).error("its dates could not be counted again: {}", error.message)
        return []
    if not held.clocks.effects:
        held.save_clocks(desk.tx)
        return []
    row = held.row
    line = Line("recounted", desk.actor, to_us(desk.now), desk.recorded_us(held), what.name, row.state, row.state)
    seq = row.seq
    desk.enter(held, Order(), line, {}, version=False, more={"text": what.cause})
    held.save(desk.tx, seq)
    return [int(effect["id"]) for effect in held.clocks.effects if effect["before"] != effect["last_day"]]


def take_back(tx: Tx, campaign: Campaign, moved: set[int], now_us: int) -> None:
    """Take back the reminders of old dates that nobody has sent yet, on the record."""
    owed = [
        notice for row in tx.rows(OWED, campaign_id=campaign.id) if (notice := NoticeRow(*row)).deadline_id in moved
    ]
    if owed:
        free = {ident for (ident,) in tx.among(STILL_FREE, [each.id for each in owed])}
        owed = [each for each in owed if each.id in free]
    tx.write_many(TAKE_BACK, [{"b_id": each.id, "new_status": "cancelled"} for each in owed])
    record(tx, campaign, owed, Line("notice", SYSTEM, now_us, now_us, "drop", more={"why": "recounted"}))
