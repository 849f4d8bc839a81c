"""The guard of the log: nothing is written to a database that was put back behind its last anchor, or that forked."""

import threading
from collections.abc import Callable

from engine.campaign import Campaign
from engine.store import Database


class LogGuard:
    """Look once, before the first write of a process; a database that does not agree with its anchors is not written to."""

    def __init__(self, database: Database, campaign: Callable[[], Campaign]) -> None:
        self._database = database
        self._campaign = campaign
        self._lock = threading.Lock()
        self._passed = False

    def __call__(self) -> None:
        """Raise VerificationFailed with advice if the database does not agree with its anchors."""
        if self._passed:
            return
        with self._lock:
            if not self._passed:
                from engine.checkpoints import refuse_bent

                refuse_bent(self._database, self._campaign())
                self._passed = True
