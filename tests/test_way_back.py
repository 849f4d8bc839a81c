"""An office without a token that holds has a way back in, by the operator of the server; a database can hold two campaigns."""

from pathlib import Path

import pytest
from commandline import SMALL, Office
from production import admin, hire, producing, refusal, watch
from test_amendment import changed
from world import flaws, notices, sql

from engine.errors import Forbidden, Refused
from workflows.launch import Beginning, init
from workflows.way_back import reset_token


def test_when_no_administrator_has_a_token_the_operator_makes_one_and_all_see_it(pg_url: str) -> None:
    with producing(pg_url) as office:
        old = admin(office)
        old.add("li.chair", "Li")
        old.grant("li.chair", "lxz", "chair")
        watch(office).later(days=91)

        said = reset_token(office, "bgs.admin")

        actor = office.actor(token=said["token"])
        assert ("bgs", "admin") in actor.posts
        (kind, trigger, who, record) = sql(
            office.database,
            "select kind, trigger, actor, record from entry where stream = 'authz/bgs.admin' order by seq",
        )[-1]
        assert (kind, trigger, who) == ("account", "token_reset", "operator")
        assert '"actor_auth":"operator:' in record
        assert said["token"] not in record
        told = {each["recipient"] for each in notices(office) if each["kind"] == "token_reset"}
        assert told == {"li.chair", "bgs.admin"}
        watch(office).later(days=2)
        assert isinstance(refusal(lambda: office.actor(token=said["token"])), Forbidden)
        assert flaws(office) == []


def test_while_somebody_can_help_nobody_breaks_in(pg_url: str) -> None:
    with producing(pg_url) as office:
        hire(office, "wang", "bgs.admin")

        refused = refusal(lambda: reset_token(office, "bgs.admin"))

        assert refused.code == "not_locked_out"
        assert "wang" in refused.message


@pytest.mark.parametrize(("login", "code"), [("zhao", "no_administrator"), ("nobody", "unknown_login")])
def test_only_administrators_come_back_so(login: str, code: str, pg_url: str) -> None:
    with producing(pg_url) as office:
        hire(office, "zhao", "alpha.head")
        watch(office).later(days=91)

        assert refusal(lambda: reset_token(office, login)).code == code


def test_a_role_that_does_not_own_the_tables_is_no_operator(pg_url: str) -> None:
    with producing(pg_url) as office:
        watch(office).later(days=91)
        office.database.wire.operator = "SELECT session_user FROM pg_tables WHERE tableowner = 'somebody else'"

        assert refusal(lambda: reset_token(office, "bgs.admin")).code == "no_operator"


def test_a_local_database_and_a_rehearsal_need_no_reset(sqlite_url: str, tmp_path: Path) -> None:
    with producing(sqlite_url) as office:
        refused = refusal(lambda: reset_token(office, "bgs.admin"))
    assert isinstance(refused, Refused)
    assert "duban user token bgs.admin" in refused.hint
    place = Office(f"sqlite:///{tmp_path / 'r.db'}")
    assert place("init", "--campaign", SMALL, "--rehearsal").code == 0
    assert place("user", "token", "bgs.admin", "--reset").code == 4


def test_whoever_never_saw_what_the_beginning_showed_is_told_how_to_come_in_and_comes_in_once(
    pg_url: str, tmp_path: Path
) -> None:
    office = Office(pg_url, DOCUMENTS=str(tmp_path / "d"), LANG="en")
    begin = ("init", "--campaign", SMALL, "--late", "--second", "li.chair")
    shown = office.json(*begin)
    assert {"administrator_token", "administrator_code", "second_code"} <= set(shown)

    again = office(*begin)

    assert again.code == 0, again.err
    assert "duban user token bgs.admin --reset" in again.err and "duban user code li.chair" in again.err
    assert office("--json", *begin).json["not_come_in"] == ["bgs.admin", "li.chair"]
    assert office(*begin[:-1], "somebody").code == 4
    (tmp_path / "t").write_text(office.json("user", "token", "bgs.admin", "--reset")["token"])
    assert office("--token-file", str(tmp_path / "t"), "user", "token", "bgs.admin").out.startswith("db_")
    assert office("user", "token", "bgs.admin", "--reset").code == 4
    assert office("audit", "verify").code == 0


def test_a_second_production_campaign_has_the_same_administrator(db_url: str, tmp_path: Path) -> None:
    office = Office(db_url, DOCUMENTS=str(tmp_path / "d"), OUTBOX=str(tmp_path / "o"), LANG="en")
    assert office("init", "--campaign", SMALL, "--late").code == 0
    other = changed(tmp_path / "x", ("code: small-2010", "code: other-2010"), campaign=Path(SMALL))

    begun = office("--json", "init", "--campaign", other, "--late")

    assert begun.code == 0, begun.err
    assert "administrator_token" not in begun.json
    assert begun.json["opened"] == 2
    first, _ = init(db_url, Beginning(SMALL, late=True))
    second, _ = init(db_url, Beginning(other, late=True))
    for place in (first, second):
        with place.database.snapshot() as tx:
            posts = place.people.known(tx, "bgs.admin", "looked up", place.clock.now()).posts
        assert posts == {("bgs", "admin")}
        assert flaws(place) == []
        place.close()
    assert office("init", "--campaign", other, "--late").code == 0


def test_a_disabled_account_is_no_administrator_of_another_campaign(db_url: str, tmp_path: Path) -> None:
    other = changed(tmp_path / "x", ("code: small-2010", "code: other-2010"), campaign=Path(SMALL))
    with producing(db_url) as office:
        hire(office, "wang", "bgs.admin")
        admin(office).disable("bgs.admin")

    assert refusal(lambda: init(db_url, Beginning(other, late=True))).code == "login_disabled"
