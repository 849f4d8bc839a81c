"""Checking the clocks of a matter beyond their dates: what an entry last said of each row, its ladder, and the rungs that fired."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.campaign import Campaign
from engine.clock import from_us, to_us
from engine.clock_ends import due_of
from engine.held import Held, unpack
from engine.replay import Replayed
from engine.rows import DeadlineRow, MatterRow
from engine.store import IDS, Statement
from engine.tables import Firing, table_of

F = table_of(Firing)

FIRINGS = Statement(select(F).where(F.c.deadline_id.in_(IDS)))

NOTHING: Mapping[str, Any] = {}

Said = Sequence[tuple[Mapping[str, Any], str, Any]]


def clock_flaws(
    campaign: Campaign, rows: Sequence[DeadlineRow], then: Replayed, lines: Said, fired: Iterable[Sequence[Any]]
) -> Iterator[str]:
    """What differs between a matter's deadlines and firings, *fired*, and what its entries say of them last.

    Entries of the first release keep no mark of the row; of what they speak of last, nothing can be said.
    """
    monitors = campaign.machines[then.definition_id].monitors if rows else ()
    for row in rows:
        ident = str(row.id)
        said = then.clocks.get(ident, NOTHING)
        mark = said.get("row")
        if mark is not None and mark != row.mark():
            yield f"{_named(row)}: its row is not as the last entry about it left it"
        known = then.definitions.get(ident, row.definition_id)
        if row.definition_id != known:
            yield f"{_named(row)}: definition_id: row {row.definition_id!r}, history {known!r}"
        if row.code in monitors and row.rung != said.get("times", 0):
            yield f"{_named(row)}: rung: row {row.rung!r}, history {said.get('times', 0)!r}"
    yield from _firings(lines, fired)


def _named(row: DeadlineRow) -> str:
    return f"deadline {row.code} ({row.id})"


def _firings(lines: Said, fired: Iterable[Sequence[Any]]) -> Iterator[str]:
    """What differs between the rungs on record and the rows that keep each of them from firing twice."""
    said, before = {}, ""
    for body, _, _ in lines:
        recorded = body["recorded_at"]
        if body["kind"] == "deadline":
            said.update(dict.fromkeys(_rungs(body), (_us(recorded), recorded == before)))
        before = recorded
    there = {(row[0], row[1], row[2], row[3], row[5]): row[4] for row in fired}
    for key in sorted(there.keys() | said.keys()):
        name = f"the rung {key[2]} of the deadline {key[0]}"
        entered, stood_still = said.get(key, (None, False))
        at = there.get(key)
        if entered is None:
            yield f"{name} is called fired so, and no entry says it"
        elif at is None:
            yield f"{name} fired, and the row that says so is gone or another"
        elif at != entered and not (
            stood_still and at < entered
        ):  # a clock set back: an entry is never before the last
            yield f"{name} fired at another time than its row says"


def _rungs(body: Mapping[str, Any]) -> Iterator[tuple[int, int, int, int, int]]:
    """Deadline, epoch, rung, when it was planned, whether it was merged: of the rung or the finding that an entry tells."""
    if body.get("event") == "rung":
        yield int(body["deadline"]), body["epoch"], body["rung"], _us(body["occurred_at"]), int(body["merged"])
    elif body.get("event") == "finding":
        for effect in body.get("clocks", ()):
            if effect["op"] == "found":
                yield int(effect["id"]), 0, effect["times"] - 1, _us(body["occurred_at"]), 0


def _us(text: str) -> int:
    return to_us(datetime.fromisoformat(text))


def pointers(campaign: Campaign, matter: MatterRow, rows: Sequence[DeadlineRow], lines: Said) -> Iterator[str]:
    """What differs between the ladder pointers of a matter's deadlines and what they must be by record and definition.

    A reminder that is put off behind the program's back, or called given, would leave no other trace.
    """
    fired = Counter(
        (body["deadline"], body["epoch"])
        for body, _, _ in lines
        if body["kind"] == "deadline" and body.get("event") == "rung"
    )
    held = unpack(campaign, matter, list(rows), from_us(matter.updated_at))
    for row in rows:
        if row.code in held.machine.monitors:
            continue
        if row.stopped_at is not None or row.status == "paused":
            if row.next_fire_at is not None:
                yield f"{_named(row)}: it does not run and would still be fired"
            continue
        given = fired[str(row.id), row.epoch]
        if row.rung != given:
            yield f"{_named(row)}: rung: row {row.rung!r}, history {given!r}"
        elif row.next_fire_at not in _next(held, row):
            yield f"{_named(row)}: next_fire_at: row {row.next_fire_at!r} is not when its ladder goes on"


def _next(held: Held, row: DeadlineRow) -> set[int | None]:
    """When the row may have something to say next: a breach that nobody has seen yet, else the next rung of its ladder."""
    clocks, end = held.clocks, due_of(row)
    spec = clocks.ruled(row)
    steps = clocks.steps(row, spec, end)
    upcoming = to_us(steps[row.rung][1]) if row.rung < len(steps) else None
    found = {clocks.next_fire(row, spec, end)}
    return found if row.status == "running" else {*found, upcoming}
