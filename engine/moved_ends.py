"""The end of a period after it was paused or put off: by civil days or hours lost, by a term, or to a named day."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from engine.errors import Invalid
from engine.term_schema import ExtensionSpec, Term
from engine.terms import (
    DAY,
    NO_FACTS,
    Clockwork,
    Due,
    at_end_of,
    counted_day,
    due,
    local_day,
    not_so,
    rolled_end,
    to_the_hour,
    within_horizon,
)


def shifted(
    before: Due, paused_at: datetime, resumed_at: datetime, term: Term, when: Clockwork, *, roll: str | None
) -> Due:
    """Move the end of a paused period by the pause: hours exactly, anything else by the civil days lost.

    The day on which the pause began is lost, the day of resuming is not: within one day nothing moves. Then
    the last day rolls as that of the term does.
    """
    if resumed_at < paused_at:
        raise Invalid(f"a pause that began at {paused_at.isoformat()} cannot end at {resumed_at.isoformat()}")
    if term.hours is not None:
        return to_the_hour(before.breach_at + (resumed_at - paused_at), when, before.provisional)
    lost = local_day(resumed_at, when.zone) - local_day(paused_at, when.zone)
    if not lost:
        return before
    if term.workdays is not None:
        paused_on = local_day(paused_at, when.zone)
        worked = sum(when.calendar.is_workday(paused_on + at * DAY) for at in range(lost.days))
        moved = rolled_end(when.calendar.shift(before.last_day, worked), before.last_day, term, when, roll)
        return Due(moved.last_day, moved.breach_at, before.provisional or moved.provisional)
    moved = rolled_end(before.last_day + lost, before.last_day, term, when, roll)
    return Due(moved.last_day, moved.breach_at, before.provisional or moved.provisional)


def extended(
    before: Due,
    extension: ExtensionSpec,
    when: Clockwork,
    started_at: datetime,
    until: date | None,
    *,
    roll: str | None = None,
    facts: Mapping[str, Any] = NO_FACTS,
) -> Due:
    """Put the end off *by* a term after the old end, *to* a term from *started_at*, or *free* to day *until*.

    With *by* and *to* the rule gives the latest end; *until* may ask for less, and a named day does not roll.
    Raises Refused if the new end is not later than the old one, later than the rule allows, or not named.
    """
    latest = _latest(before, extension, when, started_at, roll=roll, facts=facts)
    if until is None:
        if latest is None:
            raise not_so("fact", "未说明延长至何日", "the day to which it is put off is not stated")
        after = latest
    else:
        if latest is not None and until > latest.last_day:
            day = latest.last_day.isoformat()
            raise not_so("when", f"最多可延长至{day}", f"it can be put off to {day} at most")
        after = latest if latest and until == latest.last_day else at_end_of(within_horizon(until), when)
    if after.breach_at <= before.breach_at:
        day = before.last_day.isoformat()
        raise not_so("when", f"延长后的期限须晚于{day}", f"the new date must be later than {day}")
    return after


def extended_again(
    before: Due,
    extension: ExtensionSpec,
    when: Clockwork,
    started_at: datetime,
    until: date | None,
    *,
    roll: str | None,
    facts: Mapping[str, Any],
) -> Due:
    """Give again an extension that was granted once, after the end before it has changed; it never shortens."""
    latest = _latest(before, extension, when, started_at, roll=roll, facts=facts)
    after = at_end_of(until, when) if until is not None and (latest is None or until != latest.last_day) else latest
    return before if after is None or after.breach_at <= before.breach_at else after


def _latest(
    before: Due,
    extension: ExtensionSpec,
    when: Clockwork,
    started_at: datetime,
    *,
    roll: str | None,
    facts: Mapping[str, Any],
) -> Due | None:
    if extension.to is not None:
        return due(extension.to, started_at, when, roll=roll, facts=facts)
    if extension.by is None:
        return None
    if extension.by.hours is not None:
        return to_the_hour(before.breach_at + timedelta(hours=extension.by.hours), when, before.provisional)
    raw = counted_day(extension.by, before.last_day, when, facts)
    after = rolled_end(raw, before.last_day, extension.by, when, roll)
    return Due(after.last_day, after.breach_at, before.provisional or after.provisional)


def resumed_at(moves: str) -> list[datetime]:
    """When a clock ran on after each of its pauses, by what is kept of its *moves*."""
    return [datetime.fromisoformat(at) for what, at, *_ in json.loads(moves) if what == "resumed"]
