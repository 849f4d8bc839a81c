"""Passwords: what is kept of them, by Argon2id, so many at once as the memory of the machine bears."""

import threading
from dataclasses import dataclass

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from engine.errors import Unavailable

AT_ONCE = 2
"""Hashes computed at the same moment by one process. PLACEHOLDER"""

PATIENCE_S = 10
"""Seconds that one waits for its turn before it is refused. PLACEHOLDER"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hash costs: passes, KiB of memory, lanes."""

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4


FULL = Cost()
"""Source: RFC 9106, section 4, second recommended option (t=3, 64 MiB, p=4)."""


class Passwords:
    """Hash and compare passwords at one cost. Raises Unavailable if too many wait."""

    def __init__(self, cost: Cost = FULL) -> None:
        self._hash = PasswordHash(
            (Argon2Hasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes),)
        )
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._nobodys = self._hash.hash("the password of nobody")

    def hash(self, password: str) -> str:
        """What is stored of *password*."""
        with self._turn():
            return self._hash.hash(password)

    def fits(self, password: str, stored: str | None) -> bool:
        """Say whether *password* is the one of *stored*; with nothing stored it takes as long and is never right."""
        with self._turn():
            try:
                right = self._hash.verify(password, stored or self._nobodys)
            except (PwdlibError, ValueError):
                return False
        return right and stored is not None

    def _turn(self) -> "_Turn":
        return _Turn(self._turns)


class _Turn:
    """One place among those who hash at the same moment."""

    def __init__(self, turns: threading.BoundedSemaphore) -> None:
        self._turns = turns

    def __enter__(self) -> None:
        if not self._turns.acquire(timeout=PATIENCE_S):
            raise Unavailable("too many sign in at this moment; try again", "busy")

    def __exit__(self, *_: object) -> None:
        self._turns.release()
