"""New Year 2011: a campaign that began without the notice for 2011 takes it over while its deadlines run."""

from dataclasses import replace

import pytest
from world import begin, local, notices

from engine.clock import from_us
from engine.documents import MemoryStore
from engine.errors import Invalid
from engine.shapes import rule_of
from engine.terms import due
from engine.watches import WATCHED
from scheduler.rehearse import play, stage_of
from workflows.calendar_import import import_calendar, plan_import, read_calendar
from workflows.calendars import load_calendar
from workflows.launch import Beginning, init

NOTICE = read_calendar("cn-2011")


def test_across_new_year_exactly_those_dates_move_that_the_notice_counts_otherwise() -> None:
    baodi, _ = init("sqlite://", Beginning(rehearsal=True, calendar="asof"), documents=MemoryStore())
    play(stage_of(baodi, "typical", 1, 60), local("2010-12-30T16:00"))
    informed = replace(baodi.campaign.work, calendar=load_calendar(), memo={})
    with baodi.database.snapshot() as tx:
        rows = [(matter.ref, row) for matter, found in baodi.reader.matters(tx) for row in found if row.moves == "[]"]
    wanted = {}
    for ref, row in rows:
        if row.status != "running":
            continue
        spec = rule_of(baodi.campaign, baodi.campaign.machines[row.definition_id], row)
        if row.status == "running" and spec.term.fact is None:
            end = due(spec.term, from_us(row.started_at), informed, roll=spec.roll, facts={})
            if end.last_day.isoformat() != row.last_day:
                wanted[ref, row.code] = row.last_day, end.last_day.isoformat()

    plan = plan_import(baodi, NOTICE)

    plain = {row.id for _, row in rows}
    dates = [each.date for each in plan.changes if each.moves and each.date.ident in plain and not each.watch]
    moved = {(each.ref, each.code): (each.before, each.last_day) for each in dates}
    assert len(wanted) > 10
    assert moved == wanted
    import_calendar(baodi, NOTICE, baodi.actor("bgs.admin"))
    assert {each["recipient"] for each in notices(baodi) if each["kind"] == "recounted"} == set(plan.told)
    with baodi.database.snapshot() as tx:
        clocks = [row for _, found in baodi.reader.matters(tx) for row in found if row.status not in WATCHED]
    assert not [row for row in clocks if row.provisional and row.stopped_at is None]
    baodi.close()


def test_a_notice_is_not_known_before_it_was_issued(sqlite_url: str) -> None:
    early = begin(sqlite_url, at="2010-12-01T09:00", calendar="asof")

    with pytest.raises(Invalid) as caught:
        import_calendar(early, NOTICE, early.actor("bgs.admin"))

    assert caught.value.code == "not_issued"
    early.close()
