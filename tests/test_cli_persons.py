"""Who is there and who is not: what whoever keeps the accounts must see before the first notice goes out."""

from pathlib import Path

import pytest
from commandline import SMALL, Office, small_office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A production on a file of ours, in which somebody was just given a post."""
    made = Office(f"sqlite:///{tmp_path / 'duban.db'}", LANG="en")
    assert made("init", "--campaign", SMALL, "--late").code == 0
    assert made("user", "add", "li.ming", "--name", "李明").code == 0
    assert made("user", "grant", "li.ming", "--body", "alpha", "--post", "head", "--until", "2030-01-01").code == 0
    return made


def test_persons_are_listed_with_their_posts_and_whether_they_came_in(office: Office) -> None:
    found = {each["login"]: each for each in office.json("user", "list")["items"]}

    assert set(found) == {"bgs.admin", "li.ming"}
    assert [(seat["body"], seat["post"]) for seat in found["li.ming"]["posts"]] == [("alpha", "head")]
    rows = {row["login"]: row for row in office("user", "list").rows}
    assert rows["li.ming"]["posts"] == "alpha.head (until 2030-01-01 00:00)"
    assert (rows["li.ming"]["name"], rows["li.ming"]["status"]) == ("李明", "not activated")


@pytest.mark.parametrize("words", ["li.m", "李", "alph"])
def test_persons_are_found_by_login_name_or_body(words: str, office: Office) -> None:
    assert [each["login"] for each in office.json("user", "list", words)["items"]] == ["li.ming"]


def test_who_was_disabled_is_told_so(office: Office) -> None:
    assert office("user", "disable", "li.ming").code == 0

    assert next(row["status"] for row in office("user", "list", "li").rows) == "disabled"


def test_posts_that_nobody_holds_are_listed_until_somebody_does(office: Office) -> None:
    vacant = {(each["body"], each["post"]) for each in office.json("user", "list", "--vacant")["items"]}

    assert ("alpha", "head") not in vacant and ("alpha", "liaison") in vacant
    assert office("user", "grant", "li.ming", "--body", "alpha", "--post", "liaison").code == 0
    after = {(each["body"], each["post"]) for each in office.json("user", "list", "--vacant")["items"]}
    assert vacant - after == {("alpha", "liaison")}


def test_in_a_rehearsal_every_post_has_its_login_and_who_keeps_no_accounts_sees_none(tmp_path: Path) -> None:
    office = small_office(tmp_path)

    assert "alpha.head" in {each["login"] for each in office.json("user", "list")["items"]}
    assert office.json("user", "list", "--vacant")["items"] == []
    assert office("--as", "alpha.head", "user", "list").code == 5
