"""Persons and posts in the console: changed by who keeps the accounts, given by two, each act on record."""

from collections.abc import Iterator

import pytest
from doorway import Served, fields, served
from house import GOOD
from production import admin, producing, watch
from test_console_ground import Visitor

Staff = tuple[Served, Visitor, Visitor]


@pytest.fixture
def staff(db_url: str) -> Iterator[Staff]:
    """The console, the office's administrator, and a second one who can approve."""
    with producing(db_url) as office, served(office) as here:
        secrets = [here.house.settle(login, "bgs.admin") for login in ("shen", "wang")]
        shen, wang = (here.inside(login, secret) for login, secret in zip(("shen", "wang"), secrets, strict=True))
        yield here, shen, wang


def test_a_person_is_added_gets_a_code_and_makes_the_account_his_own(staff: Staff) -> None:
    here, shen, _ = staff
    csrf = shen.csrf()
    assert shen.ask("/people", {"csrf": csrf, "login": "not a login", "name": "李"})[0] == 422
    code, page = shen.ask("/people", {"csrf": csrf, "login": "li", "name": ""})
    assert code == 422 and "请填姓名" in page and 'value="li"' in page
    assert shen.ask("/people", {"csrf": csrf, "login": "li", "name": "李某"})[0] == 303
    assert shen.headers["location"] == "/people/p/li"
    assert shen.ask("/people", {"csrf": csrf, "login": "li", "name": "李某"})[0] == 409
    code, page = shen.ask("/people/p/li/code", {"csrf": csrf})
    secret = page.split("<code>")[1].split("<")[0]
    assert secret not in shen.ask("/people/p/li")[1]
    form = {"login": "li", "secret.code": secret, "secret.password": GOOD, "secret.again": GOOD}
    assert here.visitor().ask("/activate", form)[0] == 303
    assert "已激活" in shen.ask("/people/p/li")[1]
    assert here.house.said("authz/li") == ["add", "code", "activated"]


def test_a_post_is_given_by_two_and_not_by_who_proposed_it(staff: Staff) -> None:
    here, shen, wang = staff
    admin(here.house.office).add("li", "李某")
    csrf = shen.csrf()
    assert shen.ask("/people/p/li/grant", {"csrf": csrf, "seat": "alpha.nothing"})[0] == 422
    assert shen.ask("/people/p/li/grant", {"csrf": csrf, "seat": "alpha.head", "until": "2027-01-31"})[0] == 303
    assert "待批准" in shen.ask("/people/p/li")[1]
    _, page = wang.ask("/people/proposals")
    ident = page.split('name="id" value="')[1].split('"')[0]
    assert shen.ask("/people/decide", {"csrf": csrf, "id": ident, "what": "approve"})[0] == 403
    assert wang.ask("/people/decide", {"csrf": wang.csrf(), "id": ident, "what": "approve"})[0] == 303
    assert "2027-02-01 00:00" in shen.ask("/people/p/li")[1]
    assert wang.ask("/people/decide", {"csrf": wang.csrf(), "id": ident, "what": "approve"})[0] == 409
    assert shen.ask("/people/p/li/revoke", {"csrf": csrf, "seat": "alpha.head"})[0] == 303
    assert here.house.said("authz/li") == ["add", "grant_proposed", "grant", "revoke"]


def test_giving_a_post_asks_for_a_proof_and_then_goes_on(staff: Staff) -> None:
    here, shen, _ = staff
    admin(here.house.office).add("li", "李某")
    csrf = shen.csrf()
    watch(here.house.office).later(minutes=6)
    code, page = shen.ask("/people/p/li/grant", {"csrf": csrf, "seat": "alpha.head"})
    assert code == 403 and "授予或撤销岗位" in page
    assert shen.ask("/people/p/li/grant", fields(page) | {"proof.password": GOOD})[0] == 303
    assert "待批准" in shen.ask("/people/p/li")[1]


def test_a_disabled_person_is_out_and_can_be_let_in_again(staff: Staff) -> None:
    here, shen, _ = staff
    here.house.settle("li", "alpha.head")
    li = here.inside("li")
    csrf = shen.csrf()
    assert shen.ask("/people/p/li/standing", {"csrf": csrf, "what": "disable"})[0] == 303
    assert li.ask("/work")[0] == 303
    assert shen.ask("/people/p/li/standing", {"csrf": csrf, "what": "enable"})[0] == 303
    assert shen.ask("/people/p/li/standing", {"csrf": csrf, "what": "enable"})[0] == 409
    here.inside("li")
    assert shen.ask("/people/p/li/end", {"csrf": csrf})[0] == 303


def test_people_are_searched_and_paged_and_vacant_posts_shown(staff: Staff) -> None:
    here, shen, _ = staff
    desk = admin(here.house.office)
    for number in range(55):
        desk.add(f"p{number:02}", f"人员{number}")
    _, page = shen.ask("/people")
    assert page.count('<a href="/people/p/p') == 49 and "after=p48" in page
    assert shen.ask("/people?after=p48")[1].count('<a href="/people/p/p') == 6
    assert shen.ask("/people?words=%25")[1].count('<a href="/people/p/p') == 0
    assert shen.ask("/people?words=人员54".replace("人员", "%E4%BA%BA%E5%91%98"))[1].count('<a href="/people/p/p') == 1
    code, page = shen.ask("/people?show=vacant")
    assert code == 200 and "岗位空缺" in page and "负责人" in page


def test_who_keeps_no_accounts_sees_none_and_is_counted(staff: Staff) -> None:
    here, _, _ = staff
    here.house.settle("li", "alpha.head")
    li = here.inside("li")
    for path in ("/people", "/people/p/shen", "/people/proposals"):
        assert li.ask(path)[0] == 403, path
    for path in ("/people", "/people/p/shen/code", "/people/p/shen/standing", "/people/p/shen/end"):
        assert li.ask(path, {"csrf": li.csrf(), "login": "x", "name": "x"})[0] == 403, path
    assert here.house.said("denials/li")[0] == "function"
