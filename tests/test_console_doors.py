"""The doors of the console in production: signing in, activation, step-up, and what happens to forms meanwhile."""

from collections.abc import Iterator

import pytest
from doorway import Served, fields, served
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from house import GOOD, OTHER
from production import admin, producing, watch

from web.console.visit import Visitor as Inside
from workflows.workspace import Workspace


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    with producing(db_url) as found:
        yield found


@pytest.fixture
def here(office: Workspace) -> Iterator[Served]:
    with served(office) as found:
        yield found


def grave(here: Served) -> None:
    """A page with an act that asks for a proof."""
    router = APIRouter()

    @router.post("/grave")
    def act(visit: Inside) -> Response:
        visit.require_step_up("grant")
        return PlainTextResponse(f"done: {visit.field('text')}")

    @router.get("/grave")
    def look(visit: Inside) -> Response:
        visit.require_step_up("export")
        return PlainTextResponse("seen")

    here.app.include_router(router)


def test_a_person_signs_in_works_and_is_out_when_he_leaves(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    visitor = here.inside("li")
    assert "__Host-duban" in visitor.cookies
    code, page = visitor.ask("/work")
    assert code == 200 and ">li<" in page
    kept = dict(visitor.cookies)
    assert visitor.ask("/logout", {"csrf": visitor.csrf()})[0] == 303
    visitor.cookies = kept
    assert visitor.ask("/work")[0] == 303 and "ended=1" in visitor.headers["location"]
    assert here.house.said("access/li")[-2:] == ["signed_in", "signed_out"]


def test_every_way_to_be_wrong_gets_one_answer_that_repeats_no_password(here: Served) -> None:
    secret = here.house.settle("shen", "bgs.admin")
    here.house.settle("li", "alpha.head")
    assert secret is not None
    pages = set()
    for login, password, code in (
        ("nobody", GOOD, ""),
        ("li", OTHER, ""),
        ("shen", GOOD, "000000"),
        ("shen", GOOD, ""),
    ):
        visitor = here.visitor()
        status, page = visitor.ask("/login", {"login": login, "secret.password": password, "secret.code": code})
        assert status == 403 and "登录名、口令或动态码有误" in page and GOOD not in page and OTHER not in page
        assert not any(name.endswith("duban") for name in visitor.cookies)
        pages.add(page.replace(f'value="{login}"', ""))
    assert len(pages) == 1


def test_who_tries_too_often_is_told_how_long_to_wait(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    wrong = {"login": "li", "secret.password": OTHER}
    said = [here.visitor().ask("/login", wrong) for _ in range(6)]
    assert [status for status, _ in said] == [403] * 5 + [429]
    assert "请约 1 分钟后（2026-11-24 10:01:00）再试" in said[-1][1]
    watch(here.house.office).later(minutes=2)
    here.inside("li")


def test_an_account_is_made_ones_own_with_code_picture_and_first_code(here: Served) -> None:
    admin(here.house.office).add("shen", "沈某")
    admin(here.house.office).grant("shen", "bgs", "admin")
    form = {
        "login": "shen",
        "secret.code": here.house.code("shen"),
        "secret.password": "short",
        "secret.again": "short",
    }
    visitor = here.visitor()
    assert "至少" in visitor.ask("/activate?login=shen")[1]
    status, page = visitor.ask("/activate", form)
    assert status == 422 and "口令至少" in page and "short" not in page
    assert visitor.ask("/activate", form | {"secret.password": GOOD})[0] == 422
    status, page = visitor.ask("/activate", form | {"secret.password": GOOD, "secret.again": GOOD})
    assert status == 200 and "<svg" in page and visitor.headers["cache-control"] == "no-store"
    key = page.split('mono key">')[1].split("<")[0].replace(" ", "")
    first = {
        "login": "shen",
        "secret.password": GOOD,
        "secret.otpauth": fields(page)["secret.otpauth"].replace("&amp;", "&"),
    }
    status, page = visitor.ask("/activate/first", first | {"secret.code": "000000"})
    assert status == 403 and "<svg" in page
    assert visitor.ask("/activate/first", first | {"secret.code": here.house.now_code(key)})[0] == 303
    assert visitor.ask("/work")[0] == 200
    assert here.visitor().ask("/activate", form | {"secret.password": GOOD, "secret.again": GOOD})[0] == 403


def test_who_needs_no_second_factor_is_in_at_once(here: Served) -> None:
    admin(here.house.office).add("li", "李某")
    admin(here.house.office).grant("li", "alpha", "head")
    form = {"login": "li", "secret.code": here.house.code("li"), "secret.password": GOOD, "secret.again": GOOD}
    visitor = here.visitor()
    assert visitor.ask("/activate", form)[0] == 303
    assert visitor.ask("/work")[0] == 200


@pytest.mark.parametrize("hours", [1, 24])
def test_a_session_that_ended_leads_to_the_door_and_keeps_the_form(hours: int, here: Served) -> None:
    here.house.settle("li", "alpha.head")
    grave(here)
    visitor = here.inside("li")
    csrf = visitor.csrf()
    watch(here.house.office).later(hours=hours)
    old = dict(visitor.cookies)
    assert visitor.ask("/board?view=kinds")[0] == 303
    assert visitor.headers["location"] == "/login?next=/board%3Fview%3Dkinds&ended=1"
    assert "登录已失效" in visitor.ask(visitor.headers["location"])[1]
    visitor.cookies = old
    status, page = visitor.ask("/grave", {"csrf": csrf, "text": "一行\n两行"})
    assert status == 403 and "已保留" in page
    status, page = visitor.ask("/login", {**fields(page), "login": "li", "secret.password": GOOD})
    assert status == 200 and 'action="/grave"' in page and "一行\n两行" in page
    assert visitor.ask("/grave", fields(page)) == (200, "done: 一行\n两行")


def test_who_is_disabled_or_loses_a_post_is_out_with_the_next_request(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    visitor = here.inside("li")
    assert visitor.ask("/work")[0] == 200
    admin(here.house.office).disable("li")
    assert visitor.ask("/work")[0] == 303


def test_signing_in_again_ends_the_session_that_the_browser_had(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    visitor = here.inside("li")
    old = dict(visitor.cookies)
    assert visitor.ask("/login", {"login": "li", "secret.password": GOOD})[0] == 303
    visitor.cookies = old
    assert visitor.ask("/work")[0] == 303


def test_a_grave_act_asks_for_a_proof_and_goes_on_with_the_form(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    grave(here)
    visitor = here.inside("li")
    csrf = visitor.csrf()
    assert visitor.ask("/grave", {"csrf": csrf, "text": "x"})[0] == 200
    watch(here.house.office).later(minutes=6)
    before = dict(visitor.cookies)
    status, page = visitor.ask("/grave", {"csrf": csrf, "text": '"<b>&'})
    assert status == 403 and "授予或撤销岗位" in page and "<b>&" not in page
    held = {**fields(page), "text": '"<b>&'}
    status, page = visitor.ask("/grave", held | {"proof.password": OTHER})
    assert status == 403 and "口令或动态码有误" in page and 'value="&#34;&lt;b&gt;&amp;"' in page
    assert visitor.ask("/grave", held | {"proof.password": GOOD}) == (200, 'done: "<b>&')
    assert visitor.cookies != before
    assert visitor.ask("/grave", {"csrf": visitor.csrf(), "text": "y"}) == (200, "done: y")
    status, page = visitor.ask("/grave", {"csrf": csrf, "text": "z"})
    assert status == 403 and "请再提交一次" in page
    assert visitor.ask("/grave", fields(page)) == (200, "done: z")


def test_a_page_that_asks_for_a_proof_is_shown_after_it(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    grave(here)
    visitor = here.inside("li")
    watch(here.house.office).later(minutes=6)
    status, page = visitor.ask("/grave?rows=200")
    assert status == 403 and "导出" in page
    assert visitor.ask("/prove", fields(page) | {"proof.password": GOOD})[0] == 303
    assert visitor.headers["location"] == "/grave?rows=200"
    assert visitor.ask("/grave?rows=200") == (200, "seen")


def test_a_password_is_changed_at_the_door_and_every_session_ends(here: Served) -> None:
    here.house.settle("li", "alpha.head")
    visitor = here.inside("li")
    form = {"login": "li", "secret.old": GOOD, "secret.new": OTHER, "secret.again": OTHER}
    assert here.visitor().ask("/password", form | {"secret.old": OTHER + "x"})[0] == 403
    assert here.visitor().ask("/password", form)[0] == 303
    assert visitor.ask("/work")[0] == 303
    here.inside("li", password=OTHER)
