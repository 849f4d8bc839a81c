"""The three administrators exclude each other; posts are given by two; nobody approves with what he himself gave out."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from house import CHEAPLY, GOOD, House
from production import TUESDAY, Watch, act, admin, refusal, watch
from world import begin, everything, flaws, sql

from engine.accounts import Accounts
from engine.errors import Forbidden, Refused
from engine.orders import Actor, Correct
from engine.people import People
from engine.scopes import SCOPES, read_scope
from engine.sessions import Sessions
from engine.tokens import Tokens
from workflows.workspace import Workspace

NOT_URGENT = Correct(ref="errand/alpha", facts={"urgent": False}, reason="漏填")


@pytest.fixture
def house(db_url: str) -> Iterator[House]:
    """Give the campaign of Baodi in production, on each system in turn."""
    office = begin(db_url, "baodi-2010", rehearsal=False, late=True, clock=Watch(TUESDAY))
    yield House(office)
    office.close()


def signed_in(house: House, login: str, totp: str | None) -> Actor:
    """Somebody who is signed in with what is his own."""
    watch(house.office).later(seconds=60)
    code = house.now_code(totp) if totp else ""
    return house.sessions.resolve(house.sessions.sign_in(login, GOOD, code, login)[0]).actor


def settled(house: House, login: str, *posts: str) -> Actor:
    """Somebody with posts, signed in."""
    return signed_in(house, login, house.settle(login, *posts))


def test_the_three_are_posts_of_the_campaign_and_logins_of_its_rehearsal(db_url: str) -> None:
    office = begin(db_url, "baodi-2010")
    seats = {login: office.actor(login).posts for login in ("bgs.operator", "bgs.security", "auditor", "bgs.admin")}

    assert seats == {
        "bgs.operator": {("bgs", "operator")},
        "bgs.security": {("bgs", "security")},
        "auditor": {("jiancha", "auditor")},
        "bgs.admin": {("bgs", "admin")},
    }
    for keeper in ("bgs.security", "bgs.admin"):
        Accounts(office.engine, office.actor(keeper)).add(f"x.{keeper}", "x")
    for other in ("bgs.operator", "auditor", "bgs.head"):
        assert refusal(lambda o=other: Accounts(office.engine, office.actor(o)).add("y", "y")).code == "forbidden"
    office.close()


@pytest.mark.parametrize("second", ["bgs.operator", "jiancha.auditor"])
def test_nobody_is_given_two_of_the_three(house: House, second: str) -> None:
    house.settle("an", "bgs.security")
    before = everything(house.office)

    error = refusal(lambda: admin(house.office).grant("an", *second.split(".")))

    assert (error.code, error.exit_code, bool(error.reasons)) == ("three", 5, True)
    assert everything(house.office) == before
    admin(house.office).grant("an", "wujia", "head")


def test_nobody_acts_with_two_of_the_three_however_he_came_by_them(house: House) -> None:
    totp = house.settle("an", "bgs.security")
    actor = signed_in(house, "an", totp)
    house.settle("bao", "bgs.security")
    with house.office.database.tx() as tx:
        house.office.people.grant(tx, "an", "bgs", "operator", "nobody", house.office.clock.now())

    both = replace(actor, posts=actor.posts | {("bgs", "operator")})
    assert refusal(lambda: Accounts(house.office.engine, both).add("x", "x")).code == "three"
    assert refusal(lambda: signed_in(house, "an", totp)).code == "three"


def test_once_there_is_a_security_administrator_accounts_are_not_the_offices(house: House) -> None:
    office = settled(house, "ban", "bgs.admin")
    Accounts(house.office.engine, office).add("first", "x")
    an = settled(house, "an", "bgs.security")

    assert refusal(lambda: Accounts(house.office.engine, office).add("second", "x")).code == "forbidden"
    assert refusal(lambda: house.room.issue(office, "first")).code == "forbidden"
    Accounts(house.office.engine, an).add("second", "x")
    assert house.room.issue(an, "second")["code"]


def test_a_post_is_given_by_two(house: House) -> None:
    an, chair = settled(house, "an", "bgs.security"), settled(house, "zu", "lxz.chair")
    desk = Accounts(house.office.engine, an)
    desk.add("li.ming", "x")

    said = desk.grant("li.ming", "wujia", "head")
    assert posts(house, "li.ming") == frozenset()
    alone = refusal(lambda: desk.approve(said["proposal"]))
    assert (alone.code, alone.exit_code) == ("same_person", 5)
    head = settled(house, "qi", "wujia.liaison")
    assert refusal(lambda: Accounts(house.office.engine, head).approve(said["proposal"])).code == "forbidden"
    Accounts(house.office.engine, chair).approve(said["proposal"])

    assert posts(house, "li.ming") == {("wujia", "head")}
    again = refusal(lambda: Accounts(house.office.engine, chair).approve(said["proposal"]))
    assert (type(again), again.code) == (Refused, "decided")
    assert refusal(lambda: desk.approve("nonsense")).exit_code == 3
    at_once = desk.grant("li.ming", "wujia", "liaison", approver=chair)
    assert at_once["approved_by"]["login"] == "zu" and ("wujia", "liaison") in posts(house, "li.ming")
    assert refusal(lambda: desk.grant("li.ming", "sifa", "head", approver=an)).code == "same_person"
    assert refusal(lambda: desk.grant("zu", "sifa", "head", approver=chair)).code == "same_person"
    assert [each["status"] for each in desk.proposals()] == ["approved"]
    assert flaws(house.office) == []


def test_what_is_declined_is_not_given(house: House) -> None:
    an, chair = settled(house, "an", "bgs.security"), settled(house, "zu", "lxz.chair")
    desk = Accounts(house.office.engine, an)
    desk.add("li.ming", "x")
    said = desk.grant("li.ming", "wujia", "head")

    Accounts(house.office.engine, chair).decline(said["proposal"])

    assert posts(house, "li.ming") == frozenset()
    assert refusal(lambda: Accounts(house.office.engine, chair).approve(said["proposal"])).code == "decided"


def posts(house: House, login: str) -> frozenset[tuple[str, str]]:
    people: People = house.office.people
    with house.office.database.snapshot() as tx:
        return people.posts_of(tx, login, house.office.clock.now())


def test_an_administrator_makes_no_token_for_another(house: House) -> None:
    ban = settled(house, "ban", "bgs.admin")
    house.settle("zu", "lxz.chair")

    for login in ("zu", "bgs.admin"):
        error = refusal(lambda login=login: Tokens(house.office.engine, ban).make(login))
        assert (type(error), error.code) == (Forbidden, "own_only")
        assert f"duban user code {login}" in error.reasons[0].zh
    assert Tokens(house.office.engine, ban).make("ban")["token"].startswith("db_")


@pytest.fixture
def small(db_url: str) -> Iterator[Workspace]:
    office = begin(db_url, rehearsal=False, late=True, clock=Watch(TUESDAY))
    yield office
    office.close()


def test_who_made_a_token_is_not_a_second_person_to_its_holder(small: Workspace) -> None:
    owner = admin(small)
    for login, post in (("li.ming", "liaison"), ("wang.li", "head"), ("zhao", "head")):
        owner.add(login, login)
        owner.grant(login, "alpha", post)
    made = {
        login: small.actor(token=Tokens(small.engine, owner.actor).make(login)["token"])
        for login in ("li.ming", "wang.li")
    }
    assert {each.vouched_by for each in made.values()} == {"os:0"}
    by_owner = Actor("zhao", "owner:0:tests", frozenset({("alpha", "head")}), key="os:0")
    small.engine.execute(NOT_URGENT, by_owner)
    act(small, made["li.ming"], "errand/alpha", "take")
    act(small, made["li.ming"], "errand/alpha", "submit", "report")

    for wrong in (made["wang.li"], by_owner):
        error = refusal(lambda wrong=wrong: act(small, wrong, "errand/alpha", "accept", grade="good"))
        assert [reason.kind for reason in error.reasons] == ["distinct"]
    house = House(small)
    house.room.activate("wang.li", house.code("wang.li"), GOOD, "x")
    begun = signed_in(house, "wang.li", None)
    assert (begun.vouched_by, begun.issued_by) == (None, "os:0")
    assert refusal(lambda: act(small, begun, "errand/alpha", "accept", grade="good")).exit_code == 5
    house.vouch("wang.li")
    own = signed_in(house, "wang.li", None)
    assert (own.vouched_by, own.issued_by) == (None, None)
    assert act(small, own, "errand/alpha", "accept", grade="good") == "closed"
    assert flaws(small) == []


def test_who_activates_an_account_at_his_own_keyboard_is_its_holder(small: Workspace) -> None:
    house, owner = House(small), admin(small)
    for login, post in (("li.ming", "liaison"), ("wang.li", "head")):
        owner.add(login, login)
        owner.grant(login, "alpha", post)
        house.room.activate(login, house.code(login), GOOD, "x", by="os:0")
    first, second = (signed_in(house, login, None) for login in ("li.ming", "wang.li"))
    small.engine.execute(NOT_URGENT, second)
    act(small, first, "errand/alpha", "take")
    act(small, first, "errand/alpha", "submit", "report")

    error = refusal(lambda: act(small, second, "errand/alpha", "accept", grade="good"))

    assert [reason.kind for reason in error.reasons] == ["distinct"]
    token = Tokens(small.engine, second).make("wang.li")["token"]
    assert small.actor(token=token).vouched_by == "os:0", "a token hides nothing of it"


def test_a_post_taken_back_is_gone_at_once_and_the_last_of_administration_stays(small: Workspace) -> None:
    house, desk = House(small), admin(small)
    house.settle("li.ming", "alpha.head")
    actor = signed_in(house, "li.ming", None)
    assert actor.posts

    desk.revoke("li.ming", "alpha", "head")

    assert signed_in(house, "li.ming", None).posts == frozenset()
    assert refusal(lambda: desk.revoke("li.ming", "alpha", "head")).code == "not_held"
    last = refusal(lambda: desk.revoke("bgs.admin", "bgs", "admin"))
    assert (type(last), last.code) == (Refused, "last_administrator")
    desk.grant("li.ming", "bgs", "admin")
    desk.revoke("bgs.admin", "bgs", "admin")
    assert flaws(small) == []


def test_a_token_does_what_its_scope_says_and_no_more(small: Workspace) -> None:
    house = House(small)
    house.settle("li.ming", "alpha.head", "bgs.admin")
    own = Actor("li.ming", "session:tests")
    narrow = Tokens(small.engine, own).make("li.ming", 7, read_scope(["read", "notices"]))["token"]
    actor = small.actor(token=narrow)

    for work in (
        lambda: act(small, actor, "errand/alpha", "take"),
        lambda: Accounts(small.engine, actor).add("x", "x"),
        lambda: Tokens(small.engine, actor).make("li.ming"),
        lambda: house.room.issue(actor, "li.ming"),
        lambda: Sessions(small.engine, small.clock, CHEAPLY).end_all("li.ming", actor),
    ):
        assert refusal(work).code == "scope"
    assert refusal(lambda: read_scope(["read", "root"])).exit_code == 7
    administering = small.actor(token=Tokens(small.engine, own).make("li.ming", 7, read_scope(["admin"]))["token"])
    assert refusal(lambda: Tokens(small.engine, administering).make("li.ming", 7, frozenset(SCOPES))).code == "scope"
    wider = Tokens(small.engine, administering).make("li.ming", 7, frozenset(SCOPES) - {"approve"})["token"]
    assert small.actor(token=wider).scope == {"admin"}
    assert flaws(small) == []


def test_tokens_are_listed_without_secrets_and_taken_back_one_by_one(small: Workspace) -> None:
    house = House(small)
    house.settle("li.ming", "alpha.head")
    own = Tokens(small.engine, Actor("li.ming", "session:tests"))
    one, two = (own.make("li.ming", days) for days in (3, 7))
    watch(small).later(minutes=1)
    small.actor(token=two["token"])
    small.actor(token=two["token"])

    assert refusal(lambda: Tokens(small.engine, Actor("x", "session:x")).revoke(one["token_id"])).exit_code == 5
    assert own.revoke(one["token_id"])["login"] == "li.ming"
    assert refusal(lambda: own.revoke("00000000")).exit_code == 5
    watch(small).later(days=8)

    listed = {each["id"]: each for each in own.listed("li.ming")}
    assert listed[one["token_id"]]["status"] == "revoked" and listed[one["token_id"]]["last_used_at"] is None
    assert listed[two["token_id"]]["status"] == "expired" and listed[two["token_id"]]["last_used_at"] is not None
    assert one["token"] not in repr(listed)
    uses = sql(small.database, "select count(*) from entry where kind = 'access' and trigger = 'token_used'")
    assert uses == [(1,)]
    assert flaws(small) == []
