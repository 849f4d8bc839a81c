"""Checking what a deadline will say next: how far its ladder is on record, and when the next rung is due."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.campaign import Campaign
from engine.clock import from_us, to_us
from engine.clock_ends import due_of
from engine.held import Held, unpack
from engine.rows import DeadlineRow, MatterRow


def pointers(
    campaign: Campaign, matter: MatterRow, rows: Sequence[DeadlineRow], lines: Sequence[tuple[Mapping[str, Any], str, Any]]
) -> Iterator[str]:  # fmt: skip
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
        name = f"deadline {row.code} ({row.id})"
        if row.stopped_at is not None or row.status == "paused":
            if row.next_fire_at is not None:
                yield f"{name}: it does not run and would still be fired"
            continue
        given = fired[str(row.id), row.epoch]
        if row.rung != given:
            yield f"{name}: rung: row {row.rung!r}, history {given!r}"
        elif row.next_fire_at not in _next(held, row):
            yield f"{name}: next_fire_at: row {row.next_fire_at!r} is not when its ladder goes on"


def _next(held: Held, row: DeadlineRow) -> set[int | None]:
    """When the row may have something to say next: a breach that nobody has seen yet, else the next rung of its ladder."""
    clocks, end = held.clocks, due_of(row)
    spec = clocks.ruled(row)
    steps = clocks.steps(row, spec, end)
    upcoming = to_us(steps[row.rung][1]) if row.rung < len(steps) else None
    found = {clocks.next_fire(row, spec, end)}
    return found if row.status == "running" else {*found, upcoming}
