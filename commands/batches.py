"""Many orders at once: up to a hundred in a transaction, each reported only when it is committed, in file order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from commands.lines import Line
from commands.values import instant
from engine.clock import VirtualClock
from engine.dialect_errors import Clash, Deadlocked
from engine.errors import DubanError, Forbidden, Invalid, Unavailable
from engine.intake import take_file
from engine.notice_desk import NoticeDesk
from engine.orders import Ack, Actor, Attach, Comment, Correct, Do, Extend, Open, Order, Pause, Resume, Urge
from engine.outcome import Outcome
from engine.store import Tx
from workflows.workspace import Workspace

BATCH = 100
"""Most orders in one transaction."""

ORDERS: dict[str, type[Order]] = {
    "open": Open,
    "do": Do,
    "correct": Correct,
    "attach": Attach,
    "extend": Extend,
    "pause": Pause,
    "resume": Resume,
    "ack": Ack,
    "urge": Urge,
    "comment": Comment,
}

KEYS = ("ref", "trigger", "kind", "body", "title", "deadline", "until", "reason", "if_version", "facts", "notice")
"""Keys of a line that are fields of the order by the same name."""

STATUSES = ("done", "already", "refused", "invalid")


@dataclass(slots=True)
class Job:
    """A line with its order and who gives it, or with what is wrong with it."""

    line: Line
    order: Order | None = None
    actor: Actor | None = None
    problem: DubanError | None = None


class Spoiled(Exception):
    """Something was written before an order was refused: the batch must be taken back."""


@dataclass
class Applying:
    """Take jobs, carry them out in batches, and *report* each result after its commit."""

    workspace: Workspace
    actor_of: Callable[[str | None], Actor]
    report: Callable[[dict[str, Any]], None]
    log: Callable[[Exception, str], Any]
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    _waiting: list[Job] = field(default_factory=list)
    _actors: dict[tuple[str | None, str | None], Actor] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        """Take a line; what its ``now`` lets fall due comes after everything before it."""
        if line.problem is None and "now" in line.said:
            self.flush()
            line.problem = self._advance(line.said["now"])
        self._waiting.append(self._job(line))
        if len(self._waiting) >= BATCH:
            self.flush()

    def _advance(self, text: str) -> DubanError | None:
        """Move a rehearsal's clock to *text*; an instant that has passed already moves nothing (a rerun)."""
        from scheduler.turn import Turn

        try:
            to = instant(text, self.workspace.campaign.zone, "now")
            if not isinstance(self.workspace.clock, VirtualClock):
                raise Invalid(
                    "only a rehearsal takes 'now': the clock of production is the real one", "no_virtual_clock"
                )
            if to > self.workspace.clock.now():
                Turn(self.workspace).advance(to)
        except Unavailable:
            raise
        except DubanError as error:
            return error
        return None

    def _job(self, line: Line) -> Job:
        if line.problem is not None:
            return Job(line, problem=line.problem)
        try:
            return Job(line, self._order(line), self._actor(line.said.get("as"), line.said.get("on_behalf")))
        except Unavailable:
            raise
        except DubanError as error:
            return Job(line, problem=error)

    def _actor(self, login: str | None, on_behalf: str | None = None) -> Actor:
        """Who gives the order, and for whom; looked up once a batch, so that a withdrawn post is noticed."""
        if (login, on_behalf) not in self._actors:
            own = self.actor_of(login)
            self._actors[login, on_behalf] = own if on_behalf is None else self.workspace.deputy(own, on_behalf)
        return self._actors[login, on_behalf]

    def _order(self, line: Line) -> Order:
        said, zone = line.said, self.workspace.campaign.zone
        occurred: datetime | None = instant(said["occurred"], zone, "occurred") if "occurred" in said else None
        papers = tuple(
            take_file(self.workspace.documents, kind, path) for kind, path in said.get("documents", {}).items()
        )
        given = {key: said[key] for key in KEYS if key in said}
        if "approve_by" in said:
            given["approved_by"] = self._approver(said["approve_by"])
        return ORDERS[said["order"]](**given, documents=papers, occurred_at=occurred, request_id=line.request_id)

    def _approver(self, login: str) -> Actor:
        """The second person of a correction: in a rehearsal a login is believed. Raises Forbidden in production."""
        if self.workspace.mode == "production":
            raise Forbidden(
                "in production who approves shows a token: duban correct --approve-token-file", "no_identity"
            )
        return self.workspace.actor(login)

    def flush(self) -> None:
        """Carry out what waits, then report it."""
        jobs, self._waiting = self._waiting, []
        for result in self._together(jobs) or [self._alone(job) for job in jobs]:
            self.counts[result["status"]] += 1
            self.report(result)
        self._actors.clear()

    def _together(self, jobs: list[Job]) -> list[dict[str, Any]] | None:
        """All jobs in one transaction; None if it had to be taken back."""
        try:
            return self.workspace.engine.in_transaction(lambda tx: [self._run(tx, job) for job in jobs])
        except Exception as error:  # whatever it was: taken back, and found by doing the lines one by one
            if isinstance(error, Unavailable) and error.code != "contention":
                raise
            return None

    def _run(self, tx: Tx, job: Job) -> dict[str, Any]:
        if job.order is None or job.actor is None:
            return failed(job, job.problem)
        before = tx.writes
        try:
            return self._carried_out(tx, job, job.order, job.actor)
        except Unavailable:
            raise
        except DubanError as error:
            if tx.writes != before:
                raise Spoiled from error
            return failed(job, error)

    def _carried_out(self, tx: Tx, job: Job, order: Order, actor: Actor) -> dict[str, Any]:
        if isinstance(order, Ack):
            said = NoticeDesk(self.workspace.engine, actor).acknowledge_in(tx, order.notice)
            status = "already" if said.get("replayed") else "done"
            return {"line": job.line.number, "status": status, "ref": said["notice"]["ref"], "code": None}
        return done(job, self.workspace.engine.run(tx, order, actor))

    def _alone(self, job: Job) -> dict[str, Any]:
        if job.order is None or job.actor is None:
            return failed(job, job.problem)
        try:
            if isinstance(job.order, Ack):
                order, actor = job.order, job.actor
                return self.workspace.engine.in_transaction(lambda tx: self._carried_out(tx, job, order, actor))
            return done(job, self.workspace.engine.execute(job.order, job.actor))
        except Unavailable:
            raise
        except DubanError as error:
            return failed(job, error)
        except (Clash, Deadlocked):
            raise
        except Exception as error:  # noqa: BLE001  one bad line must not stop the rest; it is logged with its line
            place = self.log(error, f"apply line {job.line.number}")
            return failed(job, DubanError(f"a fault of ours: {type(error).__name__}; see {place}"))


def done(job: Job, outcome: Outcome) -> dict[str, Any]:
    """The result of an order that was carried out now or before."""
    status = "already" if outcome.replayed else "done"
    said = {"line": job.line.number, "status": status, "ref": outcome.ref, "code": None}
    return {**said, "receipt": outcome.receipt()}


def failed(job: Job, error: DubanError | None) -> dict[str, Any]:
    """The result of a line that was not carried out: invalid if the line itself is wrong, else refused."""
    assert error is not None
    ref = job.line.said.get("ref")
    status = "invalid" if error.exit_code in (2, 7) else "refused"
    return {"line": job.line.number, "status": status, "ref": ref, "code": error.code, "error": error.as_json()}
