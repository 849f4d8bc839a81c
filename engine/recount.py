"""The end of a running clock worked out again: from its start by its rule, then through all that happened to it since.

Whatever a date hangs on may change while its clock runs: a fact is set right, a notice on holidays comes out, the
campaign is put off. Each time the same is done: the end is derived anew, and if it has moved, the ladder begins again
from now on. What is over stays as it was: met, late and breached are facts of their time.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from engine.clock import from_us, stamp, to_us
from engine.clock_ends import due_of
from engine.counted import Counted, basis_of, rule_kept, unpack_counted, with_rule
from engine.deadlines import Clocks
from engine.ladders import Rung, rung_instant
from engine.moved_ends import extended_again, shifted
from engine.rows import DeadlineRow
from engine.statutes import RuledDeadline
from engine.terms import Clockwork, Due, due, end_of_day
from engine.watches import STANDING, recount_watch

SAID_AGAIN_AFTER = timedelta(days=7)
"""A reminder already said is said again for a new date only if it comes so much later; the notice of the new date stands
for it otherwise. PLACEHOLDER"""


def correct(clocks: Clocks, stated: Mapping[str, Any], before: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Count again what is counted from one of the facts just *stated*; *before* are all facts until now, *facts* from now."""
    for row in clocks.rows:
        if not waits(row, to_us(clocks.now)):
            continue
        spec = clocks.ruled(row)
        names = _counted_from(row, spec, before)
        if names.isdisjoint(stated):
            continue
        started_by = spec.start_fact if spec.start_fact in names else None
        if started_by is not None and started_by in stated:
            row.started_at = to_us(datetime.fromisoformat(stated[started_by]))
            spec = clocks.ruled(row)
        end = derived(row, spec, clocks.work, facts)
        _count_again(clocks, row, end, basis_of(spec, facts, started_by, clocks.work), "corrected")


def recount(clocks: Clocks, facts: Mapping[str, Any], since_us: int, ladders: Collection[str] = ()) -> None:
    """Count again all that waited at *since_us*, watches too, by the calendar and the campaign dates of *clocks*.

    What a date was counted from then is taken again; *facts* serve where that was not kept. The reminders of *ladders*
    are planned anew in any case.
    """
    for row in clocks.rows:
        if row.status in STANDING:
            recount_watch(clocks, row, since_us)
        if not waits(row, since_us):
            continue
        spec, old = clocks.ruled(row), unpack_counted(row.counted)
        known = {**facts, **old.facts}
        end = derived(row, spec, clocks.work, known)
        if end != due_of(row):
            started_by = spec.start_fact if spec.start_fact in old.facts else None
            _count_again(clocks, row, end, basis_of(spec, known, started_by, clocks.work), "recounted")
        elif row.status == "running" and (
            spec.ladder in ladders or clocks.next_fire(row, spec, end) != row.next_fire_at
        ):
            row.epoch += 1
            clocks.arm(row, spec, end, sorted(_said(clocks, row, spec, end)))
            clocks.say("rearmed", row, before=row.last_day)


def count_by(clocks: Clocks, row: DeadlineRow, facts: Mapping[str, Any]) -> None:
    """Count *row* again from its own start by the rule that it has now, through its pauses and extensions."""
    spec, old = clocks.ruled(row), unpack_counted(row.counted)
    known = {**facts, **old.facts}
    end = derived(row, spec, clocks.work, known)
    if end != due_of(row):
        started_by = spec.start_fact if spec.start_fact in old.facts else None
        _count_again(clocks, row, end, basis_of(spec, known, started_by, clocks.work), "recounted")


def _counted_from(row: DeadlineRow, spec: RuledDeadline, before: Mapping[str, Any]) -> set[str]:
    """The facts that *row* is counted from; one of the first release did not keep them, so they are found by comparing."""
    if row.counted != "{}":
        return set(unpack_counted(row.counted).facts)
    found = {spec.term.fact} if spec.term.fact else set()
    said = before.get(spec.start_fact) if spec.start_fact else None
    if spec.start_fact and said and datetime.fromisoformat(said) == from_us(row.started_at):
        found.add(spec.start_fact)
    return found


