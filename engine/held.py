"""A matter under lock: its row unpacked, its clocks, and the situation a question about it is asked in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from engine.campaign import Campaign
from engine.canonical import canonical, parsed
from engine.clock import from_us
from engine.deadlines import Clocks
from engine.errors import Damaged
from engine.machine import Compiled
from engine.orders import Actor, Order
from engine.outlook import ALL_IN_HAND, Ended, ended_by, set_outlook
from engine.particulars import (
    DROP_AMOUNTS,
    INSERT_AMOUNT,
    INSERT_PARTICULARS,
    UPDATE_PARTICULARS,
    amounts_of,
    particulars_of,
)
from engine.parties import enter_parties, parties_of
from engine.rows import (
    CLOCKS_OF_ID,
    CLOSE_DEADLINE,
    CLOSED,
    INSERT_DEADLINE,
    INSERT_RUNNING,
    UPDATE_DEADLINE,
    UPDATE_MATTER,
    DeadlineRow,
    MatterRow,
    clocks_of,
    same_deadline,
    same_matter,
)
from engine.situation import Marks, Situation
from engine.store import Tx

NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class Held:
    """A matter with everything a decision about it needs; *handed* is what the entry will say of hand-overs.

    *parties* are the bodies that are written down as parties to it, *told* those to whom it goes now.
    *read* are the facts as they were read, so that what is put down for searching is written only if they changed.
    Of the clocks that have ended, those may be left out that *ended* speaks of: `all_clocks` reads them.
    """

    row: MatterRow
    machine: Compiled
    facts: dict[str, Any]
    documents: dict[str, list[Any]]
    marks: Marks
    clocks: Clocks
    children: Mapping[str, int] = field(default_factory=dict)
    handed: list[dict[str, Any]] = field(default_factory=list)
    campaign: Campaign | None = None
    told: set[str] = field(default_factory=set)
    parties: frozenset[str] = frozenset()
    read: Mapping[str, Any] | None = None
    ended: Ended = ALL_IN_HAND

    def situation(
        self, campaign: Campaign, actor: Actor, order: Order, stated: Mapping[str, Any], occurred: datetime
    ) -> Situation:
        """The situation before a move: *stated* facts and brought documents already count."""
        situation = self.after(campaign, actor, self.row.state, stated, occurred)
        situation.facts, situation.reason = {**self.facts, **stated}, order.reason
        if order.documents:
            situation.brought = {paper.kind for paper in order.documents}
            situation.documents = situation.brought.union(self.documents)
        return situation

    def after(
        self, campaign: Campaign, actor: Actor, leaf: str, stated: Mapping[str, Any], occurred: datetime
    ) -> Situation:
        """The situation after a move to *leaf*, its facts, documents and marks already taken over."""
        marks, today = self.marks, occurred.astimezone(campaign.zone).date()
        return Situation(
            leaf, self.machine.tree.leaves[leaf].scopes, self.facts, self.documents, marks.visited, marks.ever, marks.counts,
            marks.last, marks.came_from, today, campaign.dates, self.clocks.statuses(), self.children, self.row.body, actor,
            standing=self.facts, stated=stated, pinned=self._pinned() if marks.evaluated else NOTHING,
        )  # fmt: skip

    def turned(self, asked: Situation, leaf: str) -> Situation:
        """The situation *asked*, which was answered, as `after` gives it for a move to *leaf*: its clocks stand as before."""
        asked.state, asked.scopes = leaf, self.machine.tree.leaves[leaf].scopes
        asked.facts, asked.documents, asked.brought, asked.reason = self.facts, self.documents, (), None
        asked.pinned = self._pinned() if self.marks.evaluated else NOTHING
        asked.chosen, asked.refusals = None, []
        return asked

    def _pinned(self) -> frozenset[str]:
        """The facts that the standards have answered with yes."""
        asked = [(spec, self.marks.evaluated.get(code, {})) for code, spec in self.machine.doc.evaluates.items()]
        pairs = [
            pair
            for spec, last in asked
            for pair in ((spec.threshold, last.get("threshold")), (spec.duty, last.get("verdict")))
        ]
        return frozenset(name for name, verdict in pairs if name and verdict == "met")

    def pack(self) -> str:
        """The row's data column."""
        return canonical({"facts": self.facts, "documents": self.documents, "marks": self.marks.as_json()})

    def save(self, tx: Tx, seq_before: int) -> None:
        """Write the matter's row back, with the deadlines that changed."""
        row = self.row
        row.data = self.pack()
        row.seq_before = seq_before
        self.look_ahead(tx)
        tx.put_one(UPDATE_MATTER, row)
        self.describe(tx)
        tx.changed.append(row.id)
        self.save_parties(tx)
        self.save_clocks(tx)

    def save_parties(self, tx: Tx) -> None:
        """Write down who has become a party to the matter."""
        if self.campaign is not None:
            found = parties_of(self.campaign, self.machine, self.row, self.facts, self.clocks.rows) | self.told
            if not found <= self.parties:
                enter_parties(tx, self.row, found - self.parties)
                self.parties |= found
            self.told = set()

    def look_ahead(self, tx: Tx) -> None:
        """Set what the row keeps for lists and boards by what it, its clocks and its facts say now."""
        clocks, handed = self.clocks, self.marks.handed
        if not set_outlook(self.row, self.machine, clocks.machines, clocks.rows, self.facts, handed, self.ended):
            self.all_clocks(tx)
            set_outlook(self.row, self.machine, clocks.machines, clocks.rows, self.facts, handed)

    def all_clocks(self, tx: Tx) -> None:
        """Read the clocks that had ended, too, as far as they are not in hand: an order seldom needs more than the others."""
        if self.ended is not ALL_IN_HAND:
            mine = {row.id for row in self.clocks.rows}
            found = clocks_of(self.row, tx.rows(CLOCKS_OF_ID, id=self.row.id))
            self.clocks.rows[:0] = [row for row in found if row.id not in mine]
            self.ended = ALL_IN_HAND

    def describe(self, tx: Tx, *, new: bool = False) -> None:
        """Put down what the matter is about, if its facts have changed since they were read."""
        if not new and self.facts == self.read:
            return
        said, sums = particulars_of(self.machine, self.row, self.facts), amounts_of(self.machine, self.row, self.facts)
        if new:
            tx.write(INSERT_PARTICULARS, said)
        else:
            tx.write(UPDATE_PARTICULARS, {**said, "b_matter_id": self.row.id})
            if self.read is None or sums != amounts_of(self.machine, self.row, self.read):
                tx.write(DROP_AMOUNTS, {"b_matter_id": self.row.id})
            else:
                sums = []
        if sums:
            tx.write_many(INSERT_AMOUNT, sums)
        self.read = dict(self.facts)

    def save_clocks(self, tx: Tx) -> None:
        """Write changed deadlines first and new ones after, so that one code is never open twice."""
        closed: list[DeadlineRow] = []
        changed: list[DeadlineRow] = []
        running: list[DeadlineRow] = []
        fresh: list[DeadlineRow] = []
        for row in self.clocks.rows:
            if row.new:
                row.campaign_id, row.matter_id = self.row.campaign_id, self.row.id
                (running if row.status == "running" and row.breached_at is None else fresh).append(row)
            elif row.dirty:
                (closed if row.dirty == CLOSED else changed).append(row)
            row.new = row.dirty = False
        for row in closed:
            tx.put_one(CLOSE_DEADLINE, row)
        if changed:
            tx.put(UPDATE_DEADLINE, changed)
        if fresh:
            tx.put(INSERT_DEADLINE, fresh)
        for row in running:
            tx.put_one(INSERT_RUNNING, row)
        self.keep(tx)

    def keep(self, tx: Tx) -> None:
        """Let later orders of the transaction go on from here without reading: the matter is locked until its end.

        What is closed is hardly looked at again.
        """
        row = self.row
        for key in (row.id, (row.campaign_id, row.ref)):
            if row.closed:
                tx.kept.pop(key, None)
            else:
                tx.kept[key] = self

    def again(self, campaign: Campaign, now: datetime) -> "Held":
        """The matter as it was saved, to work on at *now*: a copy of its own, since that work may be refused."""
        rows = [same_deadline(row) for row in sorted(self.clocks.rows, key=_ident)]
        parts = dict(self.facts), dict(self.documents), self.marks.copy()
        return _together(campaign, same_matter(self.row), rows, parts, now, self.ended)


