"""Watches: the clocks of a matter's monitors, which run while a condition holds and are nobody's deadline."""

from datetime import datetime, timedelta

from engine.clock import from_us, rfc3339, stamp, to_us
from engine.clock_ends import due_of
from engine.deadlines import Clocks
from engine.definition_schema import Term
from engine.ids import new_id
from engine.monitors import Monitor
from engine.rows import DeadlineRow
from engine.situation import Situation
from engine.terms import Clockwork, Due, due

WATCHING, FOUND = "watching", "found"

STANDING = (WATCHING, FOUND)
"""Statuses of a watch whose condition holds: not yet for the whole period, or longer."""

WATCHED = frozenset((*STANDING, "cleared", "unneeded"))
"""Statuses of watches. No deadline has one of them, so nothing that counts deadlines ever counts a watch."""

GRACE = timedelta(hours=1)
"""How long a finding waits that was due before anybody knew: the entry that clears it often follows. PLACEHOLDER"""


def review(clocks: Clocks, situation: Situation, occurred: datetime, seq: int) -> None:
    """Begin the watches whose conditions now hold, and end those whose conditions do not.

    *situation* is the one after the act, *occurred* when it happened, *seq* the entry that will say so. A final matter
    is watched no longer. What nobody has stated is not so.
    """
    monitors = clocks.compiled.monitors
    if not monitors:
        return
    if clocks.compiled.ahead.asks_clocks:
        situation.deadlines = clocks.statuses()
    final = clocks.compiled.tree.leaves[situation.state].final
    for code, monitor in monitors.items():
        row = clocks.open_row(code)
        holds = not final and monitor.when.lenient(situation)
        if row is not None and (not holds or monitor.spec.since in situation.stated):
            stop_watching(clocks, row, occurred, seq)
            row = None
        if holds and row is None:
            _begin(clocks, monitor, situation, occurred, seq)


def _begin(clocks: Clocks, monitor: Monitor, situation: Situation, occurred: datetime, seq: int) -> None:
    since = monitor.spec.since
    said = situation.facts.get(since) if since else None
    began = datetime.fromisoformat(said) if said else occurred
    end = due(monitor.spec.for_, began, clocks.work, roll=None, facts=situation.facts)
    row = DeadlineRow(
        id=new_id(), campaign_id=0, definition_id=clocks.compiled.id, matter_id=0, code=monitor.code,
        owner_body=situation.body, status=WATCHING, started_at=to_us(began), armed_at=to_us(clocks.now),
        last_day=end.last_day.isoformat(), breach_at=to_us(end.breach_at), yellow_at=to_us(end.breach_at),
        provisional=int(end.provisional), paused_at=None, stopped_at=None, breached_at=None, extensions=0, epoch=0, rung=0,
        next_fire_at=to_us(telling_at(end, monitor.spec.for_, clocks.now, clocks.work)), moves="[]", opened_seq=seq,
        closed_seq=None, counted="{}", new=True,
    )  # fmt: skip
    clocks.rows.append(row)
    say(clocks, "watched", row, since=rfc3339(began))


def stop_watching(clocks: Clocks, row: DeadlineRow, at: datetime, seq: int) -> None:
    """End the watch *row*: its condition holds no longer, or nobody asks for it."""
    row.status = "cleared" if row.status == FOUND else "unneeded"
    row.stopped_at, row.closed_seq, row.next_fire_at, row.dirty = to_us(at), seq, None, True
    say(clocks, "cleared", row, at=rfc3339(at))


def telling_at(end: Due, term: Term, now: datetime, work: Clockwork) -> datetime:
    """When a finding is told: hours to the minute, days at the hour of reminders of the first working day after."""
    at = _planned(end, term, work)
    return at if at > now else now + GRACE


def _planned(end: Due, term: Term, work: Clockwork) -> datetime:
    if term.hours is not None:
        return end.breach_at
    day = work.calendar.roll(end.breach_at.astimezone(work.zone).date())
    return datetime.combine(day, work.remind_at, work.zone)


def recount_watch(clocks: Clocks, row: DeadlineRow, since_us: int) -> None:
    """Count a standing watch again by the calendar of *clocks*: its end if it lay ahead at *since_us*, and its telling.

    A finding that stands stays one; only the day on which it is told, or told again, follows the calendar. What is due
    to be told by now is told.
    """
    monitor = clocks.compiled.monitors[row.code]
    if row.status == WATCHING:
        end, term = due_of(row), monitor.spec.for_
        if row.breach_at > since_us:
            end = due(term, from_us(row.started_at), clocks.work, roll=None, facts={})
        moved = end != due_of(row)
    elif row.next_fire_at is not None and monitor.spec.repeat is not None:
        term, moved = monitor.spec.repeat.every, False
        end = due(term, from_us(row.armed_at), clocks.work, roll=None, facts={})
    else:
        return
    if moved or _planned(end, term, clocks.work) > clocks.now:
        at_us = to_us(telling_at(end, term, clocks.now, clocks.work))
        row.dirty = row.dirty or at_us != row.next_fire_at
        row.next_fire_at = at_us
    if moved:
        _move(clocks, row, end)


def _move(clocks: Clocks, row: DeadlineRow, end: Due) -> None:
    before = row.last_day
    row.last_day, row.breach_at, row.provisional = end.last_day.isoformat(), to_us(end.breach_at), int(end.provisional)
    row.yellow_at, row.dirty = row.breach_at, True
    clocks.note(row, "recounted", clocks.now, before, row.last_day)
    say(clocks, "recounted", row, before=before)


def told(clocks: Clocks, row: DeadlineRow, monitor: Monitor) -> None:
    """Note that a finding is told, and when it is told again if it still stands then."""
    repeat = monitor.spec.repeat
    row.status, row.rung, row.next_fire_at, row.dirty = FOUND, row.rung + 1, None, True
    row.armed_at = to_us(clocks.now)
    if repeat is not None and row.rung <= repeat.most:
        end = due(repeat.every, clocks.now, clocks.work, roll=None, facts={})
        row.next_fire_at = to_us(telling_at(end, repeat.every, clocks.now, clocks.work))
    say(clocks, "found", row, since=stamp(row.started_at), times=row.rung)


def say(clocks: Clocks, op: str, row: DeadlineRow, **more: object) -> None:
    """Put what became of a watch among the effects of the entry to come."""
    said = {
        "op": op, "id": str(row.id), "code": row.code, "status": row.status, "last_day": row.last_day,
        "breach_at": rfc3339(from_us(row.breach_at)), "row": row.mark(),
    }  # fmt: skip
    clocks.effects.append({**said, **more})
