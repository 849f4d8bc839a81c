"""Orders that meet at an SQLite database share one commit: whoever is at the door takes along those who wait.

An SQLite database has one writer, and its commit waits for the disk. Threads that queued for it one by one would each
wait for every flush before their own; together they wait for one.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from engine.errors import DubanError
from engine.failpoints import reach
from engine.store import Database, Tx

Work = Callable[[Tx], Any]

MOST = 64
"""Orders in one commit, so that nobody waits long for the others' work."""


class Passenger:
    """One piece of work on its way: *result* or *error* once it has arrived, or the call to *lead*."""

    __slots__ = ("call", "error", "lead", "result", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.call = threading.Event()
        self.lead = False
        self.result: Any = None
        self.error: BaseException | None = None


class Convoy:
    """Carry the work of many threads: one leads, a transaction at a time, and hands the lead on after each.

    *alone* runs one piece of work in a transaction of its own, trying again as its caller sees fit; *watch* is told of
    every shared transaction after its commit.
    """

    def __init__(self, database: Database, alone: Callable[[Work], Any], watch: Callable[[Tx], None]) -> None:
        self._database = database
        self._alone = alone
        self._watch = watch
        self._lock = threading.Lock()
        self._waiting: deque[Passenger] = deque()
        self._led = False

    def carry(self, work: Work) -> Any:
        """Do *work* in a transaction and return what it returns; raises what it raises, and what the database does."""
        with self._lock:
            mine = Passenger(work) if self._led else None
            self._led = True
            if mine is not None:
                self._waiting.append(mine)
        if mine is not None:
            return self._carried_along(mine)
        try:
            return self._alone(work)
        finally:
            self._hand_on()

    def _carried_along(self, mine: Passenger) -> Any:
        """Wait for what somebody else, or the lead when it has come to oneself, makes of one's work."""
        mine.call.wait()
        if mine.lead:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.result

    def _hand_on(self) -> None:
        """Give the lead to whoever has come meanwhile."""
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._led = following is not None
            if following is not None:
                following.lead = True
        if following is not None:
            following.call.set()

    def _lead(self) -> None:
        """Do the work of everybody who waits, and hand the lead on."""
        with self._lock:
            aboard = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]
        try:
            if len(aboard) == 1 or not self._together(aboard):
                for each in aboard:
                    self._single(each)
        except BaseException as error:
            for each in aboard:
                each.error = each.error or error
            raise
        finally:
            self._hand_on()
            for each in aboard:
                if not each.lead:
                    each.call.set()

    def _single(self, each: Passenger) -> None:
        try:
            each.result = self._alone(each.work)
        except Exception as error:  # noqa: BLE001 - it is raised in the thread that it concerns
            each.error = error

    def _together(self, aboard: Sequence[Passenger]) -> bool:
        """Do all the work in one transaction; say False, with nothing done, if somebody's is better done alone.

        An error of the commit itself is everybody's: whether it happened is not known, so nothing is done again.
        """
        committing = False
        try:
            with self._database.tx() as tx:
                reach("begun")
                for each in aboard:
                    if not _carried(tx, each):
                        raise _Apart
                committing = True
        except Exception as error:  # noqa: BLE001 - it is raised in the threads that it concerns
            for each in aboard:
                each.result, each.error = None, error if committing else None
            return committing
        self._watch(tx)
        return True


class _Apart(Exception):
    """Somebody's work cannot share a transaction."""


def _carried(tx: Tx, each: Passenger) -> bool:
    """Do one piece of work; a refusal that wrote nothing is a result like any other."""
    before = tx.writes
    try:
        each.result = each.work(tx)
        tx.flush()
    except DubanError as error:
        if tx.writes != before:
            return False
        each.error = error
    return True
