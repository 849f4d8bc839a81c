"""What is owed goes out once, outside any transaction; a way out that is shut delays it and loses nothing."""

import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from commandline import Office
from world import advance, again, begin, broken_links, fire, local, notices, open_one, others, set_clock, sql

from engine.rows import NoticeRow
from scheduler.channels import Channel, ConsoleChannel, FileChannel, PermanentFailure, SilentChannel
from scheduler.claims import LEASE
from scheduler.dispatch import Dispatcher
from scheduler.mail import message
from workflows.workspace import Workspace

DUE = "2010-11-03T09:00"
"""When both bureaus are reminded: two notices are owed."""


class Told:
    """A channel that keeps whom it told, after doing what it is given to do first."""

    def __init__(self, first: Callable[[NoticeRow], object] = lambda notice: None) -> None:
        self.people: list[str] = []
        self._first = first

    def send(self, notice: NoticeRow, _campaign: str) -> str:
        self._first(notice)
        self.people.append(notice.recipient)
        return "told"


def by(channel: Channel) -> Mapping[str, Channel]:
    return {"console": channel, "file": channel}


def mails(folder: Path) -> list[EmailMessage]:
    read = [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(folder.glob("*.eml"))]
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in folder.glob("*.eml"))
    assert all(not mail.defects and not mail["To"].defects for mail in read)
    return read  # type: ignore[return-value]


def told_or_not(workspace: Workspace) -> list[tuple[str, str, bool]]:
    return sorted((each["recipient"], each["status"], each["sent_at"] is not None) for each in notices(workspace))


def test_a_message_is_one_readable_file_in_chinese(workspace: Workspace, tmp_path: Path) -> None:
    advance(workspace, DUE, by(FileChannel(tmp_path / "out")))

    first, second = sorted(mails(tmp_path / "out"), key=lambda mail: str(mail["To"]))
    (owed, _) = sorted(notices(workspace), key=lambda each: each["recipient"])
    assert first["To"] == "alpha.liaison@small-2010.duban.invalid"
    assert first["Subject"] == "【临期提醒】甲局的差事：办理期限（2010-11-04止）"
    assert first["Message-ID"] == f"<notice-{owed['id']}@small-2010.duban.invalid>"
    assert first["Date"].datetime == local(DUE)
    assert first["References"] == f"<deadline-{owed['deadline']}@small-2010.duban.invalid>"
    plain, page = first.get_body(("plain",)), first.get_body(("html",))
    assert plain and page
    body = plain.get_content()
    assert body == owed["text"]
    assert 'lang="zh-CN"' in page.get_content() and "你单位承办的“甲局的差事”" in page.get_content()
    assert "甲局：\n　　你单位承办的“甲局的差事”（现状态：待办）" in body
    assert second["To"] == "beta.liaison@small-2010.duban.invalid"
    assert first["Message-ID"] != second["Message-ID"]


TITLES = ["差事\x85Bcc: x@y.z", "差事\u2028To: x@y.z", "=?utf-8?q?x=0ATo=3A_x=40y.z?=", "x\x9b31my\u202ez", "长" * 400]


@pytest.mark.parametrize("title", TITLES, ids=["nel", "line_separator", "encoded_word", "terminal", "long"])
def test_no_title_makes_a_header_of_its_own_or_keeps_the_message_back(
    title: str, sqlite_url: str, tmp_path: Path
) -> None:
    workspace, screen = begin(sqlite_url), io.StringIO()
    open_one(workspace, "errand", "bgs.admin", "alpha", title="差事", ref="errand/hostile")
    # What an older version took into the row.
    sql(workspace.database, "update matter set title = :title where ref = 'errand/hostile'", title=title)

    said = advance(workspace, DUE, {"console": FileChannel(tmp_path / "out"), "file": SilentChannel()})

    assert (said["delivered"], said["failed"]) == (3, 0)
    for mail in mails(tmp_path / "out"):
        assert mail.keys().count("To") == 1
        assert "Bcc" not in mail
        assert mail["To"].addresses[0].domain == "small-2010.duban.invalid"
        assert len(mail["Subject"].splitlines()) == 1
    rows = [NoticeRow(*row) for row in sql(workspace.database, "select * from notice")]
    for row in rows:
        ConsoleChannel(screen).send(row, "small-2010")
    assert all(line.isprintable() for line in screen.getvalue().split("\n"))
    assert len(screen.getvalue().split("\n")) == len(rows) + 1
    workspace.close()


