"""A one-time code makes an account one's own, once; passwords have their rules and their age."""

from collections.abc import Iterator

import pytest
from house import CHEAPLY, GOOD, OTHER, House
from production import admin, own_token, producing, refusal, watch
from test_log import sequenced
from world import broken_links, everything, flaws, sql

from engine.activation import Activation
from engine.errors import Invalid
from engine.verifying import Scope, verify
from workflows.workspace import Workspace


@pytest.fixture
def house(db_url: str) -> Iterator[House]:
    with producing(db_url) as office:
        yield House(office)


def test_a_code_makes_an_account_ones_own_once(house: House) -> None:
    admin(house.office).add("li.ming", "李明")
    code = house.code("li.ming")

    house.room.activate("li.ming", code.lower().replace("-", " "), GOOD, "10.9.9.9")

    assert refusal(lambda: house.room.activate("li.ming", code, OTHER, "x")).code == "bad_code"
    secret = house.attempt("li.ming", address="10.9.9.9")
    assert house.sessions.resolve(secret).actor.login == "li.ming"
    kept = repr(everything(house.office))
    assert GOOD not in kept and code not in kept and secret not in kept
    assert "10.9.9.9" not in "".join(row for (row,) in sql(house.office.database, "select record from entry"))
    assert house.said("authz/li.ming") == ["add", "code", "activated"]
    assert house.said("access/li.ming") == ["activation_failed", "signed_in"]
    assert broken_links(house.office) == [] and flaws(house.office) == []


def test_a_code_is_its_logins_ends_and_gives_way_to_a_newer_one(house: House) -> None:
    for login in ("li.ming", "wang.li"):
        admin(house.office).add(login, login)
    first = house.code("li.ming")
    second = house.code("li.ming")

    wrong = [("wang.li", second), ("li.ming", first), ("li.ming", ""), ("nobody", second), ("li.ming", second[:-1])]
    answers = {
        (error.code, error.message)
        for error in (refusal(lambda w=w: house.room.activate(w[0], w[1], GOOD, "x")) for w in wrong)
    }
    assert len(answers) == 1
    watch(house.office).later(days=3)
    assert refusal(lambda: house.room.activate("li.ming", second, GOOD, "x")).code == "bad_code"
    third = house.code("li.ming")
    admin(house.office).disable("li.ming")
    assert refusal(lambda: house.room.activate("li.ming", third, GOOD, "x")).code == "bad_code"
    assert refusal(lambda: house.code("li.ming")).exit_code == 3


def test_a_weak_password_uses_no_code_up(house: House) -> None:
    admin(house.office).add("li.ming", "李明")
    code = house.code("li.ming")

    for weak in (
        "",
        "short-A1",
        "alllowercase",
        "Password123!",
        "li.ming-Xk9!",
        "Small-2010!x",
        "Aa1!Aa1!Aa1!",
        "x" * 257,
    ):
        error = refusal(lambda weak=weak: house.room.activate("li.ming", code, weak, "x"))
        assert (type(error), bool(error.reasons)) == (Invalid, True), weak
        assert weak == "" or weak not in error.message

    house.room.activate("li.ming", code, "长" * 60 + "Aa1 çé x", "x")


def test_two_who_show_one_code_at_the_same_moment_are_not_both_let_in(house: House) -> None:
    admin(house.office).add("li.ming", "李明")
    code = house.code("li.ming")

    def show(other: Workspace, password: str) -> None:
        Activation(other.engine, house.office.clock, CHEAPLY).activate("li.ming", code, password, "x")

    assert house.at_once(show, GOOD, OTHER) == ["bad_code", "in"]


def test_a_password_has_its_age_and_is_changed_all_the_same(house: House) -> None:
    house.settle("li.ming", "alpha.head")
    watch(house.office).later(days=90)
    secret = house.attempt("li.ming")
    assert secret.startswith("ds_")
    watch(house.office).later(seconds=1)

    assert house.attempt("li.ming") == "password_aged"
    assert house.attempt("li.ming", OTHER) == "sign_in_failed"
    assert refusal(lambda: house.room.change_password("li.ming", GOOD, GOOD, "", "x")).exit_code == 7
    assert refusal(lambda: house.room.change_password("li.ming", OTHER, OTHER + "x", "", "x")).code == "sign_in_failed"
    house.room.change_password("li.ming", GOOD, OTHER, "", "x")

    assert refusal(lambda: house.sessions.resolve(secret)).code == "no_session"
    assert house.attempt("li.ming", OTHER).startswith("ds_")


def test_a_code_issued_again_ends_sessions_and_tokens_of_before(house: House) -> None:
    house.settle("li.ming", "alpha.head")
    secret, token = house.attempt("li.ming"), own_token(house.office, "li.ming")
    code = house.code("li.ming")
    assert house.sessions.resolve(secret).actor.login == "li.ming"

    house.room.activate("li.ming", code, OTHER, "x")

    assert refusal(lambda: house.sessions.resolve(secret)).code == "no_session"
    assert refusal(lambda: house.office.actor(token=token)).code == "bad_token"
    assert house.attempt("li.ming") == "sign_in_failed"


def test_who_issues_a_code_for_an_account_in_use_is_one_person_with_whoever_takes_it_over(house: House) -> None:
    house.settle("li.ming", "alpha.head")
    first = house.sessions.resolve(house.attempt("li.ming")).actor
    assert first.vouched_by is None

    house.room.activate("li.ming", house.code("li.ming"), OTHER, "x")
    taken = house.sessions.resolve(house.attempt("li.ming", OTHER)).actor

    issuer = admin(house.office).actor
    assert taken.vouched_by == issuer.person
    assert not taken.persons.isdisjoint(issuer.persons)
    with house.office.database.snapshot() as tx:
        assert verify(tx, house.office.campaign, Scope())["findings"] == []


def test_a_credential_or_session_that_nobody_entered_is_found(house: House) -> None:
    totp = house.settle("wang.li", "bgs.admin")
    house.attempt("wang.li", code=house.now_code(str(totp)))
    sequenced(house.office)

    def findings() -> list[str]:
        with house.office.database.snapshot() as tx:
            return [each["code"] for each in verify(tx, house.office.campaign, Scope())["findings"]]

    assert findings() == []
    for column, value in (("password", "x"), ("totp_secret", "ABCD"), ("activated_by", "os:1")):
        (kept,) = sql(house.office.database, f"select {column} from credential where login = 'wang.li'")[0]
        sql(house.office.database, f"update credential set {column} = '{value}'")
        assert findings() == ["access_differs"], column
        back = "NULL" if kept is None else f"'{kept}'"
        sql(house.office.database, f"update credential set {column} = {back}")
    sql(house.office.database, "update login_session set login = 'bgs.admin'")
    assert findings() == ["access_differs"]