_ident = attrgetter("id")


def unpack(
    campaign: Campaign, row: MatterRow, deadlines: list[DeadlineRow], now: datetime, *, whole: bool = True
) -> Held:
    """Put a matter's rows together for work at *now*; *whole* says that all its clocks are there. Raises Damaged if the row was."""
    try:
        data = parsed(row.data)
        parts = data["facts"], data["documents"], Marks.own(data["marks"])
        machines, ended = campaign.machines, ALL_IN_HAND
        if not whole:
            ended = ended_by(row, machines[row.definition_id], machines, deadlines)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise Damaged(f"the row of {row.ref} is damaged and cannot be read; run audit verify") from error
    return _together(campaign, row, deadlines, parts, now, ended)


def _together(
    campaign: Campaign,
    row: MatterRow,
    deadlines: list[DeadlineRow],
    parts: tuple[dict[str, Any], dict[str, list[Any]], Marks],
    now: datetime,
    ended: Ended,
) -> Held:
    machine = campaign.machines[row.definition_id]
    recorded = max(now, from_us(row.updated_at))
    clocks = Clocks(machine, deadlines, campaign.work, campaign.ladders, recorded, campaign.machines)
    parties = parties_of(campaign, machine, row, parts[0], deadlines)
    return Held(row, machine, *parts, clocks, campaign=campaign, parties=parties, read=dict(parts[0]), ended=ended)
