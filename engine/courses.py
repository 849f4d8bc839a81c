"""The course of a clock: its end, its rungs and what it is counted from, worked out once for all that begin on one day.

Kept with the clockwork of a campaign, which is made anew when its calendar or its dates change: none outlives them.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from engine.clock import to_us
from engine.clock_ends import KeptEnd, kept_end, yellow_us
from engine.counted import basis_of
from engine.ladders import Rung, plan
from engine.machine import Compiled
from engine.rows import DeadlineRow
from engine.statutes import RuledDeadline
from engine.terms import DAY, NO_FACTS, Clockwork, due, end_of_day, local_day

_EVER = datetime.min.replace(tzinfo=UTC)


class Course(NamedTuple):
    """What the clocks of one deadline that begin on one local day have in common; instants are in microseconds.

    It holds for what begins from *first_us* on and before *after_us*, and for these *ladders*.
    """

    first_us: int
    after_us: int
    spec: RuledDeadline
    end: KeptEnd
    counted: str
    rungs: tuple[int, ...]
    ladders: Mapping[str, Sequence[Rung]]
    machine: Compiled  # kept with the answer, so that no other can get its id


def course_of(
    machine: Compiled, code: str, began: datetime, work: Clockwork, ladders: Mapping[str, Sequence[Rung]]
) -> Course | None:
    """The course of a clock *code* that begins at *began*; None if more than its day decides: the hour, or a fact.

    Raises Refused if no rule was in force, Invalid for a day or a date that is none.
    """
    began_us = to_us(began)
    latest = id(machine), code
    course: Course | None = work.memo.get(latest)
    if course is not None and course.first_us <= began_us < course.after_us and course.ladders is ladders:
        return course
    day = local_day(began, work.zone)
    course = work.memo.get((*latest, day))
    if course is None or course.ladders is not ladders:
        spec = machine.definition.rules.of(code, began, work.zone)
        if spec.start_fact is not None or spec.term.fact is not None or spec.term.hours is not None:
            return None
        course = work.keep((*latest, day), _worked_out(machine, spec, began, day, work, ladders))
    return work.keep(latest, course)


def _worked_out(
    machine: Compiled,
    spec: RuledDeadline,
    began: datetime,
    day: date,
    work: Clockwork,
    ladders: Mapping[str, Sequence[Rung]],
) -> Course:
    end = due(spec.term, began, work, roll=spec.roll, facts=NO_FACTS)
    first_us, after_us = _whole_day(day, work)
    steps = () if spec.timer else plan(ladders[spec.ladder], end, work, _EVER)
    return Course(
        first_us,
        after_us,
        spec,
        kept_end(end, "days", work.zone),
        basis_of(spec, NO_FACTS, None, work).pack(),
        tuple(to_us(at) for _, at in steps),
        ladders,
        machine,
    )


def _whole_day(day: date, work: Clockwork) -> tuple[int, int]:
    """The instants that are *day*: none where the clocks are changed, for such a day may come twice in parts."""
    first, after = end_of_day(day - DAY, work.zone), end_of_day(day, work.zone)
    if first.astimezone(work.zone).utcoffset() != after.astimezone(work.zone).utcoffset():
        return 0, 0
    return to_us(first), to_us(after)


def set_out(row: DeadlineRow, course: Course, now_us: int) -> bool:
    """Arm *row*, which begins, by its *course*; False if its end lies in the past and nothing was done."""
    end = course.end
    breach = end.breach_us
    if breach <= now_us:
        return False
    row.armed_at, row.rung, row.counted = now_us, 0, course.counted
    row.last_day, row.breach_at, row.provisional, _ = end
    row.yellow_at, row.dirty, row.status = yellow_us(row.started_at, end), True, "running"
    row.next_fire_at = breach
    for rung in course.rungs:
        if rung > now_us:
            row.next_fire_at = min(rung, breach)
            break
    return True
