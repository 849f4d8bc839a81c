"""Recurring returns: one matter a body and period, zero is a report, late counts as none, silence is told."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from world import (
    advance,
    again,
    begin,
    clock_of,
    do,
    everything,
    flaws,
    history,
    local,
    notices,
    others,
    set_clock,
    sql,
)

from engine.clock import rfc3339
from engine.errors import Invalid, NotFound, Refused
from engine.orders import Attach, Document
from scheduler.chores import Chores, return_periods
from scheduler.lookout import declared, findings
from workflows.workspace import Workspace

FIGURES = dict.fromkeys(
    (
        *("actions", "joint_actions", "person_times", "premises", "markets", "areas"),
        *("cases_filed", "cases_closed", "case_value", "fines", "dens", "transferred"),
    ),
    0,
)
W50 = "periodic_return/weekly_return/2010-W50/"


@pytest.fixture
def baodi(db_url: str) -> Iterator[Workspace]:
    """Give the Baodi campaign an hour before the first weekly returns are opened, on each system in turn."""
    found = begin(db_url, "baodi-2010", at="2010-12-10T08:00")
    yield found
    found.close()


@pytest.fixture
def one(sqlite_url: str) -> Iterator[Workspace]:
    """Give the same on SQLite alone, for what the machine decides."""
    found = begin(sqlite_url, "baodi-2010", at="2010-12-10T08:00")
    yield found
    found.close()


def returns(workspace: Workspace, **where: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = workspace.reader.listed("periodic_return", **where)["items"]
    return items


def lists(workspace: Workspace) -> dict[str, str]:
    """What was put on record of each list of returns."""
    rows = sql(workspace.database, "select record from entry where stream = 'campaign/baodi-2010' order by seq")
    bodies = [json.loads(record) for (record,) in rows]
    return {body["trigger"]: body["text"] for body in bodies}


def test_each_period_is_due_on_its_day_and_a_rest_day_gives_way_to_the_next_working_day(sqlite_url: str) -> None:
    workspace = begin(sqlite_url, "baodi-2010")
    due = {
        (each.spec.code, each.period): each.due_at.astimezone(workspace.campaign.zone).strftime("%m-%d %H:%M")
        for each in return_periods(workspace.campaign)
    }

    assert len(due) == 12 + 3 + 4
    assert due["weekly_return", "2010-W50"] == "12-13 17:30"
    assert due["weekly_return", "2011-W01"] == "01-04 17:30", "Monday the third of January is a holiday"
    assert due["weekly_return", "2011-W06"] == "02-09 17:30", "Spring Festival"
    assert due["monthly_return", "2011-01"] == "01-05 00:00", "through the fourth"
    assert due["monthly_return", "2011-02"] == "02-10 00:00"
    assert due["monthly_statistics", "2011-02"] == "02-22 00:00", "the twentieth is a Sunday"
    workspace.close()


def test_a_period_opens_one_return_for_every_body_of_the_roster_with_its_own_dates(baodi: Workspace) -> None:
    advance(baodi, "2010-12-10T10:00")

    opened = returns(baodi)
    assert [each["ref"] for each in opened] == sorted(W50 + body for body in baodi.campaign.doc.roster)
    (wujia,) = [each for each in opened if each["body"] == "wujia"]
    assert wujia["title"] == "案件查办周报 2010-W50（区物价局）"
    assert wujia["opened_at"] == "2010-12-10T01:00:00Z"
    assert wujia["facts"] == {"series": "weekly_return", "period": "2010-W50", "due_at": "2010-12-13T09:30:00Z"}
    clock = clock_of(baodi, W50 + "wujia", "submit")
    assert (clock["last_day"], clock["breach_at"], clock["status"]) == ("2010-12-13", "2010-12-13T09:30:00Z", "running")
    assert any("2010-12-13" in step["zh"] for step in clock["derivation"])
    assert flaws(baodi) == []


def test_a_return_in_time_is_accepted_and_has_no_blank(one: Workspace) -> None:
    advance(one, "2010-12-10T10:00")
    ref = W50 + "wujia"

    with pytest.raises(Refused, match="transferred"):
        do(one, ref, "submit", "wujia.liaison", actions=1)
    with pytest.raises(NotFound):
        do(one, ref, "submit", "xwcb.liaison", **FIGURES)
    do(one, ref, "submit", "wujia.liaison", **{**FIGURES, "actions": 3, "case_value": 120000})
    do(one, ref, "accept", "bgs.admin")

    assert clock_of(one, ref, "submit")["status"] == "met"
    assert one.reader.show(ref)["state"] == "accepted"
    assert one.reader.show(ref)["facts"]["case_value"] == 120000


def test_zero_is_a_return_by_one_word_or_by_zeros_alone(one: Workspace) -> None:
    advance(one, "2010-12-13T10:00")
    do(one, W50 + "wujia", "report_zero", "wujia.liaison")
    do(one, W50 + "sifa", "submit", "sifa.liaison", **FIGURES)
    do(one, W50 + "fazhi", "submit", "fazhi.liaison", **{**FIGURES, "actions": 1})

    advance(one, "2010-12-14T10:00")

    listed = lists(one)["returns/weekly_return/2010-W50"].splitlines()
    assert listed[1].startswith("按时报送（3）")
    assert listed[2] == "其中零报告（2）：区物价局、区司法局" or listed[2] == "其中零报告（2）：区司法局、区物价局"
    assert one.reader.show(W50 + "wujia")["facts"]["transferred"] == 0


def test_no_joint_action_without_an_action(one: Workspace) -> None:
    advance(one, "2010-12-10T10:00")

    with pytest.raises(Refused, match="joint"):
        do(one, W50 + "wujia", "submit", "wujia.liaison", **{**FIGURES, "joint_actions": 2})


def test_a_late_return_is_reminded_once_urged_once_and_named_on_the_list(baodi: Workspace) -> None:
    advance(baodi, "2010-12-14T08:00")
    do(baodi, W50 + "wujia", "submit", "wujia.liaison", **FIGURES)

    advance(baodi, "2010-12-16T12:00")

    told = [(each["kind"], each["planned_at"]) for each in notices(baodi, ref=W50 + "wujia")]
    assert told == [("reminder", "2010-12-13T01:00:00Z")]
    told = [(each["kind"], each["planned_at"]) for each in notices(baodi, ref=W50 + "sifa")]
    assert told == [("reminder", "2010-12-13T01:00:00Z"), ("overdue", "2010-12-14T01:00:00Z")]
    assert "视同没有执法数据" in notices(baodi, ref=W50 + "sifa")[1]["text"]
    assert clock_of(baodi, W50 + "wujia", "submit")["status"] == "late"
    lines = lists(baodi)["returns/weekly_return/2010-W50"].splitlines()
    assert lines[3] == "逾期报送（视同没有执法数据）（1）：区物价局"
    assert lines[4].startswith("未报送（14）")
    office = [each for each in notices(baodi, body="bgs") if each["kind"] == "returns"]
    assert [each["recipient"] for each in office] == ["bgs.admin", "bgs.admin2"]
    assert lines[3] in office[0]["text"]
    assert flaws(baodi) == []


def test_what_never_came_may_be_counted_as_no_data_only_when_the_day_is_over(one: Workspace) -> None:
    advance(one, "2010-12-13T12:00")

    with pytest.raises(Refused):
        do(one, W50 + "wujia", "write_off", "bgs.admin")
    advance(one, "2010-12-14T12:00")
    do(one, W50 + "wujia", "write_off", "bgs.admin")

    assert one.reader.show(W50 + "wujia")["state"] == "no_data"
    assert clock_of(one, W50 + "wujia", "submit")["status"] == "breached"


def test_opening_is_once_for_a_body_and_period_whoever_comes_first(baodi: Workspace) -> None:
    set_clock(baodi, "2010-12-10T10:00")
    other = again(baodi)

    done = [Chores(each).run() for each in (baodi, other)]
    before = everything(baodi)
    Chores(again_closed := again(baodi)).run()
    again_closed.close()

    assert done[0] >= 1
    assert done[1] == 0
    assert everything(baodi) == before
    assert Counter(each["body"] for each in returns(baodi)) == dict.fromkeys(baodi.campaign.doc.roster, 1)
    other.close()


def test_nobody_takes_the_request_id_of_a_return_so_that_it_is_never_opened(baodi: Workspace) -> None:
    taken = Attach(
        ref="department_task/wujia", documents=(Document("organisation", "a.pdf", "0" * 64, 1),),
        request_id="return:weekly_return:2010-W50:wujia",
    )  # fmt: skip

    with pytest.raises(Invalid, match="the system's own"):
        baodi.engine.execute(taken, baodi.actor("wujia.liaison"))
    advance(baodi, "2010-12-10T12:00")

    assert W50 + "wujia" in {each["ref"] for each in returns(baodi)}


def test_missed_periods_are_opened_once_with_their_own_dates_and_nobody_is_showered(baodi: Workspace) -> None:
    set_clock(baodi, "2011-01-13T12:00")

    advance(baodi, "2011-01-13T12:00")

    periods = Counter((each["facts"]["series"], each["facts"]["period"]) for each in returns(baodi))
    assert set(periods.values()) == {15}
    assert sorted(period for code, period in periods if code == "weekly_return") == [
        "2010-W50", "2010-W51", "2010-W52", "2011-W01", "2011-W02",
    ]  # fmt: skip
    assert baodi.reader.show(W50 + "wujia")["opened_at"] == "2010-12-10T01:00:00Z"
    clock = clock_of(baodi, W50 + "wujia", "submit")
    assert (clock["status"], clock["breached_at"]) == ("breached", "2010-12-13T09:30:00Z")
    assert [each for each in notices(baodi) if (each["ref"] or "").startswith("periodic_return/")] == []
    assert set(lists(baodi)) >= {"returns/weekly_return/2011-W02", "returns/monthly_return/2011-01"}
    assert "returns/weekly_return/2011-W01" not in lists(baodi), "of several missed lists the last is enough"
    assert flaws(baodi) == []


def test_a_campaign_loaded_late_opens_what_is_still_due_and_nothing_older(db_url: str) -> None:
    workspace = begin(db_url, "baodi-2010", at="2010-12-20T10:00")

    advance(workspace, "2010-12-20T10:00")

    opened = {(each["facts"]["series"], each["facts"]["period"]) for each in returns(workspace)}
    assert opened == {("weekly_return", "2010-W51"), ("monthly_statistics", "2010-12")}
    workspace.close()


def test_silence_for_two_periods_running_is_told_once_a_period_and_zero_is_no_silence(baodi: Workspace) -> None:
    advance(baodi, "2010-12-13T12:00")
    for body in baodi.campaign.doc.roster:
        if body not in ("wujia", "sifa"):
            do(baodi, W50 + body, "report_zero", f"{body}.liaison")
    advance(baodi, "2010-12-20T12:00")
    for body in baodi.campaign.doc.roster:
        if body not in ("wujia", "fazhi"):
            do(baodi, W50.replace("W50", "W51") + body, "report_zero", f"{body}.liaison")

    advance(baodi, "2010-12-21T12:00")

    told = [each for each in notices(baodi) if each["kind"] == "silence"]
    assert [(each["recipient"], each["planned_at"]) for each in told] == [
        (login, "2010-12-21T01:00:00Z") for login in ("bgs.admin", "bgs.admin2", "lxz.chair")
    ]
    assert all("区物价局" in each["text"] and "区司法局" not in each["text"] for each in told)
    assert lists(baodi)["monitor/silent_weekly/2010-W51"].endswith("：区物价局")
    (found,) = findings(baodi)["items"]
    assert (found["monitor"], found["body"], found["since"]) == ("silent_weekly", "wujia", "2010-12-13T09:30:00Z")
    assert found["found_at"] == rfc3339(local("2010-12-21T09:00"))
    assert {each["recipient"] for each in found["told"]} == {"bgs.admin", "bgs.admin2", "lxz.chair"}
    assert found["refs"] == [W50 + "wujia", W50.replace("W50", "W51") + "wujia"]


def test_silence_ends_with_a_return_and_can_be_looked_back_at(baodi: Workspace) -> None:
    advance(baodi, "2010-12-21T12:00")

    do(baodi, W50.replace("W50", "W51") + "wujia", "report_zero", "wujia.liaison")

    assert "wujia" not in {each["body"] for each in findings(baodi)["items"]}
    then = findings(baodi, as_of=local("2010-12-21T11:00"))["items"]
    assert {each["body"] for each in then} == set(baodi.campaign.doc.roster)
    assert findings(baodi, body="sifa")["items"][0]["ref"] == W50.replace("W50", "W51") + "sifa"
    assert findings(baodi, as_of=local("2010-12-21T08:00"))["items"] == []


def test_the_monitors_of_the_campaign_are_declared_beside_those_of_its_machines(one: Workspace) -> None:
    found = {each["monitor"]: each for each in declared(one) if "never" not in each}

    of_cases = {"unreferred", "unaccepted", "unsigned", "uncopied", "undecided", "acquitted_in_custody"}
    assert {*of_cases, "silent_weekly", "silent_monthly"} == set(found)
    assert (found["silent_weekly"]["kind"], found["silent_weekly"]["for"]) == ("weekly_return", {"periods": 2})
    assert found["uncopied"]["mark"] == "P"
    assert history(one, "department_task/wujia")


def test_processes_that_open_at_the_same_moment_open_every_return_once(baodi: Workspace) -> None:
    set_clock(baodi, "2010-12-20T10:00")
    with others(baodi, 3) as racers:
        gate = Barrier(len(racers))

        def race(each: Workspace) -> int:
            gate.wait()
            return Chores(each).run()

        with ThreadPoolExecutor(len(racers)) as pool:
            done = list(pool.map(race, racers))
        done.append(Chores(baodi).run())

    assert sum(done) == len(sql(baodi.database, "select 1 from chore_done"))
    opened = Counter(each["body"] for each in returns(baodi))
    assert opened == dict.fromkeys(baodi.campaign.doc.roster, 3), "two weekly returns and the statistics"
    keys = sql(baodi.database, "select dedup from notice")
    assert len(keys) == len(set(keys))
    assert len([each for each in lists(baodi) if each.startswith("returns/weekly_return")]) == 1
    assert flaws(baodi) == []
