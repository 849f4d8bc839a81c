"""What is due to one person at one moment rides in one message: nothing is lost in it, and nothing is sent twice."""

import json
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from crew import Crew
from test_delivery_windows import copied
from test_links import links_of
from world import (
    SILENT,
    advance,
    begin,
    broken_links,
    do,
    flaws,
    local,
    notices,
    open_one,
    set_clock,
    sql,
    to_review,
)

from engine.ack_desk import AckDesk
from engine.canonical import digest as hash_of
from engine.notice_desk import NoticeDesk
from engine.rows import NoticeRow
from engine.verifying import verify
from scheduler.channels import FileChannel, PermanentFailure
from scheduler.claims import LEASE
from scheduler.dispatch import Dispatcher
from workflows.workspace import Workspace

DUE = "2010-11-05T09:00"
ON = "digest: {default: on}"
KILLED = -9


@pytest.fixture
def errands(db_url: str, tmp_path: Path) -> Iterator[Workspace]:
    """Alpha has three errands that are overdue on the 5th, Beta has one."""
    workspace = begin(db_url, copied(tmp_path, ON))
    for number in (1, 2):
        open_one(workspace, "errand", "bgs.admin", body="alpha", ref=f"errand/more-{number}", title=f"差事{number}号")
    yield workspace
    workspace.close()


class Told:
    """A channel that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[NoticeRow] = []

    def send(self, notice: NoticeRow, _campaign: str) -> str:
        self.sent.append(notice)
        return "told"


class Shut:
    """A way out that will never be one."""

    def send(self, _notice: NoticeRow, _campaign: str) -> str:
        raise PermanentFailure("no such box")


def by(channel: Any) -> dict[str, Any]:
    return {"console": channel, "file": channel}


def of(workspace: Workspace, recipient: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The latest digest of a recipient and what rides in it."""
    mine = [each for each in notices(workspace) if each["recipient"] == recipient]
    digest = [each for each in mine if each["kind"] == "digest"][-1]
    return digest, [each for each in mine if each["digest"] == digest["id"]]


def test_several_make_one_message_and_one_alone_stays_itself(errands: Workspace) -> None:
    channel = Told()
    advance(errands, DUE, by(channel))
    channel.sent.clear()

    set_clock(errands, "2010-11-05T09:00")
    digest, riding = of(errands, "alpha.liaison")

    assert {each["ref"] for each in riding} == {"errand/alpha", "errand/more-1", "errand/more-2"}
    assert {each["status"] for each in (digest, *riding)} == {"sent"}
    assert {each["sent_at"] for each in riding} == {digest["sent_at"]} == {"2010-11-05T01:00:00Z"}
    assert "3件，其中逾期3件" in digest["subject"]
    alone = [each for each in notices(errands) if each["recipient"] == "beta.liaison"]
    assert all(
        each["digest"] is None and each["kind"] != "digest"
        for each in alone
        if each["planned_at"] == "2010-11-05T01:00:00Z"
    )


def test_the_longest_overdue_comes_first_then_the_nearest(errands: Workspace) -> None:
    set_clock(errands, "2010-11-03T10:00")
    open_one(errands, "errand", "bgs.admin", body="alpha", ref="errand/young", title="新差事")
    for at in ("2010-11-05T09:00", "2010-11-08T09:00"):
        set_clock(errands, at)
        from engine.firing import fire_due

        fire_due(errands.engine)
    channel = Told()

    Dispatcher(errands, by(channel)).deliver()

    (one,) = [each for each in channel.sent if each.recipient == "alpha.head"]
    items = json.loads(one.items or "")
    dates = [item["date"] for item in items]
    assert dates == sorted(dates)
    assert items[0]["note"].startswith("逾期") and items[0]["basis"] and items[0]["ref"].startswith("errand/")
    assert [item["ref"] for item in items].count("errand/alpha") == 1, "two rungs of one deadline are one item"
    assert "1. 〔" in one.text and f"编号：{items[0]['ref']}；期限：{items[0]['date']}；依据：" in one.text


