"""Two who change one account at the same moment: what the second decides, it decides by what the first has done.

Each race is made certain: what the other does happens as a whole after the first has looked and before he writes. SQLite
lets in one writer at a time.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from house import GOOD, OTHER, House
from production import TUESDAY, Watch, admin, hire, own_token, producing, refusal
from racing import Act, once_called
from world import begin, others, sql

from engine import activation, people, vouching
from engine.accounts import Accounts
from engine.delegating import Delegations
from engine.orders import Actor
from workflows.workspace import Workspace


def records(office: Workspace) -> list[dict[str, Any]]:
    return [json.loads(row) for (row,) in sql(office.database, "select record from entry order by recorded_at")]


HIS = "login = 'li.ming' and revoked_at is null"


@pytest.fixture
def office(pg_url: str) -> Iterator[Workspace]:
    with producing(pg_url) as office:
        yield office


@pytest.fixture
def other(office: Workspace) -> Iterator[Workspace]:
    """The same database for another process."""
    with others(office, 1) as (other,):
        other.clock = other.engine.clock = office.clock
        yield other


@pytest.fixture
def once_seen(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str, Act], None]:
    """Let something happen right after the next call of a function has returned."""
    return partial(once_called, monkeypatch)


def test_no_code_is_issued_to_who_is_being_disabled(office: Workspace, other: Workspace, once_seen: Any) -> None:
    admin(office).add("li.ming", "李明")
    once_seen(activation.credentials, "read", lambda: admin(other).disable("li.ming"))

    assert refusal(lambda: House(office).code("li.ming")).code == "no_login"

    assert sql(office.database, f"select count(*) from one_time_code where {HIS}") == [(0,)]


def test_no_token_is_made_for_who_is_being_disabled(office: Workspace, other: Workspace, once_seen: Any) -> None:
    hire(office, "li.ming", "alpha.head")
    once_seen(people.People, "token", lambda: admin(other).disable("li.ming"))

    assert refusal(lambda: own_token(office, "li.ming")).code == "no_login"

    assert sql(office.database, f"select count(*) from access_token where {HIS}") == [(0,)]


def test_what_was_made_anew_meanwhile_is_not_confirmed_unseen(
    office: Workspace, other: Workspace, once_seen: Any
) -> None:
    admin(office).add("li.ming", "李明")
    house, again = House(office), House(other)
    house.room.activate("li.ming", house.code("li.ming"), GOOD, "x")
    another = replace(admin(office).actor, key="os:1")
    code = house.room.issue(another, "li.ming")["code"]
    once_seen(vouching.credentials, "read", lambda: again.room.activate("li.ming", code, OTHER, "x"))

    house.vouch("li.ming")

    stands = sql(office.database, "select issued_by from credential where login = 'li.ming'")
    (said,) = (each["account"] for each in records(office) if each["trigger"] == "vouched")
    assert stands == [(said["begun_by"],)] == [(another.person,)]


def test_two_posts_that_exclude_each_other_are_not_both_given(pg_url: str, once_seen: Any) -> None:
    office = begin(pg_url, "baodi-2010", rehearsal=False, late=True, clock=Watch(TUESDAY))
    admin(office).add("an", "安")
    with others(office, 1) as (other,):
        other.clock = other.engine.clock = office.clock
        once_seen(Accounts, "_must_go_together", lambda: admin(other).grant("an", "jiancha", "auditor"))

        assert refusal(lambda: admin(office).grant("an", "bgs", "security")).code == "three"
    office.close()


def test_nobody_stands_in_twice_for_the_same_post(office: Workspace, other: Workspace, once_seen: Any) -> None:
    for login in ("li.ming", "wang.li"):
        hire(office, login, "alpha.head")
    now = office.clock.now()

    def give(at: Workspace) -> Any:
        li_ming = Actor("li.ming", "session:tests")
        return Delegations(at.engine, li_ming).make("li.ming", "wang.li", now, now + timedelta(days=3), "出差")

    once_seen(Delegations, "_refuse_overlap", lambda: give(other))

    assert refusal(lambda: give(office)).code == "delegated_already"


def test_two_logins_that_differ_in_capitals_only_are_not_both_made(
    office: Workspace, other: Workspace, once_seen: Any
) -> None:
    once_seen(people, "refuse_taken", lambda: admin(other).add("Li.Ming", "李明"))

    assert refusal(lambda: admin(office).add("li.ming", "李铭")).code == "login_taken"
