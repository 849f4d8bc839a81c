"""The list of matters and the form by which one is opened."""

import csv
import io
import re
from collections.abc import Iterator

import pytest
from test_console_matter import Clerk
from world import advance, begin, correct, do, open_one

from commands.serving import Standing, serving_console
from workflows.workspace import Workspace


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url)
    yield found
    found.close()


@pytest.fixture
def admin(office: Workspace) -> Iterator[Clerk]:
    with serving_console(office, Standing(office, heart=False), "127.0.0.1", 0) as site:
        found = Clerk(site)
        found.enter("bgs.admin")
        yield found


def refs(page: str) -> list[str]:
    return re.findall(r'<div class="ref-line">(errand/[^<]+)</div>', page)


def test_a_filter_stays_in_the_address_and_narrows_the_list(office: Workspace, admin: Clerk) -> None:
    do(office, "errand/alpha", "take", "alpha.liaison")
    assert set(refs(admin.ask("/matters")[1])) == {"errand/alpha", "errand/beta"}
    page = admin.ask("/matters?kind=errand&state=doing")[1]
    assert refs(page) == ["errand/alpha"]
    assert '<option value="doing" selected>' in page
    assert "/matters.csv?kind=errand&amp;state=doing" in page or "/matters.csv?kind=errand&state=doing" in page
    assert refs(admin.ask("/matters?body=beta&text=errand")[1]) == ["errand/beta"]
    assert refs(admin.ask("/matters?waiting_for=beta")[1]) == ["errand/beta"]
    assert "没有符合条件的事项" in admin.ask("/matters?light=red")[1]


def test_what_cannot_be_filtered_by_is_said_beside_its_field(admin: Clerk) -> None:
    code, page = admin.ask("/matters?due_before=soon&body=nobody&cursor=xyz")
    assert code == 422 and "请填日期" in page and "没有这一项" in page and len(refs(page)) == 2


def test_a_long_list_goes_on_where_the_page_ended(office: Workspace, admin: Clerk) -> None:
    for _ in range(55):
        open_one(office, "errand", "bgs.admin", "alpha")
    seen: list[str] = []
    path = "/matters?kind=errand&order=ref"
    while path:
        page = admin.ask(path)[1]
        seen += refs(page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 57


def test_the_table_holds_all_rows_and_no_formula(office: Workspace, admin: Clerk) -> None:
    open_one(office, "errand", "bgs.admin", "alpha", title="=HYPERLINK(1)")
    code, text = admin.ask("/matters.csv?body=alpha")
    assert code == 200 and admin.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 3 and "'=HYPERLINK(1)" in {row[2] for row in rows}


def test_a_list_names_what_is_overdue_and_for_how_many_days(office: Workspace, admin: Clerk) -> None:
    do(office, "errand/alpha", "take", "alpha.liaison")
    correct(office, "errand/alpha", "alpha.head", reason="漏填", urgent=False)
    advance(office, "2010-11-09T10:00")
    page = admin.ask("/matters?light=red&body=alpha")[1]
    assert "办理期限" in page and "2010-11-04" in page and "逾期 5 天" in page
    table = admin.ask("/matters.csv?body=alpha")[1].removeprefix("\ufeff")
    assert next(csv.reader(table.splitlines()[1:]))[-3:] == ["办理期限", "2010-11-04", "5"]
    do(office, "errand/alpha", "submit", "alpha.liaison", docs="report")
    late = office.reader.show("errand/alpha"), office.reader.listed(body="alpha")["items"][0]
    assert late[0]["light"] == "red" and late[1]["overdue"] is None, "late, but kept since"


def test_who_sees_nothing_is_told_so_and_the_list_keeps_within_what_he_sees(office: Workspace, admin: Clerk) -> None:
    admin.enter("beta.liaison")
    assert "errand/alpha" not in refs(admin.ask("/matters")[1])
    assert admin.ask("/matters.csv")[1].count("errand/") == 1


def test_a_matter_is_opened_from_its_form(office: Workspace, admin: Clerk) -> None:
    page = admin.ask("/open/errand")[1]
    form = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.partition('action="/open/errand"')[2])
    )
    code, page = admin.send("/open/errand", form | {"body": "alpha", "title": "新差事", "fact.cost_fen": "many"})
    assert code == 422 and "新差事" in page and '<option value="alpha" selected>' in page
    sent = form | {"body": "alpha", "title": "新差事", "fact.cost_fen": "3.20"}
    assert [admin.send("/open/errand", sent)[0] for _ in range(2)] == [303, 303]
    found = office.reader.show(admin.headers["location"].removeprefix("/m/"))
    assert (found["title"], found["facts"]["cost_fen"]) == ("新差事", 320)
    assert len(office.reader.listed(kind="errand")["items"]) == 3, "twice sent, once opened"


def test_nobody_opens_what_he_may_not_and_nothing_that_is_not_there(admin: Clerk) -> None:
    assert admin.ask("/open/nothing")[0] == 404
    admin.enter("lxz.chair")
    assert admin.ask("/open/errand")[0] == 403
    assert "/open/errand" not in admin.ask("/matters")[1]