@pytest.mark.parametrize(
    ("login", "address"),
    [
        ("alpha.head", "alpha.head@c.duban.invalid"),
        ("li@example.org", "li@example.org"),
        ("a@b@c", '"a@b@c"@c.duban.invalid'),
        ("李明", "%E6%9D%8E%E6%98%8E@c.duban.invalid"),
        ("a\r\nBcc: x", '"a Bcc: x"@c.duban.invalid'),
    ],
)
def test_every_login_has_a_proper_address(login: str, address: str, sqlite_url: str) -> None:
    workspace = begin(sqlite_url)
    fire(workspace, DUE)
    row = NoticeRow(*sql(workspace.database, "select * from notice limit 1")[0])
    row.recipient = login

    mail = message_from_bytes(message(row, "c").as_bytes(), policy=default)

    assert [each.addr_spec for each in mail["To"].addresses] == [address]
    assert not mail["To"].defects
    workspace.close()


def test_a_shut_way_out_delays_what_is_owed_and_loses_nothing(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.write_text("where the folder should be")
    dispatcher = Dispatcher(workspace, by(FileChannel(folder)))
    fire(workspace, DUE)

    assert dispatcher.deliver() == (0, 2)
    assert dispatcher.deliver() == (0, 0), "not again at once"

    assert told_or_not(workspace) == [("alpha.liaison", "owed", False), ("beta.liaison", "owed", False)]
    assert all("FileExistsError" in each["last_error"] and each["attempts"] == 1 for each in notices(workspace))
    again_at = dispatcher.next_at()
    assert again_at is not None
    assert timedelta(seconds=48) <= again_at - workspace.clock.now() <= timedelta(seconds=72)
    folder.unlink()
    set_clock(workspace, "2010-11-03T09:01:12")
    assert dispatcher.deliver() == (2, 0)
    assert len(mails(folder)) == 2
    assert told_or_not(workspace) == [("alpha.liaison", "sent", True), ("beta.liaison", "sent", True)]
    assert {each["last_error"] for each in notices(workspace)} == {None}


def test_one_message_that_cannot_go_out_holds_up_no_other_and_is_given_up_in_the_end(workspace: Workspace) -> None:
    def refuse_alpha(notice: NoticeRow) -> None:
        if notice.recipient == "alpha.liaison":
            raise OSError("mailbox full")

    channel = Told(refuse_alpha)

    said = advance(workspace, "2010-11-04T08:59", by(channel))

    assert said["now"] == "2010-11-04T00:59:00Z"
    assert channel.people == ["beta.liaison"]
    alpha, beta = sorted(notices(workspace), key=lambda each: each["recipient"])
    assert (alpha["status"], alpha["attempts"], alpha["last_error"]) == ("dead", 6, "OSError: mailbox full")
    assert (beta["status"], beta["attempts"]) == ("sent", 1)
    assert [each["recipient"] for each in workspace.reader.notices(status="dead")["items"]] == ["alpha.liaison"]


def test_what_can_never_be_sent_is_put_aside_at_once(workspace: Workspace) -> None:
    def never(_notice: NoticeRow) -> None:
        raise PermanentFailure("no such mailbox")

    fire(workspace, DUE)

    assert Dispatcher(workspace, by(Told(never))).deliver() == (0, 2)
    assert Dispatcher(workspace, {}).deliver() == (0, 0)

    assert {(each["status"], each["last_error"]) for each in notices(workspace)} == {("dead", "no such mailbox")}


def test_nothing_is_sent_inside_a_transaction(workspace: Workspace) -> None:
    with others(workspace, 1) as (other,):

        def look(notice: NoticeRow) -> None:
            """Write from elsewhere while a message is under way; a transaction left open would be in the way."""
            open_one(other, "errand", "bgs.admin", "alpha", ref=f"errand/{notice.id}")
            if other.database.url.get_backend_name() == "postgresql":
                open_there = "select count(*) from pg_stat_activity where state like 'idle in transaction%'"
                assert sql(other.database, open_there) == [(0,)]

        fire(workspace, DUE)
        channel = Told(look)

        assert Dispatcher(workspace, by(channel)).deliver() == (2, 0)

    assert sql(workspace.database, "select count(*) from matter") == [(4,)]


def test_two_dispatchers_share_the_work_and_double_nothing(workspace: Workspace) -> None:
    fire(workspace, DUE)
    with others(workspace, 1) as (other,):
        mine, theirs = Told(), Told()
        rival = Dispatcher(other, by(theirs))
        answers: list[Any] = []
        mine._first = lambda notice: answers.append(rival.deliver())

        assert Dispatcher(workspace, by(mine)).deliver() == (2, 0)

        assert answers == [(0, 0)] * 2
        assert rival.deliver() == (0, 0)
    assert (sorted(mine.people), theirs.people) == (["alpha.liaison", "beta.liaison"], [])
    assert broken_links(workspace) == []


def test_what_a_dead_process_had_claimed_is_sent_by_the_next_one_under_the_same_name(
    workspace: Workspace, tmp_path: Path
) -> None:
    class Died(BaseException):
        pass

    class DiesAfterwards(FileChannel):
        def send(self, notice: NoticeRow, campaign: str) -> str:
            super().send(notice, campaign)
            raise Died

    folder = tmp_path / "out"
    fire(workspace, DUE)
    with pytest.raises(Died):
        Dispatcher(workspace, by(DiesAfterwards(folder))).deliver()
    restarted = again(workspace)
    dispatcher = Dispatcher(restarted, by(FileChannel(folder)))

    assert dispatcher.deliver() == (0, 0), "the lease has not run out"
    with restarted.database.tx() as tx:
        restarted.move_clock(tx, local(DUE) + LEASE)
    assert dispatcher.deliver() == (2, 0)

    assert len(mails(folder)) == 2
    assert {status for _, status, _ in told_or_not(restarted)} == {"sent"}
    restarted.close()


def test_a_dispatcher_that_comes_too_late_does_not_undo_what_another_has_marked(workspace: Workspace) -> None:
    fire(workspace, DUE)
    with others(workspace, 1) as (other,):

        def overslept(_notice: NoticeRow) -> None:
            with other.database.tx() as tx:
                other.move_clock(tx, local(DUE) + LEASE)
            Dispatcher(other, by(Told())).deliver()
            raise OSError("timed out")

        assert Dispatcher(workspace, by(Told(overslept))).deliver() == (0, 2)

    assert told_or_not(workspace) == [("alpha.liaison", "sent", True), ("beta.liaison", "sent", True)]
    assert {each["last_error"] for each in notices(workspace)} == {None}


def test_what_was_sent_stands_on_a_chained_stream_of_its_own(workspace: Workspace) -> None:
    advance(workspace, DUE, by(Told()))

    streams = sql(workspace.database, "select stream, record from entry where stream like 'notices/%' order by stream")
    assert [stream for stream, _ in streams] == ["notices/errand/alpha", "notices/errand/beta"]
    assert '"recipient":"alpha.liaison"' in streams[0][1]
    assert "甲局" not in streams[0][1], "only the hash of the words is kept for ever"
    assert broken_links(workspace) == []


def test_the_command_line_tells_who_was_told_and_writes_files_beside_the_database(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    office.json("init", "--late")
    owed = office.json("notice", "list", "--status", "owed")["items"]
    assert {each["kind"] for each in owed} == {"late_load", "handover"}
    at_once = [each for each in owed if each["urgent"]]
    assert {each["kind"] for each in at_once} == {"handover"}, "the summary keeps to the office's hours"

    office("user", "add", "li.ming", "--name", "李明")
    office("user", "grant", "li.ming", "--body", "wujia", "--post", "head")

    said = office.json("scheduler", "once")

    assert said["failed"] == len(at_once) - 1, "the other departments have nobody yet who could be told"
    assert len(mails(tmp_path / "duban.db.outbox")) == said["delivered"]
    sent = {each["id"] for each in office.json("notice", "list", "--status", "sent")["items"]}
    assert len(sent) == said["delivered"]
    assert (tmp_path / "duban.db.outbox").stat().st_mode & 0o077 == 0
    told = [each["recipient"] for each in office.json("notice", "list", "--status", "sent")["items"] if each["urgent"]]
    assert told == ["li.ming"], "the rest goes out in the office's hours, whatever the machine's are"
