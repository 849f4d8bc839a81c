"""The console's ground: who comes in how, what a page says, and what is refused, over real HTTP."""

import http.client
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from visitor import Visitor
from world import begin

from commands.serving import Standing, serving_console
from engine.orders import Open
from web.bounds import LARGEST_BODY, LARGEST_FORM
from workflows.workspace import Workspace


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url, "baodi-2010", unproved=True)
    yield found
    found.close()


def test_a_stranger_is_led_to_the_door_and_back_to_where_he_wanted(visitor: Visitor) -> None:
    assert visitor.ask("/work?kind=duty")[0] == 303
    assert visitor.headers["location"] == "/login?next=/work%3Fkind%3Dduty"
    code, page = visitor.ask(visitor.headers["location"])
    assert code == 200
    assert 'name="next" value="/work?kind=duty"' in page
    assert "以谁的身份进入" in page and 'value="wujia.liaison"' in page


def test_who_comes_in_sees_what_waits_for_his_body(visitor: Visitor) -> None:
    visitor.enter("wujia.liaison")
    code, page = visitor.ask("/work")
    assert code == 200
    assert "区物价局专项行动任务" in page and "区农委" not in page


def test_who_leaves_is_out_at_once(visitor: Visitor) -> None:
    visitor.enter("wujia.liaison")
    kept = dict(visitor.cookies)
    assert visitor.ask("/logout", {"csrf": visitor.csrf()})[0] == 303
    visitor.cookies = kept
    assert visitor.ask("/work")[0] == 303


@pytest.mark.parametrize("page", ["/audit?actor=", "/audit/access?ref=", "/matters?text=", "/matters/", "/login?next="])
def test_a_nul_in_an_address_is_refused_before_a_database_is_asked(visitor: Visitor, page: str) -> None:
    """PostgreSQL refuses it in its own way, which would be a fault of ours."""
    visitor.enter("auditor")

    assert visitor.ask(f"{page}a%00b")[0] == 400
    assert visitor.ask("/work")[0] == 200


ELSEWHERE = [
    {},
    {"Sec_Fetch_Site": "cross-site"},
    *({"Origin": each} for each in ("http://a.example", "null", "http://[")),
]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_change_asked_from_elsewhere_is_refused(visitor: Visitor, headers: dict[str, str]) -> None:
    connection_form = urlencode({"login": "wujia.liaison"})
    connection = http.client.HTTPConnection(visitor.site.hostname or "", visitor.site.port, timeout=20)
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", "/enter", connection_form, {"Content-Type": "application/x-www-form-urlencoded", **said})
    assert connection.getresponse().status == 403
    connection.close()


@pytest.mark.parametrize(("path", "most"), [("/login", LARGEST_FORM), ("/ack/nothing", LARGEST_BODY)])
def test_zeros_before_its_size_do_not_let_a_large_body_through(visitor: Visitor, path: str, most: int) -> None:
    code, _ = visitor.ask(path, method="POST", Content_Length=f"{most + 1:020}", Sec_Fetch_Site="same-origin")
    assert code == 413
    assert visitor.ask("/language", {"lang": "en"}, Content_Length=f"{len('lang=en'):020}")[0] == 303


def test_a_form_of_another_session_does_nothing_and_asks_again(visitor: Visitor) -> None:
    visitor.enter("wujia.liaison")
    code, page = visitor.ask("/logout", {"csrf": "0" * 64})
    assert code == 403 and "请再提交一次" in page and 'action="/logout"' in page
    assert visitor.ask("/work")[0] == 200


def test_nobody_is_led_away_from_here(visitor: Visitor) -> None:
    for wanted in ("//elsewhere.example/", "https://elsewhere.example/", "/\\elsewhere.example"):
        assert visitor.ask("/enter", {"login": "wujia.head", "next": wanted})[0] == 303
        assert visitor.headers["location"] == "/"


def test_every_answer_has_its_headers(visitor: Visitor) -> None:
    for path in ("/login", "/nothing", "/static/duban.css", "/work"):
        visitor.ask(path)
        assert "default-src 'none'" in visitor.headers["content-security-policy"], path
        assert "unsafe" not in visitor.headers["content-security-policy"]
        assert visitor.headers["x-content-type-options"] == "nosniff"


def test_what_is_wrong_is_said_in_the_visitors_language_without_a_trace(visitor: Visitor) -> None:
    code, page = visitor.ask("/enter", {"login": "nobody.here"})
    assert code == 403 and "此处没有登录名" in page
    assert visitor.ask("/language", {"lang": "en", "next": "/login"})[0] == 303
    code, page = visitor.ask("/nothing")
    assert code == 404 and "There is no such page" in page and "Traceback" not in page
    assert visitor.ask("/login", method="DELETE", Sec_Fetch_Site="same-origin")[0] == 405


