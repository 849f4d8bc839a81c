"""A matter whose row is damaged stops nobody else: the others are reminded, the clock goes on, the log says what is wrong."""

from typing import Any

import pytest
from world import advance, begin, fire, sql

from engine import firing
from engine.log import logger
from scheduler.chores import Chores
from scheduler.rehearse import play, stage_of
from workflows.workspace import Workspace

SPOILT = "department_task/wujia"


@pytest.fixture
def spoilt(db_url: str) -> Workspace:
    workspace = begin(db_url, "baodi-2010")
    sql(workspace.database, "update matter set data = :data where ref = :ref", data="{broken", ref=SPOILT)
    yield workspace
    workspace.close()


@pytest.fixture
def logged() -> list[str]:
    lines: list[str] = []
    sink = logger.add(lambda message: lines.append(message.record["message"]))
    yield lines
    logger.remove(sink)


def reminded(workspace: Workspace) -> set[str]:
    found = sql(workspace.database, "select distinct ref from notice where kind = 'reminder'")
    return {ref for (ref,) in found if ref.startswith("department_task/")}


def test_a_spoilt_matter_keeps_nobody_else_from_being_reminded(spoilt: Workspace, logged: list[str]) -> None:
    assert fire(spoilt, "2010-11-26T09:00") > 14
    everybody = {f"department_task/{body}" for body in spoilt.campaign.doc.roster}
    assert reminded(spoilt) == everybody - {SPOILT}
    assert any("could not be fired" in line for line in logged)


def test_many_batches_are_fired_around_a_spoilt_matter(spoilt: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firing, "BATCH", 3)
    fire(spoilt, "2010-11-26T09:00")
    assert len(reminded(spoilt)) == 14
    assert fire(spoilt, "2010-11-26T09:00") == 0


def test_a_rehearsal_clock_goes_on_past_what_cannot_be_fired(spoilt: Workspace) -> None:
    said = advance(spoilt, "2010-12-15T10:00")
    assert said["now"] == "2010-12-15T02:00:00Z"
    assert len(reminded(spoilt)) == 14


def test_a_rehearsal_with_people_ends_with_an_error_instead_of_turning_for_ever(sqlite_url: str) -> None:
    workspace = begin(sqlite_url, "baodi-2010")
    stage = stage_of(workspace, "nobody", 1, 0)
    sql(workspace.database, "update matter set data = :data where ref = :ref", data="{broken", ref=SPOILT)
    with pytest.raises(Exception, match="cannot be fired"):
        play(stage, workspace.clock.now().replace(year=2011))
    workspace.close()


def test_a_chore_that_fails_stops_neither_the_others_nor_delivery(
    db_url: str, logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = begin(db_url, "baodi-2010")
    report = Chores._report

    def fail_at_deployment(self: Chores, tx: Any, milestone: Any, *rest: Any) -> None:
        if milestone.code == "deployment":
            raise KeyError("a template without a placeholder")
        report(self, tx, milestone, *rest)

    monkeypatch.setattr(Chores, "_report", fail_at_deployment)
    assert advance(workspace, "2010-12-13T10:00")["delivered"] > 0
    done = {code for (code,) in sql(workspace.database, "select code from chore_done")}
    assert {"self_correction", "open:weekly_return"} <= done
    assert "deployment" not in done
    assert any("chore could not be done" in line for line in logged)
    monkeypatch.undo()
    advance(workspace, "2010-12-13T10:01")
    assert "deployment" in {code for (code,) in sql(workspace.database, "select code from chore_done")}
    workspace.close()
