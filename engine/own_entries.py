"""A page of what somebody entered himself, by where it stands in the log, which is remembered.

The log only grows and nothing in it changes: what was looked through once for somebody's entries need not be again. Without
that each look walks back through the whole log for who acts seldom.
"""

import threading
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.lists import cursor_of, read_cursor
from engine.log_search import ORDER, WantedEntries, entry_of, found_entries, seen_entries, waiting_entries
from engine.log_tables import LogLeaf, LogState
from engine.rows import E
from engine.sight import Sight
from engine.store import Statement, Tx
from engine.tables import table_of
from engine.viewing import View

L, S = table_of(LogLeaf), table_of(LogState)

SAME = and_(E.c.campaign_id == L.c.campaign_id, E.c.stream == L.c.stream, E.c.seq == L.c.seq)

MOST = 5_000
"""Entries of one person whose places are remembered; whoever has more is found quickly from the end of the log. PLACEHOLDER"""

PEOPLE = 200
"""People of whom a process remembers it; who asked longest ago goes. PLACEHOLDER"""

AT_ONCE = 500
"""Places that are looked at for a page; it is short, and the next goes on, if fewer of them are seen. PLACEHOLDER"""

KEPT = "own places"
"""Under which name they lie with what outlives a transaction."""

EDGE = Statement(select(S.c.size, S.c.epoch).where(S.c.campaign_id == bindparam("campaign_id")))
NEW = Statement(
    select(L.c.idx, E.c.recorded_at)
    .select_from(L.join(E, SAME))
    .where(
        L.c.campaign_id == bindparam("campaign_id"), L.c.idx >= bindparam("low"), L.c.idx < bindparam("high"),
        E.c.campaign_id == bindparam("campaign_id"), E.c.actor == bindparam("actor"),
    )
    .order_by(L.c.idx)
)  # fmt: skip

_ORDER = threading.Lock()


class Places(NamedTuple):
    """Where somebody's entries stand among the first *upto* of the log, and when each was recorded, in microseconds."""

    upto: int
    idx: "array[int]"
    at: "array[int]"


NOWHERE = Places(0, array("q"), array("q"))


def places_of(tx: Tx, campaign: Campaign, login: str) -> Places | None:
    """The places of all that *login* entered, as far as the log goes in *tx*; None if they are too many to remember."""
    edge = tx.row(EDGE, campaign_id=campaign.id)
    if edge is None:
        return NOWHERE
    size, epoch = edge
    key = (campaign.id, epoch, login)
    kept: dict[Any, Places | None] = tx.lasting.setdefault(KEPT, {})
    with _ORDER:
        known = kept.get(key, NOWHERE)
    if known is None:
        return None
    if known.upto > size:  # somebody with a later view was here, or it is another log
        known = NOWHERE
    new = tx.rows(NEW, campaign_id=campaign.id, low=known.upto, high=size, actor=login)
    idx, at = (array("q", [row[number] for row in new]) for number in (0, 1))
    found = Places(size, known.idx + idx, known.at + at) if len(known.idx) + len(idx) <= MOST else None
    with _ORDER:
        kept.pop(key, None)
        kept[key] = found
        while len(kept) > PEOPLE:
            del kept[next(iter(kept))]
    return found


def own_page(view: View, sight: Sight, wanted: WantedEntries, limit: int, cursor: str | None) -> dict[str, Any]:
    """What `engine.log_search.found_entries` gives of the entries of one actor. Raises Invalid."""
    if wanted.actor is None or not 1 <= limit <= AT_ONCE:
        return found_entries(view, sight, wanted, limit, cursor)
    with view.database.snapshot() as tx:  # one view: what is given its place meanwhile must not be missed
        places = places_of(tx, view.campaign, wanted.actor)
        found = None if places is None else _page(tx, view, sight, wanted, places, limit, cursor)
    return found_entries(view, sight, wanted, limit, cursor) if found is None else found


def _page(
    tx: Tx, view: View, sight: Sight, wanted: WantedEntries, places: Places, limit: int, cursor: str | None
) -> dict[str, Any]:  # fmt: skip
    fitting = _fitting(places, read_cursor(cursor, ORDER)[0] if cursor else places.upto, wanted)
    which = [E.c.campaign_id == view.campaign.id, *wanted.conditions(), *seen_entries(view, sight)]
    waiting = [] if cursor else waiting_entries(tx, view.campaign.id, which)
    rows = _rows(tx, view.campaign.id, fitting[:AT_ONCE], which, limit + 1)
    last = None
    if len(rows) > limit:
        last = rows[limit - 1][0]
    elif len(fitting) > AT_ONCE:
        last = fitting[AT_ONCE - 1]
    return {
        "items": [entry_of(view, *row) for row in rows[:limit]],
        "waiting": [entry_of(view, None, *row) for row in waiting],
        "next": None if last is None else cursor_of(ORDER, (last, 0)),
        "looked_to": last or 0,
    }


def _fitting(places: Places, before: int, wanted: WantedEntries) -> Sequence[int]:
    """The places before *before* of what was recorded in the days that are wanted, the last first."""
    since = to_us(wanted.since) if wanted.since is not None else None
    until = to_us(wanted.until) if wanted.until is not None else None
    return [
        places.idx[number]
        for number in range(bisect_left(places.idx, before) - 1, -1, -1)
        if (since is None or places.at[number] >= since) and (until is None or places.at[number] < until)
    ]


def _rows(tx: Tx, campaign_id: int, places: Sequence[int], which: Sequence[Any], limit: int) -> list[Any]:
    if not places:
        return []
    statement = select(L.c.idx, E.c.record, E.c.hash).select_from(L.join(E, SAME))
    found = statement.where(L.c.campaign_id == campaign_id, L.c.idx.in_(places), *which)
    return tx.select(found.order_by(L.c.idx.desc()).limit(limit))
