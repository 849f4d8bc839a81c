"""Recurring duties of the office: once a period, on a working day, by whichever process comes first."""

from pathlib import Path
from typing import Any

from world import SAMPLES, SILENT, advance, again, begin, do, everything, flaws, history, local, notices, set_clock, sql

from engine.orders import Open
from engine.rows import INSERT_CHORE
from scheduler.chores import Chores, occurrences
from scheduler.turn import Turn
from workflows.workspace import Workspace


def times(workspace: Workspace, code: str) -> dict[str, str]:
    """When each period of a chore falls, in local time."""
    zone = workspace.campaign.zone
    return {
        each.period: each.at.astimezone(zone).strftime("%m-%d %H:%M")
        for each in occurrences(workspace.campaign)
        if each.code == code
    }


def told(workspace: Workspace, recipient: str) -> list[tuple[str, str]]:
    return [
        (each["planned_at"][:10], each["subject"].rpartition("】")[2])
        for each in notices(workspace)
        if each["kind"] == "chore" and each["recipient"] == recipient
    ]


def test_a_week_or_month_whose_day_is_a_rest_day_gives_way_to_the_next_working_day(sqlite_url: str) -> None:
    workspace = begin(sqlite_url, "baodi-2010")
    weekly = times(workspace, "weekly_bulletin")

    assert list(weekly) == ["2010-W50", "2010-W51", "2010-W52", *(f"2011-W{week:02d}" for week in range(1, 14))]
    assert weekly["2010-W50"] == "12-15 09:00"
    assert weekly["2011-W05"] == "02-09 09:00", "Spring Festival"
    assert weekly["2011-W06"] == "02-09 09:00"
    workspace.close()


def test_each_period_opens_its_bulletin_once(db_url: str) -> None:
    workspace = begin(db_url, "baodi-2010", at="2010-12-13T08:00")

    advance(workspace, "2010-12-22T12:00")

    assert told(workspace, "bgs.admin") == [
        ("2010-12-15", "每周简报（2010-W50）"),
        ("2010-12-22", "每周简报（2010-W51）"),
    ]
    bulletins = workspace.reader.listed("bulletin")["items"]
    assert [(each["ref"], each["body"], each["opened_at"]) for each in bulletins] == [
        ("bulletin/2010-W50", "bgs", "2010-12-15T01:00:00Z"),
        ("bulletin/2010-W51", "bgs", "2010-12-22T01:00:00Z"),
    ]
    assert history(workspace, "bulletin/2010-W50")[0]["actor"] == "system"
    assert flaws(workspace) == []
    workspace.close()


def test_a_chore_that_is_done_is_not_done_again_by_anybody(workspace: Workspace) -> None:
    advance(workspace, "2010-11-15T09:00")
    before = everything(workspace)
    other = again(workspace)

    assert [Chores(each).run() for each in (workspace, other)] == [0, 0]

    assert everything(other) == before
    assert [ref for (ref,) in sql(other.database, "select ref from matter where body = 'bgs' order by ref")] == [
        "errand/2010-W45",
        "errand/2010-W46",
    ]
    other.close()


def test_what_somebody_opened_by_hand_under_the_same_reference_is_left_alone(workspace: Workspace) -> None:
    order = Open(kind="errand", body="bgs", ref="errand/2010-W45", title="提前准备")
    workspace.engine.execute(order, workspace.actor("bgs.admin"))

    advance(workspace, "2010-11-15T09:00")

    assert workspace.reader.show("errand/2010-W45")["title"] == "提前准备"
    assert len(history(workspace, "errand/2010-W45")) >= 1
    assert sql(workspace.database, "select period from chore_done order by 1") == [("2010-W45",), ("2010-W46",)]
    assert workspace.reader.show("errand/2010-W46")["state"] == "todo"


def test_after_an_outage_the_last_period_is_acted_on_and_the_earlier_ones_are_noted(workspace: Workspace) -> None:
    set_clock(workspace, "2010-11-25T12:00")

    Turn(workspace, SILENT).run()

    assert sql(workspace.database, "select period from chore_done order by 1") == [
        ("2010-W45",), ("2010-W46",), ("2010-W47",),
    ]  # fmt: skip
    opened = [each["ref"] for each in workspace.reader.listed("errand", body="bgs")["items"]]
    assert opened == ["errand/2010-W47"]
    assert workspace.reader.show("errand/2010-W47")["opened_at"] == "2010-11-25T04:00:00Z"
    said = Turn(workspace, SILENT).run()
    assert said["fired"] == 0
    assert workspace.reader.listed("errand", body="bgs")["items"][0]["ref"] == "errand/2010-W47"


def test_chores_of_the_time_before_the_campaign_was_loaded_are_nobodys(db_url: str) -> None:
    workspace = begin(db_url, at="2010-11-15T09:00:01")

    assert Turn(workspace, SILENT).run()["fired"] == 0

    assert sql(workspace.database, "select period from chore_done") == []
    assert Chores(workspace).next_at() == local("2010-11-22T09:00")
    workspace.close()


def test_a_chore_and_what_it_opens_are_one_transaction(workspace: Workspace, monkeypatch: Any) -> None:
    def fail(*_: Any) -> None:
        raise KeyError("broken")

    set_clock(workspace, "2010-11-08T09:00")
    before = everything(workspace)
    chores = Chores(workspace)
    monkeypatch.setattr(Chores, "_open", fail)

    assert chores.run() == 0

    assert everything(workspace) == before
    monkeypatch.undo()
    assert chores.run() == 1
    assert workspace.reader.show("errand/2010-W45")["state"] == "todo"
    do(workspace, "errand/2010-W45", "take", "bgs.liaison")


def test_a_chore_may_remind_each_body_of_the_roster_once(db_url: str, tmp_path: Path) -> None:
    text = (SAMPLES / "small_campaign.yaml").read_text("utf-8")
    each = text.replace("opens: errand, opens_body: bgs", "remind_each: roster, remind_posts: [liaison]")
    (tmp_path / "mine.yaml").write_text(each, "utf-8")
    (tmp_path / "small.yaml").write_text((SAMPLES / "small.yaml").read_text("utf-8"), "utf-8")
    workspace = begin(db_url, str(tmp_path / "mine.yaml"))

    advance(workspace, "2010-11-16T12:00")

    weeks = ["每周差事（2010-W45）", "每周差事（2010-W46）"]
    for login in ("alpha.liaison", "beta.liaison"):
        assert [said for _, said in told(workspace, login)] == weeks
    workspace.close()


def test_what_other_rooms_note_as_done_is_not_counted_among_the_chores(workspace: Workspace) -> None:
    chores = Chores(workspace)
    before = chores.next_at()
    with workspace.database.tx() as tx:
        for number in range(len(chores.all)):
            values = {"campaign_id": workspace.campaign.id, "code": "unreachable", "period": f"day-{number}"}
            tx.write(INSERT_CHORE, {**values, "done_at": 0})

    assert before is not None
    chores.next_at()
    assert chores.next_at() == before
