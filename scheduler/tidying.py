"""Putting away what is over, now and then: rows of getting in, documents that nobody names, second factors still in clear."""

from collections.abc import Callable
from time import monotonic

from engine.clock import Clock, SystemClock, to_us
from engine.documents import FileStore
from engine.errors import DubanError
from engine.factor_seal import count_outdated, seal_all
from engine.log import logger
from engine.log_entries import note_in_log
from engine.orders import SYSTEM
from engine.store import Tx
from engine.tidying import put_away, unnamed
from workflows.workspace import Workspace, user_of

EVERY_S = 3600.0
"""Seconds between two times in one process; several processes may do it at once. PLACEHOLDER"""

ORPHAN_S = 86_400.0
"""Seconds that a document is kept which no entry names: a form that was refused may be sent again. PLACEHOLDER"""

AT_ONCE = 200
"""Second factors sealed in one transaction. PLACEHOLDER"""


class Tidying:
    """The tidying of one workspace in production; *clock* is the machine's, which files have too."""

    def __init__(
        self, workspace: Workspace, clock: Clock | None = None, seconds: Callable[[], float] = monotonic
    ) -> None:
        self.workspace = workspace
        self.clock = clock or SystemClock()
        self._seconds = seconds
        self._next = float("-inf")

    def run(self) -> None:
        """Tidy, unless it was done a short while ago. What cannot be done now is done the next time."""
        if self.workspace.mode != "production" or self._seconds() < self._next:
            return
        self._next = self._seconds() + EVERY_S
        for work in (self._rows, self._seal, self._documents):
            try:
                work()
            except DubanError as error:
                logger.bind(code=error.code).warning("tidying waits: {}", error.message)

    def _rows(self) -> None:
        now_us = to_us(self.workspace.sessions.clock.now())
        self.workspace.engine.in_transaction(lambda tx: put_away(tx, now_us))

    def _seal(self) -> None:
        """Seal what stands in clear, or is sealed with an older key; how many it were is entered."""
        engine = self.workspace.engine
        with self.workspace.database.snapshot() as tx:
            if not count_outdated(tx, engine.factors):
                return

        def work(tx: Tx) -> int:
            count = seal_all(tx, engine.factors(), AT_ONCE)
            if count:
                said = {"count": count, "key": engine.factors().ring.name()}
                note_in_log(tx, engine.campaign, SYSTEM, engine.clock.now(), "factors", "sealed", said)
            return count

        while engine.in_transaction(work):
            pass

    def _documents(self) -> None:
        """Throw away the documents that no entry names, where no other database keeps its own."""
        store = self.workspace.documents
        if not isinstance(store, FileStore):
            return
        ours = user_of(self.workspace.database)
        if store.claim(ours) - {ours}:
            return
        before_s = self.clock.now().timestamp() - ORPHAN_S
        there = store.orphans(before_s)
        if not there:
            return
        with self.workspace.database.snapshot() as tx:
            found = unnamed(tx, there)
        freed = [store.drop(sha256, before_s) for sha256 in found]
        if any(freed):
            logger.bind(count=len(freed), bytes=sum(freed)).info("documents that nobody names were thrown away")
