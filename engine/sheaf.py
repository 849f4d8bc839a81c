"""What the firing of a batch writes: gathered matter by matter, then written table by table, each in one statement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.desk import Desk
from engine.held import Held
from engine.history import Chain, Line, chain_from, insert_plain, link
from engine.owed_record import OWED, said_owed
from engine.owing import would_owe
from engine.rows import (
    FIRE_DEADLINE,
    FIRE_MATTER,
    INSERT_DEADLINE,
    INSERT_FIRING,
    INSERT_OWED,
    UPDATE_DEADLINE,
    DeadlineRow,
    NoticeRow,
)


@dataclass(slots=True)
class Sheaf:
    """The rows of one batch. *later* are the orders that follow, carried out when the rows are written.

    *memo* keeps what many deadlines of the batch have in common: the values of their texts.
    """

    desk: Desk
    now_us: int
    entries: list[dict[str, Any]] = field(default_factory=list)
    firings: list[dict[str, Any]] = field(default_factory=list)
    owed: list[NoticeRow] = field(default_factory=list)
    later: list[Callable[[], object]] = field(default_factory=list)
    memo: dict[Any, Any] = field(default_factory=dict)
    _held: list[Held] = field(default_factory=list)
    _lines: list[tuple[Held, Line]] = field(default_factory=list)
    _fired: list[DeadlineRow] = field(default_factory=list)
    _changed: list[DeadlineRow] = field(default_factory=list)
    _fresh: list[DeadlineRow] = field(default_factory=list)

    def enter(self, held: Held, line: Line, said: Mapping[str, Any]) -> None:
        """Note the entry of something a clock of *held* did; it leaves the matter's version alone.

        It has its number from now on, and is chained when it is known what it owes.
        """
        row = held.row
        line.recorded_us = max(self.now_us, row.updated_at)
        more = {"version": row.version, "definition": held.machine.definition.digest, **said}
        if held.clocks.effects:
            more["clocks"] = list(held.clocks.effects)
            held.clocks.effects.clear()
        line.more = more
        row.seq, row.updated_at = row.seq + 1, line.recorded_us
        self._lines.append((held, line))

    def bind(self, held: Held, seq_before: int) -> None:
        """Take over a matter whose clocks have fired: its facts are untouched, only the end of its history has moved."""
        row = held.row
        row.seq_before = seq_before
        held.look_ahead(self.desk.tx)
        self._held.append(held)
        for clock in held.clocks.rows:
            if clock.new:
                clock.campaign_id, clock.matter_id = row.campaign_id, row.id
                self._fresh.append(clock)
            elif clock.dirty:
                (self._fired if clock.stopped_at is None else self._changed).append(clock)
            clock.new = clock.dirty = False
        if self._fresh:
            held.save_parties(self.desk.tx)

    def write(self) -> None:
        """Write everything, then carry out what follows; clocks that end go before new ones, so that no code is open twice."""
        tx = self.desk.tx
        tx.put(INSERT_OWED, self._chain())
        matters = [held.row for held in self._held]
        tx.put(FIRE_MATTER, matters)
        tx.put(FIRE_DEADLINE, self._fired)
        tx.put(UPDATE_DEADLINE, self._changed)
        tx.put(INSERT_DEADLINE, self._fresh)
        tx.write_many(insert_plain(tx), self.entries)
        tx.write_many(INSERT_FIRING, self.firings)
        tx.changed += [row.id for row in matters]
        for held in self._held:
            held.keep(tx)
        for carry_out in self.later:
            carry_out()

    def _chain(self) -> list[NoticeRow]:
        """Chain the entries, each with what it owes; return what is owed."""
        tx, campaign = self.desk.tx, self.desk.campaign
        rows = would_owe(tx, campaign, self.owed) if self.owed else []
        owed: dict[tuple[str | None, int | None], list[NoticeRow]] = {}
        for each in rows:
            owed.setdefault((each.ref, each.entry_seq), []).append(each)
        chains: dict[int, Chain] = {}
        for held, line in self._lines:
            row = held.row
            chain = chains.get(row.id)
            if chain is None:
                chain = chains[row.id] = chain_from(row, campaign.log, row.seq_before)
            by_this = owed.get((row.ref, chain.seq + 1))
            if by_this:
                line.more = {**(line.more or {}), OWED: said_owed(by_this)}
            self.entries.append(link(chain, line))
            row.head = chain.head
        return rows
