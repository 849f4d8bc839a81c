"""What a process has claimed to send: for how long it may believe so, and which of it is still its own when it comes to mark."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from engine.clock import Clock, elapsed_s
from engine.outbox import IN_HAND
from engine.store import Tx

LEASE = timedelta(minutes=5)
"""How long a claimed notice is somebody's; after a crash it is free again then. PLACEHOLDER"""

SPARE = timedelta(seconds=30)
"""Before the end of the lease by so much no message of it is begun: a channel takes ten seconds at most. PLACEHOLDER"""


class Claim:
    """The time since a batch was claimed, by the wall clock and by what has really passed, whichever is more.

    A process that was stopped, or whose machine was, wakes with its batch in its hands, while others have long claimed and
    sent the rest of it.
    """

    def __init__(self, clock: Clock, seconds: Callable[[], float] = elapsed_s) -> None:
        self._clock = clock
        self._seconds = seconds
        self._at, self._since = clock.now(), seconds()

    def begin(self) -> datetime:
        """Claim from now on; return the instant at which the lease is over."""
        self._at, self._since = self._clock.now(), self._seconds()
        return self._at + LEASE

    def lapsed(self) -> bool:
        """Whether it is too late to begin with another message of it."""
        passed = max(self._clock.now() - self._at, timedelta(seconds=self._seconds() - self._since))
        return passed > LEASE - SPARE


class Held(NamedTuple):
    """Of what was sent: *ours* is still in our hands, *needless* was cancelled meanwhile, *theirs* another has claimed."""

    ours: set[int]
    needless: set[int]
    theirs: set[int]


def held_by(tx: Tx, worker: str, idents: Collection[int]) -> Held:
    """How these notices stand that *worker* had in hand, locked. What he has marked already is in none of the three.

    One whose claim lasted no longer may have been cancelled before anybody else claimed it.
    """
    held = Held(set(), set(), set())
    for ident, who, lease, status in tx.among(IN_HAND, sorted(idents)) if idents else ():
        if who != worker:
            held.theirs.add(ident)
        elif status == "cancelled":
            held.needless.add(ident)
        elif lease is not None:
            held.ours.add(ident)
    return held
