"""Finding and counting: what is searched, what waits for whom, figures that lead to their rows, and kept filters."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import world
from commandline import Office
from test_outlook import refs

from engine.errors import Conflict, Invalid, NotFound
from engine.figures import Figures
from engine.lists import Page, Wanted, wanted_of
from engine.orders import Actor
from engine.particulars import folded
from engine.rows import M
from engine.saved_views import MOST, SavedViews
from engine.verifying import Scope, verify
from engine.work import WorkDesk
from workflows.workspace import Workspace


def lead(workspace: Workspace, body: str, **facts: Any) -> str:
    said = {"channel": "letter", "anonymous": True, "content": "某人在集市售假", **facts}
    return world.open_one(workspace, "lead", f"{body}.officer", body, **said).ref


@pytest.fixture
def market(baodi: Workspace) -> Iterator[Workspace]:
    """A campaign with some leads and cases."""
    lead(baodi, "gongshang", products=["seeds", "books"], area="distribution", title="宝坻ＡＢＣ种业线索")
    lead(baodi, "nongwei", products=["seeds"], title="劣质种子线索100%")
    lead(baodi, "zhijian", products=["car_parts"])
    yield baodi


def test_words_are_found_in_titles_references_and_the_names_of_values(market: Workspace) -> None:
    both = {"lead/2010-0001", "lead/2010-0002"}

    assert set(refs(market, text="种子")) == both  # by the product's name, and in a title
    assert refs(market, text="abc种业") == ["lead/2010-0001"]
    assert refs(market, text="ＡＢＣ") == ["lead/2010-0001"]
    assert refs(market, text="2010-0003") == ["lead/2010-0003"]
    assert refs(market, text="种子 劣质") == ["lead/2010-0002"]
    assert refs(market, text="0%") == ["lead/2010-0002"]
    assert refs(market, text="__") == []


def test_personal_facts_are_found_only_where_they_may_be_seen(market: Workspace) -> None:
    assert refs(market, text="集市") == []
    wanted = Wanted(text="集市")
    with market.database.snapshot() as tx:
        from engine.lists import total

        now_us = 0
        everywhere = wanted.conditions(market.campaign, now_us, personal=True)
        own = wanted.conditions(market.campaign, now_us, personal=M.c.body == "nongwei")
        assert [total(tx, each, market.campaign) for each in (everywhere, own)] == [3, 1]


@pytest.mark.parametrize("text", ["", " ", "种", "种子 a", "x" * 101])
def test_what_is_too_short_or_too_long_is_refused(market: Workspace, text: str) -> None:
    with pytest.raises(Invalid, match="search for"):
        refs(market, text=text)


def test_matters_are_found_by_facts_and_sums_as_they_are_corrected(market: Workspace) -> None:
    ref = world.open_one(
        market, "case", "gongshang.officer", "gongshang", infringement="c214", case_source="inspection",
        discovered_on="2010-12-01", products=["seeds"],
    ).ref  # fmt: skip
    world.correct(market, ref, "bgs.admin", reason="补录", goods_value=500_000)

    assert refs(market, kind="case", facts=(("products", "seeds"),)) == [ref]
    assert refs(market, amounts=(("goods_value", 500_000, 500_000),)) == [ref]
    assert refs(market, amounts=(("goods_value", 500_001, None),)) == []
    assert refs(market, amounts=(("goods_value", None, 499_999),)) == []

    world.correct(market, ref, "bgs.admin", reason="更正", goods_value=700_000, place="城关集市")
    assert refs(market, amounts=(("goods_value", 600_000, 700_000),)) == [ref]
    assert refs(market, text="城关集市") == [ref]
    assert world.flaws(market) == []


def test_looking_back_finds_what_was_said_then(market: Workspace) -> None:
    then = market.clock.now()
    world.advance(market, "2010-12-02T10:00")
    lead(market, "shiyao", products=["seeds"])

    assert len(refs(market, text="种子", as_of=then)) == 2
    assert len(refs(market, facts=(("products", "seeds"),), as_of=then)) == 2
    assert len(refs(market, text="种子")) == 3


def test_each_figure_is_the_length_of_the_list_that_its_filter_gives(market: Workspace) -> None:
    world.advance(market, "2010-12-12T10:00")
    lead(market, "shiyao", products=["seeds"])
    figures = Figures(market.database, market.campaign, market.clock)

    for wanted in (Wanted(), Wanted(kind="lead"), Wanted(closed=False)):
        for axis in figures.axes():
            said = figures.by(axis, wanted)
            assert said["total"] == len(matching(market, wanted.as_json()))
            for row in said["rows"]:
                found = matching(market, row["filter"])
                assert (axis, row["code"], row["count"]) == (axis, row["code"], len(found))
                assert row["open"] == sum(not each["closed"] for each in found)
    by_product = {row["code"]: row["count"] for row in figures.by("products")["rows"]}
    assert (by_product["seeds"], by_product["books"], by_product["software"]) == (3, 1, 0)
    assert [row["count"] for row in figures.by("month", Wanted(kind="lead"))["rows"]] == [4]


def matching(workspace: Workspace, said: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workspace.reader.matching(wanted_of(said))["items"]
    return found


def test_each_figure_of_kept_deadlines_counts_the_deadlines_it_leads_to(baodi: Workspace) -> None:
    world.advance(baodi, "2010-12-12T10:00")
    figures = Figures(baodi.database, baodi.campaign, baodi.clock)
    rows = figures.kept()["rows"]

    assert sum(row["late"] for row in rows) > 10
    for row in rows:
        for ended, which in row["filters"].items():
            found = figures.kept_rows(**which)
            assert found["total"] == len(found["items"]) == row[ended]


def test_work_is_what_the_posts_of_a_person_are_waited_for(market: Workspace) -> None:
    desk = WorkDesk(market.reader)
    for login in ("wujia.liaison", "wujia.head", "gongshang.officer", "gongshang.liaison", "bgs.admin", "lxz.chair"):
        actor = market.actor(login)
        groups = {each["code"]: each for each in desk.of(actor, 500)["groups"]}
        posts = actor.posts
        mine = []
        for each in market.reader.listed(page=Page("urgency"))["items"]:
            machine = market.campaign.kind(each["kind"])
            waited = [one for one in each["waits_for"] if one["for"] == "act"]
            if any((one["body"], post) in posts for one in waited for post in machine.doc.roles[one["role"]].posts):
                mine.append(each["ref"])
        received = {each["ref"] for each in groups["receipt"]["items"]}
        mine = [ref for ref in mine if ref not in received]
        assert [each["ref"] for each in groups["act"]["items"]] == mine
        assert groups["act"]["count"] == len(mine)
        for each in groups["act"]["items"]:
            assert each["why"]["roles"]
        assert groups["notice"]["count"] == len(groups["notice"]["items"])
        assert all(each["recipient"] == login for each in groups["notice"]["items"])


def test_near_and_broken_deadlines_wait_for_those_who_keep_them_the_oldest_first(baodi: Workspace) -> None:
    world.advance(baodi, "2010-12-12T10:00")
    group = next(
        each
        for each in WorkDesk(baodi.reader).of(baodi.actor("wujia.head"), 100)["groups"]
        if each["code"] == "deadline"
    )

    assert group["count"] == len(group["items"]) > 1
    assert {each["owner"] for each in group["items"]} == {"wujia"}
    ends = [each["breach_at"] for each in group["items"]]
    assert ends == sorted(ends)


def test_nobody_without_a_post_has_work(baodi: Workspace) -> None:
    assert {each["count"] for each in WorkDesk(baodi.reader).of(Actor("nobody", "rehearsal"))["groups"]} == {0}


def test_a_hand_over_waits_for_its_receipt_and_comes_back(rich: Workspace) -> None:
    assert WorkDesk(rich.reader).group("receipt", rich.actor("beta.head"), Page("urgency"))["items"] == []


def test_a_view_is_kept_for_its_owner_alone_until_it_is_removed(baodi: Workspace) -> None:
    mine, other = (SavedViews(baodi.engine, baodi.actor(login)) for login in ("wujia.head", "wujia.liaison"))
    which = Wanted(kind="duty", light="red", facts=(("products", "seeds"),)).as_json()
    kept = mine.save(" 红灯职责 ", which)

    assert mine.listed()["items"] == [mine.named("红灯职责")]
    assert wanted_of(kept["filter"]) == wanted_of(which)
    assert other.listed()["items"] == []
    with pytest.raises(Conflict):
        mine.save("红灯职责", which)
    with pytest.raises(NotFound):
        other.drop("红灯职责")
    mine.drop("红灯职责")
    assert mine.listed()["items"] == []


def test_views_are_bounded_and_hold_only_filters(baodi: Workspace) -> None:
    mine = SavedViews(baodi.engine, baodi.actor("wujia.head"))
    for wrong in (
        {"light": "blue"},
        {"kind": 7},
        {"due_before": "soon"},
        {"facts": [["a"]]},
        {"more": 1},
        {"kind": "x"},
    ):
        with pytest.raises((Invalid, NotFound)):
            mine.save("x", wrong)
    for name in ("", "x" * 61, "a\nb"):
        with pytest.raises(Invalid):
            mine.save(name, {})
    for number in range(MOST):
        mine.save(f"{number}", {})
    with pytest.raises(Conflict, match="the most"):
        mine.save("one more", {})


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE particulars SET words = 'x' WHERE matter_id = (SELECT id FROM matter WHERE ref = 'lead/2010-0001')",
        "DELETE FROM particulars WHERE matter_id = (SELECT id FROM matter WHERE ref = 'lead/2010-0001')",
        "INSERT INTO amount SELECT id, campaign_id, 'goods_value', 7 FROM matter WHERE ref = 'lead/2010-0001'",
    ],
)
def test_what_is_put_down_for_searching_is_held_against_the_facts(market: Workspace, wrong: str) -> None:
    world.sql(market.database, wrong)
    with market.database.snapshot() as tx:
        said = verify(tx, market.campaign, Scope())

    assert [(each["code"], each["stream"]) for each in said["findings"]] == [("row_differs", "matter/lead/2010-0001")]


def test_each_way_to_find_is_reached_from_the_command_line(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    assert office("init", "--rehearsal").code == 0
    found = office("--json", "search", "知识产权", "--kind", "duty", "--limit", "2").json
    page = office("--json", "list", "--kind", "duty", "--limit", "20").json
    rest = office("--json", "list", "--kind", "duty", "--limit", "20", "--cursor", page["next"]).json
    work = office("--json", "--as", "wujia.head", "work").json
    counted = office("--json", "report", "statistics", "--by", "body", "--kind", "duty").json
    kept = office("--json", "--as", "wujia.head", "view", "save", "mine", "--body", "wujia").json
    shown = office("--json", "--as", "wujia.head", "view", "show", "mine").json

    assert len(found["items"]) == 2
    assert all("知识产权" in each["title"] for each in found["items"])
    assert (len(page["items"]), len(rest["items"]), rest["total"], rest["next"]) == (20, 4, 24, None)
    waits = {each["code"]: each["count"] for each in work["groups"]}
    assert (waits["act"], waits["receipt"]) == (1, 1)  # a duty to take up, a task to receive
    assert sum(row["count"] for row in counted["rows"]) == counted["total"] == 24
    assert kept["filter"] == {"body": "wujia"}
    assert {each["body"] for each in shown["items"]} == {"wujia"}
    for wrong in (
        ["search", "打"], ["list", "--limit", "0"], ["list", "--cursor", "x", "--limit", "3"], ["view", "show", "x"],
        ["list", "--amount", "goods_value=x..2"], ["report", "statistics", "--by", "x"], ["search", "打假", "--text", "x"],
        ["report", "statistics", "--kind", "duty"], ["report", "statistics", "--by", "body", "--as-of", "2010-11-26"],
    ):  # fmt: skip
        ended = office(*wrong)
        assert 0 < ended.code < 10, wrong
        assert "Traceback" not in ended.err


def test_full_width_and_case_make_no_difference() -> None:
    assert folded("ＡＢＣ１２３ Ｘ") == "abc123 x"
