"""What somebody who looks after personal data learns and takes of others: no more than his post shows him."""

from collections.abc import Iterator
from datetime import date

import pytest
import world
from test_privacy import LATER, REF, desk, refused
from visitor import visiting
from world import do, open_one, sql

from engine.masking import MASK
from engine.right_desk import RightDesk
from workflows.workspace import Workspace


@pytest.fixture
def rich(sqlite_url: str) -> Iterator[Workspace]:
    workspace = world.begin(sqlite_url, "rich")
    open_one(workspace, "probe", "alpha.liaison", reporter="李四", size=3)
    do(workspace, REF, "abandon", "alpha.liaison")
    world.set_clock(workspace, LATER)
    yield workspace
    workspace.close()


def rights(workspace: Workspace, login: str) -> RightDesk:
    actor = workspace.actor(login)
    return RightDesk(workspace.engine, actor, workspace.sight(actor))


def answered(workspace: Workspace, person: str, ref: str | None = None) -> None:
    asked = rights(workspace, "bgs.admin").enter("explain", person, date(2021, 1, 30), f"{person}来电", ref)["right"]
    rights(workspace, "bgs.admin").answer(asked["id"], "granted", "已说明")


def test_the_head_of_a_body_learns_of_no_person_who_asked_about_other_matters_and_takes_nothing_of_it(
    rich: Workspace,
) -> None:
    answered(rich, "王小二")
    answered(rich, "王小二", REF)
    head, office = desk(rich, "alpha.head"), desk(rich, "bgs.admin")

    def places(of: str, text: str) -> list[str]:
        return [each["place"] for each in desk(rich, of).preview(REF, [], text)["items"]]

    assert places("alpha.head", "王小二") == ["privacy/rich-2010#3:person", "privacy/rich-2010#3:reason"]
    assert len(places("bgs.admin", "王小二")) == 4  # the office handles them all
    asked = office.ask(REF, [], "withdrawn", "本人要求", "王小二")["request"]["id"]
    assert len(head.preview_of(asked)["items"]) == 3  # and the text of this request
    head.approve(asked, head.preview_of(asked)["digest"])
    assert [each["person"] for each in rights(rich, "bgs.admin").listed()["items"]] == ["王小二", None]
    assert refused(head.ask, REF, [], "withdrawn", "本人要求", "王小二") == "nothing_held"


def test_the_auditor_sees_that_somebody_asked_and_not_who(sqlite_url: str) -> None:
    baodi = world.begin(sqlite_url, "baodi-2010")
    made = rights(baodi, "bgs.admin").enter("explain", "王小二", date(2010, 11, 20), "来电，已核身份证")["right"]

    assert [each["person"] for each in rights(baodi, "bgs.admin").listed()["items"]] == ["王小二"]
    actor = baodi.people.believed("auditor")
    (seen,) = RightDesk(baodi.engine, actor, baodi.sight(actor)).listed()["items"]
    assert (seen["id"], seen["person"], seen["note"]) == (made["id"], MASK, MASK)
    with visiting(baodi) as visitor:
        visitor.enter("auditor")
        code, page = visitor.ask("/privacy/rights")
    assert code == 200 and "（已隐去）" in page and "王小二" not in page and "身份证" not in page
    baodi.close()


def test_a_damaged_matter_keeps_no_list_of_requests_from_the_head_of_its_body(rich: Workspace) -> None:
    sound = open_one(rich, "probe", "alpha.liaison", reporter="李四", size=3).ref
    answered(rich, "王小二", REF)
    answered(rich, "李四", sound)
    sql(rich.database, "update matter set data = '{' where ref = :ref", ref=REF)

    assert [each["person"] for each in rights(rich, "alpha.head").listed()["items"]] == ["李四"]
    assert len(rights(rich, "bgs.admin").listed()["items"]) == 2
