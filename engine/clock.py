"""The only source of time: every other module is handed a clock and asks it."""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Zero of the integer microseconds in which instants are stored."""


class Clock(Protocol):
    """Whatever can say what time it is, as an aware instant in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The wall clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved; it never runs backwards."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def move_to(self, at: datetime) -> None:
        """Move to *at*; an instant before the present one is ignored."""
        self._at = max(self._at, at.astimezone(UTC))


def real_milliseconds() -> int:
    """Milliseconds since 1970 of the machine's own clock, for identifiers only."""
    return time.time_ns() // 1_000_000


def wall_against_monotonic_s() -> float:
    """Seconds between wall clock and monotonic clock: a change means that the wall clock was stepped, or the machine slept."""
    return time.time() - time.monotonic()


_ELAPSED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def wall_against_elapsed_us() -> int:
    """Microseconds between the wall clock and what has passed since the machine was started, its sleep included.

    A change means that the wall clock was stepped. A virtual machine that is halted from outside does not count its sleep.
    """
    return (time.time_ns() - time.clock_gettime_ns(_ELAPSED)) // 1000


def elapsed_s() -> float:
    """Seconds since the machine was started, its sleep included: for how long something has really lasted."""
    return time.clock_gettime(_ELAPSED)


@lru_cache(maxsize=4096)
def to_us(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant; an order asks for the same few instants many times."""
    since = at - EPOCH  # its parts are put together: to divide it takes several times as long
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@lru_cache(maxsize=4096)
def from_us(us: int) -> datetime:
    """The aware UTC instant of *us* microseconds since 1970; asked for again and again as `to_us` is."""
    return EPOCH + timedelta(microseconds=us)


def rfc3339(at: datetime) -> str:
    """Write an instant as RFC 3339 in UTC with ``Z``; fractions of a second only if there are any."""
    plain = at.astimezone(UTC).replace(tzinfo=None)
    return plain.isoformat() + "Z"


@lru_cache(maxsize=4096)
def stamp(us: int) -> str:
    """Write an instant in microseconds as `rfc3339` does; an order writes the same few instants many times."""
    return rfc3339(from_us(us))
