"""What was past when it was told: breached as of its own date, without a shower of reminders; one list for the office."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from case_beginnings import HANDING, HANDLER, Step, step, wait
from production import TUESDAY, Watch
from scenarioplay import Play
from world import (
    SILENT,
    advance,
    begin,
    clock_of,
    do,
    everything,
    fire,
    flaws,
    history,
    notices,
    open_one,
    set_clock,
    sql,
    statuses,
)

from engine.errors import Invalid
from scheduler.turn import Turn
from workflows.workspace import Workspace

MID_FLIGHT = "2011-01-10T10:00"
"""A Monday: two of the four dates of the campaign are past."""

PAST = {"plan": ("2010-11-26", "2010-11-26T16:00:00Z"), "self_check_report": ("2010-12-10", "2010-12-10T16:00:00Z")}


@pytest.fixture
def late(db_url: str) -> Iterator[Workspace]:
    workspace = begin(db_url, "baodi-2010", at=MID_FLIGHT)
    yield workspace
    workspace.close()


def deadlines(workspace: Workspace, kind: str) -> list[dict[str, Any]]:
    return [each for each in workspace.reader.deadlines()["items"] if each["ref"].startswith(kind + "/")]


def told_of(workspace: Workspace, *codes: str) -> list[dict[str, Any]]:
    """The notices that deadlines of these codes have sent."""
    ids = {each["id"] for each in workspace.reader.deadlines()["items"] if each["code"] in codes}
    return [each for each in notices(workspace) if each["deadline"] in ids]


def test_dates_already_past_at_the_loading_are_breached_as_of_their_own_day(late: Workspace) -> None:
    found = deadlines(late, "department_task")

    for code, (last_day, at) in PAST.items():
        of_code = [each for each in found if each["code"] == code]
        assert len(of_code) == 15
        assert {(each["status"], each["last_day"], each["breached_at"]) for each in of_code} == {
            ("breached", last_day, at)
        }
    assert {each["status"] for each in found if each["code"] == "summary"} == {"running"}
    assert {each["status"] for each in deadlines(late, "duty") if each["code"] == "carry_out"} == {"running"}
    assert late.reader.show("department_task/wujia")["light"] == "red"
    assert flaws(late) == []


def test_the_office_gets_one_summary_of_everything_past_and_nobody_a_reminder(late: Workspace) -> None:
    summaries = [each for each in notices(late) if each["kind"] == "late_load"]

    assert sorted(each["recipient"] for each in summaries) == ["bgs.admin", "bgs.admin2"]
    lines = [line for line in summaries[0]["text"].splitlines() if line.startswith("department_task/")]
    owed = [(body, last_day) for body in late.campaign.doc.roster for last_day, _ in PAST.values()]
    assert sorted((line.split()[0], line.split()[-1]) for line in lines) == sorted(
        (f"department_task/{body}", last_day) for body, last_day in owed
    )
    assert {each["kind"] for each in notices(late)} == {"late_load", "handover"}
    assert min(each["planned_at"] for each in notices(late)) == "2011-01-10T02:00:00Z"


def test_nothing_that_was_past_at_the_loading_is_ever_sent_afterwards(late: Workspace) -> None:
    advance(late, "2011-03-02T10:00")

    assert told_of(late, *PAST) == []
    assert [each["planned_at"] for each in notices(late) if each["planned_at"] < "2011-01-10T02:00:00Z"] == []
    milestones = {each["subject"] for each in notices(late) if each["kind"] == "milestone"}
    assert milestones == {"【阶段通报】工作职责落实情况（2011-02-28）"}
    periods = {
        period for (period,) in sql(late.database, "select period from chore_done where code = 'open:weekly_return'")
    }
    assert min(periods) == "2011-W02", "due at half past five of the day of the loading"


def test_what_is_still_to_come_of_a_ladder_comes_after_a_late_loading(sqlite_url: str) -> None:
    late = begin(sqlite_url, "baodi-2010", at="2010-12-09T12:00")

    advance(late, "2010-12-31T10:00")

    levels = {(each["level"], each["planned_at"][:10]) for each in told_of(late, "plan")}
    assert levels == {(5, "2010-12-10"), (6, "2010-12-17")}
    late.close()


def test_loading_again_says_nothing_again(late: Workspace) -> None:
    before = everything(late)

    begin(late.database.url.render_as_string(hide_password=False), "baodi-2010", at="2011-01-20T10:00").close()

    assert everything(late) == before


def test_production_takes_a_campaign_that_is_over_only_as_a_late_load(db_url: str) -> None:
    with pytest.raises(Invalid, match="--late") as refused:
        begin(db_url, "baodi-2010", rehearsal=False)
    assert refused.value.code == "ended"

    late = begin(db_url, "baodi-2010", rehearsal=False, late=True, clock=Watch(TUESDAY - timedelta(hours=3)))

    dated = [each for each in late.reader.deadlines()["items"] if each["code"] not in ("acknowledge", "summary_start")]
    assert {each["status"] for each in dated} == {"breached"}
    assert {each["breached_at"][:10] for each in dated} == {"2010-11-26", "2010-12-10", "2011-02-28", "2011-03-31"}
    said = Turn(late, SILENT).run()
    assert (said["fired"], said["failed"]) == (0, 0)
    assert [each["kind"] for each in notices(late) if each["kind"] != "handover"] == ["late_load"]
    assert {each["status"] for each in notices(late) if each["urgent"]} == {"sent"}, "the others keep to office hours"
    late.close()


def test_an_act_told_later_starts_its_clock_when_it_happened(workspace: Workspace) -> None:
    set_clock(workspace, "2010-11-10T11:00")
    told = open_one(workspace, "errand", "bgs.admin", "alpha", ref="errand/late", occurred="2010-11-08T10:00")

    assert told.as_json()["matter"]["opened_at"] == "2010-11-08T02:00:00Z"
    clock = clock_of(workspace, "errand/late", "answer")
    assert (clock["started_at"], clock["last_day"], clock["status"]) == (
        "2010-11-08T02:00:00Z",
        "2010-11-11",
        "running",
    )
    entry = history(workspace, "errand/late")[0]
    assert (entry["occurred_at"], entry["recorded_at"]) == ("2010-11-08T02:00:00Z", "2010-11-10T03:00:00Z")

    advance(workspace, "2010-11-11T10:00")

    levels = [each["level"] for each in notices(workspace, ref="errand/late")]
    assert levels == [1], "the reminder of the 10th at nine was past when the errand was told of"


def test_an_act_so_long_ago_that_its_date_is_past_is_breached_then_without_a_word(workspace: Workspace) -> None:
    set_clock(workspace, "2010-12-01T10:00")

    open_one(workspace, "errand", "bgs.admin", "alpha", ref="errand/old", occurred="2010-11-01T10:00")

    clock = clock_of(workspace, "errand/old", "answer")
    assert (clock["status"], clock["breached_at"]) == ("breached", "2010-11-04T16:00:00Z")
    advance(workspace, "2010-12-20T10:00")
    assert notices(workspace, ref="errand/old") == []
    do(workspace, "errand/old", "take", "alpha.liaison")
    assert statuses(workspace, "errand/old") == {"answer": "breached"}
    assert flaws(workspace) == []


def test_the_police_count_three_days_from_their_receipt_and_not_from_its_record(sqlite_url: str) -> None:
    receipt: Step = step("03T16:00", HANDLER, "deliver_package", "accepted",
                         "transfer_letter investigation_report goods_list appraisal other_material receipt")  # fmt: skip
    play = Play(sqlite_url)
    play.run("case", "gongshang", [*HANDING, wait("05T12:00", "handing_over")])

    play.order(receipt, "case", "gongshang")

    clock = next(each for each in play.shown()["deadlines"] if each["code"] == "review")
    assert (clock["owner"], clock["started_at"], clock["last_day"]) == ("gongan", "2010-12-03T08:00:00Z", "2010-12-06")
    handover = next(each for each in play.shown()["deadlines"] if each["code"] == "handover")
    assert (handover["status"], handover["stopped_at"]) == ("met", "2010-12-03T08:00:00Z"), "it was in time"
    assert handover["breached_at"] == "2010-12-04T02:00:00Z", "that nobody knew of it in time stays on record"


def test_a_receipt_recorded_now_begins_the_count_anew_and_one_before_the_beginning_is_refused(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison").ref
    fire(rich, "2010-11-03T10:00")
    do(rich, ref, "receive", "alpha.liaison", received_at="2010-11-02T17:00:00+08:00")

    clock = clock_of(rich, ref, "reply")
    assert (clock["started_at"], clock["last_day"]) == ("2010-11-02T09:00:00Z", "2010-11-07")
    assert [step["step"] for step in clock["derivation"]][-2:] == ["rebased", "now"]

    with pytest.raises(Invalid) as refused:
        do(rich, ref, "receive", "alpha.liaison", received_at="2010-10-10T09:00:00+08:00")

    assert refused.value.code == "before_opening"
    assert clock_of(rich, ref, "reply")["last_day"] == "2010-11-07"
    assert flaws(rich) == []
