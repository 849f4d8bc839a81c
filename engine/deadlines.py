"""The clocks of a matter: what a move starts, stops, pauses and resumes, and the row that is the timer."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from engine.canonical import canonical
from engine.clock import from_us, rfc3339, stamp, to_us
from engine.clock_ends import due_of, kept_end, yellow_us
from engine.clock_plans import ClockOps
from engine.counted import basis_of, counted_by_calendar, rule_kept, unpack_counted, with_rule, with_said
from engine.courses import course_of, set_out
from engine.definition_schema import DeadlineSpec
from engine.errors import NotFound, Reason, Refused
from engine.expr import Unstated
from engine.ladders import Rung, plan
from engine.machine import Compiled
from engine.moved_ends import extended, resumed_at, shifted
from engine.rows import CLOSED, DeadlineRow, new_deadline
from engine.ruling import ruled
from engine.situation import Situation
from engine.statutes import RuledDeadline
from engine.terms import Clockwork, Due, due

NO_OTHERS: Mapping[int, Compiled] = {}
"""For clocks whose matter has followed one version only."""

ENDED = ("met", "late", "cancelled")
"""Statuses of a deadline that waits for nothing any more."""


class Clocks:
    """The deadlines of one locked matter while one order is worked on; *effects* is what the entry will say of them."""

    def __init__(
        self,
        compiled: Compiled,
        rows: list[DeadlineRow],
        work: Clockwork,
        ladders: Mapping[str, Sequence[Rung]],
        now: datetime,
        machines: Mapping[int, Compiled] = NO_OTHERS,
    ) -> None:
        self.compiled, self.machines = compiled, machines
        self.rows, self.work, self.ladders = rows, work, ladders
        self.move_to(now)
        self.effects: list[dict[str, Any]] = []
        self.rest_from: datetime | None = None

    def move_to(self, now: datetime) -> None:
        """Let it be *now*."""
        self.now, self.now_us = now, to_us(now)

    def statuses(self) -> dict[str, str]:
        """The latest status of each code; a running deadline whose time is over counts as breached."""
        return {
            row.code: "breached" if row.status == "running" and row.breach_at <= self.now_us else row.status
            for row in self.rows
        }

    def open_row(self, code: str) -> DeadlineRow | None:
        for row in self.rows:
            if row.code == code and row.stopped_at is None:
                return row
        return None

    def apply(self, ops: ClockOps, situation: Situation, occurred: datetime, seq: int) -> None:
        """Do what a move does to the clocks; *situation* is the new one, *occurred* when the act happened."""
        for code in ops.end:
            self.end(code, occurred, seq)
        for code in ops.drop:
            self.drop(code, occurred, seq)
        for code in ops.pause:
            self._pause(code, occurred)
        for code in ops.resume:
            self._resume(code, occurred)
        for code in ops.rebase:
            self._rebase(code, situation, occurred)
        for code in ops.start:
            self.start(code, situation, occurred, seq)

    def documents_in(self, kinds: set[str], occurred: datetime, seq: int) -> None:
        """Meet every deadline that waits for one of the documents just brought."""
        for code, documents in self.compiled.ahead.stopped_by:
            if not kinds.isdisjoint(documents):
                self.end(code, occurred, seq)

    def start(self, code: str, situation: Situation, occurred: datetime, seq: int) -> None:
        spec = self.compiled.deadline(code)
        condition = self.compiled.deadline_when.get(code)
        if condition is not None and not _holds(condition, situation):
            return
        self.drop(code, occurred, seq)
        began = self._began(spec, situation, occurred)
        compiled, course = self.compiled, course_of(self.compiled, code, began, self.work, self.ladders)
        spec = self._rule(code, began) if course is None else course.spec
        row = new_deadline(compiled.id, code, self._owner(spec, situation), to_us(began), seq)
        if course is None or not set_out(row, course, self.now_us):
            row.counted = self._basis(spec, situation)
            self.arm(row, spec, due(spec.term, began, self.work, roll=spec.roll, facts=situation.facts))
        self.rows.append(row)
        self.say("started", row, started_at=stamp(row.started_at), owner=row.owner_body, **spec.law_said)

    def ruled(self, row: DeadlineRow) -> RuledDeadline:
        """The deadline of *row* with the rule in force when it started."""
        if row.definition_id == self.compiled.id and '"rule"' not in row.counted:
            return self._rule(row.code, from_us(row.started_at))
        return ruled(self.machines, self.compiled, row, self.work.zone)

    def _rule(self, code: str, began: datetime) -> RuledDeadline:
        return self.compiled.definition.rules.of(code, began, self.work.zone)

    def _began(self, spec: DeadlineSpec, situation: Situation, occurred: datetime) -> datetime:
        said = situation.stated.get(spec.start_fact) if spec.start_fact else None
        return datetime.fromisoformat(said) if said else occurred

    def _basis(self, spec: RuledDeadline, situation: Situation) -> str:
        """What a clock that begins now is counted from, as it is stored."""
        term = spec.term
        if spec.start_fact is None and term.fact is None and term.until is None:
            return counted_by_calendar(term, spec.roll, self.work)
        started_by = spec.start_fact if spec.start_fact and situation.stated.get(spec.start_fact) else None
        return basis_of(spec, situation.facts, started_by, self.work).pack()

    def _owner(self, spec: DeadlineSpec, situation: Situation) -> str:
        seat = self.compiled.seats[spec.owner]
        return seat.body(self.compiled.parts, situation.body, situation.facts) or situation.body

    def arm(self, row: DeadlineRow, spec: RuledDeadline, end: Due, said: Sequence[int] = ()) -> None:
        """Set the end of *row* and its ladder from now on; what lies in the past is breached as of its own date, unsaid.

        The rungs *said* are left out of the ladder.
        """
        row.armed_at, row.rung, row.counted = self.now_us, 0, with_said(row.counted, said)
        self.set_end(row, spec, end)
        row.status = "running"
        if row.breach_at <= row.armed_at and not spec.timer:
            row.status, row.breached_at = "breached", row.breach_at
        row.next_fire_at = self.next_fire(row, spec, end)

    def set_end(self, row: DeadlineRow, spec: RuledDeadline, end: Due) -> None:
        """Write *end* into *row* and leave its ladder as it is."""
        kept = kept_end(end, "days" if spec.term.hours is None else "hours", self.work.zone)
        row.last_day, row.breach_at, row.provisional, _ = kept
        row.yellow_at, row.dirty = yellow_us(row.started_at, kept), True

    def next_fire(self, row: DeadlineRow, spec: DeadlineSpec, end: Due) -> int | None:
        """The next instant at which the row has something to say; None when its ladder is through."""
        steps = self.steps(row, spec, end)
        upcoming = to_us(steps[row.rung][1]) if row.rung < len(steps) else None
        if row.status == "running":
            return min(upcoming, row.breach_at) if upcoming is not None else row.breach_at
        if row.status == "breached" and row.rung == 0 and spec.on_breach and row.breach_at <= row.armed_at:
            return row.armed_at
        return upcoming

    def steps(self, row: DeadlineRow, spec: DeadlineSpec, end: Due) -> tuple[tuple[int, datetime], ...]:
        """The rungs owed for this epoch of the row, in order of time."""
        if spec.timer:
            return ()
        since = self.now if row.armed_at == self.now_us else from_us(row.armed_at)
        planned = plan(self.ladders[spec.ladder], end, self.work, since)
        if '"said"' not in row.counted:
            return planned
        said = unpack_counted(row.counted).said
        return tuple(step for step in planned if step[0] not in said)

    def end(self, code: str, at: datetime, seq: int) -> None:
        """The act was done: on time is *met*, after the breach *late*; how long it was breached stays on record.

        An act that was in time but recorded only after the breach is *met*, and ``breached_at`` says that nobody knew
        of it in time: both ways of counting stay possible, and neither can be had by dating the act.
        """
        row = self.open_row(code)
        if row is None:
            return
        at_us = to_us(at)
        late = at_us >= row.breach_at and row.status != "paused"
        if row.breached_at is None and max(at_us, self.now_us) >= row.breach_at and row.status != "paused":
            row.breached_at = row.breach_at
        self._close(row, "late" if late else "met", at_us, seq)

    def drop(self, code: str, at: datetime, seq: int) -> None:
        """The deadline has lost its object; a breach that has happened remains a breach."""
        row = self.open_row(code)
        if row is None:
            return
        breached = row.status == "breached" or (row.status == "running" and row.breach_at <= self.now_us)
        if breached and row.breached_at is None:
            row.breached_at = row.breach_at
        timer = self.compiled.deadline(code).timer
        self._close(row, "breached" if breached and not timer else "cancelled", to_us(at), seq)

    def _close(self, row: DeadlineRow, status: str, at_us: int, seq: int) -> None:
        row.dirty = True if row.dirty or row.breached_at is not None else CLOSED
        row.status, row.stopped_at, row.closed_seq, row.next_fire_at = status, at_us, seq, None
        self.say("stopped", row, at=stamp(at_us))

    def breach(self, row: DeadlineRow) -> None:
        row.status, row.breached_at, row.dirty = "breached", row.breach_at, True
        self.say("breached", row)

    def run_out(self, row: DeadlineRow, seq: int) -> None:
        """A timer is over: nobody is late."""
        self._close(row, "met", row.breach_at, seq)

    def _pause(self, code: str, at: datetime) -> None:
        """Stop a running clock whose time is not over by now, from *rest_from* on at the earliest; no time is paused twice."""
        row = self.open_row(code)
        if row is None or row.status != "running" or row.breach_at <= max(to_us(at), self.now_us):
            return
        at = max(at, self.rest_from or at, from_us(row.started_at), *resumed_at(row.moves))
        row.status, row.paused_at, row.next_fire_at, row.dirty = "paused", to_us(at), None, True
        self.note(row, "paused", at)
        self.say("paused", row, at=rfc3339(at))

    def _resume(self, code: str, at: datetime) -> None:
        row = self.open_row(code)
        if row is None or row.status != "paused" or row.paused_at is None:
            return
        spec, since = self.ruled(row), from_us(row.paused_at)
        end = shifted(due_of(row), since, max(at, since), spec.term, self.work, roll=spec.roll)
        row.paused_at, row.epoch = None, row.epoch + 1
        self.note(row, "resumed", at)
        self.arm(row, spec, end)
        self.say("resumed", row, at=rfc3339(at))

    def _rebase(self, code: str, situation: Situation, occurred: datetime) -> None:
        """Count from the receipt that was only now recorded; what is already breached stays so."""
        row = self.open_row(code)
        if row is None or row.status != "running" or row.breach_at <= self.now_us:
            return
        began = self._began(self.compiled.deadline(code), situation, occurred)
        row.started_at, row.epoch = to_us(began), row.epoch + 1
        spec, kept = self.ruled(row), rule_kept(row.counted)
        row.counted = self._basis(spec, situation) if kept is None else with_rule(self._basis(spec, situation), kept)
        self.note(row, "rebased", began)
        self.arm(row, spec, due(spec.term, began, self.work, roll=spec.roll, facts=situation.facts))
        self.say("rebased", row, started_at=rfc3339(began), **spec.law_said)

    def extend(self, code: str, until: date | None, situation: Situation) -> DeadlineRow:
        """Put a running deadline off by its own rule, before it has run out. Raises Refused, NotFound or Conflict."""
        row = self.open_row(code)
        if row is None:
            raise NotFound(f"no running deadline {code!r}", "no_deadline")
        spec = self.ruled(row)
        if spec.extension is None:
            raise Refused(f"{code} cannot be extended: {spec.basis} knows no extension", "no_extension",
                          [Reason("extension", f"{spec.basis}未规定可以延长", f"{spec.basis} knows no extension")])  # fmt: skip
        if row.status == "paused":
            raise Refused(f"{code} is paused; resume it first, then ask for an extension", "paused",
                          [Reason("extension", "期限已中止，恢复后再申请延期", "it is paused; resume it first")])  # fmt: skip
        if row.status != "running" or row.breach_at <= self.now_us:
            raise Refused(f"{code} has run out on {row.last_day}; an extension is asked for before", "too_late",
                          [Reason("extension", "延期须在到期前申请", "an extension is asked for before the date")])  # fmt: skip
        if row.extensions >= spec.extension.max:
            raise Refused(f"{code} was already extended {row.extensions} times, the most allowed", "extended_before",
                          [Reason("extension", f"已延期{row.extensions}次", f"already extended {row.extensions} times")])  # fmt: skip
        before = row.last_day
        end = extended(
            due_of(row),
            spec.extension,
            self.work,
            from_us(row.started_at),
            until,
            roll=spec.roll,
            facts=situation.facts,
        )
        row.extensions, row.epoch = row.extensions + 1, row.epoch + 1
        self.arm(row, spec, end)
        named = [] if until is None else [until.isoformat()]
        self.note(row, "extended", self.now, before, row.last_day, *named)
        self.say("extended", row, before=before)
        return row

    def note(self, row: DeadlineRow, what: str, at: datetime, *days: str) -> None:
        """Keep with *row* what has changed its end; pauses and extensions are replayed from it."""
        row.moves = canonical([*json.loads(row.moves), [what, rfc3339(at), *days]])

    def say(self, op: str, row: DeadlineRow, **more: Any) -> None:
        """Add what has happened to *row* to what the entry will say."""
        said = {
            "op": op, "id": str(row.id), "code": row.code, "status": row.status, "last_day": row.last_day,
            "breach_at": stamp(row.breach_at), "row": row.mark(),
        }  # fmt: skip
        said.update(more)
        self.effects.append(said)


def _holds(condition: Any, situation: Situation) -> bool:
    try:
        return bool(condition.test(situation))
    except Unstated:
        return False
