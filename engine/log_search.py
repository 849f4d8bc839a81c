"""Searching the whole record: entries by their place in the log, newest first, a page at a time; checkpoints; denials."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, func, literal, not_, or_, select

from engine.anchors import anchor_folders, newest_anchors
from engine.checkpoints import C, short_root
from engine.clock import from_us, rfc3339, to_us
from engine.denials import HOUR_US, W
from engine.errors import Invalid
from engine.lists import MOST, cursor_of, read_cursor
from engine.log_entries import log_story, origin_of
from engine.rows import E, M
from engine.sequencing import L, Q
from engine.shapes import at, entry_json
from engine.sight import Sight
from engine.signed_notes import LOG, Key
from engine.store import Tx
from engine.viewing import View

ORDER, SEALS = "log", "checkpoints"
"""What the cursors of these pages say they are of."""

LOOKED_THROUGH = 50_000
"""Entries that are looked through for one page; then the page is given as it is, and the next one goes on. PLACEHOLDER"""

MOST_WAITING = 50
"""Entries without a place in the log that are shown before the others. PLACEHOLDER"""

ABOUT = ("matter", "notices", "vault")
"""The streams of one matter."""

COMINGS = ("access",)
"""Kinds of entries of who came in and left, as far as a database has any."""

SECURITY = ("denied", *COMINGS)
"""Kinds of entries that only who may see the security log sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEntries:
    """Which entries: all that is given must fit. *since* and *until* (exclusive) bound when they were recorded.

    *text* is looked for in what was hashed: personal values stand there only as commitments, and are never found.
    """

    ref: str | None = None
    actor: str | None = None
    kinds: tuple[str, ...] = ()
    trigger: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions on an entry."""
        found: list[ColumnElement[bool]] = []
        if self.ref is not None:
            found.append(E.c.stream.in_([f"{about}/{self.ref}" for about in ABOUT]))
        for column, value in ((E.c.actor, self.actor), (E.c.trigger, self.trigger)):
            if value is not None:
                found.append(column == value)
        if self.kinds:
            found.append(E.c.kind.in_(self.kinds))
        if self.since is not None:
            found.append(E.c.recorded_at >= to_us(self.since))
        if self.until is not None:
            found.append(E.c.recorded_at < to_us(self.until))
        if self.text is not None:
            found.append(E.c.record.contains(self.text, autoescape=True))
        return found

    @property
    def narrow(self) -> bool:
        """Whether an index leads to what is wanted, so that the whole log need not be looked through in pieces."""
        return self.ref is not None or self.since is not None


def seen_entries(view: View, sight: Sight) -> list[ColumnElement[bool]]:
    """The conditions on entries that *sight* sees: those of matters it sees, and no comings and denials without the right."""
    found: list[ColumnElement[bool]] = []
    if not sight.may("security_log"):
        found.append(E.c.kind.not_in(SECURITY))
    if not sight.everything:
        refs = select(M.c.ref).where(M.c.campaign_id == view.campaign.id, *view.within()).subquery()
        seen = [E.c.stream.in_(select(literal(f"{about}/", Text) + refs.c.ref)) for about in ABOUT]
        of_matters = or_(*(E.c.stream.like(f"{about}/%") for about in ABOUT))
        found.append(or_(not_(of_matters), *seen))
    return found


def found_entries(
    view: View, sight: Sight, wanted: WantedEntries, limit: int = 50, cursor: str | None = None
) -> dict[str, Any]:
    """A page of entries, the last in the log first. Raises Invalid.

    ``items`` have their place ``idx`` in the log; ``waiting``, on the first page, have none yet. ``next`` goes on,
    ``looked_to`` is the place down to which it was looked.
    """
    if not 1 <= limit <= MOST:
        raise Invalid(f"a page has 1 to {MOST} rows, not {limit}", "limit")
    before = read_cursor(cursor, ORDER)[0] if cursor else None
    campaign = view.campaign
    conditions = [E.c.campaign_id == campaign.id, *wanted.conditions(), *seen_entries(view, sight)]
    with view.database.snapshot() as tx:
        waiting = waiting_entries(tx, campaign.id, conditions) if before is None else []
        if before is None:
            before = (tx.select(select(func.max(L.c.idx)).where(L.c.campaign_id == campaign.id))[0][0] or 0) + 1
        low = 0 if wanted.narrow else max(0, before - LOOKED_THROUGH)
        same = and_(E.c.campaign_id == L.c.campaign_id, E.c.stream == L.c.stream, E.c.seq == L.c.seq)
        rows = tx.select(
            select(L.c.idx, E.c.record, E.c.hash)
            .select_from(L.join(E, same))
            .where(L.c.campaign_id == campaign.id, L.c.idx < before, L.c.idx >= low, *conditions)
            .order_by(L.c.idx.desc())
            .limit(limit + 1)
        )
    more = len(rows) > limit
    last = rows[limit - 1][0] if more else low
    return {
        "items": [entry_of(view, *row) for row in rows[:limit]],
        "waiting": [entry_of(view, None, *row) for row in waiting],
        "next": cursor_of(ORDER, (last, 0)) if last > 0 else None,
        "looked_to": last,
    }


def waiting_entries(tx: Tx, campaign_id: int, conditions: Sequence[ColumnElement[bool]]) -> list[Any]:
    """What fits of the entries that have no place in the log yet, newest first."""
    same = and_(E.c.campaign_id == Q.c.campaign_id, E.c.stream == Q.c.stream, E.c.seq == Q.c.seq)
    statement = select(E.c.record, E.c.hash).select_from(Q.join(E, same))
    fitting = statement.where(Q.c.campaign_id == campaign_id, *conditions)
    return tx.select(fitting.order_by(Q.c.id.desc()).limit(MOST_WAITING))


def entry_of(view: View, idx: int | None, record: str, digest: str) -> dict[str, Any]:
    """An entry as the contract has it, without private values, with its place and what was hashed."""
    body = json.loads(record)
    shown = entry_json(body, digest, {}, view.campaign.late_after)
    return {**shown, "idx": idx, "stream": body["stream"], "said": body, "record": record}


def sealing(tx: Tx, view: View, limit: int = 50, cursor: str | None = None) -> dict[str, Any]:
    """The log's public keys, its checkpoints newest first, the short form of its root, and the newest anchors outside."""
    campaign, story = view.campaign, log_story(tx, view.campaign)
    statement = select(C.c.epoch, C.c.size, C.c.root, C.c.note, C.c.created_at).where(C.c.campaign_id == campaign.id)
    if cursor is not None:
        epoch, size = read_cursor(cursor, SEALS)
        statement = statement.where(or_(C.c.epoch < epoch, and_(C.c.epoch == epoch, C.c.size < size)))
    rows = tx.select(statement.order_by(C.c.epoch.desc(), C.c.size.desc()).limit(limit + 1))
    size = tx.select(select(func.count()).select_from(Q).where(Q.c.campaign_id == campaign.id))[0][0]
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "log": campaign.log,
        "short_root": short_root(tx, campaign),
        "waiting": size,
        "keys": [
            {"vkey": str(Key(origin_of(campaign.log), LOG, bytes.fromhex(use.public))), "public": use.public,
             "replaces": use.replaces, "seq": use.seq}
            for use in reversed(story.keys)
        ],
        "items": [
            {"epoch": epoch, "size": size, "root": root.hex(), "short_root": f"{root.hex()[:16]}@{size}", "note": note,
             "at": at(created)}
            for epoch, size, root, note, created in rows[:limit]
        ],
        "next": None if last is None else cursor_of(SEALS, (last[0], last[1])),
        "anchors": [
            {"place": each.place.rsplit("/", 1)[-1].rstrip(":"), "at": each.at, "size": each.checkpoint.size,
             "short_root": f"{each.checkpoint.short}@{each.checkpoint.size}", "witness": each.witness}
            for each in newest_anchors([folder for folder in anchor_folders() if folder.exists()], campaign.log)
        ],
    }  # fmt: skip


def denials(tx: Tx, view: View, limit: int = 50) -> list[dict[str, Any]]:
    """Who asked for what is not his, by hour, the latest first."""
    statement = select(W.c.login, W.c.hour, W.c.what, W.c.times).where(W.c.campaign_id == view.campaign.id)
    rows = tx.select(statement.order_by(W.c.hour.desc(), W.c.login, W.c.what).limit(limit))
    return [
        {"login": login, "hour": rfc3339(from_us(hour * HOUR_US)), "what": what, "times": times}
        for login, hour, what, times in rows
    ]
