"""After an outage nothing stale goes out by itself: it is held, shown, and released merged or dropped by a person."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from commandline import small_office
from crew import Crew
from production import producing, watch
from test_delivery_windows import copied
from test_digests import Told, by
from world import SILENT, advance, begin, broken_links, everything, flaws, local, notices, open_one, set_clock, sql

from engine.clock import to_us
from engine.errors import DubanError, Forbidden, Invalid, NotFound, Refused
from engine.held_desk import Choice, HeldDesk
from engine.holding import hold_stale
from scheduler.claims import LEASE
from scheduler.turn import Turn
from workflows.workspace import Workspace

DOWN_UNTIL = "2010-12-06T09:30"
ALL = Choice(everything=True)
KILLED = -9


@pytest.fixture
def down(db_url: str) -> Iterator[Workspace]:
    """The campaign of 2010 after ten days and a half of outage."""
    workspace = begin(db_url, "baodi-2010")
    Turn(workspace, SILENT).run()
    Turn(workspace, SILENT).advance(local(DOWN_UNTIL), without_scheduler=True)
    yield workspace
    workspace.close()


def desk(workspace: Workspace, login: str = "bgs.admin") -> HeldDesk:
    return HeldDesk(workspace.engine, workspace.actor(login))


def held(workspace: Workspace) -> list[dict[str, Any]]:
    return notices(workspace, status="held")


def test_ten_days_down_become_one_message_a_recipient_and_channel_when_they_are_released(down: Workspace) -> None:
    channel = Told()
    said = Turn(down, by(channel)).run()

    assert {each.kind for each in channel.sent} <= {"backlog", "handover"}
    assert Counter(each.recipient for each in channel.sent if each.kind == "backlog") == {
        "bgs.admin": 1,
        "bgs.admin2": 1,
    }
    waiting = held(down)
    assert said["held"] == len(waiting) > 100
    assert "handover" not in {each["kind"] for each in waiting}
    channel.sent.clear()

    released = desk(down).release(ALL, "核定")
    Turn(down, by(channel)).run()

    assert released["released"] == len(waiting)
    told = Counter((each.recipient, each.channel) for each in channel.sent)
    assert set(told.values()) == {1}
    assert len(told) == released["messages"] == len({(each["recipient"], each["channel"]) for each in waiting})
    after = {each["id"]: each for each in notices(down)}
    assert {after[each["id"]]["status"] for each in waiting} == {"sent"}
    in_text = "\n".join(each.text for each in channel.sent)
    assert all(each["ref"] in in_text for each in waiting if each["ref"])
    assert all(each["text"].split("\n")[1] in in_text for each in waiting if not each["ref"])
    assert Turn(down, by(channel)).run()["held"] == 0
    assert flaws(down) == []


def test_a_second_turn_and_a_fresh_day_go_on_as_always(down: Workspace) -> None:
    Turn(down, SILENT).run()
    before = len(held(down))

    assert Turn(down, SILENT).run()["held"] == 0
    advance(down, "2010-12-08T10:00")

    assert len(held(down)) == before
    fresh = [each for each in notices(down) if each["planned_at"] > "2010-12-06T02:00:00Z" and not each["digest"]]
    assert fresh and {each["status"] for each in fresh} == {"sent"}
    daily = [each["sent_at"][:10] for each in fresh if each["kind"] == "backlog" and each["recipient"] == "bgs.admin"]
    assert daily == ["2010-12-07", "2010-12-08"], "the office is told every day while something is held"


def test_an_hour_that_is_still_to_come_is_not_held_and_one_that_is_over_is(workspace: Workspace) -> None:
    from world import to_review

    turn = Turn(workspace, SILENT)
    set_clock(workspace, "2010-11-01T10:00")
    to_review(workspace)
    turn.run()
    turn.advance(local("2010-11-03T08:00"), without_scheduler=True)
    set_clock(workspace, "2010-11-03T08:00")
    to_review(workspace, "errand/beta")
    advance(workspace, "2010-11-04T07:00")

    alpha = [each for each in notices(workspace, ref="errand/alpha") if each["urgent"]]
    beta = [each for each in notices(workspace, ref="errand/beta") if each["urgent"]]
    assert {each["status"] for each in alpha} == {"held"}
    assert {each["status"] for each in beta} == {"sent"}


def test_moving_a_rehearsals_clock_is_no_outage(workspace: Workspace) -> None:
    advance(workspace, "2010-12-01T10:00")

    assert held(workspace) == []


def test_an_outage_of_hours_holds_nothing(workspace: Workspace) -> None:
    turn = Turn(workspace, SILENT)
    turn.advance(local("2010-11-02T20:00"))
    turn.advance(local("2010-11-03T12:00"), without_scheduler=True)

    said = turn.run()

    assert (said["held"], held(workspace)) == (0, [])
    assert said["delivered"] == 2


def refusal(workspace: Workspace, work: Any) -> DubanError:
    before = everything(workspace)
    with pytest.raises(DubanError) as caught:
        work()
    assert everything(workspace) == before
    return caught.value


def test_what_is_not_held_is_not_released_and_bad_choices_change_nothing(down: Workspace) -> None:
    Turn(down, SILENT).run()
    sent = next(each["id"] for each in notices(down) if each["status"] == "sent")
    some = held(down)[0]["id"]
    office = desk(down)

    assert refusal(down, lambda: office.release(Choice((some, sent)))).code == "not_held"
    assert refusal(down, lambda: office.drop(Choice((sent,)), "x")).code == "not_held"
    assert refusal(down, lambda: office.hold(Choice((some,)), "x", "rehearsal")).code == "not_owed"
    assert type(refusal(down, lambda: office.release(Choice(("77",))))) is NotFound
    assert type(refusal(down, lambda: office.release(Choice(("x",))))) is NotFound
    assert refusal(down, lambda: office.release(Choice(recipient="nobody"))).code == "nothing_held"
    assert type(refusal(down, lambda: office.drop(ALL, " "))) is Invalid
    assert type(refusal(down, lambda: desk(down, "wujia.head"))) is Forbidden
    with pytest.raises(Invalid):
        Choice()


def test_what_is_dropped_never_goes_and_the_record_says_who_and_why(down: Workspace) -> None:
    Turn(down, SILENT).run()
    mine = [each["id"] for each in held(down) if each["recipient"] == "wujia.head"]
    channel = Told()

    assert desk(down).drop(Choice(recipient="wujia.head"), "已当面通知")["dropped"] == len(mine)
    desk(down).release(ALL)
    Turn(down, by(channel)).run()

    assert "wujia.head" not in {each.recipient for each in channel.sent}
    assert {each["status"] for each in notices(down) if each["id"] in mine} == {"cancelled"}
    lines = [json.loads(text) for (text,) in sql(down.database, "select record from entry where trigger = 'drop'")]
    assert sorted(ident for line in lines for ident in line["notices"]) == sorted(mine)
    assert {line["actor"] for line in lines} == {"bgs.admin"}
    whys = sql(down.database, "select value from entry_private where field = 'reason' and stream like 'notices/%'")
    assert ('"已当面通知"',) in whys
    assert broken_links(down) == []


def test_held_mode_holds_what_falls_due_until_all_is_released(workspace: Workspace) -> None:
    assert desk(workspace).hold(ALL, "核查数据", "rehearsal")["held"] == 0
    assert refusal(workspace, lambda: desk(workspace).hold(ALL, "again", "rehearsal")).code == "held_mode"

    advance(workspace, "2010-11-05T10:00")

    assert {each["kind"] for each in notices(workspace) if each["status"] == "sent"} == {"backlog"}
    assert desk(workspace).release(ALL)["mode_ended"]
    assert held(workspace) == []
    advance(workspace, "2010-11-12T10:00")
    assert held(workspace) == []
    assert type(refusal(workspace, lambda: desk(workspace).release(ALL))) is Refused


def test_a_released_notice_of_the_evening_waits_for_the_morning(down: Workspace) -> None:
    Turn(down, SILENT).run()
    set_clock(down, "2010-12-06T20:00")

    desk(down).release(ALL)

    goes = {each["effective_at"] for each in notices(down, status="owed") if each["kind"] == "digest"}
    assert goes == {"2010-12-07T01:00:00Z"}


def test_a_production_whose_scheduler_was_away_holds_and_one_that_was_not_does_not(db_url: str) -> None:
    with producing(db_url, "small") as office:
        watch(office).at = office.clock.now().replace(hour=3, minute=0) + timedelta(days=1)
        Turn(office, SILENT).run()
        for _ in range(3):
            watch(office).later(hours=24, minutes=5)
            assert Turn(office, SILENT).run()["held"] == 0, "once a day is no outage"
        watch(office).later(days=12)

        said = Turn(office, SILENT).run()

        assert said["held"] == len(held(office))
        late = [each for each in notices(office) if each["deadline"] and each["status"] not in ("sent", "held")]
        assert late == []


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    with Crew(tmp_path_factory.mktemp("crew")) as found:
        yield found


POINTS = ["before_commit:2", "after_commit:2", "claimed", "sent:1", "marked"]


@pytest.mark.parametrize("point", POINTS)
def test_a_turn_killed_after_an_outage_forgets_neither_the_outage_nor_a_notice(
    point: str, workspace: Workspace, crew: Crew, tmp_path: Path
) -> None:
    url, outbox = workspace.database.url.render_as_string(hide_password=False), str(tmp_path / "out")
    Turn(workspace, SILENT).advance(local("2010-11-08T10:00"), without_scheduler=True)

    assert crew.do("turn", url, outbox, point=point).code == KILLED
    with workspace.database.tx() as tx:
        workspace.move_clock(tx, workspace.clock.now() + LEASE)
    assert crew.do("turn", url, outbox).code == 0
    waiting = held(workspace)
    assert {each["kind"] for each in notices(workspace) if each["status"] != "held"} == {"backlog"}
    desk(workspace).release(ALL)
    assert crew.do("turn", url, outbox, point="sent:2").code == KILLED
    with workspace.database.tx() as tx:
        workspace.move_clock(tx, workspace.clock.now() + LEASE)
    assert crew.do("turn", url, outbox).code == 0

    found = {each["id"]: each for each in notices(workspace)}
    assert waiting and {found[each["id"]]["status"] for each in waiting} == {"sent"}
    sent = Counter((found[path.stem.removeprefix("notice-")]["recipient"]) for path in Path(outbox).glob("*.eml"))
    office = {"bgs.admin", "bgs.admin2"}
    assert {recipient: count for recipient, count in sent.items() if recipient not in office} == {
        each["recipient"]: 1 for each in waiting if each["recipient"] not in office
    }
    assert flaws(workspace) == []


def test_the_commands_say_what_is_held_and_for_whom(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    office.json("scheduler", "once")
    office.json("clock", "advance", "--to", "2010-11-08T10:00", "--without-scheduler")
    assert office.json("scheduler", "once")["held"] > 0

    said = office.json("notice", "list", "--status", "held")

    assert (
        sum(each["count"] for each in said["recipients"]) == len(said["items"]) == office.json("doctor")["notices_held"]
    )
    assert office("notice", "release").politely().code == 2
    assert office("notice", "drop", "--all").politely().code == 7
    assert office("notice", "release", "--body", "nobody").politely().code == 7
    first = said["items"][0]["id"]
    assert office.json("notice", "release", first)["messages"] == 1
    assert office("notice", "release", first).politely().code == 4
    assert "核定发出" in office("notice", "release", "--all", "--reason", "核定").out
    assert office.json("notice", "hold", "--all", "--reason", "检查")["mode"]
    assert "检查" not in office("doctor").out and "积压待发状态              人工决定 2010-" in office("doctor").out
    assert office("audit", "verify").code == 0


def test_a_digest_of_what_had_failed_before_is_tried_again_and_not_held(db_url: str, tmp_path: Path) -> None:
    workspace = begin(db_url, copied(tmp_path, "digest: {default: on}"))
    open_one(workspace, "errand", "bgs.admin", body="alpha", ref="errand/more")

    class Down:
        def send(self, _notice: Any, _campaign: str) -> str:
            raise OSError("no route")

    turn = Turn(workspace, by(Down()))
    turn.advance(local("2010-11-03T09:00"))
    sql(workspace.database, "update notice set planned_at = planned_at - 400000000000 where kind = 'digest'")
    now_us = to_us(local("2010-11-03T12:00"))

    held_now = workspace.engine.in_transaction(lambda tx: hold_stale(tx, workspace.campaign, now_us, "production"))

    assert [each["kind"] for each in notices(workspace, status="owed") if not each["digest"]].count("digest") == 1
    assert held_now == 0
    workspace.close()
