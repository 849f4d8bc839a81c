"""What persons ask about their own data: entered with its day, answered with reasons, a copy without what is another's."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import world
from commandline import Office
from doorway import served
from test_privacy import REF, codes, desk, refused
from world import correct, do, open_one

from commands.privacy_rights import ANSWERS, KINDS
from engine.right_desk import RightDesk
from engine.right_record import OUTCOMES, RIGHTS
from workflows.workspace import Workspace

NAME = "张三"
DAY = date(2021, 1, 30)


def rights(workspace: Workspace, login: str) -> RightDesk:
    actor = workspace.actor(login)
    return RightDesk(workspace.engine, actor, workspace.sight(actor))


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A closed matter of somebody beside another's, and one that is open."""
    workspace = world.begin(f"sqlite:///{tmp_path_factory.mktemp('rights') / 'a.db'}", "rich")
    open_one(workspace, "probe", "alpha.liaison", reporter=f"李四、{NAME}", size=3, title="售假案")
    correct(workspace, REF, "alpha.head", reason=f"李四住城关。{NAME}住大口屯。", size=4)
    do(workspace, REF, "abandon", "alpha.liaison")
    open_one(workspace, "probe", "alpha.liaison", reporter=NAME, size=3, title="未结案")
    world.set_clock(workspace, "2021-02-01T09:00")
    yield workspace
    workspace.close()


def test_the_codes_of_the_command_are_those_of_the_engine() -> None:
    assert (tuple(RIGHTS), tuple(OUTCOMES)) == (KINDS, ANSWERS)


def test_a_request_is_entered_answered_with_reasons_and_declined_by_another(rich: Workspace) -> None:
    office = rights(rich, "bgs.admin")
    assert refused(office.enter, "copy", NAME, date(2021, 2, 2), "x") == "received"
    assert refused(office.enter, "copy", " ", DAY, "x") == "person"
    assert refused(office.enter, "whim", NAME, DAY, "x") == "right"
    assert refused(rights(rich, "alpha.head").enter, "copy", NAME, DAY, "x") == "forbidden"
    assert refused(rights(rich, "beta.head").enter, "copy", NAME, DAY, "x", REF) == "no_matter"
    asked = office.enter("correct", NAME, DAY, f"{NAME}称住址有误，已核身份证", REF)["right"]
    assert (asked["answer_by"], asked["overdue"]) == ("2021-03-01", False)
    assert [each["id"] for each in rights(rich, "alpha.head").listed()["items"]] == [asked["id"]]
    assert rights(rich, "beta.head").listed()["items"] == []
    assert refused(office.answer, asked["id"], "refused", "查无误") == "same_person"
    assert refused(office.copy, asked["id"], NAME) == "no_copy"
    assert refused(rights(rich, "beta.head").answer, asked["id"], "granted", "x") == "no_request"
    done = rights(rich, "alpha.head").answer(asked["id"], "refused", "核实无误")["right"]
    assert (done["outcome"], done["reason"]) == ("refused", "核实无误")
    assert refused(office.answer, asked["id"], "granted", "x") == "decided"
    assert codes(rich) == set()


def test_a_copy_has_what_is_his_and_nothing_of_others_of_open_matters_or_of_matters_on_hold(rich: Workspace) -> None:
    office = rights(rich, "bgs.admin")
    asked = office.enter("copy", NAME, DAY, "本人到场，已核身份证")["right"]["id"]
    made = office.copy(asked, NAME)
    assert f"举报人：{NAME} 〔他人信息，略〕" in made and f"说明：{NAME}住大口屯。" in made
    assert ("李四" in made, "probe/2010-0002" in made, "第五十条第二款" in made) == (False, False, True)
    assert office.listed()["items"][-1]["copies"] == 1
    desk(rich, "bgs.admin").hold(REF, "诉讼未结")
    assert "没有可以提供的个人信息" in office.copy(asked, NAME)
    for login in ("bgs.admin", "bgs.admin2"):
        desk(rich, login).release(REF, "已审结")
    assert codes(rich) == set()


def test_a_name_goes_from_what_he_asked_when_it_is_erased(sqlite_url: str) -> None:
    rich = world.begin(sqlite_url, "rich")
    open_one(rich, "probe", "alpha.liaison", reporter=NAME, size=3)
    do(rich, REF, "abandon", "alpha.liaison")
    world.set_clock(rich, "2021-02-01T09:00")
    office = rights(rich, "bgs.admin")
    office.enter("erase", NAME, DAY, f"{NAME}要求删除")
    asked = desk(rich, "bgs.admin").ask(REF, [], "withdrawn", "本人要求", NAME)["request"]["id"]
    desk(rich, "bgs.admin2").approve(asked)
    assert NAME not in str(world.everything(rich))
    assert office.listed()["items"][0]["person"] is None
    assert codes(rich) == set()
    rich.close()


def test_requests_of_persons_have_their_page_and_their_command(rich: Workspace, tmp_path: Path) -> None:
    with served(rich) as here:
        visitor, other = here.visitor(), here.visitor()
        visitor.enter("bgs.admin")
        other.enter("alpha.liaison")
        assert other.ask("/privacy/rights")[0] == 403
        form = {"what": "copy", "person": NAME, "received": "", "note": "本人到场"}
        code, page = visitor.ask("/privacy/rights", {"csrf": visitor.csrf(), **form})
        assert code == 422 and "请填收到之日" in page and NAME in page
        assert visitor.ask("/privacy/rights", {"csrf": visitor.csrf(), **form, "received": "2020-12-01"})[0] == 303
        page = visitor.ask("/privacy/rights")[1]
        assert "逾期" in page and "2020-12-31" in page
        ident = page.split('name="id" value="')[1].split('"')[0]
        code, copy = visitor.ask("/privacy/rights/copy", {"csrf": visitor.csrf(), "id": ident, "text": NAME})
        assert code == 200 and f"举报人：{NAME}" in copy
        answer = {"csrf": visitor.csrf(), "id": ident, "outcome": "granted", "reason": "已交付副本"}
        assert visitor.ask("/privacy/rights/answer", answer)[0] == 303
        assert "已交付副本" in visitor.ask("/privacy/rights")[1]
    office = Office(str(rich.database.url.render_as_string(hide_password=False)))
    enter = ("privacy", "right", "enter", "--kind", "copy", "--person", NAME, "--note", "来信")
    assert office.as_("bgs.admin", *enter, "--received", "yesterday").code == 7
    made = office.as_("bgs.admin", "--json", *enter, "--received", "2021-01-30").json["right"]
    file = tmp_path / "copy.txt"
    done = office.as_("bgs.admin", "privacy", "right", "copy", made["id"], "--text", NAME, "--to", str(file))
    assert done.code == 0 and "第四十五条" in file.read_text(encoding="utf-8")
    assert "查阅、复制（第四十五条）" in office.as_("bgs.admin", "privacy", "right", "list").out
