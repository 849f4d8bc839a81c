"""Letting time pass: what is due is fired once, in one transaction a batch, and one bad matter stops no other."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import bindparam, func, select

from engine.campaign import Campaign
from engine.clock import from_us, to_us
from engine.desk import Desk
from engine.errors import Unavailable
from engine.held import Held, unpack
from engine.in_hand import kept
from engine.log import logger
from engine.orders import SYSTEM
from engine.roster import note
from engine.rows import D, DeadlineRow, M, MatterRow
from engine.rungs import fire_matter
from engine.service import Engine
from engine.sheaf import Sheaf
from engine.stamp import Stale, must_be_current, state_in, state_of
from engine.store import IDS, Statement, Tx

BATCH = 200
"""Most deadlines fired in one transaction, so that people's orders get their turn between batches."""

DEADLINES_A_MATTER = 20
"""How many due deadlines of a matter that cannot be fired are passed over. PLACEHOLDER"""

DUE = Statement(
    select(D.c.id, D.c.matter_id)
    .where(D.c.next_fire_at <= bindparam("now"), D.c.campaign_id == bindparam("campaign_id"))
    .order_by(D.c.next_fire_at, D.c.id)
    .limit(bindparam("limit"))
)
NEXT = Statement(
    select(func.min(D.c.next_fire_at)).where(D.c.next_fire_at.is_not(None), D.c.campaign_id == bindparam("campaign_id"))
)
MATTERS = Statement(select(M).where(M.c.id.in_(IDS)).order_by(M.c.id), lock="skip_locked")
DEADLINES = Statement(select(D).where(D.c.matter_id.in_(IDS)).order_by(D.c.matter_id, D.c.id))


def next_due(engine: Engine) -> datetime | None:
    """The earliest instant at which some deadline has something to say."""
    with engine.database.snapshot() as tx:
        return due_in(tx, engine.campaign.id)


def due_in(tx: Tx, campaign_id: int) -> datetime | None:
    """The same, seen from inside a transaction."""
    mirror = tx.mirror
    at_us = tx.rows(NEXT, campaign_id=campaign_id)[0][0] if mirror is None else mirror.next_due(tx, campaign_id)
    return from_us(at_us) if at_us is not None else None


def fire_due(engine: Engine, over: Callable[[], bool] = lambda: False) -> int:
    """Fire everything due by now, batch by batch; return how many deadlines fired. Once it is *over*, the rest waits.

    A matter that cannot be fired stops nobody else: what a batch with it would have done is then done matter by
    matter, and the fault is logged each time that it is met.
    """
    fired = 0
    spoilt: set[int] = set()
    while True:
        try:
            done, more = engine.in_transaction(partial(fire_batch, engine, limit=BATCH, spoilt=spoilt))
        except Exception as error:  # whatever is wrong with one matter, the others are due
            if stops_all(error):
                raise
            done, more = _one_by_one(engine, spoilt)
        fired += done
        if not more or over():
            return fired


def stops_all(error: Exception) -> bool:
    """Whether *error* stands against everything that is to be done, not against the one piece that met it each time."""
    return isinstance(error, Unavailable) and error.code != "contention"


def _one_by_one(engine: Engine, spoilt: set[int]) -> tuple[int, bool]:
    """Fire the matters of the next batch each in its own transaction, and add those that fail to *spoilt*.

    Returns how many deadlines fired, and whether there was any matter at all.
    """
    due = engine.in_transaction(lambda tx: _due(engine, tx, engine.clock.now(), BATCH, spoilt))
    matters = {matter for _, matter in due}
    fired = 0
    for matter in sorted(matters):
        try:
            done, _ = engine.in_transaction(partial(fire_batch, engine, spoilt=spoilt, only=matter))
            fired += done
        except Exception as error:  # see above
            if stops_all(error):
                raise
            spoilt.add(matter)
            logger.bind(matter=matter).error("a deadline could not be fired: {}: {}", type(error).__name__, error)
    return fired, bool(matters)


def fire_batch(
    engine: Engine, tx: Tx, *, limit: int = BATCH, spoilt: Collection[int] = (), only: int | None = None
) -> tuple[int, bool]:
    """Fire at most *limit* deadlines in *tx*, but none of *spoilt* matters; return how many, and whether there may be more.

    Locks the matters first, in the order of their ids and passing over those that somebody works on, then reads their
    deadlines: the same order in which every other change locks.
    """
    campaign, now = engine.campaign, engine.clock.now()
    due = _due(engine, tx, now, limit, spoilt)
    if only is not None:
        due = [row for row in due if row[1] == only]
    if not due:
        return 0, False
    wanted = {ident for ident, _ in due}
    matters = _locked(tx, campaign, sorted({matter for _, matter in due}), now)
    if not matters:
        return 0, False
    sheaf = Sheaf(Desk(campaign, engine.people, tx, now, SYSTEM), to_us(now))
    fired = sum(fire_matter(sheaf, held, wanted) for held in matters)
    sheaf.write()
    return fired, len(due) == limit and fired > 0


def _locked(tx: Tx, campaign: Campaign, idents: Sequence[int], now: datetime) -> list[Held]:
    """Lock the matters with these ids, but those that somebody works on, in their order; what is kept is not read again."""
    found = {ident: saved.again(campaign, now) for ident in idents if (saved := kept(tx, ident)) is not None}
    rest = [ident for ident in idents if ident not in found]
    rows = {values[0]: MatterRow(*values) for values in tx.among(MATTERS, rest)} if rest else {}
    clocks: dict[int, list[DeadlineRow]] = {}
    for values in tx.among(DEADLINES, list(rows)) if rows else ():
        row = DeadlineRow(*values)
        clocks.setdefault(row.matter_id, []).append(row)
    found.update((ident, unpack(campaign, row, clocks.get(ident, []), now)) for ident, row in rows.items())
    return [found[ident] for ident in idents if ident in found]


def _due(engine: Engine, tx: Tx, now: datetime, limit: int, spoilt: Collection[int]) -> list[tuple[int, int]]:
    """The next due deadlines with their matters at *now*, without those of *spoilt* matters.

    Raises Stale while dates wait to be counted again: nothing may fire at a date that no longer holds. Raises Unavailable
    if the clock was stepped before it said *now*.
    """
    if engine.timekeeper is not None:
        engine.timekeeper.refuse_within()
    now_us = to_us(now)
    most = limit + DEADLINES_A_MATTER * len(spoilt)
    if tx.mirror is not None:
        rows, state = tx.mirror.due(tx, engine.campaign.id, now_us, most), state_in(tx, engine.campaign)
    else:
        where = {"campaign_id": engine.campaign.id, "now": now_us, "limit": most}
        rows, found = tx.fetch((DUE, where), state_of(engine.campaign))
        state = dict(found)
    note(tx, state)
    if must_be_current(engine.campaign, state):
        raise Stale
    return [(ident, matter) for ident, matter in rows if matter not in spoilt][:limit]
