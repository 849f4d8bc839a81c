"""A grave act on a matter asks for a fresh proof over real HTTP, and goes on with what was typed."""

import re
from collections.abc import Iterator

import pytest
from doorway import Served, fields, served
from house import GOOD, OTHER
from production import act, producing, watch
from test_console_matter import Clerk
from test_three_administrators import NOT_URGENT

ERRAND = "errand/alpha"


@pytest.fixture
def here(db_url: str) -> Iterator[Served]:
    with producing(db_url) as office, served(office) as found:
        for login, post in (("li", "alpha.liaison"), ("wang", "alpha.head")):
            found.house.settle(login, post)
        office.engine.execute(NOT_URGENT, office.holder("wang"))
        act(office, office.holder("li"), ERRAND, "take")
        act(office, office.holder("li"), ERRAND, "submit", "report")
        yield found


def clerk(here: Served, login: str) -> Clerk:
    found = Clerk(here.url)
    found.cookies = here.inside(login).cookies
    return found


def state(here: Served) -> str:
    return str(here.house.office.reader.show(ERRAND)["state"])


def test_closing_a_matter_asks_for_a_proof_and_goes_on_with_what_was_typed(here: Served) -> None:
    wang = clerk(here, "wang")
    watch(here.house.office).later(minutes=6)
    form = wang.card("accept") | {"fact.grade": "good", "trigger": "accept"}

    status, page = wang.send(f"/do/{ERRAND}", form)
    assert status == 403 and "结案" in page and state(here) == "review"
    held = fields(page)
    assert held["fact.grade"] == "good"
    status, page = wang.send(f"/do/{ERRAND}", held | {"proof.password": OTHER})
    assert status == 403 and OTHER not in page and state(here) == "review"
    assert wang.send(f"/do/{ERRAND}", fields(page) | {"proof.password": GOOD})[0] == 303

    assert state(here) == "closed"
    assert here.house.said("access/wang")[-2:] == ["step_up_failed", "stepped_up"]


def test_what_is_not_grave_asks_for_nothing(here: Served) -> None:
    wang = clerk(here, "wang")
    watch(here.house.office).later(minutes=6)
    page = wang.ask(f"/m/{ERRAND}")[1]
    assert re.search(r'id="act-send_back"', page)

    assert wang.send(f"/do/{ERRAND}", wang.card("send_back") | {"reason": "补充材料"})[0] == 303
    assert state(here) == "todo"


def test_a_proof_of_another_is_none(here: Served) -> None:
    wang, li = clerk(here, "wang"), clerk(here, "li")
    watch(here.house.office).later(minutes=6)
    form = wang.card("accept") | {"fact.grade": "good"}
    page = wang.send(f"/do/{ERRAND}", form)[1]

    assert li.send(f"/do/{ERRAND}", fields(page) | {"proof.password": GOOD})[0] == 403, "the form is of another session"
    assert state(here) == "review"
