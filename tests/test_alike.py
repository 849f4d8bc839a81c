"""Whoever opens a matter is told of others about the same facts, on the line, the page and the interface, if he sees them."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import world
from callers import house_of
from commandline import Office
from sqlalchemy import text
from visitor import visiting

from engine.alike import alike
from engine.errors import Invalid, Refused, Unavailable
from web.console.alike import with_alike
from workflows.workspace import Workspace

SHOP: dict[str, Any] = {"parties": "津门手机店、张三", "place": "宝坻区开元路12号", "infringement": "c214"}
OFFICER = "gongshang.officer"


@pytest.fixture
def workspace(sqlite_url: str) -> Iterator[Workspace]:
    found = world.begin(sqlite_url, "baodi-2010")
    yield found
    found.close()


def opened(workspace: Workspace, kind: str = "case", body: str = "gongshang", **facts: Any) -> str:
    return world.open_one(workspace, kind, f"{body}.officer", body, title="某案", **facts).ref


def found(workspace: Workspace, ref: str, login: str = OFFICER) -> dict[str, list[str]]:
    reader = workspace.reader.seen_by(workspace.sight(workspace.people.believed(login)))
    return {each["ref"]: [one["code"] for one in each["same"]] for each in alike(reader, ref)["items"]}


def test_the_same_party_and_something_else_besides_is_found_also_when_it_is_over(workspace: Workspace) -> None:
    ended = opened(workspace, **SHOP)
    world.do(
        workspace, ended, "route_administrative", "gongshang.head",
        threshold_met=False, must_transfer=False, must_transfer_ground="未达标准",
    )  # fmt: skip
    world.do(workspace, ended, "close", "bgs.admin")
    penalty = opened(workspace, "penalty", parties="张三", products=["mobile_phones"])
    other = opened(workspace, parties="李四", place=SHOP["place"], infringement="c214")

    again = opened(workspace, **{**SHOP, "parties": "张三（津门手机店）", "place": "开元路12号"})

    assert found(workspace, again) == {
        ended: ["parties", "infringement", "place", "opened_at"],
        penalty: ["parties", "opened_at"],
        # its own penalty case, opened by the ended one, is told too: it is no kin of the new one
        "penalty/2010-0001": ["parties", "infringement", "opened_at"],
    }
    assert found(workspace, other) == {}
    assert "penalty/2010-0001" not in found(workspace, ended)  # its child


def test_nobody_learns_of_what_he_does_not_see_or_sees_without_the_names(workspace: Workspace) -> None:
    foreign = opened(workspace, body="shiyao", **SHOP)
    mine = opened(workspace, **SHOP)

    assert found(workspace, mine) == {}
    assert found(workspace, mine, "bgs.admin") == {foreign: ["parties", "infringement", "place", "opened_at"]}
    assert found(workspace, mine, "auditor") == {}  # sees both, and no names


def test_who_opens_it_is_told_on_the_line_on_the_page_and_by_the_interface(workspace: Workspace) -> None:
    first = opened(workspace, **SHOP)
    office = Office(workspace.database.url.render_as_string(hide_password=False), DUBAN_LANG="zh")
    facts = [word for code, value in SHOP.items() for word in ("--fact", f"{code}={value}")]

    done = office("--as", OFFICER, "open", "case", "--body", "gongshang", *facts)

    assert done.code == 0 and f"可能与下列事项系同一事实：{first}（发现；相同：" in done.err and "“并案”" in done.err
    assert "张三" not in done.err
    second = "case/2010-0002"
    told = office("--as", OFFICER, "--json", "alike", second).json
    assert (told["items"][0]["ref"], told["road"]["trigger"], told["road"]["fact"]) == (first, "merge", "merged_into")
    (row,) = office("--as", OFFICER, "alike", second).rows
    assert (row["ref"], row["state"]) == (first, "detected") and row["same"].split()[0] == "parties"
    assert office("--as", "shiyao.officer", "alike", second).politely().code == 3
    assert office("--as", OFFICER, "open", "case", "--body", "gongshang", "--fact", "infringement=c214").err == ""
    with house_of(workspace) as house:
        assert house.as_(OFFICER).get(f"/matters/{second}/alike").json["items"][0]["ref"] == first
        assert house.as_("shiyao.officer").get(f"/matters/{second}/alike").code == 404
    with visiting(workspace) as visitor:
        visitor.enter(OFFICER)
        form = {
            "kind": "case",
            "body": "gongshang",
            "csrf": visitor.csrf(),
            **{f"fact.{k}": v for k, v in SHOP.items()},
        }
        assert visitor.ask("/cases/new", form)[0] == 303
        assert f"可能与下列事项系同一事实：{second}（" in visitor.follow()[1]


def test_a_matter_is_opened_though_another_of_the_same_name_is_damaged(workspace: Workspace) -> None:
    damaged, sound = opened(workspace, **SHOP), opened(workspace, **SHOP)
    world.sql(workspace.database, "update matter set data = '{' where ref = :ref", ref=damaged)

    assert list(found(workspace, opened(workspace, **SHOP))) == [sound]


def test_no_matter_is_merged_into_itself(workspace: Workspace) -> None:
    mine = opened(workspace, **SHOP)

    with pytest.raises(Invalid, match="this very matter"):
        world.do(workspace, mine, "merge", "gongshang.head", merged_into=mine, reason="同一事实")


def test_a_case_is_merged_into_another_but_not_one_that_must_go_to_the_police(workspace: Workspace) -> None:
    into = opened(workspace, **SHOP)
    twin, grave = (
        opened(workspace, **SHOP),
        opened(workspace, **SHOP, must_transfer=True, must_transfer_ground="六万元"),
    )
    penalty = opened(workspace, "penalty", parties="张三")
    merged = {"merged_into": into, "reason": "同一事实"}

    with pytest.raises(Refused, match="merge"):
        world.do(workspace, grave, "merge", "gongshang.head", **merged)
    assert world.do(workspace, twin, "merge", "gongshang.head", **merged).matter.state == "closed"
    assert world.do(workspace, penalty, "merge", "gongshang.head", **merged).matter.state == "closed"
    assert workspace.reader.show(twin)["facts"]["outcome"] == "merged"


def test_a_damaged_matter_about_the_same_facts_hides_no_other_and_nobody_s_opening(workspace: Workspace) -> None:
    damaged, sound = opened(workspace, **SHOP), opened(workspace, **SHOP)
    with workspace.database.tx() as tx:
        tx.select(text(f"UPDATE matter SET data = '{{' WHERE ref = '{damaged}'"))
    office = Office(workspace.database.url.render_as_string(hide_password=False), DUBAN_LANG="zh")
    facts = [word for code, value in SHOP.items() for word in ("--fact", f"{code}={value}")]

    done = office("--as", OFFICER, "open", "case", "--body", "gongshang", *facts)

    assert done.code == 0 and sound in done.err and damaged not in done.err


def test_what_was_opened_is_open_though_the_database_goes_away_before_the_others_are_looked_for(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise Unavailable("the server has gone", "database")

    monkeypatch.setattr("engine.alike.alike", gone)
    monkeypatch.setattr("web.console.alike.alike", gone)
    office = Office(workspace.database.url.render_as_string(hide_password=False), DUBAN_LANG="zh")

    done = office("--as", OFFICER, "open", "case", "--body", "gongshang", *[
        word for code, value in SHOP.items() for word in ("--fact", f"{code}={value}")
    ])  # fmt: skip

    assert done.code == 0
    assert with_alike(SimpleNamespace(reader=None), "case/1", "已登记") == "已登记"  # type: ignore[arg-type]
