"""The queue of an SQLite database's writers: a lock of the process and one on a side file, each waited for in patience."""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from engine.errors import Unavailable

_TRY = fcntl.LOCK_EX | fcntl.LOCK_NB

_PAUSES_S = (0.0003, 0.0005, *(0.001,) * 40)
"""How long a writer sleeps between its first tries, before it waits in the kernel: in all, a few dozen transactions. PLACEHOLDER

Handing the place from one process to the next costs more than a transaction: whoever leaves may come back at once.
"""


class Gate:
    """The queue of one process's threads, for a database that nobody else has."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def enter(self, _: float) -> None:
        """Take the place of the writer, until `leave`."""
        self._lock.acquire()

    def leave(self) -> None:
        """Let the next one through."""
        self._lock.release()

    def close(self) -> None:
        """Nothing is held open."""


class Turnstile:
    """Let one writer through at a time, of all threads and processes; the kernel lets go for one that is killed.

    A writer tries a few dozen times, then stands in the kernel's queue, so that nobody waits without end beside the
    quick ones. Nor does waiting last for ever: a process that was stopped in the middle of its transaction must not hold
    up the others without a word.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._gate = threading.Lock()
        self._file: int | None = None
        self._asking: _Asking | None = None

    @contextlib.contextmanager
    def turn(self, patience_s: float) -> Iterator[None]:
        """Hold the place of the writer. Raises Unavailable if it does not become free in *patience_s*."""
        self.enter(patience_s)
        try:
            yield
        finally:
            self.leave()

    def enter(self, patience_s: float) -> None:
        """Take the place of the writer, until `leave`. Raises Unavailable if it does not become free in *patience_s*."""
        if not self._gate.acquire(timeout=patience_s):
            raise _busy()
        try:
            if self._file is None or not self._free(self._file):
                self._wait(patience_s)
        except BaseException:
            self._gate.release()
            raise

    def leave(self) -> None:
        """Let the next one through."""
        try:
            if self._file is not None:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._gate.release()

    def _wait(self, patience_s: float) -> None:
        """Lock the side file, opened if it was not; somebody else may hold it."""
        if self._file is None:
            self._file = self._open()
            if self._free(self._file):
                return
        for pause_s in _PAUSES_S:
            time.sleep(pause_s)
            if self._free(self._file):
                return
        if self._asking is None or not self._asking.alive:
            self._asking = _Asking(self._open())
        if not self._asking.granted(patience_s):
            raise _busy()
        self._file = self._asking.exchanged(self._file)

    @staticmethod
    def _free(file: int) -> bool:
        try:
            fcntl.flock(file, _TRY)
        except BlockingIOError:
            return False
        return True

    def _open(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(
                f"the database may not be written to: {self._path}: {error.strerror}", "readonly"
            ) from error

    def close(self) -> None:
        """Let go of the side file."""
        if self._asking is not None and self._asking.alive:
            self._asking.end()
        self._asking = None
        if self._file is not None:
            os.close(self._file)
            self._file = None


class _Asking:
    """A thread that waits in the kernel for the lock on *file*, for whoever asks for it, again and again.

    What it waits for when nobody wants it any more it gives back; asked meanwhile, it goes on waiting.
    """

    def __init__(self, file: int) -> None:
        self.file = file
        self._mutex = threading.Lock()
        self._asked = threading.Semaphore(0)
        self._got = threading.Semaphore(0)
        self._waiting = self._wanted = self._over = False
        self._thread = threading.Thread(target=self._ask, name="duban-turnstile", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it can be asked: a fork of the process has no threads but its own."""
        return self._thread.is_alive()

    def _ask(self) -> None:
        while True:
            self._asked.acquire()
            if self._over:
                break
            fcntl.flock(self.file, fcntl.LOCK_EX)
            with self._mutex:
                self._waiting = False
                if self._wanted:
                    self._wanted = False
                    self._got.release()
                else:
                    fcntl.flock(self.file, fcntl.LOCK_UN)
        os.close(self.file)

    def granted(self, patience_s: float) -> bool:
        """Wait for the lock; say whether it was given."""
        with self._mutex:
            self._wanted = True
            if not self._waiting:
                self._waiting = True
                self._asked.release()
        try:
            if self._got.acquire(timeout=patience_s):
                return True
        except BaseException:
            if self._not_wanted():
                fcntl.flock(self.file, fcntl.LOCK_UN)
            raise
        return self._not_wanted()

    def _not_wanted(self) -> bool:
        """Wait for nobody any more; say whether the lock was given all the same."""
        with self._mutex:
            self._wanted = False
            return self._got.acquire(blocking=False)

    def exchanged(self, file: int) -> int:
        """Give out the file on which the lock was given, and wait on *file* from now on."""
        given, self.file = self.file, file
        return given

    def end(self) -> None:
        """Wait no more; what is being waited for is given back."""
        with self._mutex:
            self._over = True
            self._asked.release()


def _busy() -> Unavailable:
    return Unavailable("another process holds the database and does not let go; nothing was done, try again", "locked")
