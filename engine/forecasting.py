"""What will be sent if nobody acts: the rungs still to come of every clock that stands open, worked out and not fired.

Each is in the words and on the day in which it will go, by the ways and windows known now, together with what rides in one
message. A clock that a breach or a rung starts on the way (an item of supervision, say) is not foreseen, nor is what is owed
by then for another reason.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, literal_column, select

from engine.campaign import Campaign
from engine.clock import from_us, rfc3339, to_us
from engine.clock_ends import due_of
from engine.desk import Desk
from engine.errors import Damaged
from engine.held import Held, unpack
from engine.notices import compose, matter_values
from engine.orders import SYSTEM
from engine.outbox import OWED
from engine.owing import address_of, would_owe
from engine.people import People
from engine.rows import DeadlineRow, MatterRow, N, NoticeRow
from engine.rungs import Step, by_the_hour, deadline_values, reached_by
from engine.shapes import rule_of
from engine.store import Statement, Tx

WAITING = Statement(
    select(N)
    .where(
        OWED,
        N.c.campaign_id == bindparam("campaign_id"),
        N.c.next_try_at <= bindparam("until"),
        N.c.kind != literal_column("'digest'"),
    )
    .order_by(N.c.id)
)
"""What is owed already and waits for its hour."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One notice that will be owed, or is and waits: *goes* is when it leaves, *digest* whether others ride with it."""

    at: datetime
    kind: str
    level: int
    recipient: str
    body: str
    ref: str
    deadline: str
    subject: str
    text: str
    channel: str
    goes: datetime
    clock: int | None
    address: str
    urgent: bool
    digest: bool = False

    def as_json(self) -> dict[str, Any]:
        """The same in the words of the contract."""
        names = ("kind", "level", "recipient", "body", "ref", "deadline", "subject", "text", "channel", "digest")
        said = {name: getattr(self, name) for name in names}
        return {"planned_at": rfc3339(self.at), "effective_at": rfc3339(self.goes), **said}


def foresee(
    tx: Tx,
    campaign: Campaign,
    people: People,
    matters: list[tuple[MatterRow, list[DeadlineRow]]],
    now: datetime,
    until: datetime,
    damaged: list[str] | None = None,
) -> list[Foreseen]:
    """List what the clocks of *matters* will owe after *now* and by *until*, in the order of time.

    Of a matter whose row is damaged nothing is foreseen: its reference is added to *damaged*, or Damaged is raised without.
    """
    steps: list[tuple[datetime, Held, DeadlineRow, list[Step]]] = []
    for matter, rows in matters:
        if not matter.closed:
            try:
                held = unpack(campaign, matter, rows, now)
            except Damaged:
                if damaged is None:
                    raise
                damaged.append(matter.ref)
                continue
            for row in rows:
                if row.stopped_at is None and row.status in ("running", "breached"):
                    steps += ((at, held, row, come) for at, come in _coming(campaign, held, row, until))
    found: list[Foreseen] = []
    for at, together in groupby(sorted(steps, key=lambda each: each[0]), key=lambda each: each[0]):
        desk = desk_at(tx, campaign, people, at)
        for _, held, row, come in together:
            found += _of(desk, held, row, come)
    return sorted(found, key=lambda each: (each.at, each.recipient, each.ref, each.level))


def foresee_owed(tx: Tx, campaign: Campaign, people: People, now: datetime, until: datetime) -> list[Foreseen]:
    """What is owed already and will go by *until*."""
    desk_at(tx, campaign, people, now)
    rows = [NoticeRow(*row) for row in tx.rows(WAITING, campaign_id=campaign.id, until=to_us(until))]
    return [foreseen(tx, campaign, row, "") for row in rows]


def desk_at(tx: Tx, campaign: Campaign, people: People, at: datetime) -> Desk:
    """A desk at the instant *at*, with whoever holds a post or stands in for somebody then."""
    tx.memo.pop("directory", None)
    people.directory(tx, at)
    return Desk(campaign, people, tx, at, SYSTEM)


def foreseen(tx: Tx, campaign: Campaign, row: NoticeRow, deadline: str) -> Foreseen:
    """A notice as what is foreseen of it."""
    return Foreseen(
        from_us(row.planned_at), row.kind, row.level, row.recipient, row.body, row.ref or "", deadline, row.subject,
        row.text, row.channel, from_us(row.next_try_at), row.deadline_id, address_of(tx, campaign, row), bool(row.urgent),
    )  # fmt: skip


def together(campaign: Campaign, found: list[Foreseen]) -> list[Foreseen]:
    """Mark what will ride in one message with others."""

    def key(each: Foreseen) -> tuple[Any, ...] | None:
        rides = each.ref and not each.urgent and campaign.delivery.digests(each.kind, each.body)
        return (each.goes, each.recipient, each.channel, each.address) if rides else None

    counts = Counter(key(each) for each in found)
    return [replace(each, digest=key(each) is not None and counts[key(each)] > 1) for each in found]


def _coming(campaign: Campaign, held: Held, row: DeadlineRow, until: datetime) -> Iterator[tuple[datetime, list[Step]]]:
    spec = rule_of(campaign, held.machine, row)
    steps = held.clocks.steps(row, spec, due_of(row))
    rungs = campaign.rungs[spec.ladder]
    coming = [Step(index, at, rungs[index]) for index, at in steps[row.rung :] if at <= until]
    for at, at_once in groupby(coming, key=lambda step: step.planned):
        yield at, list(at_once)


def _of(desk: Desk, held: Held, row: DeadlineRow, come: list[Step]) -> Iterator[Foreseen]:
    campaign, top = desk.campaign, come[-1]
    spec = rule_of(campaign, held.machine, row)
    values = {**matter_values(campaign, held.machine, held.row), **deadline_values(desk, row, spec, top)}
    planned = to_us(top.planned)
    for recipient, (body, circle) in reached_by(desk, held, row, spec, come).items():
        notice = compose(
            campaign, kind=top.spec.kind, template=top.spec.text, recipient=recipient, body=body, planned_us=planned,
            now_us=planned, dedup="", values=values, ref=held.row.ref, deadline_id=row.id, level=top.rung,
            which=(top.spec.at, circle), urgent=by_the_hour(spec, top),
        )  # fmt: skip
        for each in would_owe(desk.tx, campaign, [notice]):
            yield foreseen(desk.tx, campaign, each, row.code)