def test_each_member_is_chained_with_the_digest_and_the_hash_of_the_words_as_sent(errands: Workspace) -> None:
    channel = Told()
    advance(errands, DUE, by(channel))
    digest, riding = of(errands, "alpha.liaison")

    words = hash_of(f"{digest['subject']}\n{digest['text']}")
    lines = [json.loads(text) for (text,) in sql(errands.database, "select record from entry where kind = 'notice'")]
    said = {line["notice"]: line for line in lines}
    assert all(said[each["id"]]["words"] == words for each in riding)
    assert all(said[each["id"]]["digest"] == digest["id"] for each in riding)
    assert said[digest["id"]]["members"] == len(riding)
    assert broken_links(errands) == []


def test_to_acknowledge_the_digest_is_to_acknowledge_what_rides_in_it(errands: Workspace) -> None:
    advance(errands, DUE)
    digest, riding = of(errands, "alpha.liaison")
    desk = NoticeDesk(errands.engine, errands.actor("alpha.liaison"))
    desk.acknowledge(riding[0]["id"])

    assert desk.acknowledge(digest["id"])["members"] == len(riding) - 1

    digest, riding = of(errands, "alpha.liaison")
    assert {each["status"] for each in (digest, *riding)} == {"acknowledged"}
    assert desk.acknowledge(digest["id"])["replayed"]
    assert broken_links(errands) == []


def test_a_digest_that_cannot_be_delivered_takes_its_members_along_and_back(errands: Workspace) -> None:
    advance(errands, DUE, by(Shut()))
    digest, riding = of(errands, "alpha.liaison")
    assert {each["status"] for each in (digest, *riding)} == {"dead"}
    desk = NoticeDesk(errands.engine, errands.actor("bgs.admin"))
    assert digest["id"] in desk.dead()
    assert not {each["id"] for each in riding} & set(desk.dead())

    desk.retry(riding[0]["id"])
    desk.retry(digest["id"])
    with errands.database.snapshot() as tx:
        assert verify(tx, errands.campaign)["findings"] == []
    channel = Told()
    Dispatcher(errands, by(channel)).deliver()

    assert {str(each.id) for each in channel.sent} == {digest["id"], riding[0]["id"]}
    assert {each["status"] for each in notices(errands) if each["id"] in {each["id"] for each in riding}} == {"sent"}


def test_a_policy_keeps_kinds_and_circles_apart(db_url: str, tmp_path: Path) -> None:
    policy = "digest: {default: on, kinds: {overdue: off}, circles: {office: off}}"
    workspace = begin(db_url, copied(tmp_path, policy))
    for number in (1, 2):
        open_one(workspace, "errand", "bgs.admin", body="alpha", ref=f"errand/more-{number}")

    advance(workspace, "2010-11-12T09:00")

    rode = Counter((each["kind"], each["body"]) for each in notices(workspace) if each["digest"])
    assert rode and not [kind for kind, body in rode if kind == "overdue" or body == "bgs"]
    workspace.close()


def test_an_urging_and_what_is_by_the_hour_ride_in_nothing(errands: Workspace) -> None:
    advance(errands, "2010-11-30T00:00")

    apart = [each for each in notices(errands) if each["urgent"] or each["kind"] in ("urge", "handover", "milestone")]
    assert all(each["digest"] is None for each in apart)


def test_the_mail_of_a_digest_is_a_table_in_chinese(errands: Workspace, tmp_path: Path) -> None:
    open_one(errands, "errand", "bgs.admin", body="alpha", ref="errand/hostile", title="<b>&差事</b>")
    advance(errands, DUE, by(FileChannel(tmp_path / "out")))
    digest, riding = of(errands, "alpha.liaison")

    mail = message_from_bytes((tmp_path / "out" / f"notice-{digest['id']}.eml").read_bytes(), policy=default)

    page, plain = mail.get_body(("html",)), mail.get_body(("plain",))
    assert page is not None and plain is not None
    text = page.get_content()
    assert text.count("<tr>") == 1 + len(riding)
    assert "<b>" not in text and "&lt;b&gt;&amp;差事" in text
    for word in ("序号", "期限", "依据", "errand/alpha", "逾期"):
        assert word in text
    assert plain.get_content() == digest["text"]
    assert not mail.defects


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    with Crew(tmp_path_factory.mktemp("crew")) as found:
        yield found


