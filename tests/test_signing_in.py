"""Signing in: password and second factor; who guesses waits, and learns nothing."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from house import CHEAPLY, GOOD, OTHER, House
from production import admin, own_token, producing, refusal, watch
from world import others, sql

from engine import throttle
from engine.sessions import Sessions
from workflows.workspace import Workspace


@pytest.fixture
def house(db_url: str) -> Iterator[House]:
    with producing(db_url) as office:
        yield House(office)


def test_an_administrator_shows_a_code_that_changes_and_each_works_once(house: House) -> None:
    secret = house.settle("wang.li", "bgs.admin")
    assert secret is not None
    code = house.now_code(secret)

    assert house.attempt("wang.li") == "sign_in_failed"
    assert house.attempt("wang.li", code="000000") == "sign_in_failed"
    assert house.attempt("wang.li", code=code).startswith("ds_")
    assert house.attempt("wang.li", code=code) == "sign_in_failed"
    watch(house.office).later(seconds=30)
    assert house.attempt("wang.li", OTHER, code=house.now_code(secret)) == "sign_in_failed"
    assert house.attempt("wang.li", code=house.now_code(secret)).startswith("ds_")
    assert secret not in "".join(row for (row,) in sql(house.office.database, "select record from entry"))


def test_one_changing_code_lets_one_of_two_in(house: House) -> None:
    secret = house.settle("wang.li", "bgs.admin")
    assert secret is not None
    code = house.now_code(secret)

    def show(other: Workspace, password: str) -> None:
        Sessions(other.engine, house.office.clock, CHEAPLY).sign_in("wang.li", password, code, "x")

    assert house.at_once(show, GOOD, GOOD) == ["in", "sign_in_failed"]


def test_a_post_of_administration_given_later_needs_a_second_factor_first(house: House) -> None:
    house.settle("li.ming", "alpha.head")
    assert house.attempt("li.ming").startswith("ds_")
    admin(house.office).grant("li.ming", "bgs", "admin")

    assert house.attempt("li.ming") == "second_factor_missing"
    assert house.attempt("li.ming", OTHER) == "sign_in_failed"


def test_who_guesses_waits_longer_and_longer_and_never_for_ever(house: House) -> None:
    house.settle("li.ming", "alpha.head")
    for number in range(5):
        assert house.attempt("li.ming", OTHER, address=f"a{number}") == "sign_in_failed"

    waits = []
    for _ in range(7):
        waited = 0
        while house.attempt("li.ming", OTHER, address=f"b{len(waits)}-{waited}") == "throttled":
            watch(house.office).later(minutes=1)
            waited += 1
        waits.append(waited)

    assert waits == [1, 2, 4, 8, 15, 15, 15]
    assert house.attempt("li.ming") == "throttled", "also the right one"
    watch(house.office).later(minutes=15)
    assert house.attempt("li.ming").startswith("ds_")
    assert house.attempt("li.ming", OTHER) == "sign_in_failed", "and the count begins anew"
    assert house.attempt("li.ming").startswith("ds_")


def test_the_failures_of_every_node_count_together(house: House) -> None:
    house.settle("li.ming", "alpha.head")
    with others(house.office, 2) as nodes:
        for number in range(5):
            node = nodes[number % 2]
            node.clock = node.engine.clock = house.office.clock
            at_node = Sessions(node.engine, house.office.clock, CHEAPLY)
            assert refusal(lambda s=at_node: s.sign_in("li.ming", OTHER, "", "x")).code == "sign_in_failed"

    assert house.attempt("li.ming") == "throttled"


def test_one_address_tries_twenty_times_a_minute(house: House) -> None:
    house.settle("li.ming", "alpha.head")
    tried = [house.attempt(f"nobody{number}", address="10.0.0.7") for number in range(21)]

    assert tried == ["sign_in_failed"] * 20 + ["throttled"]
    assert house.attempt("li.ming", address="10.0.0.7") == "throttled"
    assert house.attempt("li.ming", address="10.0.0.8").startswith("ds_")
    watch(house.office).later(minutes=1)
    assert house.attempt("li.ming", address="10.0.0.7").startswith("ds_")


def test_known_and_unknown_logins_are_answered_alike(house: House) -> None:
    house.settle("li.ming", "alpha.head")
    admin(house.office).add("not.active", "x")
    house.settle("gone", "alpha.head")
    admin(house.office).disable("gone")

    def answers(login: str) -> list[tuple[str, str]]:
        errors = [refusal(lambda n=n: house.sessions.sign_in(login, OTHER, "", f"{login}{n}"[:30])) for n in range(6)]
        return [(error.code, error.message) for error in errors]

    wrong = ["li.ming", "not.active", "gone", "nobody"]
    assert len({json.dumps(answers(login)) for login in wrong}) == 1
    for strange in ("", "a b", "\x00", "x" * 500, "é' or 1=1"):
        assert house.attempt(strange, address=f"s{len(strange)}") in ("sign_in_failed", "throttled")


def test_a_flood_of_failures_leaves_few_entries(house: House) -> None:
    house.settle("li.ming", "alpha.head")
    before = sql(house.office.database, "select count(*) from entry")[0][0]

    for number in range(120):
        house.attempt("li.ming" if number % 2 else f"n{number}", OTHER, address=f"a{number // 30}")

    assert sql(house.office.database, "select count(*) from entry")[0][0] - before <= 10
    watch(house.office).later(minutes=16)
    house.attempt("n", OTHER, address="z")
    (last,) = sql(house.office.database, "select record from entry where stream = 'access/-' order by seq desc limit 1")
    assert json.loads(last[0])["access"]["times"] > 10
    assert sql(house.office.database, "select count(*) from throttle")[0][0] < 100


def test_proving_oneself_again_takes_the_password_or_a_code(house: House) -> None:
    totp = house.settle("wang.li", "bgs.admin")
    assert totp is not None
    secret = house.attempt("wang.li", code=house.now_code(totp))
    watch(house.office).later(minutes=6)

    for password, code in (("", ""), (OTHER, ""), (GOOD, "123456"), ("", "123456")):
        assert refusal(lambda p=password, c=code: house.sessions.step_up(secret, p, c)).code == "sign_in_failed"
    again = house.sessions.step_up(secret, GOOD, "")
    watch(house.office).later(minutes=6)
    last = house.sessions.step_up(again, "", house.now_code(totp))

    assert refusal(lambda: house.sessions.resolve(again)).code == "no_session"
    assert house.sessions.resolve(last).stepped_up_at == house.office.clock.now()
    assert house.said("access/wang.li").count("stepped_up") == 2


def test_who_is_disabled_or_loses_a_post_is_out_with_the_next_request_on_every_node(house: House) -> None:
    house.settle("li.ming", "alpha.head", "beta.head")
    secret = house.attempt("li.ming")
    token = own_token(house.office, "li.ming")
    with others(house.office, 1) as (node,):
        node.clock = node.engine.clock = house.office.clock
        there = Sessions(node.engine, house.office.clock, CHEAPLY)
        assert there.resolve(secret).actor.posts == {("alpha", "head"), ("beta", "head")}

        admin(house.office).revoke("li.ming", "beta", "head")
        assert there.resolve(secret).actor.posts == {("alpha", "head")} == node.actor(token=token).posts
        admin(house.office).disable("li.ming")

        assert refusal(lambda: there.resolve(secret)).code == "no_session"
        assert refusal(lambda: node.actor(token=token)).code == "bad_token"
    assert house.attempt("li.ming") == "sign_in_failed"


def test_production_is_entered_by_nobody_without_a_proof(house: House) -> None:
    assert refusal(lambda: house.sessions.enter("bgs.admin", "x")).code == "no_entry"


def test_the_wait_grows_to_a_quarter_of_an_hour() -> None:
    minutes = [throttle.wait_after(failures) // throttle.MINUTE_US for failures in range(1, 100)]

    assert minutes[:9] == [0, 0, 0, 0, 1, 2, 4, 8, 15]
    assert set(minutes[9:]) == {15}
    assert timedelta(minutes=max(minutes)) == timedelta(minutes=15)
