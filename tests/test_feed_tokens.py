"""The token of a calendar feed shows one person's deadlines, lets nobody act, and is taken back at once."""

import json
from pathlib import Path

from commandline import small_office
from production import admin, hire, producing, refusal
from world import everything, sql

from engine.feed_tokens import FeedTokens, feed_holder
from workflows.workspace import Workspace


def holder(workspace: Workspace, secret: str) -> str:
    with workspace.database.snapshot() as tx:
        return feed_holder(workspace.engine, tx, secret)


def test_a_token_shows_whose_feed_it_is_until_it_is_taken_back_or_made_anew(workspace: Workspace) -> None:
    desk = FeedTokens(workspace.engine, workspace.actor("alpha.head"))
    first = desk.make("alpha.head")["token"]
    assert holder(workspace, first) == "alpha.head"

    second = desk.make("alpha.head")["token"]
    assert refusal(lambda: holder(workspace, first)).code == "bad_token"
    assert holder(workspace, second) == "alpha.head"
    desk.revoke("alpha.head")

    assert refusal(lambda: holder(workspace, second)).exit_code == 5
    assert refusal(lambda: desk.revoke("alpha.head")).exit_code == 3
    for nonsense in ("", "dbf", "dbf_x_y", second + "x", second.replace("dbf", "db")):
        assert refusal(lambda nonsense=nonsense: holder(workspace, nonsense)).code == "bad_token"
    assert second not in json.dumps(everything(workspace), default=str), "only its hash is kept"
    said = [
        json.loads(row[0])["trigger"]
        for row in sql(workspace.database, "select record from entry where stream = 'authz/alpha.head' order by seq")
    ]
    assert said == ["feed_token", "feed_token", "feed_token_revoked"]


def test_nobody_makes_one_for_another_and_it_lets_nobody_act(workspace: Workspace) -> None:
    stranger = FeedTokens(workspace.engine, workspace.actor("beta.head"))
    assert refusal(lambda: stranger.make("alpha.head")).exit_code == 5
    office = FeedTokens(workspace.engine, workspace.actor("bgs.admin"))
    assert refusal(lambda: office.make("nobody")).exit_code == 3

    secret = office.make("alpha.head")["token"]

    assert refusal(lambda: workspace.actor(token=secret)).code == "bad_token"


def test_it_ends_with_the_account(db_url: str) -> None:
    with producing(db_url) as office:
        token = hire(office, "li.ming", "alpha.liaison")
        secret = FeedTokens(office.engine, office.actor(token=token)).make("li.ming")["token"]
        assert holder(office, secret) == "li.ming"

        admin(office).disable("li.ming")

        assert refusal(lambda: holder(office, secret)).code == "bad_token"


def test_it_is_made_and_taken_back_by_typing(tmp_path: Path) -> None:
    office = small_office(tmp_path)

    assert office.json("user", "feed-token", "alpha.head")["token"].startswith("dbf_")
    assert office("user", "feed-token", "alpha.head", "--revoke").code == 0
    assert office("user", "feed-token", "alpha.head", "--revoke").politely().code == 3
