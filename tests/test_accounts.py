"""Who may act and who is told in production: persons with posts for a time, tokens that end, and no bare login."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from commandline import SMALL, Office, moved_in
from production import act, admin, hire, own_token, producing, refusal, watch
from world import begin, broken_links, everything, history, others, sql

from engine.accounts import Accounts
from engine.errors import Conflict, DubanError, Forbidden, Invalid, NotFound, Refused
from engine.orders import Correct
from engine.tokens import Tokens
from workflows.workspace import Workspace


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    """Give the small campaign in production, on each system in turn."""
    with producing(db_url) as workspace:
        yield workspace


def test_production_believes_no_bare_login(office: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    hire(office, "li.ming", "alpha.head")
    if office.database.one_writer:
        monkeypatch.setattr(os, "getuid", lambda: 4711)  # the file is somebody else's

    for login in (None, "bgs.admin", "li.ming", "alpha.head", "nobody", "system"):
        error = refusal(lambda name=login: office.actor(name))
        assert (type(error), error.code, error.exit_code) == (Forbidden, "no_identity", 5)


def test_the_owner_of_a_local_database_acts_under_its_logins_and_the_record_says_so(sqlite_url: str) -> None:
    office = begin(sqlite_url, rehearsal=False, late=True)
    Accounts(office.engine, office.actor()).add("li.ming", "李明")
    Accounts(office.engine, office.actor("bgs.admin")).grant("li.ming", "alpha", "liaison")

    act(office, office.actor("li.ming"), "errand/alpha", "take")

    entry = history(office, "errand/alpha")[-1]
    assert (entry["actor"], entry["actor_auth"].split(":")[:2]) == ("li.ming", ["owner", str(os.getuid())])
    assert refusal(lambda: office.actor("alpha.head")).code == "unknown_login"
    office.close()


def test_one_human_under_two_logins_of_a_local_database_is_one_person(sqlite_url: str) -> None:
    office = begin(sqlite_url, rehearsal=False, late=True)
    desk = Accounts(office.engine, office.actor())
    for login, post in (("li.ming", "liaison"), ("wang.li", "head")):
        desk.add(login, login)
        desk.grant(login, "alpha", post)
    order = Correct(ref="errand/alpha", facts={"urgent": False}, reason="漏填")
    office.engine.execute(order, office.actor("wang.li"))
    act(office, office.actor("li.ming"), "errand/alpha", "take")
    act(office, office.actor("li.ming"), "errand/alpha", "submit", "report")

    error = refusal(lambda: act(office, office.actor("wang.li"), "errand/alpha", "accept", grade="good"))

    assert (type(error), [reason.kind for reason in error.reasons]) == (Forbidden, ["distinct"])
    office.close()


def test_the_second_person_must_be_another_person_whatever_tokens_they_show(office: Workspace) -> None:
    both = hire(office, "li.ming", "alpha.liaison", "alpha.head")
    other_token = own_token(office, "li.ming")
    second = hire(office, "wang.li", "alpha.head")
    office.engine.execute(
        Correct(ref="errand/alpha", facts={"urgent": False}, reason="漏填"), office.actor(token=second)
    )
    act(office, office.actor(token=both), "errand/alpha", "take")
    act(office, office.actor(token=both), "errand/alpha", "submit", "report")

    error = refusal(lambda: act(office, office.actor(token=other_token), "errand/alpha", "accept", grade="good"))

    assert (type(error), [reason.kind for reason in error.reasons]) == (Forbidden, ["distinct"])
    assert act(office, office.actor(token=second), "errand/alpha", "accept", grade="good") == "closed"
    entry = history(office, "errand/alpha")[-1]
    assert (entry["actor"], entry["actor_auth"]) == ("wang.li", f"token:{second.split('_')[1]}")


def test_a_token_lives_to_its_last_microsecond_and_no_longer(office: Workspace) -> None:
    admin(office).add("li.ming", "李明")
    secret = own_token(office, "li.ming", days=7)

    watch(office).later(days=7, microseconds=-1)
    assert office.actor(token=secret).login == "li.ming"
    watch(office).later(microseconds=1)
    assert refusal(lambda: office.actor(token=secret)).code == "bad_token"


def test_every_way_to_show_a_wrong_token_is_answered_alike(office: Workspace) -> None:
    secret = hire(office, "li.ming", "alpha.head")
    _, ident, rest = secret.split("_", 2)
    gone = hire(office, "zhang.wei", "beta.head")
    admin(office).disable("zhang.wei")
    wrong = ["", "x", "db__", f"db_{ident}", f"db_{ident}_", f"db_{ident}_{rest[:-1]}", f"db_ffffffff_{rest}"]
    wrong += [f"xx_{ident}_{rest}", gone]

    said = {
        (error.code, error.message) for error in (refusal(lambda each=each: office.actor(token=each)) for each in wrong)
    }

    assert len(said) == 1
    assert office.actor("li.ming", secret).login == "li.ming"
    assert refusal(lambda: office.actor("bgs.admin", secret)).code == "forbidden"


def test_no_token_is_kept_in_clear(office: Workspace) -> None:
    secret = hire(office, "li.ming", "alpha.head")

    assert secret.split("_", 2)[2] not in repr(everything(office))


def test_only_the_offices_administrator_changes_accounts(office: Workspace) -> None:
    secret = hire(office, "li.ming", "alpha.head", "bgs.head", "beta.liaison")
    desk = Accounts(office.engine, office.actor(token=secret))
    before = everything(office)

    for work in (
        lambda: desk.add("x", "x"),
        lambda: desk.grant("li.ming", "bgs", "admin"),
        lambda: Tokens(office.engine, desk.actor).make("bgs.admin"),
        lambda: desk.disable("bgs.admin"),
    ):
        error = refusal(work)
        assert (type(error), error.exit_code, bool(error.reasons)) == (Forbidden, 5, True)
    assert everything(office) == before


def test_an_account_that_makes_no_sense_is_refused_and_changes_nothing(office: Workspace) -> None:
    hire(office, "li.ming")
    desk = admin(office)
    before = everything(office)

    found = [
        (type(refusal(work)), refusal(work).exit_code)
        for work in (
            lambda: desk.add("li.ming", "另一个"),
            lambda: desk.add("a b", "x"),
            lambda: desk.add("system", "x"),
            lambda: desk.grant("nobody", "alpha", "head"),
            lambda: desk.grant("li.ming", "gamma", "head"),
            lambda: desk.grant("li.ming", "alpha", "chair"),
            lambda: Tokens(office.engine, desk.actor).make("li.ming", days=0),
            lambda: Tokens(office.engine, desk.actor).make("li.ming", days=91),
            lambda: Tokens(office.engine, desk.actor).make("nobody"),
            lambda: desk.disable("nobody"),
        )
    ]

    assert found == [
        (Conflict, 6), (Invalid, 7), (Invalid, 7), (NotFound, 3), (NotFound, 3), (Invalid, 7), (Invalid, 7), (Invalid, 7),
        (NotFound, 3), (NotFound, 3),
    ]  # fmt: skip
    assert everything(office) == before


def test_every_change_of_an_account_is_on_the_chained_record_with_its_author(office: Workspace) -> None:
    secret = hire(office, "li.ming", "alpha.head")
    admin(office).disable("li.ming")

    rows = sql(office.database, "select record from entry where stream = 'authz/li.ming' order by seq")
    said = [json.loads(record) for (record,) in rows]
    assert [each["trigger"] for each in said] == ["add", "grant", "token", "disable"]
    assert [each["actor"] for each in said] == ["bgs.admin", "bgs.admin", "li.ming", "bgs.admin"]
    assert said[2]["account"]["token_id"] == secret.split("_")[1]
    assert broken_links(office) == []


def test_the_command_line_asks_for_a_token_on_a_shared_database(pg_url: str, tmp_path: Path) -> None:
    office = Office(pg_url)
    secret = office.json("init", "--campaign", SMALL, "--late")["administrator_token"]
    key = tmp_path / "token"
    key.write_text(secret + "\n")

    assert office.as_("bgs.admin", "user", "add", "li.ming").politely().code == 5
    assert office("user", "add", "li.ming").politely().code == 5
    added = office.json("--token-file", str(key), "user", "add", "li.ming", "--name", "李明")
    office.json("--token-file", str(key), "user", "grant", "li.ming", "--body", "alpha", "--post", "liaison")
    refused = office("--token-file", str(key), "user", "token", "li.ming").politely()
    assert (refused.code, "duban user code li.ming" in refused.err) == (5, True)
    theirs = moved_in(office, tmp_path, "li.ming", TOKEN_FILE=str(key), DUBAN_TOKEN_FILE=str(key)).read_text()
    key.write_text(theirs)

    assert added["login"] == "li.ming"
    assert (
        office.json("do", "errand/alpha", "take", TOKEN_FILE=str(key), DUBAN_TOKEN_FILE=str(key))["matter"]["state"]
        == "doing"
    )
    key.write_text(secret)
    office.json("--token-file", str(key), "user", "disable", "li.ming")
    key.write_text(theirs)
    assert (
        office("do", "errand/alpha", "note_cost", "--fact", "cost_fen=1", DUBAN_TOKEN_FILE=str(key)).politely().code
        == 5
    )


def test_the_last_administrator_cannot_be_disabled(office: Workspace) -> None:
    desk = admin(office)
    before = everything(office)

    error = refusal(lambda: desk.disable("bgs.admin"))

    assert (type(error), error.exit_code, bool(error.reasons)) == (Refused, 4, True)
    assert everything(office) == before
    hire(office, "li.ming", "bgs.admin")
    desk.disable("bgs.admin")


def test_an_administrator_for_a_time_does_not_make_another_one_dispensable(office: Workspace) -> None:
    hire(office, "li.ming", "bgs.admin", until=office.clock.now() + timedelta(days=30))

    error = refusal(lambda: admin(office).disable("bgs.admin"))

    assert (error.code, error.exit_code) == ("last_administrator", 4)
    assert "duban user grant LOGIN --body bgs --post admin" in error.reasons[0].zh
    admin(office).disable("li.ming")


def test_two_administrators_cannot_disable_each_other_at_the_same_moment(office: Workspace) -> None:
    secret = hire(office, "li.ming", "bgs.admin")
    said: list[DubanError] = []
    with others(office, 1) as (other,):
        desk = Accounts(other.engine, other.actor(token=secret))
        second = Thread(target=lambda: said.append(refusal(lambda: desk.disable("bgs.admin"))))

        with office.database.tx() as tx:
            assert office.people.last_of(tx, "admin", "li.ming", office.clock.now()) is None
            office.people.disable(tx, "li.ming", office.clock.now())
            tx.flush()
            second.start()
            second.join(0.3)
        second.join()

    assert [error.code for error in said] == ["last_administrator"]