def waits(row: DeadlineRow, at_us: int) -> bool:
    """Say whether the row's end can still change at *at_us*: it is paused, or runs and is not over yet."""
    return row.status == "paused" or (row.status == "running" and row.breach_at > at_us)


def _count_again(clocks: Clocks, row: DeadlineRow, end: Due, counted: Counted, what: str) -> None:
    """Give *row* another end; its ladder begins anew from now on if the end has moved."""
    spec, before = clocks.ruled(row), due_of(row)
    said = _said(clocks, row, spec, before)
    row.counted = with_rule(counted.pack(), rule_kept(row.counted)) if '"rule"' in row.counted else counted.pack()
    if row.status == "paused":
        _end_paused(clocks, row, spec, end)
    elif end.breach_at == before.breach_at:
        clocks.set_end(row, spec, end)
    else:
        row.epoch += 1
        clocks.arm(row, spec, end, not_again(clocks.ladders[spec.ladder], said, before, end, clocks.work))
    clocks.note(row, what, clocks.now, before.last_day.isoformat(), row.last_day)
    clocks.say(what, row, before=before.last_day.isoformat(), started_at=stamp(row.started_at))


def _said(clocks: Clocks, row: DeadlineRow, spec: RuledDeadline, end: Due) -> set[int]:
    """The rungs of the row's ladder that have been said."""
    return {index for index, _ in clocks.steps(row, spec, end)[: row.rung]} | {*unpack_counted(row.counted).said}


def _end_paused(clocks: Clocks, row: DeadlineRow, spec: RuledDeadline, end: Due) -> None:
    """Set the end from which a paused clock will go on; one that had run out before the pause is breached."""
    clocks.set_end(row, spec, end)
    if row.paused_at is not None and row.breach_at <= row.paused_at:
        row.paused_at = None
        clocks.arm(row, spec, end)


def derived(row: DeadlineRow, spec: RuledDeadline, work: Clockwork, facts: Mapping[str, Any]) -> Due:
    """Work out the end of *row* from its start, then replay its pauses and extensions.

    An extension is given again as far as its rule or the day named with it goes; it never shortens. Raises as `due` does.
    """
    began = from_us(row.started_at)
    end = due(spec.term, began, work, roll=spec.roll, facts=facts)
    paused_at: datetime | None = None
    for what, when, *days in _since_its_start(json.loads(row.moves)):
        at = datetime.fromisoformat(when)
        if what == "paused":
            paused_at = at
        elif what == "resumed" and paused_at is not None and paused_at < end.breach_at:
            end = shifted(end, paused_at, max(at, paused_at), spec.term, work, roll=spec.roll)
        elif what == "extended" and spec.extension is not None:
            until = _named(days, spec)
            end = extended_again(end, spec.extension, work, began, until, roll=spec.roll, facts=facts)
    return end


def _since_its_start(moves: list[list[str]]) -> list[list[str]]:
    """The moves that still count: a clock counted again from a receipt has forgotten those before."""
    rebased = [at for at, move in enumerate(moves) if move[0] == "rebased"]
    return moves[rebased[-1] + 1 :] if rebased else moves


def _named(days: Sequence[str], spec: RuledDeadline) -> date | None:
    """The day to which a deadline was put off by name; None if its rule gave the day."""
    if len(days) > 2:
        return date.fromisoformat(days[2])
    return date.fromisoformat(days[1]) if spec.extension is not None and spec.extension.free else None


def not_again(ladder: Sequence[Rung], said: Collection[int], before: Due, after: Due, work: Clockwork) -> list[int]:
    """Those of the rungs already *said* that would come again too soon; the last day itself is always said."""
    last_day_begins = end_of_day(after.last_day - timedelta(days=1), work.zone)
    found = []
    for index in sorted(said):
        was, will = (rung_instant(ladder[index], end, work) for end in (before, after))
        if will < last_day_begins and will - was < SAID_AGAIN_AFTER:
            found.append(index)
    return found
