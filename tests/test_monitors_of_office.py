"""The monitors that come with the machines of the office find what they are there for."""

from collections.abc import Iterator
from typing import Any

import pytest
from penalty_scenarios import CRIME_FOUND, SERVED
from scenarioplay import Play
from world import advance, begin, do, flaws, local, notices, open_one

from engine.clock import rfc3339
from scheduler.lookout import findings
from workflows.workspace import Workspace

OFFICE = {"bgs.admin", "bgs.admin2"}
PACKAGE = "transfer_letter investigation_report goods_list appraisal other_material receipt"


@pytest.fixture
def baodi(sqlite_url: str) -> Iterator[Workspace]:
    found = begin(sqlite_url, "baodi-2010")
    yield found
    found.close()


def told(workspace: Workspace, ref: str) -> dict[str, set[str]]:
    """Who was told of findings of a matter, by instant."""
    found: dict[str, set[str]] = {}
    for each in notices(workspace, ref=ref):
        if each["kind"] == "finding":
            found.setdefault(each["planned_at"], set()).add(each["recipient"])
    return found


def standing(workspace: Workspace, ref: str) -> list[str]:
    return [each["monitor"] for each in findings(workspace, ref=ref)["items"]]


def case(workspace: Workspace, **facts: Any) -> str:
    over = {"threshold_met": True, "must_transfer": True, "must_transfer_ground": "达到追诉标准"}
    return open_one(workspace, "case", "gongshang.officer", infringement="c214", **{**over, **facts}).ref


def on_its_way(workspace: Workspace, ref: str) -> None:
    found = {"on_site": True, "clearly_over": True, "officers": 2, "must_transfer_ground": "现场查获"}
    do(workspace, ref, "immediate_transfer", "gongshang.head", docs="approval_form", **found)


def test_a_case_over_the_threshold_that_is_not_transferred_is_told_to_procuratorate_and_office(
    baodi: Workspace,
) -> None:
    ref = case(baodi)

    advance(baodi, "2010-11-30T10:00")

    at = rfc3339(local("2010-11-30T09:00"))  # the third day is a Sunday
    assert told(baodi, ref) == {at: {*OFFICE, "jianchayuan.officer"}}
    assert standing(baodi, ref) == ["unreferred"]
    text = next(each["text"] for each in notices(baodi, ref=ref) if each["kind"] == "finding")
    assert "国务院令第310号" in text and "2010-11-25 15:00" in text


def test_a_case_that_is_transferred_in_time_or_later_is_no_finding_any_more(baodi: Workspace) -> None:
    in_time, later = case(baodi), case(baodi)
    on_its_way(baodi, in_time)
    do(baodi, in_time, "deliver_package", "gongshang.officer", docs=PACKAGE)

    advance(baodi, "2010-11-30T10:00")
    found = standing(baodi, later)
    on_its_way(baodi, later)
    do(baodi, later, "deliver_package", "gongshang.officer", docs=PACKAGE)

    assert told(baodi, in_time) == {}
    assert (found, standing(baodi, later)) == (["unreferred"], [])
    assert flaws(baodi) == []


def test_a_case_below_the_threshold_is_not_watched(baodi: Workspace) -> None:
    ref = open_one(baodi, "case", "gongshang.officer", infringement="c214", threshold_met=False).ref

    advance(baodi, "2010-12-10T10:00")

    assert told(baodi, ref) == {}


def test_a_package_that_the_police_do_not_accept_is_told_after_a_day_to_the_hour(baodi: Workspace) -> None:
    ref = case(baodi, threshold_met=False, must_transfer=True)
    on_its_way(baodi, ref)
    do(baodi, ref, "refuse_to_accept", "gongshang.officer", reason="称材料不全")

    advance(baodi, "2010-11-26T15:00")

    assert told(baodi, ref) == {rfc3339(local("2010-11-26T15:00")): {*OFFICE, "jianchayuan.officer", "gongan.head"}}
    assert standing(baodi, ref) == ["unaccepted"]


def test_a_document_that_nobody_signs_for_is_told_to_the_office(baodi: Workspace) -> None:
    ref = case(baodi)
    on_its_way(baodi, ref)
    do(baodi, ref, "deliver_package", "gongshang.officer", docs=PACKAGE)
    do(baodi, ref, "file_case", "gongan.head", docs="filing_notice")

    advance(baodi, "2010-12-01T10:00")
    found = standing(baodi, ref)
    do(baodi, ref, "sign_receipt", "gongshang.officer")

    assert set(told(baodi, ref)) == {rfc3339(local("2010-12-01T09:00"))}
    assert (found, standing(baodi, ref)) == (["unsigned"], [])


def test_a_penalty_decision_that_is_not_copied_counts_from_the_decision(sqlite_url: str) -> None:
    play = Play(sqlite_url)
    play.run("penalty", "gongshang", [*SERVED, CRIME_FOUND])
    desk, decided = play.desk, rfc3339(local("2010-12-21T10:00"))

    advance(desk, "2011-01-05T10:00")

    assert told(desk, play.ref) == {
        rfc3339(local("2011-01-04T09:00")): {*OFFICE, "gongan.officer", "jianchayuan.officer"}
    }
    (found,) = findings(desk, ref=play.ref)["items"]
    assert (found["since"], found["mark"]) == (decided, "P")
    desk.close()


def test_a_lead_without_a_decision_is_told_after_fifteen_working_days(baodi: Workspace) -> None:
    ref = open_one(baodi, "lead", "bgs.admin", "gongshang", channel="letter", anonymous=True, content="反映售假").ref
    do(baodi, ref, "register", "bgs.admin", secrecy="open")
    do(baodi, ref, "assign", "bgs.admin")
    do(baodi, ref, "start_check", "gongshang.officer", officers=2)

    advance(baodi, "2010-12-17T10:00")
    found = standing(baodi, ref)
    do(baodi, ref, "dismiss", "gongshang.head", reason="查无实据")

    assert set(told(baodi, ref)) == {rfc3339(local("2010-12-17T09:00"))}
    assert (found, standing(baodi, ref)) == (["undecided"], [])
