"""E-mail as servers really take it: by TLS or not, with a login, each refusal told apart, nobody kept waiting."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from email.headerregistry import Address
from pathlib import Path
from typing import Any

import pytest
from mailserver import Postman, believes, certificate, serving
from world import advance, notices, sql

from engine.rows import NoticeRow
from scheduler.channels import PermanentFailure
from scheduler.dispatch import Dispatcher
from scheduler.smtp import SmtpChannel
from workflows.workspace import Workspace

SENDER = Address("领导小组办公室", "bgs", "baodi.example")

NOTICE = NoticeRow(
    id=42, campaign_id=1, ref="errand/alpha", deadline_id=7, kind="reminder", level=1, recipient="li@alpha.example", body="alpha",
    channel="mail", planned_at=0, effective_at=0, sent_at=None, acknowledged_at=None, status="owed",
    subject="【到期提醒】甲局的差事", text="甲局：\n请按时办理。\n", dedup="d", entry_seq=None, attempts=1, next_try_at=0,
    lease_until=None, worker=None, last_error=None,
)  # fmt: skip


def plain(port: int, **other: Any) -> SmtpChannel:
    return SmtpChannel("127.0.0.1", port, "none", SENDER, **other)


def test_a_notice_arrives_as_a_message_in_chinese_with_a_thread_and_two_faces() -> None:
    postman = Postman()

    with serving(postman) as port:
        answer = plain(port).send(NOTICE, "small-2010")

    (mail,) = postman.taken
    assert answer == "250 taken as 42"
    assert postman.envelopes == [("bgs@baodi.example", ["li@alpha.example"])]
    assert (mail["Subject"], mail["To"]) == ("【到期提醒】甲局的差事", "li@alpha.example")
    assert mail["From"].addresses[0].display_name == "领导小组办公室"
    assert mail["Message-ID"] == "<notice-42@small-2010.duban.invalid>"
    assert mail["References"] == mail["In-Reply-To"] == "<deadline-7@small-2010.duban.invalid>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    plain_text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain_text is not None and plain_text.get_content() == NOTICE.text
    assert page is not None and ">请按时办理。</p>" in page.get_content()


def test_what_looks_like_a_page_in_the_words_stays_words() -> None:
    postman = Postman()

    with serving(postman) as port:
        plain(port).send(replace(NOTICE, text="<script>x</script> & 工商<分局>\n", subject="<b>"), "small-2010")

    page = postman.taken[0].get_body(("html",))
    assert page is not None
    assert "&lt;script&gt;x&lt;/script&gt; &amp; 工商&lt;分局&gt;" in page.get_content()
    assert "<script" not in page.get_content()


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # it is TLS from the start
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_message_goes_by_tls_with_a_login(security: Any, tmp_path: Path) -> None:
    postman = Postman()
    context, authority = certificate(tmp_path)
    options: dict[str, Any] = {"authenticator": believes("geheim"), "auth_required": True}
    if security == "tls":
        options |= {"ssl_context": context, "auth_require_tls": False}
    else:
        options |= {"tls_context": context, "require_starttls": True}

    with serving(postman, **options) as port:
        channel = SmtpChannel("localhost", port, security, SENDER, "duban", "geheim", authority)
        channel.send(NOTICE, "small-2010")
        with pytest.raises(smtplib.SMTPException, match="535"):
            replace(channel, password="wrong").send(NOTICE, "small-2010")

    assert len(postman.taken) == 1


@pytest.mark.parametrize("name", ["localhost", "other.example"])
def test_a_server_that_cannot_prove_its_name_is_told_nothing(name: str, tmp_path: Path) -> None:
    postman = Postman()
    context, authority = certificate(tmp_path, name)

    with serving(postman, tls_context=context) as port:
        channel = SmtpChannel("localhost", port, "starttls", SENDER, trusted=authority if name != "localhost" else None)
        with pytest.raises(ssl.SSLCertVerificationError):
            channel.send(NOTICE, "small-2010")

    assert postman.envelopes == []


def test_a_server_without_tls_is_not_believed_to_have_it() -> None:
    with serving(Postman()) as port, pytest.raises(smtplib.SMTPNotSupportedError):
        SmtpChannel("127.0.0.1", port, "starttls", SENDER).send(NOTICE, "small-2010")


@pytest.mark.parametrize(
    ("reply", "final"), [("550 no such user", True), ("554 refused", True), ("451 later", False), ("421 busy", False)]
)
def test_a_recipient_who_is_refused_for_good_is_told_from_one_to_be_tried_again(reply: str, final: bool) -> None:
    with serving(Postman({"li@alpha.example": reply})) as port, pytest.raises(Exception, match=reply[:3]) as caught:
        plain(port).send(NOTICE, "small-2010")

    assert isinstance(caught.value, PermanentFailure) == final


@pytest.mark.parametrize(("reply", "final"), [("554 spam", True), ("451 grey", False), ("452 full", False)])
def test_a_message_that_is_refused_after_data_is_told_apart_as_well(reply: str, final: bool) -> None:
    with serving(Postman(data=reply)) as port, pytest.raises(Exception, match=reply) as caught:
        plain(port).send(NOTICE, "small-2010")

    assert isinstance(caught.value, PermanentFailure) == final


def test_a_line_that_goes_dead_after_data_leaves_the_message_to_be_sent_again_under_its_name() -> None:
    postman = Postman(data="drop")

    with serving(postman) as port:
        with pytest.raises(smtplib.SMTPServerDisconnected):
            plain(port).send(NOTICE, "small-2010")
        postman.data = None
        plain(port).send(NOTICE, "small-2010")

    assert [mail["Message-ID"] for mail in postman.taken] == ["<notice-42@small-2010.duban.invalid>"]


def test_nobody_is_written_to_at_an_address_that_cannot_exist() -> None:
    with pytest.raises(PermanentFailure, match=r"alpha\.head"):
        plain(1).send(replace(NOTICE, recipient="alpha.head"), "small-2010")


@pytest.fixture
def mute() -> Iterator[int]:
    """A port where somebody answers, and says a byte now and then."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def mumble() -> None:
        connection, _ = listening.accept()
        with connection:
            while not over.wait(0.05):
                try:
                    connection.sendall(b"2")
                except OSError:
                    return

    thread = threading.Thread(target=mumble, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    over.set()
    thread.join()
    listening.close()


def test_a_server_that_answers_byte_by_byte_is_left(mute: int) -> None:
    with pytest.raises(TimeoutError, match=r"0\.3 s"):
        plain(mute, whole_s=0.3).send(NOTICE, "small-2010")


def test_one_bad_address_of_three_keeps_no_other_waiting(workspace: Workspace) -> None:
    advance(workspace, "2010-11-03T08:00")
    advance(workspace, "2010-11-03T09:00", {"console": Never()})
    with workspace.database.tx() as tx:
        workspace.move_clock(tx, workspace.clock.now().replace(hour=2))
    sql_set = "update notice set recipient = recipient || '@alpha.example'"
    _write(workspace, sql_set)
    postman = Postman({"beta.liaison@alpha.example": "550 no such user"})

    with serving(postman) as port:
        sent = Dispatcher(workspace, {"console": plain(port)}).deliver()

    assert sent == (1, 1)
    told = {each["recipient"]: (each["status"], each["last_error"]) for each in notices(workspace)}
    assert told["alpha.liaison@alpha.example"] == ("sent", None)
    assert told["beta.liaison@alpha.example"][0] == "dead"
    assert "550 no such user" in str(told["beta.liaison@alpha.example"][1])
    shut, taken = sql(workspace.database, "select record from entry where stream = 'notices/errand/alpha' order by seq")
    assert '"trigger":"failed"' in shut[0] and '"answer":"250 taken as 42"' in taken[0]


class Never:
    """A way out that is shut for the moment."""

    def send(self, notice: NoticeRow, campaign: str) -> str:
        raise OSError("shut")


def _write(workspace: Workspace, statement: str) -> None:
    from sqlalchemy import text

    with workspace.database.engine.begin() as connection:
        connection.execute(text(statement))
