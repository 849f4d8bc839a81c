"""A deadline speaks at its exact instants, to the people of each rung, on its ground; not before, and not twice."""

import json
from collections.abc import Iterator
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
    fire,
    flaws,
    history,
    notices,
    set_clock,
    sql,
    statuses,
    to_review,
)

from engine.firing import fire_batch, fire_due
from workflows.workspace import Workspace

NINE = "T01:00:00Z"
"""Nine in the morning at Baodi."""

DEPLOYMENT = {2: "2010-11-26", 3: "2010-11-30", 4: "2010-12-03", 5: "2010-12-10", 6: "2010-12-17"}
SELF_CHECK = dict(
    enumerate(["2010-12-07", "2010-12-09", "2010-12-10", "2010-12-14", "2010-12-17", "2010-12-24", "2010-12-31"])
)
IMPLEMENTATION = dict(
    enumerate(["2011-02-23", "2011-02-25", "2011-02-28", "2011-03-02", "2011-03-07", "2011-03-14", "2011-03-21"])
)
SUMMARY = dict(
    enumerate(["2011-03-28", "2011-03-30", "2011-03-31", "2011-04-02", "2011-04-08", "2011-04-15", "2011-04-22"])
)
"""The second of April 2011 is a Saturday that is worked, the three days after it are Qingming."""

OFFICE = ["bgs.admin", "bgs.admin2"]
TOLD: list[tuple[str, list[str]]] = [
    *[("reminder", [])] * 3,
    ("overdue", OFFICE),
    ("escalation", [*OFFICE, "lxz.chair"]),
    ("escalation", [*OFFICE, "lxz.chair"]),
    ("escalation", [*OFFICE, "lxz.chair", "jiancha.head"]),
]
"""What each rung sends, and to whom besides the head of the body that owes."""

