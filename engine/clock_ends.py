"""The end of a clock as its row keeps it, in microseconds: worked out once for all the clocks that end alike."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from engine.clock import from_us, to_us
from engine.lights import NEAR, last_unit_at
from engine.rows import DeadlineRow
from engine.terms import Due


class KeptEnd(NamedTuple):
    """The columns of a row that say its end, and the instant at which its last unit begins."""

    last_day: str
    breach_us: int
    provisional: int
    last_unit_us: int


@lru_cache(maxsize=4096)
def kept_end(end: Due, unit: str, zone: ZoneInfo) -> KeptEnd:
    """What a row keeps of *end*, which is that of a period in *unit* (``hours`` or any other)."""
    last_unit = last_unit_at(end.last_day, end.breach_at, unit, zone)
    return KeptEnd(end.last_day.isoformat(), to_us(end.breach_at), int(end.provisional), to_us(last_unit))


def yellow_us(started_us: int, end: KeptEnd) -> int:
    """The instant from which a period that began at *started_us* is near its end, to the microsecond as `lights.yellow_at`."""
    part, whole = NEAR
    passed, rest = divmod((end.breach_us - started_us) * part, whole)
    if 2 * rest > whole or (2 * rest == whole and passed % 2):
        passed += 1  # as `timedelta` divides: to the nearest, and a half to the even one
    return max(min(started_us + passed, end.last_unit_us), started_us)


def due_of(row: DeadlineRow) -> Due:
    """The end that is stored in *row*."""
    return Due(date.fromisoformat(row.last_day), from_us(row.breach_at), bool(row.provisional))
