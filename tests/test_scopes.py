"""What must be said of a token in so many words: nobody comes by it through a token that was not made so."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from commandline import SMALL, Office, own_token_of
from house import House
from production import own_token, producing

from engine.errors import Forbidden
from engine.orders import Actor
from engine.scopes import refuse_outside
from engine.tokens import Tokens
from workflows.workspace import Workspace

POSTS = frozenset({("lxz", "chair")})


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    with producing(db_url) as found:
        House(found).settle("wang", "lxz.chair")
        yield found


@pytest.mark.parametrize("scope", [None, frozenset({"read", "act", "admin"})])
def test_a_token_that_does_not_say_it_makes_none_that_does(office: Workspace, scope: frozenset[str] | None) -> None:
    held = office.actor(None, own_token(office, "wang", scope=scope))

    with pytest.raises(Forbidden) as refusal:
        Tokens(office.engine, held).make("wang", scope=frozenset({"read", "approve"}))

    assert refusal.value.code == "scope" and "duban user token wang --scope approve" in refusal.value.message
    assert len(Tokens(office.engine, held).listed("wang")) == 1
    assert Tokens(office.engine, held).make("wang", scope=frozenset({"read"}))["scope"] == "read"


def test_who_is_signed_in_makes_one_and_it_is_good_for_that() -> None:
    token = Actor("wang", "token:x", POSTS)
    refuse_outside(replace(token, auth="session:x"), "approve")
    refuse_outside(replace(token, scope=frozenset({"approve"})), "approve")
    for each in (token, replace(token, scope=frozenset({"admin"}))):
        with pytest.raises(Forbidden):
            refuse_outside(each, "approve")
    refuse_outside(token, "act")


SHOWING = (
    "alike errand/alpha", "board", "can errand/alpha", "contact list", "deadline list", "history errand/alpha", "list",
    "monitor run", "notice list", "notice show 1", "notice urged", "privacy find --matter errand/alpha",
    "privacy ledger --to x", "privacy list", "privacy preview errand/alpha", "privacy right list", "report statistics",
    "search 甲局", "show errand/alpha", "vault list", "view list", "view show mine", "work",
)  # fmt: skip


def test_a_token_that_is_for_acts_alone_shows_nothing_on_the_command_line(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'a.db'}")
    assert office("init", "--campaign", SMALL, "--late").code == 0
    for words in ("user add li", "user grant li --body alpha --post liaison"):
        assert office(*words.split()).code == 0
    path = tmp_path / "token"
    path.write_text(own_token_of(str(office.url), "li", "act"))

    said = {words: office("--token-file", str(path), *words.split()) for words in SHOWING}

    shown = {words: (ended.code, ended.out) for words, ended in said.items()}
    assert shown == dict.fromkeys(SHOWING, (5, ""))
    assert all("scope" in ended.err for ended in said.values())
