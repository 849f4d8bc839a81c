"""When the rungs of a ladder fall, counted from the end of a period."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from engine.errors import Invalid
from engine.terms import Clockwork, Due

FORM = re.compile(r"([+-]?[0-9]{1,3})(d|wd|h)|0")
"""``-3wd`` and ``+1d`` are 09:00 of a day, ``0`` is 09:00 of the last day, ``-12h`` and ``0h`` are exact."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A distance from the last day in ``d`` or ``wd``, or from the breach in ``h``; negative is before."""

    amount: int
    unit: str


@lru_cache(maxsize=1024)
def parse_rung(at: str) -> Rung:
    """Read the form of ``RungSpec.at``; raise Invalid if *at* has another."""
    match = FORM.fullmatch(at)
    if match is None:
        raise Invalid(f"{at!r} is no place on a ladder", hint="write -3wd, -1d, 0, +2wd, -12h, 0h or +4h")
    amount, unit = match.groups()
    return Rung(int(amount or 0), unit or "d")


def compiled(places: Iterable[str]) -> tuple[Rung, ...]:
    """Read the places of a whole ladder, in its order."""
    return tuple(map(parse_rung, places))


def rung_instant(at: str | Rung, due: Due, work: Clockwork) -> datetime:
    """Give the instant (UTC) of a rung.

    Days are at the campaign's hour of reminders; a rest day before the last day gives way to the working day
    before it, one on or after the last day to the working day after it.
    """
    rung = parse_rung(at) if isinstance(at, str) else at
    if rung.unit == "h":
        return due.breach_at + timedelta(hours=rung.amount)
    day = _day(rung, due.last_day, work)
    return datetime.combine(day, work.remind_at, work.zone).astimezone(UTC)


def plan(rungs: Sequence[Rung], due: Due, work: Clockwork, not_before: datetime) -> tuple[tuple[int, datetime], ...]:
    """List (index, instant) of the *rungs* after *not_before*, by instant and then index.

    Equal instants stay apart: merging them is the caller's.
    """
    key = (id(rungs), due.breach_at)  # the rungs are kept with the answer, so that no others can get their id
    kept: tuple[Any, tuple[tuple[int, datetime], ...]] | None = work.memo.get(key)
    if kept is None:
        instants = sorted((rung_instant(rung, due, work), index) for index, rung in enumerate(rungs))
        kept = work.keep(key, (rungs, tuple((index, instant) for instant, index in instants)))
    steps = kept[1]
    if not steps or steps[0][1] > not_before:
        return steps
    return tuple(step for step in steps if step[1] > not_before)


def _day(rung: Rung, last_day: date, work: Clockwork) -> date:
    if rung.unit == "wd" and rung.amount:
        return work.calendar.shift(last_day, rung.amount)
    day = last_day + timedelta(days=rung.amount)
    return work.calendar.back(day) if rung.amount < 0 else work.calendar.roll(day)
