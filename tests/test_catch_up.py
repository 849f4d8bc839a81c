"""Time that passed while nobody looked: all of it is on record, each recipient gets one message, and none twice."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from world import advance, again, begin, everything, fire, flaws, local, notices, set_clock, sql, statuses, to_review

from engine import firing
from engine.firing import fire_due
from workflows.workspace import Workspace

DOWN_UNTIL = "2010-12-06T09:30"
"""Ten days and a half after the campaign's start; five rungs of the first deadline are to come, three have passed."""

PASSED = "select stream, record from entry where kind = 'deadline' order by stream, seq"


@pytest.fixture
def baodi(db_url: str) -> Any:
    workspace = begin(db_url, "baodi-2010")
    yield workspace
    workspace.close()


def passed(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """What each deadline did and as of when, without when it was noticed; the items that it opened have other dates."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for stream, text in sql(workspace.database, PASSED):
        said = json.loads(text)
        if "supervision" not in stream:
            key = f"{stream} {said['trigger']} {said['epoch']}"
            found.setdefault(key, []).append((said["event"], said.get("rung"), said["occurred_at"]))
    return found


def standing(workspace: Workspace) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {
        (each["ref"], each["code"]): (each["status"], each["last_day"], each["breached_at"])
        for each in workspace.reader.deadlines()["items"]
        if not each["ref"].startswith("supervision")
    }


def test_ten_days_down_become_one_message_a_recipient_and_deadline_at_the_highest_rung(baodi: Workspace) -> None:
    fire(baodi, DOWN_UNTIL)

    told = [each for each in notices(baodi) if each["deadline"]]
    assert Counter((each["deadline"], each["recipient"]) for each in told).most_common(1)[0][1] == 1
    ref = "department_task/wujia"
    plan = baodi.reader.deadline(ref, "plan")["id"]
    ours = [each for each in told if each["deadline"] == plan]
    assert sorted(each["recipient"] for each in ours) == ["bgs.admin", "bgs.admin2", "lxz.chair", "wujia.head"]
    for each in ours:
        assert (each["level"], each["kind"]) == (4, "escalation")
        assert (each["planned_at"], each["effective_at"]) == ("2010-12-03T01:00:00Z", "2010-12-06T01:30:00Z")
        assert each["subject"].startswith("【通报批评】")
        assert each["subject"].endswith("（已逾期10天）")
    assert len({each["deadline"] for each in told if "department_task" in each["ref"]}) == 15 * 2


def test_every_missed_rung_is_on_record_as_of_its_own_date(baodi: Workspace) -> None:
    fire(baodi, DOWN_UNTIL)

    record = [json.loads(text) for stream, text in sql(baodi.database, PASSED) if stream.endswith("task/wujia")]
    said = [
        (each["event"], each.get("rung"), each.get("merged"), each["occurred_at"])
        for each in record
        if each["trigger"] == "plan"
    ]
    assert said == [
        ("rung", 2, True, "2010-11-26T01:00:00Z"),
        ("breach", None, None, "2010-11-26T16:00:00Z"),
        ("rung", 3, True, "2010-11-30T01:00:00Z"),
        ("rung", 4, False, "2010-12-03T01:00:00Z"),
    ]
    assert {each["recorded_at"] for each in record} == {"2010-12-06T01:30:00Z"}
    items = [each["facts"]["source_ref"] for each in baodi.reader.listed("supervision")["items"]]
    assert sorted(items) == sorted(f"department_task/{body}" for body in baodi.campaign.doc.roster)
    assert flaws(baodi) == []


def test_after_an_outage_a_second_turn_and_another_process_find_nothing_to_do(baodi: Workspace) -> None:
    assert fire(baodi, DOWN_UNTIL) > 0
    before = everything(baodi)
    other = again(baodi)

    assert fire_due(baodi.engine) == fire_due(other.engine) == 0

    assert everything(baodi) == before
    other.close()


def crash_in_the_third_batch(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fire what is due in small batches until the process dies in the middle of it, and once more after that."""

    class Died(BaseException):
        pass

    calls = []
    whole = firing.fire_batch

    def dying(*args: Any, **more: Any) -> Any:
        calls.append(1)
        done = whole(*args, **more)
        if len(calls) == 3:
            raise Died
        return done

    monkeypatch.setattr(firing, "BATCH", 9)
    monkeypatch.setattr(firing, "fire_batch", dying)
    set_clock(workspace, DOWN_UNTIL)
    with pytest.raises(Died):
        fire_due(workspace.engine)
    monkeypatch.undo()
    assert 0 < len(passed(workspace)) < len(workspace.reader.deadlines()["items"])
    restarted = again(workspace)
    fire_due(restarted.engine)
    restarted.close()


def hour_by_hour(workspace: Workspace, _: pytest.MonkeyPatch) -> None:
    at, end = workspace.clock.now(), local(DOWN_UNTIL)
    while at < end:
        at = min(at + timedelta(hours=1), end)
        with workspace.database.tx() as tx:
            workspace.move_clock(tx, at)
        fire_due(workspace.engine)


def restart_twice(workspace: Workspace, _: pytest.MonkeyPatch) -> None:
    for at in ("2010-11-26T23:00", "2010-12-03T08:59", DOWN_UNTIL):
        restarted = again(workspace)
        fire(restarted, at)
        restarted.close()
    set_clock(workspace, DOWN_UNTIL)


@pytest.mark.parametrize(
    "pace", [hour_by_hour, restart_twice, crash_in_the_third_batch], ids=lambda pace: pace.__name__
)
def test_however_the_days_pass_the_same_has_happened_at_the_end(
    pace: Any, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    baodi, at_once = begin(db_url, "baodi-2010"), begin("sqlite://", "baodi-2010")

    pace(baodi, monkeypatch)
    fire(at_once, DOWN_UNTIL)

    assert passed(baodi) == passed(at_once)
    assert standing(baodi) == standing(at_once)
    keys = [key for (key,) in sql(baodi.database, "select dedup from notice")]
    assert len(keys) == len(set(keys))
    assert flaws(baodi) == []
    baodi.close()
    at_once.close()


def test_what_was_done_in_time_but_not_fired_yet_owes_no_reminder_after_the_outage(workspace: Workspace) -> None:
    set_clock(workspace, "2010-11-04T23:00")
    to_review(workspace)
    said = len(notices(workspace, ref="errand/alpha"))

    fire(workspace, "2010-11-05T00:30")

    answered = [each for each in notices(workspace, ref="errand/alpha")[said:] if "办理期限" in each["subject"]]
    assert answered == []
    assert statuses(workspace, "errand/alpha")["answer"] == "met"
    assert statuses(workspace, "errand/beta")["answer"] == "breached"


def test_chores_missed_in_an_outage_are_done_once_and_only_the_last_of_each_is_acted_on(sqlite_url: str) -> None:
    baodi = begin(sqlite_url, "baodi-2010")
    set_clock(baodi, "2011-01-13T12:00")

    said = advance(baodi, "2011-01-13T12:00")

    done = sql(baodi.database, "select code, period from chore_done order by 1, 2")
    assert [period for code, period in done if code == "weekly_bulletin"] == [
        "2010-W50", "2010-W51", "2010-W52", "2011-W01", "2011-W02",
    ]  # fmt: skip
    assert [each["ref"] for each in baodi.reader.listed("bulletin")["items"]] == ["bulletin/2011-W02"]
    told = Counter((each["recipient"], each["subject"]) for each in notices(baodi) if each["kind"] == "chore")
    assert set(told.values()) == {1}
    assert {subject for recipient, subject in told if recipient == "bgs.admin"} == {"【定期报送】每周简报（2011-W02）"}
    assert [code for code, _ in done if code in ("deployment", "self_correction")] == ["deployment", "self_correction"]
    assert said["failed"] == 0
    baodi.close()


def test_a_reminder_missed_until_after_the_breach_does_not_ask_to_be_in_time(workspace: Workspace) -> None:
    fire(workspace, "2010-11-05T08:00")

    told = notices(workspace, ref="errand/alpha")
    assert [(each["recipient"], each["level"], each["kind"]) for each in told] == [("alpha.liaison", 1, "overdue")]
    assert "逾期1天" in told[0]["subject"]
    assert "距到期还有" not in told[0]["text"]
    assert "到期前应发的“当日提醒”未能按时发出" in told[0]["text"]
