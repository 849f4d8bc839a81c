"""What will be sent if nobody acts: the rungs still to come of every clock that stands open, worked out and not fired.

A clock that a breach or a rung starts on the way (an item of supervision, say) is not foreseen, nor is what is owed by
then for another reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from engine.campaign import Campaign
from engine.clock import rfc3339
from engine.deadlines import due_of
from engine.desk import Desk
from engine.held import Held, unpack
from engine.notices import matter_values, render
from engine.orders import SYSTEM
from engine.people import People
from engine.rows import DeadlineRow, MatterRow
from engine.rungs import Step, deadline_values, reached_by
from engine.shapes import rule_of
from engine.store import Tx


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One message that will be owed."""

    at: datetime
    kind: str
    level: int
    recipient: str
    body: str
    ref: str
    deadline: str
    subject: str

    def as_json(self) -> dict[str, Any]:
        """The same in the words of the contract."""
        said = {name: getattr(self, name) for name in self.__slots__ if name != "at"}
        return {"planned_at": rfc3339(self.at), **said}


def foresee(
    tx: Tx,
    campaign: Campaign,
    people: People,
    matters: list[tuple[MatterRow, list[DeadlineRow]]],
    now: datetime,
    until: datetime,
) -> list[Foreseen]:
    """List what the clocks of *matters* will owe after *now* and by *until*, in the order of time."""
    found: list[Foreseen] = []
    for matter, rows in matters:
        if not matter.closed:
            held = unpack(campaign, matter, rows, now)
            for row in rows:
                if row.stopped_at is None and row.status in ("running", "breached"):
                    found += _of(tx, campaign, people, held, row, until)
    return sorted(found, key=lambda each: (each.at, each.recipient, each.ref, each.level))


def _of(
    tx: Tx, campaign: Campaign, people: People, held: Held, row: DeadlineRow, until: datetime
) -> Iterator[Foreseen]:
    spec = rule_of(campaign, held.machine, row)
    steps = held.clocks.steps(row, spec, due_of(row))
    rungs = campaign.rungs[spec.ladder]
    coming = [Step(index, at, rungs[index]) for index, at in steps[row.rung :] if at <= until]
    for at, together in groupby(coming, key=lambda step: step.planned):
        come = list(together)
        top = come[-1]
        desk = Desk(campaign, people, tx, at, SYSTEM)
        values = {**matter_values(campaign, held.machine, held.row), **deadline_values(desk, row, spec, top)}
        for recipient, (body, circle) in reached_by(desk, held, row, spec, come).items():
            subject, _ = render(campaign.texts, top.spec.text or top.spec.kind, values, (top.spec.at, circle))
            yield Foreseen(at, top.spec.kind, top.rung, recipient, body, held.row.ref, row.code, subject)