def test_production_is_not_entered_with_a_click(sqlite_url: str) -> None:
    office = begin(sqlite_url, rehearsal=False, late=True)
    with serving_console(office, Standing(office, heart=False), "127.0.0.1", 0) as site:
        visitor = Visitor(site)
        assert visitor.ask("/enter", {"login": "bgs.admin"})[0] == 403
        assert "alpha.head" not in visitor.ask("/login")[1]
    office.close()


def test_a_page_carries_the_pulse_of_when_it_was_read(visitor: Visitor) -> None:
    visitor.enter("wujia.head")
    _, page = visitor.ask("/work")
    assert f'<body data-stamp="{visitor.ask("/pulse")[1]}">' in page


def test_the_pulse_changes_when_something_is_done(office: Workspace, visitor: Visitor) -> None:
    from world import do

    visitor.enter("wujia.head")
    before = visitor.ask("/pulse")
    assert visitor.ask("/pulse") == before
    do(office, "department_task/wujia", "acknowledge", "wujia.head")
    assert visitor.ask("/pulse") != before


def test_the_board_counts_what_its_lists_hold_and_looks_back(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("bgs.admin")
    for view in ("department_task", "duty", "kinds"):
        code, page = visitor.ask(f"/board?view={view}&day=2010-11-25")
        assert code == 200 and "区物价局" in page, view
    assert '<div class="tile-number">39</div><div class="tile-name">全部事项' in page
    assert visitor.ask("/board?day=nonsense")[0] == 422


def test_who_sees_one_body_finds_only_its_matters_on_the_board(visitor: Visitor) -> None:
    visitor.enter("wujia.liaison")
    code, page = visitor.ask("/board?view=kinds")
    assert code == 200 and "区物价局" in page and "区农委" not in page


def test_a_notice_is_acknowledged_from_my_work_with_one_click(office: Workspace, visitor: Visitor) -> None:
    from world import advance, notices

    advance(office, "2010-11-26T10:00")
    visitor.enter("wujia.head")
    _, page = visitor.ask("/work")
    ident = page.split('name="notice" value="')[1].split('"')[0]
    assert visitor.ask("/acknowledge", {"csrf": visitor.csrf(), "notice": ident})[0] == 303
    (mine,) = [each for each in notices(office) if each["id"] == ident]
    assert (mine["status"], mine["acknowledged_by"]) == ("acknowledged", "wujia.head")
    assert ident not in visitor.ask("/work")[1]
    assert visitor.ask("/acknowledge", {"csrf": visitor.csrf(), "notice": "1"})[0] == 404


def test_all_notices_of_a_page_are_acknowledged_with_one_click(office: Workspace, visitor: Visitor) -> None:
    from world import advance, notices

    advance(office, "2010-12-01T10:00")
    visitor.enter("wujia.head")
    _, page = visitor.ask("/work?group=notice")
    whole = page.split('action="/acknowledge" class="acts"')[1].split("</form>")[0]
    idents = re.findall(r'name="notice" value="([0-9]+)"', whole)
    waiting = {each["id"] for each in notices(office) if each["recipient"] == "wujia.head" and each["status"] == "sent"}
    assert set(idents) == waiting and len(idents) > 1

    assert visitor.ask("/acknowledge", {"csrf": visitor.csrf(), "notice": idents})[0] == 303
    assert {each["status"] for each in notices(office) if each["id"] in idents} == {"acknowledged"}


def test_a_list_is_narrowed_by_what_a_figure_counts(office: Workspace, visitor: Visitor) -> None:
    visitor.enter("gongshang.officer")
    for code in ("c213", "c214"):
        office.engine.execute(
            Open(kind="case", body="gongshang", facts={"infringement": code}), office.actor("gongshang.officer")
        )
    _, page = visitor.ask("/matters?kind=case&fact.infringement=c213")
    assert "case/2010-0001" in page and "case/2010-0002" not in page
    assert 'name="fact.infringement" value="c213"' in page
    assert visitor.ask("/matters?amount.goods_value.from=nonsense")[0] == 422


def test_a_digit_that_is_none_and_words_too_short_are_refused_without_a_fault(visitor: Visitor) -> None:
    assert visitor.ask("/api/v1/me", Accept_Language="en;q=\u00b2")[0] == 401
    visitor.enter("bgs.admin")
    assert visitor.ask("/campaign/file?version=%C2%B2")[0] == 404
    assert visitor.ask("/matters.csv?text=a")[0] == 422
