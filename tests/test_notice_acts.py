"""What people do with notices: they acknowledge them, send dead ones again, and urge; all of it stays on record."""

import json
from pathlib import Path
from typing import Any

import pytest
from commandline import small_office
from world import advance, broken_links, everything, fire, flaws, history, notices, set_clock, sql, to_review

from engine.errors import DubanError, Forbidden, Invalid, NotFound, Refused
from engine.notice_desk import NoticeDesk
from engine.orders import Urge
from engine.outcome import Outcome
from engine.pressing import urged
from engine.rows import NoticeRow
from scheduler.channels import PermanentFailure
from scheduler.dispatch import Dispatcher
from workflows.workspace import Workspace

DUE = "2010-11-03T09:00"


class Shut:
    def send(self, notice: NoticeRow, campaign: str) -> str:
        raise PermanentFailure("no such mailbox")


def desk(workspace: Workspace, login: str) -> NoticeDesk:
    return NoticeDesk(workspace.engine, workspace.actor(login))


def told(workspace: Workspace, recipient: str) -> str:
    return next(each["id"] for each in notices(workspace) if each["recipient"] == recipient)


@pytest.mark.parametrize("login", ["alpha.liaison", "alpha.head", "bgs.admin"])
def test_a_notice_is_acknowledged_once_by_its_own_people_or_the_office(login: str, workspace: Workspace) -> None:
    advance(workspace, DUE)
    ident = told(workspace, "alpha.liaison")
    set_clock(workspace, "2010-11-03T10:00")

    first = desk(workspace, login).acknowledge(ident)["notice"]
    set_clock(workspace, "2010-11-03T11:00")
    again = desk(workspace, login).acknowledge(ident)

    assert (first["status"], first["acknowledged_at"]) == ("acknowledged", "2010-11-03T02:00:00Z")
    assert (again["notice"], again["replayed"]) == (first, True)
    records = [json.loads(row[0]) for row in sql(workspace.database, "select record from entry where kind = 'notice'")]
    (record,) = [each for each in records if each["trigger"] == "acknowledge"]
    assert (record["notice"], record["actor"], record["recipient"]) == (ident, login, "alpha.liaison")
    assert broken_links(workspace) == []
    assert {each["id"] for each in workspace.reader.notices(status="acknowledged")["items"]} == {ident}


def test_an_acknowledgement_stops_no_deadline(workspace: Workspace) -> None:
    advance(workspace, DUE)
    desk(workspace, "alpha.liaison").acknowledge(told(workspace, "alpha.liaison"))

    advance(workspace, "2010-11-05T10:00")

    assert workspace.reader.show("errand/alpha")["deadlines"][0]["status"] == "breached"
    assert flaws(workspace) == []


def refusal(workspace: Workspace, work: object) -> DubanError:
    before = everything(workspace)
    with pytest.raises(DubanError) as caught:
        work()  # type: ignore[operator]
    assert everything(workspace) == before
    return caught.value


def test_who_was_not_told_acknowledges_nothing(workspace: Workspace) -> None:
    advance(workspace, DUE)
    ident = told(workspace, "alpha.liaison")

    unseen = refusal(workspace, lambda: desk(workspace, "beta.head").acknowledge(ident))
    assert (type(unseen), unseen.code) == (NotFound, "no_notice")
    for nonsense in ("1", "x", "9" * 25, "", "-1", "²"):
        error = refusal(workspace, lambda nonsense=nonsense: desk(workspace, "bgs.admin").acknowledge(nonsense))
        assert (type(error), error.code) == (NotFound, "no_notice")


def test_what_was_not_sent_is_not_acknowledged(workspace: Workspace) -> None:
    fire(workspace, DUE)

    error = refusal(workspace, lambda: desk(workspace, "bgs.admin").acknowledge(told(workspace, "alpha.liaison")))

    assert (type(error), error.code) == (Refused, "not_sent")


def test_a_dead_notice_is_sent_again_when_the_office_says_so(workspace: Workspace) -> None:
    advance(workspace, DUE, {"console": Shut()})
    ident = told(workspace, "alpha.liaison")
    assert sorted(desk(workspace, "bgs.admin").dead()) == sorted(each["id"] for each in notices(workspace))
    assert type(refusal(workspace, lambda: desk(workspace, "alpha.head").retry(ident))) is Forbidden

    said = desk(workspace, "bgs.admin").retry(ident)["notice"]

    assert (said["status"], said["attempts"]) == ("owed", 0)
    sent: list[str] = []

    class Open:
        def send(self, notice: NoticeRow, campaign: str) -> str:
            sent.append(notice.recipient)
            return "ok"

    assert Dispatcher(workspace, {"console": Open()}).deliver() == (1, 0)
    assert sent == ["alpha.liaison"]
    assert refusal(workspace, lambda: desk(workspace, "bgs.admin").retry(ident)).code == "not_dead"
    assert broken_links(workspace) == []