LADDERS = [
    ("department_task", "plan", 15, DEPLOYMENT, "实施方案 四（一）：于26日前部署实施〔V 原文已核〕"),
    ("department_task", "self_check_report", 15, SELF_CHECK, "系本系统的理解）〔V 原文已核〕"),
    ("department_task", "summary", 15, SUMMARY, "于2011年3月底前报区领导小组办公室〔V 原文已核〕"),
    ("duty", "carry_out", 24, IMPLEMENTATION, "组织实施阶段至2011年2月28日〔V 原文已核〕"),
    ("duty", "result", 24, SUMMARY, "于2011年3月底前报送"),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def idle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Give the campaign of 2010 in which nobody ever did anything, seen from the end of April 2011."""
    if request.param == "sqlite":
        yield from idle_on(f"sqlite:///{tmp_path_factory.mktemp('idle') / 'duban.db'}")
    else:
        with request.getfixturevalue("pg_server").database() as url:
            yield from idle_on(url)


def idle_on(url: str) -> Iterator[Workspace]:
    workspace = begin(url, "baodi-2010")
    advance(workspace, "2011-04-25T10:00")
    yield workspace
    workspace.close()


def rungs(workspace: Workspace, ref: str, code: str) -> list[dict[str, Any]]:
    """What the deadline *code* of a matter did, as its chained record says."""
    found = sql(
        workspace.database,
        "select record from entry where stream = :stream and kind = 'deadline' order by seq",
        stream=f"matter/{ref}",
    )
    return [record for record in (json.loads(text) for (text,) in found) if record["trigger"] == code]


@pytest.mark.parametrize(("kind", "code", "many", "days", "ground"), LADDERS, ids=[each[1] for each in LADDERS])
def test_every_rung_comes_on_its_day_at_nine_to_its_people_on_its_ground(
    kind: str, code: str, many: int, days: dict[int, str], ground: str, idle: Workspace
) -> None:
    matters = idle.reader.listed(kind)["items"]
    assert len(matters) == many
    said = notices(idle)
    for matter in matters:
        clock = clock_of(idle, matter["ref"], code)
        found: dict[tuple[int, str, str], list[str]] = {}
        for notice in said:
            if notice["deadline"] == clock["id"] and notice["kind"] not in ("repeat", "idle"):
                key = (notice["level"], notice["planned_at"], notice["kind"])
                found.setdefault(key, []).append(notice["recipient"])
                assert notice["effective_at"] == notice["sent_at"] == notice["planned_at"]
                assert ground in notice["text"]
                year, month, day = map(int, clock["last_day"].split("-"))
                assert f"{year}年{month}月{day}日" in notice["text"]
        head = f"{matter['body']}.head"
        assert {key: sorted(people) for key, people in found.items()} == {
            (level, day + NINE, TOLD[level][0]): sorted([head, *TOLD[level][1]]) for level, day in days.items()
        }


def test_each_rung_and_the_breach_are_on_the_chained_record_in_their_order(idle: Workspace) -> None:
    record = rungs(idle, "department_task/wujia", "plan")

    assert [(each["event"], each.get("rung"), each["occurred_at"]) for each in record] == [
        ("rung", 2, "2010-11-26" + NINE),
        ("breach", None, "2010-11-26T16:00:00Z"),
        *(("rung", level, DEPLOYMENT[level] + NINE) for level in (3, 4, 5, 6)),
    ]
    assert not any(each["merged"] for each in record if each["event"] == "rung")
    assert flaws(idle) == []


def test_the_history_that_people_read_tells_rungs_from_the_breach(idle: Workspace) -> None:
    said = [each for each in history(idle, "department_task/wujia") if each["trigger"] == "plan"]

    assert [(each["event"], each["rung"], each["rung_label"]) for each in said[:3]] == [
        ("rung", 2, "催办单"),
        ("breach", None, None),
        ("rung", 3, "督办通知单"),
    ]


def test_the_second_working_day_after_opens_one_item_of_supervision_for_each_breach(idle: Workspace) -> None:
    items = idle.reader.listed("supervision")["items"]
    opened = {(item["facts"]["source_ref"], item["facts"]["source_deadline"]): item for item in items}
    owed = [("department_task", code) for code in ("plan", "self_check_report", "summary")]
    owed += [("duty", code) for code in ("carry_out", "result")]

    assert set(opened) == {(matter["ref"], code) for kind, code in owed for matter in idle.reader.listed(kind)["items"]}
    assert len(items) == len(opened)
    item = opened["department_task/wujia", "plan"]
    assert (item["body"], item["opened_at"]) == ("wujia", "2010-11-30" + NINE)
    assert "期限2010-11-26" in item["facts"]["requirement"]
    entry = history(idle, item["ref"])[0]
    assert (entry["kind"], entry["actor"]) == ("opened", "system")
    shown = idle.reader.show(item["ref"])
    assert shown["parent"] == "department_task/wujia"
    assert item["ref"] in idle.reader.show("department_task/wujia")["children"]


def test_nothing_is_said_a_microsecond_early_and_everything_at_the_instant(workspace: Workspace) -> None:
    before = everything(workspace)

    assert fire(workspace, "2010-11-03T08:59:59.999999") == 0
    unchanged = everything(workspace)
    assert {name: rows for name, rows in unchanged.items() if name != "meta"} == {
        name: rows for name, rows in before.items() if name != "meta"
    }
    assert fire(workspace, "2010-11-03T09:00") == 2
    assert fire(workspace, "2010-11-03T09:00") == 0

    told = [(each["recipient"], each["planned_at"], each["status"]) for each in notices(workspace)]
    assert told == [(f"{body}.liaison", "2010-11-03T01:00:00Z", "owed") for body in ("alpha", "beta")]


def test_the_last_day_lasts_until_twenty_four_hours_exclusively(workspace: Workspace) -> None:
    fire(workspace, "2010-11-04T23:59:59.999999")
    assert statuses(workspace, "errand/alpha") == {"answer": "running"}

    set_clock(workspace, "2010-11-05T00:00")
    assert clock_of(workspace, "errand/alpha", "answer")["status"] == "breached", "seen before anything has fired"
    fire_due(workspace.engine)

    clock = clock_of(workspace, "errand/alpha", "answer")
    assert (clock["last_day"], clock["breach_at"]) == ("2010-11-04", "2010-11-04T16:00:00Z")
    assert (clock["status"], clock["breached_at"]) == ("breached", "2010-11-04T16:00:00Z")
    assert rungs(workspace, "errand/alpha", "answer")[-1]["event"] == "breach"


@pytest.mark.parametrize(("act", "status"), [("2010-11-04T23:59:59.999999", "met"), ("2010-11-05T00:00", "late")])
@pytest.mark.parametrize("fired", [False, True], ids=["before_firing", "after_firing"])
def test_an_act_at_the_breach_instant_is_late_and_a_microsecond_before_it_is_not(
    fired: bool, act: str, status: str, workspace: Workspace
) -> None:
    correct(workspace, "errand/beta", "beta.head", reason="漏填", urgent=False)
    do(workspace, "errand/beta", "take", "beta.liaison")
    set_clock(workspace, act)
    if fired:
        fire_due(workspace.engine)

    do(workspace, "errand/beta", "submit", "beta.liaison", docs="report")

    clock = clock_of(workspace, "errand/beta", "answer")
    late = status == "late"
    assert (clock["status"], clock["breached_at"]) == (status, "2010-11-04T16:00:00Z" if late else None)
    said = len(notices(workspace, ref="errand/beta"))
    fire(workspace, "2010-11-30T09:00")
    after = [each for each in notices(workspace, ref="errand/beta")[said:] if each["deadline"] == clock["id"]]
    assert after == [], "who has answered is reminded no more"


def test_hours_are_exact_and_count_through_the_night(workspace: Workspace) -> None:
    set_clock(workspace, "2010-11-02T16:20:30")
    to_review(workspace)
    clock = clock_of(workspace, "errand/alpha", "review_term")

    assert clock["breach_at"] == "2010-11-03T08:20:30Z"
    advance(workspace, "2010-11-04T00:00")

    record = rungs(workspace, "errand/alpha", "review_term")
    assert [(each["event"], each["occurred_at"]) for each in record] == [
        ("rung", "2010-11-03T04:20:30Z"),
        ("breach", "2010-11-03T08:20:30Z"),
        ("rung", "2010-11-03T08:20:30Z"),
    ]
    told = [(each["level"], each["recipient"]) for each in notices(workspace) if each["deadline"] == clock["id"]]
    assert told == [(0, "alpha.head"), (1, "alpha.head"), (1, "bgs.admin"), (1, "bgs.admin2")]


def test_a_second_process_and_a_second_turn_say_nothing_again(workspace: Workspace) -> None:
    fire(workspace, "2010-11-08T09:00")
    before = everything(workspace)
    other = again(workspace)

    assert fire_due(workspace.engine) == fire_due(other.engine) == 0
    assert everything(other) == before
    other.close()


def test_a_batch_is_written_table_by_table_however_many_deadlines_fall_due(sqlite_url: str) -> None:
    baodi = begin(sqlite_url, "baodi-2010")
    set_clock(baodi, "2010-11-26T09:00")

    with baodi.database.tx() as tx:
        fired, _ = fire_batch(baodi.engine, tx)
        statements = tx.writes

    assert fired > 14
    assert statements == 5  # matters, deadlines, entries, firings, notices
    assert flaws(baodi) == []
    baodi.close()
