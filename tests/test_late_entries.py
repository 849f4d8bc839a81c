"""An act has three times: when it happened, when it was recorded, and when it was approved; each is told apart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import Office
from world import advance, attach, begin, clock_of, do, fire, flaws, history, local, open_one, set_clock

from engine.clock import rfc3339, to_us
from engine.lookout import late_entries
from scheduler.ledger import Ledger
from scheduler.statistics import entered_late, kept, returns_made
from workflows.workspace import Workspace

W50 = "periodic_return/weekly_return/2010-W50/"


@pytest.fixture
def baodi(db_url: str) -> Iterator[Workspace]:
    """Give the Baodi campaign an hour before the first weekly returns are opened, on each system in turn."""
    found = begin(db_url, "baodi-2010", at="2010-12-10T08:00")
    yield found
    found.close()


def summary_of(workspace: Workspace) -> dict[str, Any]:
    about = {"campaign": "baodi-2010", "people": "nobody", "seed": 1, "cases": 0}
    return Ledger(workspace).draw(about, (0, []), workspace.clock.now())[0]


def test_an_act_entered_more_than_a_day_after_it_happened_is_a_late_entry(baodi: Workspace) -> None:
    advance(baodi, "2010-12-14T10:00")

    late = do(baodi, W50 + "wujia", "report_zero", "wujia.liaison", occurred="2010-12-13T09:59")
    hardly = do(baodi, W50 + "sifa", "report_zero", "sifa.liaison", occurred="2010-12-13T10:00")

    assert late.as_json()["entry"]["late_entry"] is True
    assert hardly.as_json()["entry"]["late_entry"] is False
    found = [each for each in history(baodi, W50 + "wujia") if each["late_entry"]]
    assert [(each["trigger"], each["occurred_at"]) for each in found] == [("report_zero", "2010-12-13T01:59:00Z")]
    with baodi.database.snapshot() as tx:
        assert entered_late(late_entries(tx, baodi.campaign)) == {"wujia": 1}
    assert flaws(baodi) == []


def test_what_time_did_while_nobody_looked_is_no_late_entry(baodi: Workspace) -> None:
    set_clock(baodi, "2010-12-20T10:00")

    advance(baodi, "2010-12-20T10:00")

    assert [each for each in history(baodi, "department_task/wujia") if each["late_entry"]] == []
    assert [each for each in history(baodi, W50 + "wujia") if each["late_entry"]] == []
    with baodi.database.snapshot() as tx:
        assert late_entries(tx, baodi.campaign) == []


def test_a_campaign_without_the_rule_has_no_late_entries(workspace: Workspace) -> None:
    set_clock(workspace, "2010-11-10T10:00")

    do(workspace, "errand/alpha", "take", "alpha.liaison", occurred="2010-11-02T10:00")

    assert {each["late_entry"] for each in history(workspace, "errand/alpha")} == {False}
    with workspace.database.snapshot() as tx:
        assert late_entries(tx, workspace.campaign) == []


def test_on_time_is_counted_by_the_act_and_by_the_record(baodi: Workspace) -> None:
    advance(baodi, "2010-12-14T10:00")
    do(baodi, W50 + "wujia", "report_zero", "wujia.liaison", occurred="2010-12-13T09:00")
    do(baodi, W50 + "sifa", "report_zero", "sifa.liaison")

    with baodi.database.snapshot() as tx:
        pairs = baodi.reader.matters(tx, kind="periodic_return")
    made = returns_made(baodi.campaign, pairs, to_us(baodi.clock.now()))["weekly_return"]
    summary = summary_of(baodi)

    assert kept(baodi.campaign, pairs, "wujia") == {"by_act": 1, "by_record": 0, "of": 1}
    assert kept(baodi.campaign, pairs, "sifa") == {"by_act": 0, "by_record": 0, "of": 1}
    assert (made["wujia"]["on_time"], made["wujia"]["on_time_by_record"], made["wujia"]["zero"]) == (1, 0, 1)
    assert (made["sifa"]["late"], made["sifa"]["zero"], made["sifa"]["missing"]) == (1, 1, 0)
    assert made["fazhi"] == {
        "owed": 1,
        "on_time": 0,
        "on_time_by_record": 0,
        "zero": 0,
        "late": 0,
        "missing": 1,
        "open": 0,
    }
    assert summary["totals"]["returns"]["weekly_return"]["owed"] == 15
    assert summary["totals"]["late_entries"] == 1
    (wujia,) = [each for each in summary["departments"] if each["body"] == "wujia"]
    assert (wujia["late_entries"], wujia["returns"]["on_time"], wujia["returns"]["missing"]) == (1, 1, 0)


def test_a_return_that_is_not_due_is_neither_missing_nor_made(baodi: Workspace) -> None:
    advance(baodi, "2010-12-13T12:00")

    (wujia,) = [each for each in summary_of(baodi)["departments"] if each["body"] == "wujia"]

    assert wujia["returns"] == {
        "owed": 1, "on_time": 0, "on_time_by_record": 0, "zero": 0, "late": 0, "missing": 0, "open": 1,
    }  # fmt: skip


def test_a_transfer_is_approved_when_the_head_approved_it_and_so_is_its_form(baodi: Workspace) -> None:
    ref = open_one(baodi, "case", "gongshang.officer", infringement="c214").ref
    team = {"officers": 2, "must_transfer": True, "must_transfer_ground": "达到标准"}
    do(baodi, ref, "form_task_force", "gongshang.head", **team)
    do(baodi, ref, "submit_report", "gongshang.officer", docs="team_report")
    set_clock(baodi, "2010-12-10T16:00")

    before = baodi.reader.show(ref)["approved_at"]
    do(baodi, ref, "approve_transfer", "gongshang.head", docs="approval_form", occurred="2010-12-10T15:00")

    shown = baodi.reader.show(ref)
    papers = {each["kind"]: each["approved_at"] for each in shown["documents"]}
    assert before is None
    assert shown["approved_at"] == rfc3339(local("2010-12-10T15:00"))
    assert papers == {"approval_form": shown["approved_at"], "team_report": None}
    assert baodi.reader.show(ref, as_of=local("2010-12-10T15:30"))["approved_at"] is None


def test_a_form_brought_after_the_approval_is_not_approved(baodi: Workspace) -> None:
    ref = open_one(baodi, "case", "gongshang.officer", infringement="c214").ref
    facts = {"on_site": True, "clearly_over": True, "officers": 2, "must_transfer_ground": "现场查获"}
    do(baodi, ref, "immediate_transfer", "gongshang.head", docs="approval_form", **facts)

    attach(baodi, ref, "gongshang.head", "approval_form")

    shown = baodi.reader.show(ref)
    assert shown["approved_at"] is not None
    assert [each["approved_at"] for each in shown["documents"]] == [None]


def test_an_accepted_return_is_approved_and_a_machine_without_approvals_says_none(baodi: Workspace) -> None:
    advance(baodi, "2010-12-13T10:00")
    do(baodi, W50 + "wujia", "report_zero", "wujia.liaison")

    do(baodi, W50 + "wujia", "accept", "bgs.admin")

    assert baodi.reader.show(W50 + "wujia")["approved_at"] == rfc3339(baodi.clock.now())
    assert baodi.reader.show("department_task/wujia")["approved_at"] is None


def test_the_history_marks_a_late_entry_in_words(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'baodi.db'}")
    office("init", "--rehearsal")
    office("clock", "advance", "--to", "2010-11-29T10:00")
    acknowledged = ("do", "department_task/wujia", "acknowledge", "--occurred", "2010-11-26T10:00")

    office("--as", "wujia.head", *acknowledged)

    assert "〔补录〕" in office("history", "department_task/wujia").out
    assert "[late entry]" in office("--lang", "en", "history", "department_task/wujia").out


def test_the_report_gives_the_figures_of_every_body_now_and_as_they_were(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'baodi.db'}")
    office("init", "--rehearsal", "--at", "2010-12-10T08:00")
    office("clock", "advance", "--to", "2010-12-15T10:00")
    office("--as", "wujia.liaison", "do", W50 + "wujia", "report_zero", "--occurred", "2010-12-13T09:00")

    said = office("--json", "report", "statistics").json
    rows = {row["body"]: row for row in office("report", "statistics").rows}
    then = office("--json", "report", "statistics", "--as-of", "2010-12-14T10:00").json

    wujia = next(each for each in said["rows"] if each["body"] == "wujia")
    assert (said["as_of"], said["late_entries"]) == ("2010-12-15T02:00:00Z", 1)
    assert (wujia["returns"]["on_time"], wujia["returns"]["on_time_by_record"]) == (1, 0)
    assert said["returns"]["weekly_return"]["missing"] == 14
    assert (rows["wujia"]["zero"], rows["wujia"]["late_entries"], rows["sifa"]["missing"]) == ("1", "1", "1")
    assert (then["late_entries"], then["returns"]["weekly_return"]["missing"]) == (0, 15)


def test_a_pause_said_to_have_come_before_it_does_not_save_a_deadline_that_is_over(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    set_clock(workspace, "2010-11-06T10:00")

    do(workspace, "errand/alpha", "pause", "alpha.head", reason="x", occurred="2010-11-04T20:00")
    fire(workspace, "2010-11-06T10:01")
    do(workspace, "errand/alpha", "resume", "alpha.head")

    clock = clock_of(workspace, "errand/alpha", "answer")
    assert (clock["status"], clock["last_day"]) == ("breached", "2010-11-04")
    assert flaws(workspace) == []


def test_the_same_days_are_not_paused_twice(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    set_clock(workspace, "2010-11-04T20:00")
    days = []

    for _ in range(3):
        do(workspace, "errand/alpha", "pause", "alpha.head", docs="report", reason="x", occurred="2010-11-01T10:00")
        do(workspace, "errand/alpha", "resume", "alpha.head")
        days.append(clock_of(workspace, "errand/alpha", "answer")["last_day"])

    assert days == ["2010-11-09"] * 3
    assert flaws(workspace) == []


def test_a_pause_dated_back_gives_no_time_without_a_document_of_it(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    set_clock(workspace, "2010-11-04T20:00")

    do(workspace, "errand/alpha", "pause", "alpha.head", reason="x", occurred="2010-11-01T10:00")
    do(workspace, "errand/alpha", "resume", "alpha.head")

    assert clock_of(workspace, "errand/alpha", "answer")["last_day"] == "2010-11-04"
    assert flaws(workspace) == []
