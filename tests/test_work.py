"""My work: what stands first can be done now, the rest says what it waits for, and each number is that of its list."""

from typing import Any

import pytest
import world

from engine.lists import Page
from engine.serving_acts import steps
from engine.sight import sight_of
from engine.work import GROUPS, WorkDesk
from workflows.workspace import Workspace

TASK = "department_task/wujia"
FIGURES = "returns_received returns_missing person_times premises cases_filed cases_closed transferred dens"


@pytest.fixture
def begun(baodi: Workspace) -> Workspace:
    """One department carries out its plan, the others have not acknowledged their tasks yet."""
    world.do(baodi, TASK, "acknowledge", "wujia.head")
    world.do(baodi, TASK, "submit_plan", "wujia.head", docs="own_plan organisation")
    world.do(baodi, TASK, "submit_self_check", "wujia.head", docs="self_check_report", problems_found=1)
    return baodi


def group(workspace: Workspace, login: str, code: str) -> list[dict[str, Any]]:
    actor = workspace.actor(login)
    desk = WorkDesk(workspace.reader.seen_by(sight_of(workspace.campaign, actor)))
    found: list[dict[str, Any]] = desk.group(code, actor, Page("urgency"))["items"]
    return found


def test_who_can_only_stand_by_is_told_what_is_waited_for_until_there_is_something_to_do(begun: Workspace) -> None:
    for login in ("wujia.head", "wujia.liaison", "wujia.officer"):
        assert TASK not in {each["ref"] for each in group(begun, login, "act")}
        (held,) = [each for each in group(begun, login, "waiting") if each["ref"] == TASK]
        assert [way["trigger"] for way in held["why"]["ways"]] == ["begin_summary"]
        assert held["why"]["ways"][0]["roles"][0]["zh"] == "系统"

    world.advance(begun, "2011-03-01T10:00")

    assert TASK in {each["ref"] for each in group(begun, "wujia.head", "act")}
    assert TASK not in {each["ref"] for each in group(begun, "wujia.head", "waiting")}


def test_a_receipt_waits_for_who_may_give_it_and_the_others_of_the_body_see_for_whom(begun: Workspace) -> None:
    ref = "department_task/xwcb"
    assert ref in {each["ref"] for each in group(begun, "xwcb.head", "receipt")}

    for login in ("xwcb.liaison", "xwcb.officer", "xwcb.legal"):
        assert ref not in {each["ref"] for each in group(begun, login, "receipt")}
        (held,) = [each for each in group(begun, login, "waiting") if each["ref"] == ref]
        assert [(way["trigger"], way["roles"][0]["zh"]) for way in held["why"]["ways"]] == [
            ("acknowledge", "部门主要负责人")
        ]


def test_what_only_somebody_else_may_do_now_says_why_and_stands_after_the_rest(baodi: Workspace) -> None:
    ref = world.open_one(baodi, "bulletin", "bgs.admin", title="第一期").matter.ref
    world.do(baodi, ref, "draft", "bgs.admin", docs="draft", **dict.fromkeys(FIGURES.split(), 0))

    mine = group(baodi, "bgs.admin", "act")
    assert mine[-1]["ref"] == ref
    (against,) = mine[-1]["why"]["against"]
    assert against["kind"] == "distinct"
    assert not any(each["why"]["against"] for each in mine[:-1])
    (other,) = [each for each in group(baodi, "bgs.head", "act") if each["ref"] == ref]
    assert other["why"]["against"] == []


def test_whatever_stands_under_to_act_on_leaves_its_reader_a_step_of_the_work(begun: Workspace) -> None:
    seen = 0
    for login in begun.people.rehearsal:
        actor = begun.actor(login)
        for each in group(begun, login, "act"):
            possible = [one["trigger"] for one in begun.reader.can(each["ref"], actor)["possible"]]
            assert steps(begun.campaign.kind(each["kind"]), possible, each["state"]), (login, each["ref"])
            seen += 1
    assert seen > 20


@pytest.mark.parametrize(
    "login", ["xwcb.head", "xwcb.liaison", "gongshang.legal", "wujia.head", "bgs.admin", "auditor"]
)
def test_each_number_is_that_of_its_list(begun: Workspace, login: str) -> None:
    actor = begun.actor(login)
    desk = WorkDesk(begun.reader.seen_by(sight_of(begun.campaign, actor)))
    found = {each["code"]: each for each in desk.of(actor, 500)["groups"]}

    assert list(found) == list(GROUPS)
    for code, each in found.items():
        whole = desk.group(code, actor, Page("urgency"))
        assert each["count"] == len(each["items"]) == whole["total"] == len(whole["items"])
    refs = [{one["ref"] for one in found[code]["items"]} for code in ("act", "receipt", "waiting")]
    assert len(refs[0] | refs[1] | refs[2]) == sum(map(len, refs))


def test_the_roles_that_are_named_are_those_which_the_reader_holds_for_this_matter(baodi: Workspace) -> None:
    ref = world.open_one(baodi, "case", "gongshang.officer", title="皮具案", infringement="c213").matter.ref
    no = {"threshold_met": False, "must_transfer": False, "must_transfer_ground": "数额未达追诉标准"}
    world.do(baodi, ref, "route_administrative", "gongshang.head", **no)

    (mine,) = [each for each in group(baodi, "jianchayuan.head", "act") if each["ref"] == ref]
    assert [role["code"] for role in mine["why"]["roles"]] == ["proc"]
