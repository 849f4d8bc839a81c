"""At nine on the working day after each date the office and the leading group get the list of who has delivered, once."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from world import advance, attach, begin, broken_links, do, local, notices, others, set_clock, sql

from scheduler.chores import Chores, occurrences
from workflows.workspace import Workspace

OFFICE = ["bgs.admin", "bgs.admin2"]
NIGHT_BEFORE = [
    ("deployment", "2010-11-29T09:00", [*OFFICE, "lxz.chair"]),  # the 26th is a Friday
    ("self_correction", "2010-12-13T09:00", [*OFFICE, "lxz.chair"]),
    ("implementation", "2011-03-01T09:00", [*OFFICE, "lxz.chair"]),
    ("summaries", "2011-04-01T09:00", [*OFFICE, "lxz.chair", "quzf.liaison"]),
]


def lists(workspace: Workspace) -> list[dict[str, Any]]:
    return [each for each in notices(workspace) if each["kind"] == "milestone"]


def parts(text: str) -> dict[str, list[str]]:
    """The lists in a milestone's message: label to names."""
    found = {}
    for line in text.splitlines():
        label, _, names = line.partition("）：")
        name, _, count = label.partition("（")
        if count.isdigit():
            found[name] = [] if names == "无" else names.split("、")
            assert len(found[name]) == int(count) or "（" in names
    return found


@pytest.mark.parametrize(("code", "at", "people"), NIGHT_BEFORE, ids=[each[0] for each in NIGHT_BEFORE])
def test_each_milestone_reports_at_nine_of_the_next_working_day(
    code: str, at: str, people: list[str], sqlite_url: str
) -> None:
    workspace = begin(sqlite_url, "baodi-2010", at=at[:8] + "01T08:00" if code != "deployment" else None)
    (due,) = [each for each in occurrences(workspace.campaign) if each.code == code]
    assert due.at == local(at)
    set_clock(workspace, f"{at[:10]}T08:59:59")
    Chores(workspace).run()
    assert [each for each in lists(workspace) if each["planned_at"] >= f"{at[:10]}"] == []

    set_clock(workspace, at)
    Chores(workspace).run()
    Chores(workspace).run()

    said = [each for each in lists(workspace) if each["planned_at"][:10] == at[:10]]
    assert sorted(each["recipient"] for each in said) == sorted(people)
    assert {each["subject"].partition("（")[2] for each in said} == {f"{due.period}）"}
    workspace.close()


def test_the_list_tells_who_was_in_time_who_was_late_and_who_is_missing(sqlite_url: str) -> None:
    workspace = begin(sqlite_url, "baodi-2010")
    attach(workspace, "department_task/gongan", "gongan.liaison", "own_plan")
    attach(workspace, "department_task/wujia", "wujia.liaison", "own_plan")
    do(workspace, "department_task/nongwei", "cancel", "lxz.chair", decision_no="1号", reason="撤销")
    set_clock(workspace, "2010-11-28T10:00")
    attach(workspace, "department_task/sifa", "sifa.liaison", "own_plan")

    advance(workspace, "2010-11-29T09:00")

    said = lists(workspace)
    assert len({each["text"] for each in said}) == 1
    found = parts(said[0]["text"])
    assert sorted(found["按时完成"]) == ["公安宝坻分局", "区物价局"]
    assert found["逾期完成"] == ["区司法局"]
    assert len(found["尚未完成"]) == 11
    assert "区农委" not in said[0]["text"], "its task was cancelled; it owes nothing"
    assert {each["planned_at"] for each in said} == {"2010-11-29T01:00:00Z"}
    workspace.close()


def test_who_owes_several_duties_is_named_once_with_each_of_them(sqlite_url: str) -> None:
    workspace = begin(sqlite_url, "baodi-2010", at="2011-02-28T10:00")

    advance(workspace, "2011-03-01T09:00")

    missing = lists(workspace)[0]["text"]
    assert "尚未完成（24）" in missing
    mine = [duty.number for duty in workspace.campaign.doc.duties if "gongshang" in duty.responsible]
    assert len(mine) > 1
    assert f"工商宝坻分局（{'，'.join(mine)}）" in missing
    assert missing.count("工商宝坻分局") == 1
    workspace.close()


def test_the_list_stands_on_the_campaigns_chained_record_too(sqlite_url: str) -> None:
    workspace = begin(sqlite_url, "baodi-2010")

    advance(workspace, "2010-11-29T09:00")

    record = "select record from entry where stream = 'campaign/baodi-2010' and kind = 'comment'"
    (said,) = [json.loads(text) for (text,) in sql(workspace.database, record)]
    assert (said["trigger"], said["occurred_at"]) == ("milestone/deployment", "2010-11-29T01:00:00Z")
    assert "尚未完成（15）" in said["text"]
    assert broken_links(workspace) == []
    workspace.close()


def test_several_processes_report_a_milestone_once(db_url: str) -> None:
    workspace = begin(db_url, "baodi-2010")
    set_clock(workspace, "2010-12-14T10:00")
    gate = threading.Barrier(4)

    def run(place: Workspace) -> int:
        gate.wait()
        return Chores(place).run()

    with others(workspace, 4) as places, ThreadPoolExecutor(4) as pool:
        done = list(pool.map(run, places))

    said = [(each["recipient"], each["subject"]) for each in lists(workspace)]
    assert len(said) == len(set(said)) == 6
    assert sum(done) == sql(workspace.database, "select count(*) from chore_done")[0][0]
    assert broken_links(workspace) == []
    workspace.close()