def urged_in(workspace: Workspace) -> list[dict[str, Any]]:
    with workspace.database.snapshot() as tx:
        return list(urged(tx, workspace.campaign)["items"])


def urge(workspace: Workspace, ref: str, login: str = "bgs.admin", words: str = "请抓紧", **more: str) -> Outcome:
    return workspace.engine.execute(Urge(ref=ref, reason=words, **more), workspace.actor(login))


def test_urging_tells_the_bodys_people_and_is_counted_for_it(workspace: Workspace) -> None:
    first = urge(workspace, "errand/alpha", words="请于今日报送").as_json()
    urge(workspace, "errand/alpha")
    urge(workspace, "errand/beta", request_id="u-1")
    assert urge(workspace, "errand/beta", request_id="u-1").replayed

    assert {(each["recipient"], each["kind"], each["level"]) for each in first["notices"]} == {
        ("alpha.head", "urge", 1),
        ("alpha.liaison", "urge", 1),
    }
    assert "请于今日报送" in first["notices"][0]["text"]
    assert first["matter"]["version"] == workspace.reader.show("errand/alpha")["version"], "no move, no new version"
    said = [each for each in history(workspace, "errand/alpha") if each["kind"] == "comment"]
    assert [(each["trigger"], each["reason"], each["actor"]) for each in said] == [
        ("urge", "请于今日报送", "bgs.admin"),
        ("urge", "请抓紧", "bgs.admin"),
    ]
    counted = {each["body"]: (each["times"], each["matters"]) for each in urged_in(workspace)}
    assert counted == {"alpha": (2, 1), "beta": (1, 1)}
    assert flaws(workspace) == []


def test_an_urging_goes_to_who_is_late_or_is_waited_for_and_says_with_what(workspace: Workspace) -> None:
    to_review(workspace)
    waited = urge(workspace, "errand/alpha").notices
    assert {each.body for each in waited} == {"alpha", "bgs"}, "its head or the office may act on it now"
    assert "尚未办结。" in waited[0].text
    advance(workspace, "2010-11-08T10:00")
    late = urge(workspace, "errand/alpha").notices
    assert {each.body for each in late} == {"alpha"}, "the time to review is its head's"
    assert "尚未办结；其中“审核期限”应于" in late[0].text and "已逾期" in late[0].text
    counted = {each["body"]: each["times"] for each in urged_in(workspace)}
    assert counted == {"alpha": 2, "bgs": 1}


def test_only_the_office_urges_and_only_with_words(workspace: Workspace) -> None:
    assert type(refusal(workspace, lambda: urge(workspace, "errand/alpha", "alpha.head"))) is Forbidden
    assert type(refusal(workspace, lambda: urge(workspace, "errand/alpha", words=" "))) is Invalid
    assert type(refusal(workspace, lambda: urge(workspace, "errand/none"))) is NotFound


def test_the_office_urges_all_who_are_late_at_once(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    office.json("clock", "advance", "--to", "2010-11-08T10:00")

    said = office.json("notice", "urge", "--light", "red", "--text", "已逾期，请立即办理")["items"]

    red = office.json("list", "--light", "red")["items"]
    assert [each["matter"]["ref"] for each in said] == [each["ref"] for each in red] != []
    shown = office("notice", "urged")
    assert shown.code == 0 and "alpha" in shown.out
    for words in ((), ("errand/alpha", "--light", "red")):
        assert office("notice", "urge", *words, "--text", "x").politely().code == 2
    assert office("notice", "retry").politely().code == 2


def test_what_could_not_be_delivered_is_told_with_the_command_that_lists_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = small_office(tmp_path)
    turned = {"now": "2010-11-03T00:00:00Z", "fired": 0, "delivered": 1, "failed": 3, "held": 0, "next_at": None}
    monkeypatch.setattr("scheduler.turn.Turn.run", lambda _: turned)

    assert "失败        3（duban notice list --status dead）\n" in office("scheduler", "once").out
    turned["failed"] = 0
    assert "失败        0\n" in office("scheduler", "once").out
    nothing = office("notice", "retry", "--dead", terminal=True)
    assert (nothing.code, nothing.out) == (0, "") and "没有需要重发的通知" in nothing.err
    assert office("notice", "retry", "--dead").out.startswith("id\t"), "programs have their header all the same"
    assert office("notice", "list", "--status", "dead").code == 0


def test_a_file_of_orders_may_acknowledge(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    office.json("clock", "advance", "--to", DUE)
    idents = [each["id"] for each in office.json("notice", "list")["items"]]
    lines = [{"order": "ack", "notice": each, "as": "bgs.admin"} for each in [*idents, idents[0], "77"]]
    path = tmp_path / "orders.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in lines), "utf-8")

    ended = office("--json", "apply", str(path))

    said = [json.loads(each) for each in ended.out.splitlines()]
    assert [each["status"] for each in said[:-1]] == ["done"] * len(idents) + ["already", "refused"]
    assert ended.code == 4
    assert len(office.json("notice", "list", "--status", "acknowledged")["items"]) == len(idents)
