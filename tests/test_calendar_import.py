"""A notice of holidays that comes out during the campaign: what it would change, then every date counted again, once."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from world import (
    advance,
    again,
    begin,
    clock_of,
    correct,
    do,
    everything,
    flaws,
    history,
    notices,
    open_one,
    others,
    set_clock,
    sql,
)

from engine import recounting
from engine.errors import Forbidden
from engine.firing import fire_due
from engine.recounting import pending, recount_batch
from engine.service import Engine
from scheduler.turn import Turn
from workflows import calendar_import
from workflows.calendar_import import import_calendar, plan_import, read_calendar
from workflows.workspace import Workspace

NOTICE = read_calendar("cn-2011")
"""Issued on 9 December 2010: 3 January 2011, a Monday, is off."""

YAML = """schema: calendar/1
year: 2011
source: 试〔2010〕2号
festivals:
  - name: {zh: 元旦, en: New Year}
    off: [2011-01-01, 2011-01-04]
"""


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    """Give the small campaign at the end of 2010, without a notice for 2011; with one errand that runs and one that is done."""
    found = begin(db_url, at="2010-12-01T09:00", calendar="asof")
    advance(found, "2010-12-30T10:00")
    open_one(found, "errand", "bgs.admin", "alpha", ref="errand/new")
    open_one(found, "errand", "bgs.admin", "beta", ref="errand/done", urgent=False)
    do(found, "errand/done", "take", "beta.liaison")
    do(found, "errand/done", "submit", "beta.liaison", docs="report")
    yield found
    found.close()


def administrator(workspace: Workspace) -> Any:
    return workspace.actor("bgs.admin")


def date_of(workspace: Workspace, ref: str) -> tuple[str, str, bool]:
    clock = clock_of(workspace, ref, "answer")
    return clock["status"], clock["last_day"], clock["provisional"]


def changes(workspace: Workspace) -> list[tuple[str, str, str]]:
    moved = [each.date for each in plan_import(workspace, NOTICE).changes if each.moves]
    return [(each.ref, each.before, each.last_day) for each in moved]


def recounted(workspace: Workspace) -> list[dict[str, Any]]:
    return [each for each in notices(workspace) if each["kind"] == "recounted"]


def test_a_date_in_a_year_without_a_notice_is_provisional(office: Workspace) -> None:
    assert date_of(office, "errand/new") == ("running", "2011-01-04", True)
    assert clock_of(office, "errand/new", "answer")["derivation"][-1]["step"] == "provisional"
    assert date_of(office, "errand/alpha") == ("breached", "2010-12-06", False)


def test_the_preview_tells_exactly_what_changes_and_changes_nothing(office: Workspace) -> None:
    before = everything(office)

    plan = plan_import(office, NOTICE)

    (change,) = [each for each in plan.changes if each.moves]
    assert changes(office) == [("errand/new", "2011-01-04", "2011-01-05")]
    counts = plan.as_json()["counts"]
    assert (counts["moved"], counts["confirmed"], counts["over"], counts["recipients"]) == (1, 1, 0, 1)
    assert [(each["label"]["zh"], each["at"][:10]) for each in change.lost][:2] == [
        ("临期提醒", "2011-01-03"),
        ("当日提醒", "2011-01-04"),
    ]
    assert [each["at"][:10] for each in change.gained][:2] == ["2011-01-04", "2011-01-05"]
    assert plan.told == {"alpha.liaison": 1}
    assert everything(office) == before


def test_the_import_moves_what_runs_and_leaves_what_is_over(office: Workspace) -> None:
    met = clock_of(office, "errand/done", "answer")

    assert import_calendar(office, NOTICE, administrator(office))

    assert date_of(office, "errand/new") == ("running", "2011-01-05", False)
    after = clock_of(office, "errand/done", "answer")
    assert {**after, "calendar": met["calendar"]} == met
    assert met["status"] == "met"
    entry = history(office, "errand/new")[-1]
    assert (entry["kind"], entry["actor"], entry["trigger"]) == ("recounted", "bgs.admin", "calendar:1")
    assert NOTICE.source in entry["text"]
    (effect,) = entry["deadlines"]
    assert (effect["op"], effect["before"], effect["last_day"]) == ("recounted", "2011-01-04", "2011-01-05")
    assert flaws(office) == []


def test_each_recipient_is_told_once_of_all_dates_that_moved(office: Workspace) -> None:
    open_one(office, "errand", "bgs.admin", "alpha", ref="errand/second")

    import_calendar(office, NOTICE, administrator(office))

    (told,) = recounted(office)
    assert (told["recipient"], told["body"]) == ("alpha.liaison", "alpha")
    assert told["text"].count("2011-01-04 改为 2011-01-05") == 2
    assert NOTICE.source in told["text"]


def test_reminders_follow_the_new_date_and_nothing_fires_at_the_old_one(office: Workspace) -> None:
    import_calendar(office, NOTICE, administrator(office))

    advance(office, "2011-01-05T23:00")
    running = date_of(office, "errand/new")[0]
    advance(office, "2011-01-06T00:00")

    said = [each["planned_at"] for each in notices(office, ref="errand/new")]
    assert said == ["2011-01-04T01:00:00Z", "2011-01-05T01:00:00Z"]
    assert (running, date_of(office, "errand/new")[0]) == ("running", "breached")
    assert clock_of(office, "errand/new", "answer")["breached_at"] == "2011-01-05T16:00:00Z"
    assert flaws(office) == []


def test_a_reminder_of_the_old_date_that_is_not_sent_yet_is_taken_back(office: Workspace) -> None:
    set_clock(office, "2011-01-03T10:00")
    fire_due(office.engine)

    import_calendar(office, NOTICE, administrator(office))

    assert [each["status"] for each in notices(office, ref="errand/new")] == ["cancelled"]
    advance(office, "2011-01-05T23:00")
    assert [each["status"] for each in notices(office, ref="errand/new")] == ["cancelled", "sent"]


def test_the_same_notice_again_changes_nothing(office: Workspace) -> None:
    import_calendar(office, NOTICE, administrator(office))
    before = everything(office)

    assert not import_calendar(office, NOTICE, administrator(office))

    assert plan_import(office, NOTICE).known
    assert everything(office) == before


def test_a_later_notice_of_the_same_year_replaces_the_earlier_one(office: Workspace, tmp_path: Path) -> None:
    import_calendar(office, NOTICE, administrator(office))
    path = tmp_path / "new.yaml"
    path.write_text(YAML, "utf-8")

    import_calendar(office, read_calendar(str(path)), administrator(office))

    assert date_of(office, "errand/new") == ("running", "2011-01-06", False)
    assert len(recounted(office)) == 2
    assert flaws(office) == []


def test_what_was_met_is_explained_by_the_calendar_of_its_time(office: Workspace) -> None:
    import_calendar(office, NOTICE, administrator(office))

    steps = clock_of(office, "errand/done", "answer")["derivation"]

    assert [each["date"] for each in steps if each["step"] == "end"] == ["2011-01-04"]
    assert steps[-1]["step"] == "provisional"
    again_ = [each["date"] for each in clock_of(office, "errand/new", "answer")["derivation"] if each["step"] == "end"]
    assert again_ == ["2011-01-05"]


def two_batches(engine: Engine) -> int:
    return sum(engine.in_transaction(partial(recount_batch, engine)) or 0 for _ in range(2))


def test_an_import_that_broke_off_is_finished_by_the_next_turn(
    office: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recounting, "BATCH", 1)
    open_one(office, "errand", "bgs.admin", "alpha", ref="errand/second")
    monkeypatch.setattr(calendar_import, "settle", two_batches)
    import_calendar(office, NOTICE, administrator(office))
    assert {date_of(office, ref)[1] for ref in ("errand/new", "errand/second")} == {"2011-01-04", "2011-01-05"}
    assert recounted(office) == []

    other = again(office)
    Turn(other).run()

    assert {date_of(office, ref)[1] for ref in ("errand/new", "errand/second")} == {"2011-01-05"}
    assert len(recounted(office)) == 1
    with office.database.snapshot() as tx:
        assert pending(tx, office.campaign.id) is None
    assert flaws(office) == []
    other.close()


def test_nothing_fires_while_dates_wait_to_be_counted_again(office: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with others(office, 1) as (other,):
        monkeypatch.setattr(calendar_import, "settle", lambda engine: 0)
        import_calendar(office, NOTICE, administrator(office))
        set_clock(other, "2011-01-05T00:30")

        fire_due(other.engine)

        assert date_of(other, "errand/new") == ("running", "2011-01-05", False)


def test_an_act_is_judged_by_the_new_date_even_while_others_wait(
    office: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct(office, "errand/new", "alpha.head", reason="漏填", urgent=False)
    do(office, "errand/new", "take", "alpha.liaison")
    with others(office, 1) as (other,):
        monkeypatch.setattr(calendar_import, "settle", lambda engine: 0)
        import_calendar(office, NOTICE, administrator(office))
        set_clock(other, "2011-01-05T10:00")

        do(other, "errand/new", "submit", "alpha.liaison", docs="report")

        assert date_of(other, "errand/new") == ("met", "2011-01-05", False)
        assert len(recounted(other)) == 1
    assert flaws(office) == []


def test_a_notice_that_came_with_a_newer_duban_is_taken_over_too(office: Workspace) -> None:
    sql(office.database, "delete from meta where key = 'calendar_known'")
    newer = again(office)
    assert date_of(newer, "errand/new") == ("running", "2011-01-04", True)

    assert changes(newer) == [("errand/new", "2011-01-04", "2011-01-05")]
    assert import_calendar(newer, NOTICE, administrator(newer))

    assert date_of(newer, "errand/new") == ("running", "2011-01-05", False)
    assert not import_calendar(newer, NOTICE, administrator(newer))
    newer.close()


def test_processes_that_run_already_count_by_the_new_notice(office: Workspace) -> None:
    with others(office, 2) as (orders, turns):
        import_calendar(office, NOTICE, administrator(office))

        open_one(orders, "errand", "bgs.admin", "beta", ref="errand/later")
        Turn(turns).run()

        assert date_of(orders, "errand/later") == ("running", "2011-01-05", False)
        assert not turns.campaign.work.calendar.is_workday(date(2011, 1, 3))


def test_a_correction_after_the_import_counts_by_the_new_notice(db_url: str) -> None:
    baodi = begin(db_url, "rich", at="2010-12-01T09:00", calendar="asof")
    ref = open_one(baodi, "probe", "alpha.liaison").ref
    with others(baodi, 1) as (other,):
        set_clock(baodi, "2010-12-09T09:00")
        import_calendar(baodi, NOTICE, administrator(baodi))

        correct(other, ref, "alpha.head", reason="更正", size=3)

        assert other.campaign.stamp == baodi.campaign.stamp == "1"
    baodi.close()


@pytest.mark.parametrize("login", ["alpha.head", "bgs.head", "lxz.chair"])
def test_only_the_offices_administrator_may_import(login: str, office: Workspace) -> None:
    before = everything(office)

    with pytest.raises(Forbidden):
        import_calendar(office, NOTICE, office.actor(login))

    assert everything(office) == before


def test_a_rehearsal_knows_every_notice_unless_told_otherwise(workspace: Workspace) -> None:
    set_clock(workspace, "2010-12-10T09:00")

    assert plan_import(workspace, NOTICE).known
