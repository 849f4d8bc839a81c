"""The room where proofs are made: one at a time, behind the pages, and each remembered for who asks again."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import Refused, Unavailable
from engine.log import logger
from workflows.checking import job_key, run
from workflows.drafts import Draft
from workflows.proposing import job_of
from workflows.workspace import Workspace

MOST_WAITING = 8
"""Checks that wait for their turn. PLACEHOLDER"""

MOST_KEPT = 64
"""Answers that are remembered. PLACEHOLDER"""

Runner = Callable[[Mapping[str, Any]], dict[str, Any]]


class ProofRoom:
    """Answers are found by what was asked; a question that nobody has asked before waits for its turn."""

    def __init__(self, runner: Runner = run) -> None:
        self._run = runner
        self._answers: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._waiting: OrderedDict[str, Mapping[str, Any]] = OrderedDict()
        self._at_work: str | None = None
        self._lock = threading.Lock()

    def ask(self, job: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer, or None while it is being worked out. Raises Unavailable if too many wait."""
        key = job_key(job)
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
            if key in self._waiting or key == self._at_work:
                return None
            if len(self._waiting) >= MOST_WAITING:
                raise Unavailable("too many proofs wait for their turn; try again in some minutes", "contention")
            self._waiting[key] = job
            if self._at_work is None:
                self._at_work = ""
                threading.Thread(target=self._work, daemon=True, name="proofs").start()
        return None

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._at_work = None
                    return
                self._at_work, job = self._waiting.popitem(last=False)
                key = self._at_work
            try:
                answer = self._run(job)
            except Exception as error:  # noqa: BLE001 - whatever it is, who waits must be told
                logger.opt(exception=error).error("a check broke")
                answer = {"ok": False, "problems": [], "proofs": [], "failed": "broken"}
            with self._lock:
                self._answers[key] = answer
                while len(self._answers) > MOST_KEPT:
                    self._answers.popitem(last=False)

    def forget(self, job: Mapping[str, Any]) -> None:
        """Forget the answer, so that it is worked out anew when somebody asks."""
        with self._lock:
            self._answers.pop(job_key(job), None)


def must_be_proved(room: ProofRoom, workspace: Workspace, draft: Draft) -> None:
    """Raise Refused unless the proof of *draft* is there and succeeded; if nobody has asked for it, it begins."""
    answer = room.ask(job_of(workspace, draft))
    if answer is None:
        raise Refused("the proof is still being worked out; approve when it is there", "proving")
    if not answer["ok"]:
        raise Refused("it is not proved: see what was found", "unproved")
