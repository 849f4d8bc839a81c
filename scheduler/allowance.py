"""How many messages a provider takes in a minute: more of them wait here instead of being refused there."""

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from scheduler.channels import NotYet

MINUTE = timedelta(minutes=1)


class Allowance:
    """At most *most* messages in any minute of one robot."""

    def __init__(self, most: int, now: Callable[[], datetime]) -> None:
        self._most = most
        self._now = now
        self._taken: deque[datetime] = deque()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Take one message's place. Raises NotYet, with how long to wait, if none is free."""
        with self._lock:
            now = self._now()
            while self._taken and (self._taken[0] <= now - MINUTE or self._taken[0] > now):
                self._taken.popleft()  # one from the future was taken before the clock was set back
            if len(self._taken) >= self._most:
                raise NotYet(self._taken[0] + MINUTE - now, f"no more than {self._most} messages a minute")
            self._taken.append(now)