@pytest.mark.parametrize("point", ["claimed", "sent:1", "sent:3", "marked", "before_commit:3", "after_commit:3"])
def test_a_sender_killed_anywhere_sends_each_digest_under_one_name(
    point: str, errands: Workspace, crew: Crew, tmp_path: Path
) -> None:
    url, outbox = errands.database.url.render_as_string(hide_password=False), tmp_path / "out"
    set_clock(errands, "2010-11-08T10:00")

    assert crew.do("turn", url, str(outbox), point=point).code == KILLED
    with errands.database.tx() as tx:
        errands.move_clock(tx, local("2010-11-08T10:00") + LEASE)
    assert crew.do("turn", url, str(outbox)).code == 0

    found = notices(errands)
    assert {each["status"] for each in found} == {"sent"}
    files = {path.stem.removeprefix("notice-") for path in outbox.glob("*.eml")}
    assert files == {each["id"] for each in found if each["digest"] is None}
    rode = {each["digest"] for each in found if each["digest"]}
    assert rode == {each["id"] for each in found if each["kind"] == "digest"} != set()
    lines = [
        json.loads(text)["notice"]
        for (text,) in sql(errands.database, "select record from entry where kind = 'notice'")
    ]
    assert sorted(lines) == sorted(each["id"] for each in found), "each once on the record"
    assert flaws(errands) == []


def test_two_senders_make_no_second_digest(errands: Workspace) -> None:
    from world import again

    set_clock(errands, "2010-11-08T10:00")
    from engine.firing import fire_due

    fire_due(errands.engine)
    other = again(errands)
    channel = Told()
    first, second = Dispatcher(errands, by(channel)), Dispatcher(other, SILENT)
    with errands.database.tx() as tx:
        claimed = first._claim(tx, errands.clock.now(), first_of_all=True)
    assert second.deliver() == (0, 0) or len(claimed) > 0

    digests = [each for each in notices(errands) if each["kind"] == "digest"]
    assert Counter(each["recipient"] for each in digests).most_common(1)[0][1] == 1
    other.close()


def test_a_link_of_a_digest_acknowledges_its_notices_alone_and_ends_with_their_matters(errands: Workspace) -> None:
    advance(errands, DUE)
    desk, tokens = AckDesk(errands.engine, links_of(errands)), {}
    for recipient in ("alpha.liaison", "alpha.head"):
        digest, _ = of(errands, recipient)
        url = links_of(errands).url([(int(digest["id"]), recipient)], errands.clock.now())
        tokens[recipient] = url.rpartition("/")[2]
    others = {each["id"]: each for each in notices(errands) if each["recipient"] != "alpha.liaison"}

    assert desk.acknowledge(tokens["alpha.liaison"]).status == "open"
    assert desk.acknowledge(tokens["alpha.liaison"]).status == "done"

    digest, riding = of(errands, "alpha.liaison")
    assert {each["acknowledged_auth"] for each in (digest, *riding)} == {"link"}
    assert {each["id"]: each for each in notices(errands) if each["recipient"] != "alpha.liaison"} == others
    for ref in {each["ref"] for each in of(errands, "alpha.head")[1]}:
        assert desk.look(tokens["alpha.head"]).status == "open"
        to_review(errands, ref)
        do(errands, ref, "accept", "bgs.head", grade="good")
    assert desk.acknowledge(tokens["alpha.head"]).status == "over"
    assert of(errands, "alpha.head")[0]["status"] == "sent"
    assert (flaws(errands), broken_links(errands)) == ([], [])
