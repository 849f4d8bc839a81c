"""The clock of a rehearsal goes forward only, for every process alike; a real clock that is set back bends no record."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from commandline import Office, small_office
from world import (
    SILENT,
    advance,
    again,
    begin,
    broken_links,
    clock_of,
    do,
    everything,
    fire,
    flaws,
    history,
    local,
    others,
    set_clock,
    sql,
)
from world import notices as told

from engine.clock import SystemClock, VirtualClock, from_us, rfc3339, to_us
from engine.errors import Invalid, Refused
from engine.firing import fire_due
from scheduler.turn import Turn
from workflows.workspace import Workspace


class SetByHand:
    """A clock that somebody sets, also backwards."""

    def __init__(self, at: str) -> None:
        self.at = local(at)

    def now(self) -> datetime:
        return self.at


def test_instants_are_utc_and_survive_the_database_to_the_microsecond() -> None:
    assert SystemClock().now().utcoffset() == timedelta()
    at = datetime(2010, 11, 26, 23, 59, 59, 999999, UTC)
    assert from_us(to_us(at)) == at
    assert rfc3339(at) == "2010-11-26T23:59:59.999999Z"
    clock = VirtualClock(at)
    clock.move_to(at - timedelta(days=1))
    assert clock.now() == at


def test_the_clock_is_not_turned_back(workspace: Workspace) -> None:
    advance(workspace, "2010-11-03T10:00")
    before = everything(workspace)

    with pytest.raises(Invalid) as refused:
        advance(workspace, "2010-11-03T09:59:59")

    assert refused.value.code == "clock_back"
    assert everything(workspace) == before


def test_where_the_clock_stands_is_kept_for_the_next_process(workspace: Workspace) -> None:
    advance(workspace, "2010-11-03T10:00")

    other = again(workspace)

    assert other.clock.now() == local("2010-11-03T10:00")
    other.close()


def test_advancing_stops_at_every_due_instant_and_tells_the_next(workspace: Workspace) -> None:
    said = advance(workspace, "2010-11-05T08:00")

    assert (said["now"], said["next_at"]) == ("2010-11-05T00:00:00Z", "2010-11-05T01:00:00Z")
    assert (said["fired"], said["delivered"], said["failed"]) == (6, 4, 0)
    assert {(each["planned_at"], each["sent_at"]) for each in told(workspace)} == {
        (at, at) for at in ("2010-11-03T01:00:00Z", "2010-11-04T01:00:00Z")
    }


def test_an_outage_moves_the_clock_and_lets_nothing_happen(workspace: Workspace) -> None:
    before = everything(workspace)

    said = Turn(workspace, SILENT).advance(local("2010-11-09T10:00"), without_scheduler=True)

    assert (said["now"], said["fired"], said["next_at"]) == ("2010-11-09T02:00:00Z", 0, "2010-11-03T01:00:00Z")
    after = everything(workspace)
    assert {name for name in after if after[name] != before[name]} == {"meta"}
    assert fire_due(workspace.engine) == 2


def test_production_has_the_real_clock_and_nobody_moves_it(db_url: str) -> None:
    workspace = begin(db_url, rehearsal=False, late=True)
    before = everything(workspace)

    with pytest.raises(Refused) as refused:
        Turn(workspace, SILENT).advance(workspace.clock.now() + timedelta(days=1), without_scheduler=True)

    assert refused.value.code == "no_virtual_clock"
    assert everything(workspace) == before
    with pytest.raises(Invalid):
        begin(db_url, rehearsal=False, late=True, at="2010-11-01")
    workspace.close()


def test_a_process_whose_clock_is_behind_does_not_turn_back_the_clock_of_all(workspace: Workspace) -> None:
    behind = again(workspace)
    advance(workspace, "2010-11-20T10:00")

    advance(behind, "2010-11-05T10:00")

    after = again(workspace)
    assert after.clock.now() == local("2010-11-20T10:00")
    assert broken_links(after) == []
    behind.close()
    after.close()


def test_of_two_processes_that_move_the_clock_at_once_the_later_instant_stays(workspace: Workspace) -> None:
    with others(workspace, 1) as (behind,):
        slower = Thread(target=set_clock, args=(behind, "2010-11-05T10:00"))

        with workspace.database.tx() as tx:
            workspace.move_clock(tx, local("2010-11-20T10:00"))
            tx.flush()
            slower.start()
            slower.join(0.3)
        slower.join()

        assert behind.clock.now() == local("2010-11-20T10:00")
    assert sql(workspace.database, "select value from meta where key = 'clock'") == [("2010-11-20T02:00:00Z",)]


def test_a_real_clock_set_back_bends_no_record_and_fires_nothing_twice(workspace: Workspace) -> None:
    clock = SetByHand("2010-11-05T10:00")
    workspace.clock = workspace.engine.clock = workspace.reader.clock = clock
    fire_due(workspace.engine)
    said = len(told(workspace))

    clock.at = local("2010-11-03T08:00")
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    assert fire_due(workspace.engine) == 0
    clock.at = local("2010-11-05T10:30")

    assert fire_due(workspace.engine) == 0
    assert len(told(workspace)) == said
    recorded = [each["recorded_at"] for each in history(workspace, "errand/alpha")]
    assert recorded == sorted(recorded)
    assert clock_of(workspace, "errand/alpha", "answer")["status"] == "breached"
    assert broken_links(workspace) == []


def test_midnight_and_new_year_are_those_of_the_campaigns_zone(db_url: str) -> None:
    workspace = begin(db_url, at="2010-12-28T23:30")

    clock = clock_of(workspace, "errand/alpha", "answer")

    assert (clock["started_at"], clock["last_day"]) == ("2010-12-28T15:30:00Z", "2010-12-31")
    assert clock["breach_at"] == "2010-12-31T16:00:00Z"
    fire(workspace, "2011-01-01T00:00")
    assert clock_of(workspace, "errand/alpha", "answer")["status"] == "breached"
    assert flaws(workspace) == []
    workspace.close()


def test_the_command_line_moves_a_rehearsals_clock_and_refuses_the_past(tmp_path: Path) -> None:
    office: Office = small_office(tmp_path)

    said = office.json("clock", "advance", "--to", "2010-11-05")
    assert (said["now"], said["fired"]) == ("2010-11-04T16:00:00Z", 6)
    assert said["delivered"] == 4
    assert office.json("clock", "show")["movable"] is True

    assert office("clock", "advance", "--to", "2010-11-04").politely().code == 7
    assert office("clock", "advance", "--to", "soon").politely().code in (2, 7)
    once = office.json("scheduler", "once")
    assert (once["fired"], once["delivered"], once["next_at"]) == (0, 0, "2010-11-05T01:00:00Z")
