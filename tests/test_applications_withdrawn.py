"""An application for an extension taken back by the body that made it: the old day stands, and another may be made."""

from collections.abc import Iterator

import pytest
from applications import ask, supervised, why_not
from world import begin, clock_of, do, flaws, notices, set_clock

from workflows.workspace import Workspace

TASK = "department_task/wujia"
ASKED = {"requested_until": "2010-12-03", "reason": "班子调整"}


@pytest.fixture
def baodi(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url, "baodi-2010", at="2010-11-25T15:00")
    yield found
    assert flaws(found) == []
    found.close()


def test_an_application_that_nobody_decides_is_withdrawn_and_another_made(baodi: Workspace) -> None:
    asked = {"docs": "extension_request", **ASKED}
    none = why_not(baodi, lambda: do(baodi, TASK, "withdraw_extension", "wujia.head", reason="无"))
    do(baodi, TASK, "request_extension", "wujia.head", **asked)
    by_office = why_not(baodi, lambda: do(baodi, TASK, "withdraw_extension", "bgs.admin", reason="代为撤回"))
    mute = why_not(baodi, lambda: do(baodi, TASK, "withdraw_extension", "wujia.head"))

    do(baodi, TASK, "withdraw_extension", "wujia.head", reason="改期重报")
    withdrawn = baodi.reader.show(TASK)
    do(baodi, TASK, "request_extension", "wujia.head", **asked)
    do(baodi, TASK, "extend", "bgs.admin", extended_until="2010-12-03", reason="同意")

    assert (none.code, by_office.exit_code, mute.code) == ("guard", 5, "guard")
    assert (withdrawn["handovers"][-1]["status"], withdrawn["handovers"][-1]["reason"]) == ("returned", "改期重报")
    assert {each["body"] for each in withdrawn["waits_for"]} == {"wujia"}
    assert "bgs.admin" in [each["recipient"] for each in notices(baodi, ref=TASK) if "撤回延期申请" in each["text"]]
    assert clock_of(baodi, TASK, "plan")["last_day"] == "2010-12-03"


def test_an_application_left_over_from_an_earlier_stage_is_withdrawn_in_a_later_one(baodi: Workspace) -> None:
    do(baodi, TASK, "request_extension", "wujia.head", docs="extension_request", **ASKED)
    do(baodi, TASK, "acknowledge", "wujia.head")
    do(baodi, TASK, "submit_plan", "wujia.head", docs="own_plan organisation")
    blocked = why_not(
        baodi, lambda: do(baodi, TASK, "request_extension", "wujia.head", docs="extension_request", **ASKED)
    )

    do(baodi, TASK, "withdraw_extension", "wujia.head", reason="方案已报")
    do(baodi, TASK, "request_extension", "wujia.head", docs="extension_request", **ASKED)

    assert blocked.code == "guard"


def test_a_supervised_body_takes_its_application_back_and_goes_on_or_is_overdue(baodi: Workspace) -> None:
    ref = supervised(baodi)
    ask(baodi, ref)

    do(baodi, ref, "withdraw_extension", "wujia.head", reason="可按期完成")
    going_on = baodi.reader.show(ref)["state"]
    ask(baodi, ref)
    set_clock(baodi, "2010-12-11T00:00")
    do(baodi, ref, "withdraw_extension", "wujia.head", reason="不再申请")

    assert (going_on, baodi.reader.show(ref)["state"]) == ("in_progress", "overdue")
