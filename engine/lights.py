"""The light of a matter, derived from its deadlines and the time: the worst counts."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from engine.terms import Clockwork, Due

Light = Literal["green", "yellow", "red"]

NEAR = (7, 10)
"""A period is near its end when 7 of 10 parts of it have passed. PLACEHOLDER: our design, no statute."""

HOUR = timedelta(hours=1)

COUNTED = frozenset(("running", "paused", "met", "late", "breached"))
"""Statuses of a deadline that give a matter a light at all; a cancelled one is as if it had never been."""


class Watched(NamedTuple):
    """What the light needs of one deadline: *unit* is the term's, *yellow_at* spares computing it."""

    status: str
    started_at: datetime
    last_day: date
    breach_at: datetime
    unit: str
    timer: bool
    yellow_at: datetime | None = None


def light(deadlines: Iterable[Watched], now: datetime, work: Clockwork, *, closed: bool = False) -> Light | None:
    """Give the light at *now*: red past due (also met late, while open), yellow near the end, else green.

    None if the matter is *closed* or no deadline counts; timers never do. A paused clock does not run: green.
    """
    if closed:
        return None
    worst: Light | None = None
    for each in deadlines:
        status = each.status
        if each.timer or status not in COUNTED:
            continue
        if status in ("late", "breached") or (status == "running" and now >= each.breach_at):
            return "red"
        if worst == "yellow":
            continue
        worst = "yellow" if status == "running" and now >= _threshold(each, work.zone) else "green"
    return worst


def yellow_at(started_at: datetime, due: Due, unit: str, zone: ZoneInfo) -> datetime:
    """Give the instant (UTC) from which a period is near its end: 70 % or all but its last unit has passed.

    The last unit is the last hour of a period of hours, the last day of any other. Never before *started_at*.
    """
    return _near(started_at, due.last_day, due.breach_at, unit, zone)


def _threshold(each: Watched, zone: ZoneInfo) -> datetime:
    if each.yellow_at is not None:
        return each.yellow_at
    return _near(each.started_at, each.last_day, each.breach_at, each.unit, zone)


def _near(started_at: datetime, last_day: date, breach_at: datetime, unit: str, zone: ZoneInfo) -> datetime:
    part, whole = NEAR
    mostly = started_at + (breach_at - started_at) * part / whole
    return max(min(mostly, last_unit_at(last_day, breach_at, unit, zone)), started_at).astimezone(UTC)


def last_unit_at(last_day: date, breach_at: datetime, unit: str, zone: ZoneInfo) -> datetime:
    """When the last unit of a period begins: its last hour if it is one of hours, else its last day."""
    return breach_at - HOUR if unit == "hours" else datetime.combine(last_day, time.min, zone)
