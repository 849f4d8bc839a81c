"""A notice of holidays that comes out while monitors watch: a finding is told on the day that the new calendar gives."""

from collections.abc import Iterator

import pytest
from world import advance, begin, flaws, history, notices, open_one, set_clock, sql

from engine.firing import fire_due
from workflows.calendar_import import import_calendar, plan_import, read_calendar
from workflows.workspace import Workspace

NOTICE = read_calendar("cn-2011")
"""3 January 2011, a Monday, is off."""


@pytest.fixture
def watched(db_url: str) -> Iterator[Workspace]:
    """Give a campaign at the end of 2010 that knows no notice for 2011."""
    found = begin(db_url, "watched", at="2010-12-01T09:00", calendar="asof")
    yield found
    found.close()


def parcel(workspace: Workspace, day: str) -> str:
    """Register a fragile parcel that nobody sends."""
    advance(workspace, f"{day}T10:00")
    return open_one(workspace, "parcel", "alpha.liaison", fragile=True).ref


def take_over(workspace: Workspace) -> None:
    import_calendar(workspace, NOTICE, workspace.actor("bgs.admin"))


def found(workspace: Workspace, ref: str) -> dict[str, list[str]]:
    """The instants at which each monitor's finding was entered."""
    told: dict[str, list[str]] = {}
    for each in history(workspace, ref):
        if any(effect["op"] == "found" for effect in each.get("deadlines", ())):
            told.setdefault(each["trigger"], []).append(each["occurred_at"][:10])
    return told


def test_a_finding_counted_in_working_days_waits_for_the_new_holiday_to_pass(watched: Workspace) -> None:
    ref = parcel(watched, "2010-12-28")
    advance(watched, "2010-12-31T10:00")

    plan = plan_import(watched, NOTICE)
    take_over(watched)
    advance(watched, "2011-01-04T12:00")
    early = found(watched, ref)
    advance(watched, "2011-01-05T12:00")

    (change,) = [each for each in plan.changes if each.date.code == "overdue"]
    assert (change.watch, change.date.before, change.date.last_day) == (True, "2011-01-03", "2011-01-04")
    assert "overdue" not in early
    assert found(watched, ref)["overdue"] == ["2011-01-05"]
    (entry,) = [each for each in history(watched, ref) if each["kind"] == "recounted"]
    assert [(each["code"], each["op"], each["before"]) for each in entry["deadlines"]] == [
        ("overdue", "recounted", "2011-01-03")
    ]
    assert flaws(watched) == []


def test_a_finding_due_on_a_day_that_became_a_holiday_is_told_on_the_working_day_after(watched: Workspace) -> None:
    ref = parcel(watched, "2010-12-28")
    advance(watched, "2010-12-31T10:00")

    plan = plan_import(watched, NOTICE)
    take_over(watched)
    advance(watched, "2011-01-05T12:00")

    (change,) = [each for each in plan.changes if each.date.code == "unsent"]
    assert not change.moves
    assert [each["at"] for each in (*change.lost, *change.gained)] == ["2011-01-03T01:00:00Z", "2011-01-04T01:00:00Z"]
    assert found(watched, ref)["unsent"] == ["2011-01-04"]


def test_a_finding_told_before_is_told_again_by_the_new_calendar(watched: Workspace) -> None:
    ref = parcel(watched, "2010-12-27")
    advance(watched, "2010-12-31T23:00")
    before = found(watched, ref)["unsent"]

    take_over(watched)
    advance(watched, "2011-01-10T12:00")

    assert found(watched, ref)["unsent"] == [*before, "2011-01-05"]


def test_nobody_is_told_that_the_day_of_a_finding_has_moved(watched: Workspace) -> None:
    parcel(watched, "2010-12-28")
    advance(watched, "2010-12-31T10:00")
    sql(
        watched.database,
        "update deadline set status = 'cancelled', stopped_at = 0 where code not in ('overdue', 'unsent')",
    )

    plan = plan_import(watched, NOTICE)
    take_over(watched)

    assert plan.told == {}
    assert (plan.as_json()["counts"]["moved"], plan.as_json()["counts"]["watches"]) == (0, 2)
    assert [each for each in notices(watched) if each["kind"] == "recounted"] == []


def test_a_finding_that_is_due_already_is_told_and_not_put_off(watched: Workspace) -> None:
    ref = parcel(watched, "2010-12-27")
    advance(watched, "2010-12-30T10:00")
    set_clock(watched, "2010-12-31T20:00")

    take_over(watched)
    fire_due(watched.engine)

    assert "unsent" in found(watched, ref)
