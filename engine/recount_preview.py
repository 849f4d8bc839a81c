"""What counting again would change, before anything is stored: the same work on rows that are thrown away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine.campaign import Campaign
from engine.clock import stamp, to_us
from engine.clock_ends import due_of
from engine.desk import Desk
from engine.held import Held
from engine.recount import recount
from engine.recount_notices import Moved
from engine.recounting import BATCH, WAITING, held_of
from engine.rows import DeadlineRow, M
from engine.store import IDS, Statement

MATTERS = Statement(select(M).where(M.c.id.in_(IDS)).order_by(M.c.id))

Coming = dict[tuple[str, int], dict[str, Any]]
"""Reminders to come, by name and instant."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one clock; *over*: by the new date its time is over already, and it would be breached.

    A *watch* is the clock of a monitor: it tells when what it looks for counts as a finding, and nobody has it to keep.
    """

    date: Moved
    label: dict[str, str]
    was_provisional: bool
    provisional: bool
    over: bool
    watch: bool
    gained: Sequence[dict[str, Any]]
    lost: Sequence[dict[str, Any]]

    @property
    def moves(self) -> bool:
        return self.date.before != self.date.last_day

    def as_json(self) -> dict[str, Any]:
        """The change as the contract has it."""
        date = self.date
        return {
            "ref": date.ref, "title": date.title, "id": str(date.ident), "code": date.code, "label": self.label,
            "owner": date.owner, "before": date.before, "last_day": date.last_day, "moves": self.moves,
            "was_provisional": self.was_provisional, "provisional": self.provisional, "over": self.over,
            "watch": self.watch,
            "gained": list(self.gained), "lost": list(self.lost),
        }  # fmt: skip


def preview(desk: Desk, after: Campaign, ladders: Sequence[str] = ()) -> list[Change]:
    """What would change if the campaign of *desk* were *after*; nothing is locked, nothing is written."""
    found: list[Change] = []
    last = 0
    while True:
        idents = [ident for (ident,) in desk.tx.rows(WAITING, campaign_id=after.id, after=last, limit=BATCH)]
        if not idents:
            return sorted(found, key=lambda each: (each.date.ref, each.date.ident))
        last = idents[-1]
        matters = desk.tx.among(MATTERS, idents)
        pairs = zip(held_of(desk, desk.campaign, matters), held_of(desk, after, matters), strict=True)
        for was, will in pairs:
            recount(will.clocks, will.facts, to_us(desk.now), ladders)
            found += changes(was, will, desk.campaign, after)


def changes(was: Held, will: Held, before: Campaign, after: Campaign) -> Iterator[Change]:
    """What becomes of each running deadline of one matter; a clock that only *will* has is not among them."""
    rows = {row.id: row for row in will.clocks.rows}
    for old in was.clocks.rows:
        new = rows[old.id]
        lost, gained = _coming(was, old, before), _coming(will, new, after)
        changed = (old.breach_at, old.provisional) != (new.breach_at, new.provisional)
        if old.stopped_at is None and (changed or lost.keys() != gained.keys()):
            monitor = was.machine.monitors.get(old.code)
            label = monitor.spec.label if monitor else was.machine.deadline(old.code).label
            yield Change(
                Moved(old.id, old.owner_body, old.code, old.definition_id, was.row.ref, was.row.title, old.last_day, new.last_day),
                label.model_dump(), bool(old.provisional), bool(new.provisional),
                new.status == "breached" != old.status, monitor is not None, _without(gained, lost), _without(lost, gained),
            )  # fmt: skip


def _coming(held: Held, row: DeadlineRow, campaign: Campaign) -> Coming:
    """The reminders that are still to come for a running deadline; for a watch, its finding told."""
    monitor = held.machine.monitors.get(row.code)
    if monitor is not None:
        at_us = row.next_fire_at
        label = monitor.spec.label
        return {(label.zh, at_us): {"label": label.model_dump(), "at": stamp(at_us)}} if at_us is not None else {}
    if row.status not in ("running", "breached") or row.stopped_at is not None:
        return {}
    spec = held.clocks.ruled(row)
    rungs = campaign.rungs[spec.ladder]
    steps = held.clocks.steps(row, spec, due_of(row))[row.rung :]
    return {
        (rungs[index].label.zh, to_us(at)): {"label": rungs[index].label.model_dump(), "at": stamp(to_us(at))}
        for index, at in steps
    }


def _without(some: Coming, others: Coming) -> list[dict[str, Any]]:
    return [each for key, each in some.items() if key not in others]
