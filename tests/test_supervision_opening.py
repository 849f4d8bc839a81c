"""A department that stays late gets an item of supervision (督办件), opened by the system once for each date it missed."""

from collections.abc import Iterator
from typing import Any

import pytest
from world import advance, attach, begin, clock_of, do, extend, flaws, history, notices, set_clock

from workflows.workspace import Workspace

TASK = "department_task/wujia"
SECOND_DAY = "2010-11-30T09:00"
"""The second working day after the deployment of Friday, 26 November."""


@pytest.fixture
def baodi(sqlite_url: str) -> Iterator[Workspace]:
    workspace = begin(sqlite_url, "baodi-2010")
    yield workspace
    workspace.close()


def items(workspace: Workspace, body: str = "wujia") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workspace.reader.listed("supervision", body=body)["items"]
    return found


def test_it_is_opened_on_the_second_working_day_of_lateness_and_not_before(db_url: str) -> None:
    baodi = begin(db_url, "baodi-2010")
    advance(baodi, "2010-11-30T08:59:59")
    assert items(baodi) == []

    advance(baodi, SECOND_DAY)

    (item,) = items(baodi)
    assert (item["state"], item["opened_at"]) == ("draft", "2010-11-30T01:00:00Z")
    assert item["title"] == "督办通知单：区物价局专项行动任务"
    assert item["facts"] == {
        "requirement": f"报送本部门实施方案（{TASK}，期限2010-11-26）",
        "source_ref": TASK,
        "source_deadline": "plan",
    }
    shown = baodi.reader.show(item["ref"])
    assert shown["parent"] == TASK
    assert baodi.reader.show(TASK)["children"] == [item["ref"]]
    assert (shown["deadlines"][0]["code"], shown["deadlines"][0]["owner"]) == ("open_item", "bgs")
    assert shown["deadlines"][0]["last_day"] == "2010-12-02"
    entry = history(baodi, item["ref"])[0]
    assert (entry["kind"], entry["actor"], entry["actor_auth"]) == ("opened", "system", "system")
    assert len(baodi.reader.listed("supervision")["items"]) == 15
    assert flaws(baodi) == []
    baodi.close()


def hand_in(baodi: Workspace) -> None:
    attach(baodi, TASK, "wujia.liaison", "own_plan")


def put_off(baodi: Workspace) -> None:
    extend(baodi, TASK, "plan", "bgs.admin", "2010-12-31", reason="来函", docs="extension_request")


def suspend(baodi: Workspace) -> None:
    do(baodi, TASK, "acknowledge", "wujia.head")
    do(baodi, TASK, "suspend", "lxz.chair", decision_no="1号")


def cancel(baodi: Workspace) -> None:
    do(baodi, TASK, "cancel", "lxz.chair", decision_no="1号", reason="撤销")


@pytest.mark.parametrize("act", [hand_in, put_off, suspend, cancel], ids=lambda act: act.__name__)
def test_it_is_not_opened_for_what_was_done_put_off_stopped_or_dropped(act: Any, baodi: Workspace) -> None:
    act(baodi)

    advance(baodi, "2010-12-06T10:00")

    assert items(baodi) == []
    assert len(items(baodi, "sifa")) == 1


def test_it_is_not_opened_for_what_came_late_but_before_the_second_day(baodi: Workspace) -> None:
    advance(baodi, "2010-11-29T10:00")
    hand_in(baodi)

    advance(baodi, "2010-12-06T10:00")

    assert clock_of(baodi, TASK, "plan")["status"] == "late"
    assert items(baodi) == []


def test_it_stays_when_the_act_follows_and_another_date_missed_opens_another(baodi: Workspace) -> None:
    advance(baodi, "2010-11-30T10:00")
    hand_in(baodi)

    advance(baodi, "2010-12-14T10:00")

    assert [(each["state"], each["facts"]["source_deadline"]) for each in items(baodi)] == [
        ("draft", "plan"),
        ("draft", "self_check_report"),
    ]
    advance(baodi, "2011-01-10T10:00")
    assert len(items(baodi)) == 2, "an item that is late itself opens no item"


def test_a_supervised_item_that_runs_out_is_overdue_by_the_systems_act_at_its_own_instant(baodi: Workspace) -> None:
    advance(baodi, SECOND_DAY)
    ref = items(baodi)[0]["ref"]
    do(baodi, ref, "open_item", "bgs.admin", item_no="督〔2010〕1号")
    do(baodi, ref, "assign", "bgs.admin", due_on="2010-12-03")
    do(baodi, ref, "sign", "wujia.head")
    do(baodi, ref, "start", "wujia.liaison")
    set_clock(baodi, "2010-12-06T09:30")

    advance(baodi, "2010-12-06T09:30")

    assert baodi.reader.show(ref)["state"] == "overdue"
    entry = next(each for each in history(baodi, ref) if each["trigger"] == "expire")
    assert (entry["actor"], entry["occurred_at"]) == ("system", "2010-12-03T16:00:00Z")
    assert entry["recorded_at"] == "2010-12-06T01:30:00Z"
    told = {each["recipient"] for each in notices(baodi, ref=ref) if each["kind"] == "copy"}
    assert told == {"wujia.head", "bgs.admin", "bgs.admin2"}
    do(baodi, ref, "urge", "bgs.admin", docs="urge_note")
    do(baodi, ref, "submit_feedback", "wujia.head", docs="feedback_report")
    assert clock_of(baodi, ref, "item")["status"] == "late"
    assert flaws(baodi) == []
