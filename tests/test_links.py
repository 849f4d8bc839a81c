"""A link says “received” once, for one recipient's notices, and can do nothing else, whatever is done to it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from world import advance, begin, broken_links, clock_of, do, everything, flaws, notices, set_clock, sql, to_review

from engine.ack_desk import AckDesk
from engine.ack_links import LONGEST_TOKEN, MOST_NOTICES, Links
from engine.clock import from_us
from engine.ids import new_id
from engine.notice_desk import NoticeDesk
from engine.rows import INSERT_NOTICE
from engine.told import notices_by_id
from workflows.workspace import Workspace

KEY = b"0123456789abcdef0123456789abcdef"
DUE = "2010-11-03T09:00"


def links_of(workspace: Workspace, key: bytes = KEY, **more: Any) -> Links:
    return Links("https://ack.example/x/", key, workspace.campaign.log, **more)


def desk(workspace: Workspace, **more: Any) -> AckDesk:
    return AckDesk(workspace.engine, links_of(workspace, **more))


def sent_to(workspace: Workspace, *recipients: str) -> list[tuple[int, str]]:
    found = {each["recipient"]: int(each["id"]) for each in notices(workspace) if each["kind"] == "reminder"}
    return [(found[recipient], recipient) for recipient in recipients]


def token_for(workspace: Workspace, *recipients: str, **more: Any) -> str:
    return links_of(workspace, **more).url(sent_to(workspace, *recipients), workspace.clock.now()).rpartition("/")[2]


@pytest.fixture
def reminded(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url)
    advance(found, DUE)
    yield found
    found.close()


def test_looking_changes_nothing_and_acknowledging_takes_the_usual_road_as_a_link(reminded: Workspace) -> None:
    token = token_for(reminded, "alpha.liaison")
    before = everything(reminded)

    assert desk(reminded).look(token).status == desk(reminded).look(token).status == "open"
    assert everything(reminded) == before
    assert desk(reminded).acknowledge(token).status == "open"

    (told,) = [each for each in notices(reminded) if each["status"] == "acknowledged"]
    assert (told["recipient"], told["acknowledged_by"], told["acknowledged_auth"]) == (
        "alpha.liaison", "alpha.liaison", "link",
    )  # fmt: skip
    records = [json.loads(row[0]) for row in sql(reminded.database, "select record from entry where kind = 'notice'")]
    (record,) = [each for each in records if each["trigger"] == "acknowledge"]
    assert (record["actor"], record["actor_auth"], record["body"]) == ("alpha.liaison", "link", "alpha")
    assert clock_of(reminded, "errand/alpha", "answer")["status"] == "running"
    assert (broken_links(reminded), flaws(reminded)) == ([], [])


def test_a_link_works_once(reminded: Workspace) -> None:
    token = token_for(reminded, "alpha.liaison")
    desk(reminded).acknowledge(token)
    before = everything(reminded)

    assert desk(reminded).acknowledge(token).status == "done"
    assert desk(reminded).look(token).status == "done"
    assert everything(reminded) == before


def test_a_link_ends_with_its_days_and_with_its_matter(reminded: Workspace) -> None:
    alpha, beta = token_for(reminded, "alpha.liaison", days=2), token_for(reminded, "beta.liaison")
    to_review(reminded, "errand/beta")
    do(reminded, "errand/beta", "accept", "bgs.head", grade="good")
    assert reminded.reader.show("errand/beta")["closed"]
    assert desk(reminded).acknowledge(beta).status == "over"

    set_clock(reminded, "2010-11-05T08:59")
    assert desk(reminded).look(alpha).status == "open"
    set_clock(reminded, "2010-11-05T09:00")
    assert desk(reminded).acknowledge(alpha).status == "expired"
    assert not [each for each in notices(reminded) if each["status"] == "acknowledged"]


@pytest.mark.parametrize("status", ["cancelled", "dead", "owed", "held"])
def test_what_was_not_sent_or_was_cancelled_is_not_acknowledged(status: str, reminded: Workspace) -> None:
    token = token_for(reminded, "alpha.liaison")
    sql(reminded.database, f"update notice set status = '{status}' where recipient = 'alpha.liaison'")

    assert desk(reminded).acknowledge(token).status == ("cancelled" if status == "cancelled" else "early")
    assert not [each for each in notices(reminded) if each["status"] == "acknowledged"]


def test_every_other_token_is_unknown_and_says_nothing(reminded: Workspace) -> None:
    token = token_for(reminded, "alpha.liaison")
    middle = len(token) // 2
    spoilt = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in (0, 3, 20, middle, -1)]
    ((ident, _),) = sent_to(reminded, "alpha.liaison")
    elsewhere = Links("https://ack.example", KEY, "another/" + reminded.campaign.code)
    foreign = elsewhere.url([(ident, "alpha.liaison")], reminded.clock.now()).rpartition("/")[2]
    other_key = token_for(reminded, "alpha.liaison", key=KEY[::-1])
    other_person = links_of(reminded).token([(ident, "beta.liaison")], reminded.clock.now() + timedelta(days=1))
    no_notice = links_of(reminded).token([(ident + 1, "alpha.liaison")], reminded.clock.now() + timedelta(days=1))
    before = everything(reminded)

    for bad in [*spoilt, token + "A", token + "=", token[:-1], "", "é", "A" * (LONGEST_TOKEN + 1), foreign, other_key,
                other_person, no_notice]:  # fmt: skip
        standing = desk(reminded).acknowledge(bad)
        assert (standing.status, standing.notices) == ("unknown", ()), bad
    assert everything(reminded) == before


def test_one_link_for_a_message_of_several_notices_acknowledges_those_that_are_left(reminded: Workspace) -> None:
    both = sent_to(reminded, "alpha.liaison", "beta.liaison")
    token = links_of(reminded).url(both, reminded.clock.now()).rpartition("/")[2]
    NoticeDesk(reminded.engine, reminded.actor("beta.liaison")).acknowledge(str(both[1][0]))

    assert [row.recipient for row in desk(reminded).look(token).notices] == ["alpha.liaison"]
    assert desk(reminded).acknowledge(token).status == "open"

    done = {each["recipient"]: each["acknowledged_auth"] for each in notices(reminded) if each["acknowledged_at"]}
    assert done == {"alpha.liaison": "link", "beta.liaison": "rehearsal"}
    assert desk(reminded).look(token).status == "done"


def test_a_link_has_bounds(reminded: Workspace) -> None:
    links, now = links_of(reminded), reminded.clock.now()

    assert len(links.url([(2**63 - 1, "x" * 99)] * MOST_NOTICES, now)) < 1000
    assert links.url([(1, "x")], now).startswith("https://ack.example/x/ack/")
    for count in (0, MOST_NOTICES + 1):
        with pytest.raises(ValueError, match="1 to 64"):
            links.url([(1, "x")] * count, now)
    with pytest.raises(ValueError, match="16 bytes"):
        links_of(reminded, key=b"short")
    claim = links.read(links.token([(7, "x")], from_us(60_000_000)))
    assert claim is not None and (claim.notices, claim.expires_at) == ((7,), from_us(60_000_000))


def test_what_is_received_by_one_way_is_not_sent_by_the_others_any_more(reminded: Workspace) -> None:
    ((ident, _),) = sent_to(reminded, "alpha.liaison")
    other, token = new_id() + 100, token_for(reminded, "alpha.liaison")
    with reminded.database.tx() as tx:
        (row,) = notices_by_id(tx, reminded.campaign.id, [ident])
        robot = replace(row, id=other, dedup=row.dedup + ":robot", channel="robot", status="owed", sent_at=None)
        tx.put(INSERT_NOTICE, [robot, replace(robot, id=other + 1, dedup="other", level=row.level + 1)])

    desk(reminded).acknowledge(token)

    told = {each["id"]: each["status"] for each in notices(reminded) if each["recipient"] == "alpha.liaison"}
    assert [told[str(each)] for each in (ident, other, other + 1)] == ["acknowledged", "cancelled", "owed"]
    records = [json.loads(each[0]) for each in sql(reminded.database, "select record from entry where kind = 'notice'")]
    assert [each["cancelled"] for each in records if each["trigger"] == "acknowledge"] == [[str(other)]]
