"""Checking the record while people go on working: one check at a time, in a thread of its own, and what came of the last."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.errors import DubanError
from engine.log import logger
from workflows.verification import verified, whole
from workflows.workspace import Workspace


@dataclass
class Check:
    """A check: who asked for it when; how it ended, or that it still goes on."""

    by: str
    began: datetime
    ended: datetime | None = None
    said: dict[str, Any] | None = None
    error: DubanError | None = None

    @property
    def running(self) -> bool:
        return self.ended is None


@dataclass
class Verifier:
    """Runs checks one after the other; whoever comes while one goes on is shown that one."""

    last: Check | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: ThreadPoolExecutor | None = None

    def begin(self, workspace: Workspace, by: str) -> bool:
        """Begin a check; False if one is going on."""
        with self._lock:
            if self.last is not None and self.last.running:
                return False
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, "verifier")
            check = self.last = Check(by, workspace.clock.now())
        self._thread.submit(self._run, workspace, check)
        return True

    def _run(self, workspace: Workspace, check: Check) -> None:
        try:
            check.said = verified(workspace, whole(workspace))
        except DubanError as error:
            check.error = error
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread: whatever went wrong is said on the page
            logger.opt(exception=error).error("a check of the record failed")
            check.error = DubanError("the check itself failed; see the log of the process")
        check.ended = workspace.clock.now()

    def wait(self) -> None:
        """Wait for what is going on, and begin nothing more."""
        if self._thread is not None:
            self._thread.shutdown(wait=True)
            self._thread = None
