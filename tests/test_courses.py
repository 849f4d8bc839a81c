"""A clock that begins takes its end and its ladder from the day's course, and they are those it would be given alone."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from officewalk import LADDERS, WORK, Walk, machine_of

from engine import deadlines
from engine.clock_plans import ClockOps
from engine.courses import course_of
from engine.deadlines import Clocks
from engine.orders import SYSTEM
from engine.terms import Clockwork
from workflows.calendars import load_calendar

CITY = ZoneInfo("America/New_York")
KINDS = ("case", "penalty", "department_task")


def instants(zone: ZoneInfo) -> Iterator[datetime]:
    """First, middle and last of days: around a holiday, at the turn of a year, where summer time begins and ends."""
    for month, day in ((3, 14), (9, 29), (9, 30), (11, 7), (12, 31)):
        midnight = datetime(2010, month, day, tzinfo=zone)
        for hours in (0, 1, 2, 13):
            yield (midnight + timedelta(hours=hours)).astimezone(UTC)
        yield (midnight + timedelta(days=1)).astimezone(UTC) - timedelta(microseconds=1)


def begun(kind: str, work: Clockwork, began: datetime, now: datetime) -> list[dict[str, Any]]:
    """What stands in the rows of all the clocks of a kind that begin then, but for their own numbers."""
    machine, _ = machine_of(kind)
    asked = Walk(kind, "wujia", "2010-11-01T09:00").situation
    clocks = Clocks(machine, [], work, LADDERS, now)
    situation = asked(SYSTEM, {}, set(), None)
    named = [
        code for code, spec in machine.doc.deadlines.items() if spec.start_fact is None and not needs_fact(kind, code)
    ]
    clocks.apply(ClockOps(start=tuple(named)), situation, began, 1)
    return [{**asdict(row), "id": 0} for row in clocks.rows]


def needs_fact(kind: str, code: str) -> bool:
    """Whether the clock's end is a date that somebody states."""
    return machine_of(kind)[0].definition.rules.some(code).term.fact is not None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("zone", [WORK.zone, CITY])
def test_a_course_gives_the_rows_that_each_clock_would_get_alone(
    kind: str, zone: ZoneInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = replace(WORK, zone=zone, memo={})
    asked = [
        (at, at + later)
        for at in reversed([*instants(zone)])
        for later in (timedelta(0), timedelta(days=4), timedelta(days=90))
    ]
    by_course = [begun(kind, work, *each) for each in asked]
    assert any(isinstance(key, tuple) and key[0] == id(machine_of(kind)[0]) for key in work.memo)

    monkeypatch.setattr(deadlines, "course_of", lambda *_: None)

    assert by_course == [begun(kind, replace(work, memo={}), *each) for each in asked]
    assert any(by_course)


def test_another_calendar_has_courses_of_its_own() -> None:
    machine, _ = machine_of("case")
    code = next(code for code in machine.doc.deadlines if machine.definition.rules.some(code).term.workdays)
    other = replace(WORK, calendar=load_calendar(["cn-2011"]), memo={})
    began = datetime(2010, 9, 30, 4, tzinfo=UTC)

    found = [course_of(machine, code, began, work, LADDERS) for work in (WORK, other)]

    assert found[0] is not None
    assert found[1] is not None
    assert found[0].counted != found[1].counted
    assert course_of(machine, code, began, WORK, LADDERS) is found[0]
    assert course_of(machine, code, began, WORK, dict(LADDERS)) is not found[0]
