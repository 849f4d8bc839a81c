"""What the player reads of the database: matters with their clocks, and when they changed last."""

import json
from collections.abc import Iterable, Sequence

from engine.campaign import Campaign
from engine.changes import ALL_CLOCKS, ALL_MATTERS, ALL_TIMES, CHILDREN, DONE_REQUESTS, TIMES
from engine.held import Held
from engine.in_hand import kept
from engine.outcome import Outcome
from engine.rows import DEADLINES_OF_ID, MATTER_BY_ID, DeadlineRow, MatterRow
from engine.situation import Marks
from engine.store import Tx
from scheduler.planning import Standing


class Standings:
    """Read how matters stand. *families* are the kinds whose next act may depend on their children."""

    def __init__(self, campaign: Campaign, families: Iterable[str]) -> None:
        self.campaign = campaign
        self.families = frozenset(families)

    def everything(self, tx: Tx) -> list[Standing]:
        """Every matter, in the order in which they were opened."""
        ident = self.campaign.id
        times = {stream: (entered, changed) for stream, entered, changed in tx.rows(ALL_TIMES, campaign_id=ident)}
        clocks: dict[int, list[DeadlineRow]] = {}
        for values in tx.rows(ALL_CLOCKS, campaign_id=ident):
            clock = DeadlineRow(*values)
            clocks.setdefault(clock.matter_id, []).append(clock)
        rows = [MatterRow(*values) for values in tx.rows(ALL_MATTERS, campaign_id=ident)]
        return [
            self.with_children(tx, _standing(row, clocks.get(row.id, []), *times["matter/" + row.ref])) for row in rows
        ]

    def one(self, tx: Tx, ident: int, before: Standing | None = None) -> Standing:
        """One matter by its id; *before* is how it stood at some time, so that what time alone did is read quickly."""
        held = kept(tx, ident)
        if held is not None:
            return self.with_children(tx, _of_held(held, *self._times(tx, held.row, before)))
        found, clocks = tx.fetch((MATTER_BY_ID, {"id": ident}), (DEADLINES_OF_ID, {"id": ident}))
        row = MatterRow(*found[0])
        deadlines = [DeadlineRow(*each) for each in clocks]
        return self.with_children(tx, _standing(row, deadlines, *self._times(tx, row, before)))

    def _times(self, tx: Tx, row: MatterRow, before: Standing | None) -> tuple[int, int]:
        """Since when the matter is in its state, and when it was changed last."""
        if before is not None and before.row.version == row.version:
            return before.entered_us, before.changed_us
        if tx.mirror is not None:
            times: tuple[int, int] = tx.mirror.streams.times(tx, self.campaign.id, "matter/" + row.ref)
            return times
        entered_us, changed_us = tx.rows(TIMES, campaign_id=self.campaign.id, stream="matter/" + row.ref)[0]
        return entered_us, changed_us

    def after(self, tx: Tx, outcome: Outcome, entered_us: int) -> Standing:
        """The matter of an act that has just been done, in its state since *entered_us*."""
        row, held = outcome.matter, kept(tx, outcome.matter.id)
        if held is not None and held.row is row:
            standing = _of_held(held, entered_us, row.updated_at)
        else:
            standing = _standing(row, outcome.deadlines, entered_us, row.updated_at)
        return self.with_children(tx, standing)

    def with_children(self, tx: Tx, standing: Standing) -> Standing:
        """Add the open children where they matter; the last one to close counts as a change of its parent."""
        if standing.row.kind not in self.families:
            return standing
        counts: dict[str, int] = {}
        changed = standing.changed_us
        ident, mirror = standing.row.id, tx.mirror
        for kind, closed, updated_at in tx.rows(CHILDREN, id=ident) if mirror is None else mirror.children(tx, ident):
            if closed:
                changed = max(changed, updated_at)
            else:
                counts[kind] = counts.get(kind, 0) + 1
        return standing.with_children(counts, changed)

    def arrived(self, tx: Tx) -> set[str]:
        """The request ids of what has arrived already."""
        return {request_id for (request_id,) in tx.rows(DONE_REQUESTS, campaign_id=self.campaign.id)}


def _standing(row: MatterRow, deadlines: Sequence[DeadlineRow], entered_us: int, changed_us: int) -> Standing:
    """How a matter stands by the rows of the database."""
    data = json.loads(row.data)
    return Standing(row, deadlines, data["facts"], data["documents"], Marks(data["marks"]), entered_us, changed_us)


def _of_held(held: Held, entered_us: int, changed_us: int) -> Standing:
    """How a matter stands that was just saved."""
    return Standing(held.row, held.clocks.rows, held.facts, held.documents, held.marks, entered_us, changed_us)
