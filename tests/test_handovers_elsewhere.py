"""Hand-overs of the other machines: penalty to case and back, lead to department, task, item; and what a file may not say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from case_beginnings import FIVE
from commandline import Office
from world import advance, begin, do, flaws, open_one

from engine.definition import load_definition
from engine.errors import Invalid
from workflows.workspace import Workspace

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"
HANDLER, HEAD, POLICE = "gongshang.officer", "gongshang.head", "gongan.head"
MUST = {"must_transfer": True, "must_transfer_ground": "非法经营数额六万元"}


@pytest.fixture
def baodi(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url, "baodi-2010", at="2010-11-30T09:00")
    yield found
    assert flaws(found) == []
    found.close()


def told(workspace: Workspace, ref: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workspace.reader.show(ref)["handovers"]
    return found


def transferred(baodi: Workspace) -> tuple[str, str]:
    """A penalty case that goes to the police, and the criminal case opened for it."""
    ref = open_one(baodi, "penalty", HANDLER, "gongshang", infringement="c213").ref
    do(baodi, ref, "open", HEAD, docs="filing_form", officers=2)
    outcome = do(baodi, ref, "transfer_out", HEAD, docs="transfer_approval", **MUST)
    return ref, outcome.children[0]


def test_a_penalty_waits_until_the_police_have_the_package_of_its_case(baodi: Workspace) -> None:
    ref, case = transferred(baodi)
    before = told(baodi, ref)[0]["status"]
    advance(baodi, "2010-12-01T09:00")
    do(baodi, case, "form_task_force", HEAD, officers=2, **MUST)
    do(baodi, case, "submit_report", HANDLER, docs="team_report", seized_goods=False)
    do(baodi, case, "approve_transfer", HEAD, docs="approval_form")
    do(baodi, case, "send_package", HANDLER, docs=FIVE)

    do(baodi, case, "deliver_package", POLICE, docs="receipt")

    after = told(baodi, ref)[0]
    assert (before, after["status"]) == ("sent", "received")
    assert (after["from"], after["to"], after["received_at"]) == ("gongshang", "gongan", "2010-12-01T01:00:00Z")


def test_what_the_police_do_not_file_comes_back_to_the_penalty(baodi: Workspace) -> None:
    ref, case = transferred(baodi)
    do(baodi, case, "form_task_force", HEAD, officers=2, **MUST)
    do(baodi, case, "submit_report", HANDLER, docs="team_report", seized_goods=False)
    do(baodi, case, "approve_transfer", HEAD, docs="approval_form")
    do(baodi, case, "deliver_package", HANDLER, docs=FIVE + " receipt")
    do(baodi, case, "decline_filing", POLICE, docs="refusal_notice returned_files", reason="没有犯罪事实")

    do(baodi, case, "accept_not_filed", HEAD)

    assert told(baodi, ref)[0]["status"] == "returned"
    assert [each["status"] for each in told(baodi, case)] == ["returned", "received"]


def test_a_lead_goes_to_its_department_and_may_come_back(baodi: Workspace) -> None:
    ref = open_one(baodi, "lead", "bgs.admin", "bgs", channel="tel_12312", anonymous=True, content="售假").ref
    do(baodi, ref, "register", "bgs.admin", secrecy="open")
    do(baodi, ref, "assign", "bgs.admin", assignee="zhijian")
    waiting = [each["ref"] for each in baodi.reader.listed(waiting_for="zhijian", kind="lead")["items"]]
    do(baodi, ref, "refuse_assignment", "zhijian.head", right_organ="工商", reason="不属本局职责")
    do(baodi, ref, "assign", "bgs.admin", assignee="gongshang")
    do(baodi, ref, "start_check", HANDLER, officers=2)

    found = [(each["from"], each["to"], each["status"], each["reason"]) for each in told(baodi, ref)]
    assert found == [("bgs", "zhijian", "returned", "不属本局职责"), ("bgs", "gongshang", "received", None)]
    assert waiting == [ref]


def test_a_task_handed_down_waits_for_the_department_to_acknowledge_it(baodi: Workspace) -> None:
    before = told(baodi, "department_task/wujia")[0]

    do(baodi, "department_task/wujia", "acknowledge", "wujia.head")

    after = told(baodi, "department_task/wujia")[0]
    assert (before["from"], before["to"], before["status"]) == ("bgs", "wujia", "sent")
    assert (after["status"], after["received_by"]) == ("received", "wujia.head")


def test_show_and_list_tell_both_sides_what_is_on_its_way(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}", LANG="zh")
    assert office("init", "--rehearsal", "--at", "2010-11-25T15:00").code == 0
    page = office("show", "department_task/wujia").out
    rows = office("list", "--waiting-for", "wujia", "--kind", "department_task").rows
    everybody = office.json("list", "--kind", "department_task")["items"]

    assert "下达部门任务" in page and "已送出，待签收" in page
    assert [(row["ref"], row["waits"]) for row in rows] == [("department_task/wujia", "wujia")]
    assert {each["pending_handovers"][0]["to"] for each in everybody} == {each["body"] for each in everybody}
    assert office("list", "--waiting-for", "nobody").code == 7


FAULTS = {
    "unknown_role": ("to: police, receipt: receipt, received", "to: polise, receipt: receipt, received"),
    "enclosure_not_needed": ("encloses: [recon_request]", "encloses: [recon_request, judgment]"),
    "never_received": ("received_on: [open_trial]", "received_on: [judge]"),
    "no_receipt": ("receipt: handover_list, encloses", "encloses"),
    "fact_type": ("received_fact: police_received_at", "received_fact: goods_value"),
    "unknown_deadline": ("receiver_clocks: [goods]", "receiver_clocks: [gods]"),
}


@pytest.mark.parametrize("code", FAULTS)
def test_a_faulty_hand_over_is_told_with_its_place(code: str) -> None:
    old, new = FAULTS[code]
    text = (WORKFLOWS / "case.yaml").read_text("utf-8")
    assert old in text

    with pytest.raises(Invalid) as caught:
        load_definition(text.replace(old, new, 1), "case.yaml")

    problem = next(each for each in caught.value.problems if each.code == code)
    assert problem.line > text[: text.index("handovers:")].count("\n") and problem.column > 0
