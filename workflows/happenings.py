"""What a foreign event log says: cases, each with what is said to have happened in it, and how much one may say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import Invalid

LONGEST_VALUE = 100_000
"""Characters of one value; a log has names, not novels. PLACEHOLDER"""

MOST_EVENTS = 10_000
"""Events of one case, which is held whole; with more of them the case is looked for in a wrong column. PLACEHOLDER"""

LONGEST_CASE = 20_000_000
"""Characters of all that one case says. PLACEHOLDER"""

LATEST = datetime(9000, 1, 1)  # noqa: DTZ001  compared with what a file says, in whatever zone
EARLIEST = datetime(1000, 1, 1)  # noqa: DTZ001
"""Between these every zone and every term can be counted. PLACEHOLDER"""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a foreign log; *where* tells its place in the file. What the log does not say is None or empty."""

    activity: str
    at: datetime
    where: str
    resource: str | None = None
    group: str | None = None
    to: str | None = None
    entry: str = "moved"
    documents: tuple[str, ...] | None = None
    facts: Mapping[str, Any] | None = None
    owner: str | None = None


@dataclass(slots=True)
class Case:
    """A case of a foreign log: its events in the order of the file."""

    name: str
    events: list[Happening] = field(default_factory=list)


def instant_of(text: str, zone: ZoneInfo, where: str) -> datetime:
    """Read an instant; raise Invalid if it is none."""
    try:
        at = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        raise Invalid(
            f"{where}: {text[:80]!r} is no instant; it looks like 2010-11-26T09:00:00+08:00", "instant"
        ) from None
    if not EARLIEST < at.replace(tzinfo=None) < LATEST:
        raise Invalid(f"{where}: {text[:80]!r} is no year of ours", "instant")
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def refuse_endless(events: int, characters: int, where: str) -> None:
    """Raise Invalid for a case of more *events* or *characters* than one can have."""
    if events > MOST_EVENTS:
        raise Invalid(
            f"{where}: a case has more than {MOST_EVENTS} events; is the column of the case right?", "too_long"
        )
    if characters > LONGEST_CASE:
        raise Invalid(f"{where}: a case is longer than {LONGEST_CASE} characters", "too_long")
