"""What takes longer than an answer may: a few jobs, one after the other in a thread of their own, their results kept for a while."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from engine.clock import rfc3339
from engine.errors import DubanError, NotFound, Unavailable
from engine.orders import Actor
from web.api.answers import answered
from web.api.gate import fault
from web.api.parts import Parts
from web.api.problems import problem_of
from web.api.routes import router, told
from web.api.speaking import caller

Work = Callable[[], dict[str, Any]]

MOST_WAITING = 4
"""Jobs that wait or run; one more is told to come again. PLACEHOLDER"""

MOST_KEPT = 32
"""Jobs that are remembered. PLACEHOLDER"""


@dataclass
class Job:
    """A job: *status* is waiting, running, done or failed."""

    ident: str
    kind: str
    about: Mapping[str, Any]
    login: str
    began_at: str
    status: str = "waiting"
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def as_json(self) -> dict[str, Any]:
        """The job as the contract has it."""
        names = ("kind", "about", "began_at", "status", "result", "error")
        return {"id": self.ident, **{name: getattr(self, name) for name in names}}


class Jobs:
    """The jobs of one process. They belong to whoever began them; only he sees them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._kept: OrderedDict[str, Job] = OrderedDict()
        self._queue: SimpleQueue[tuple[Job, Work]] = SimpleQueue()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def begin(self, request: Request, kind: str, about: Mapping[str, Any], work: Work) -> Response:
        """Put *work* in the queue and tell where its result will be. Raises Unavailable if too many wait."""
        actor: Actor = request.state.actor
        job = Job(secrets.token_hex(8), kind, about, actor.login, rfc3339(self._parts.workspace.clock.now()))
        with self._lock:
            if sum(each.status in ("waiting", "running") for each in self._kept.values()) >= MOST_WAITING:
                raise Unavailable("too many jobs are waiting; come again", "busy")
            self._kept[job.ident] = job
            while len(self._kept) > MOST_KEPT:
                self._kept.pop(next(ident for ident, each in self._kept.items() if each.over.is_set()))
            if self._worker is None:
                self._worker = threading.Thread(target=self._run, name="duban-jobs", daemon=True)
                self._worker.start()
        self._queue.put((job, work))
        where = f"{request.scope.get('root_path', '')}/jobs/{job.ident}"
        return answered(request, job.as_json(), status=202, headers={"Location": where})

    def job(self, ident: str, actor: Actor) -> Job:
        """A job of *actor*. Raises NotFound, also for another's."""
        job = self._kept.get(ident)
        if job is None or job.login != actor.login:
            raise NotFound(f"no job {ident[:40]!r}", "no_job")
        return job

    def _run(self) -> None:
        while True:
            job, work = self._queue.get()
            job.status = "running"
            try:
                job.result, status = work(), "done"
            except Exception as error:  # noqa: BLE001 - told at the job, and logged if it is a fault of ours
                problem = problem_of(error) if isinstance(error, DubanError) else fault(error)
                job.error = {"status": problem.status, "code": problem.code, "detail": problem.detail}
                status = "failed"
            job.status = status
            job.over.set()


def routes(jobs: Jobs) -> APIRouter:
    """The route."""
    found = router()

    @found.get("/jobs/{ident}", tags=["audit"], responses=told("Job", "任务 · The job"))
    def show_job(request: Request, ident: str, actor: Annotated[Actor, Depends(caller)]) -> Response:
        """任务的进展与结果 · How a job stands; only for who began it."""
        return answered(request, jobs.job(ident, actor).as_json())

    return found
