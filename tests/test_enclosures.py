"""What goes along with a notice by e-mail: documents of its matter, whole or not at all, and the date of its deadline."""

import json
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from icalendar import Calendar
from mailserver import Postman
from mailserver import serving as mail_server
from test_campaign_texts import folder_with
from test_links import links_of
from test_smtp import NOTICE as MAIL
from test_smtp import SENDER
from webserver import website
from world import SILENT, advance, everything, notices, sql, to_review

from engine.documents import FileStore
from engine.in_hand import look
from engine.orders import Attach, Document
from engine.told import notices_by_id
from scheduler import enclosing
from scheduler.dressing import Dressed, Dresser, dressed
from scheduler.enclosing import Enclosure, enclosed, safe_name, type_of
from scheduler.mail import message
from scheduler.outgoing import Outgoing
from scheduler.robots import WeCom
from scheduler.smtp import SmtpChannel
from scheduler.webhook import Webhook
from workflows.feed import feed
from workflows.launch import Beginning, init
from workflows.workspace import Workspace

DUE = "2010-11-03T09:00"
ATTACHING = """schema: texts/1
texts:
  reminder:
    zh: {subject: "请办 {{title}}", text: "{{owner}}：\\n请办。\\n"}
    en: {subject: "Please do {{title}}", text: "To {{owner}}."}
    attach: [report]
"""


@pytest.fixture
def urged(db_url: str, tmp_path: Path) -> Iterator[Workspace]:
    """The small campaign whose reminders enclose the report; both bureaus have one, and are reminded."""
    path = folder_with(tmp_path, "words.yaml", ATTACHING)
    store = FileStore(tmp_path / "documents")
    found, _ = init(db_url, Beginning(path, rehearsal=True), documents=store)
    for body, content in (("alpha", b"alpha's report"), ("beta", b"beta's report")):
        sha256 = store.put(content)
        paper = Document("report", f"报告\r\nBcc: x@y.example\u202e/{body}.pdf", sha256, len(content))
        found.engine.execute(Attach(ref=f"errand/{body}", documents=(paper,)), found.actor(f"{body}.liaison"))
    yield found
    found.close()


def posted(workspace: Workspace, postman: Postman, to: str = DUE, links: bool = False) -> dict[str, EmailMessage]:
    """Let time pass by a mail server; the messages by whom they went to."""
    with mail_server(postman) as port:
        smtp = SmtpChannel("127.0.0.1", port, "none", SENDER)
        way = Dressed(Addressing(smtp), Dresser(workspace, links_of(workspace) if links else None), carries=True)
        advance(workspace, to, {"console": way, "file": way})
    return {str(each["To"]): each for each in postman.taken}


class Addressing:
    """Give everybody an address, as the contacts would."""

    def __init__(self, inner: SmtpChannel) -> None:
        self.inner = inner

    def send(self, notice: object, campaign: str) -> str:
        login = notice.recipient  # type: ignore[attr-defined]
        return self.inner.send(replace(notice, recipient=f"{login}@mail.example"), campaign)  # type: ignore[type-var]


def files_of(mail: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_payload(decode=True) for part in mail.iter_attachments()}  # type: ignore[misc]


def test_a_notice_carries_the_documents_its_words_name_and_the_date_of_its_deadline(urged: Workspace) -> None:
    mails = posted(urged, Postman(), links=True)

    mail = mails["alpha.liaison@mail.example"]
    assert not mail.defects
    files = files_of(mail)
    assert list(files) == ["报告__Bcc_ x@y.example__alpha.pdf", "deadline.ics"]
    assert files["报告__Bcc_ x@y.example__alpha.pdf"] == b"alpha's report"
    part = list(mail.iter_attachments())[1]
    assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", "PUBLISH")
    (event,) = Calendar.from_ical(files["deadline.ics"]).walk("VEVENT")
    with urged.database.snapshot() as tx:
        whole = feed(urged.campaign, urged.reader.matters(tx), {"alpha"}, urged.clock.now())
    assert event["uid"] in {each["uid"] for each in Calendar.from_ical(whole).walk("VEVENT")}
    assert mail["Bcc"] is None
    plain = mail.get_body(("plain",))
    assert plain is not None and "签收请打开下面的链接" in plain.get_content()


def test_a_hand_over_carries_its_letter_to_the_body_that_gets_it_and_to_no_other(
    sqlite_url: str, tmp_path: Path
) -> None:
    words = ATTACHING.replace("  reminder:", "  copy@office:")
    workspace, _ = init(sqlite_url, Beginning(folder_with(tmp_path, "words.yaml", words), rehearsal=True))
    to_review(workspace)
    copied = next(each for each in notices(workspace) if each["kind"] == "copy")
    with workspace.database.snapshot() as tx:
        (row,) = notices_by_id(tx, workspace.campaign.id, [int(copied["id"])])

    going = Dresser(workspace, None).dress(row, carries=True)
    elsewhere = replace(row, body="beta")
    assert isinstance(going, Outgoing)
    assert [each.name for each in going.enclosures] == ["report.txt"]
    with workspace.database.snapshot() as tx:
        held = look(tx, workspace.campaign, "errand/alpha", workspace.clock.now())
        assert Dresser(workspace, None)._attached(held, elsewhere) == ()
    assert Dresser(workspace, None).dress(row, carries=False).enclosures == ()  # type: ignore[attr-defined]
    workspace.close()


def test_what_was_enclosed_is_on_record_by_its_hash(urged: Workspace) -> None:
    posted(urged, Postman())

    records = [json.loads(row[0]) for row in sql(urged.database, "select record from entry where kind = 'notice'")]
    (record,) = [each for each in records if each["recipient"] == "alpha.liaison"]
    assert record["answer"].startswith("250 taken as 42; enclosed: 报告")
    assert record["answer"].endswith(urged.documents.put(b"alpha's report")[:16])


@pytest.mark.parametrize("harm", ["gone", "altered"])
def test_a_document_that_is_gone_or_altered_is_not_sent_and_the_notice_says_so(harm: str, urged: Workspace) -> None:
    sha256 = urged.documents.put(b"alpha's report")
    path = urged.documents.folder / sha256[:2] / sha256  # type: ignore[attr-defined]
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(b"another report")

    mail = posted(urged, Postman())["alpha.liaison@mail.example"]

    assert list(files_of(mail)) == ["deadline.ics"]
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None and "附件未能附送：报告" in body.get_content()
        assert "原件缺失或已被改动" in body.get_content()


def test_large_documents_stay_behind(urged: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    papers = [Document("report", f"{at}.pdf", urged.documents.put(bytes([at]) * 600), 600) for at in range(3)]
    monkeypatch.setattr(enclosing, "LARGEST_TOTAL", 1300)

    files, missing = enclosed(urged.documents, papers)
    assert ([each.name for each in files], len(missing)) == (["0.pdf", "1.pdf"], 1)
    monkeypatch.setattr(enclosing, "LARGEST_FILE", 500)
    assert enclosed(urged.documents, papers)[0] == []
    assert "2.pdf（文件过大" in missing[0]


def test_a_ladder_is_one_thread_and_a_matter_without_a_clock_is_one_too() -> None:
    notice = replace(MAIL, deadline_id=7, ref="errand/alpha")
    first, second = message(notice, "small-2010"), message(replace(notice, id=43, level=2), "small-2010")
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert first["Message-ID"] != second["Message-ID"]
    urges = [
        message(replace(MAIL, deadline_id=None, ref=ref, id=at), "c") for at, ref in enumerate(["a/1", "a/1", "a/2"])
    ]
    assert urges[0]["References"] == urges[1]["References"] != urges[2]["References"]


HOSTILE = "x\r\nBcc: victim@y.example\n\n<script>\x00\u2028\u202e=?utf-8?b?QQ==?= " + "长" * 300


def test_nothing_can_be_smuggled_into_a_header() -> None:
    evil = Enclosure(safe_name(HOSTILE + ".pdf"), type_of(safe_name(HOSTILE + ".pdf")), b"x")
    known = {name: getattr(MAIL, name) for name in MAIL.__slots__}
    going = Outgoing(
        **{**known, "subject": HOSTILE, "ref": HOSTILE, "recipient": HOSTILE, "text": HOSTILE}, enclosures=[evil]
    )

    raw = message(going, "small-2010").as_bytes()

    head = raw.partition(b"\n\n")[0].decode().lower()
    names = [line.partition(":")[0] for line in head.splitlines() if not line.startswith((" ", "\t"))]
    assert set(names) <= {
        "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "auto-submitted", "x-duban-kind",
        "x-duban-ref", "mime-version", "content-type",
    }  # fmt: skip
    assert b"\nBcc:" not in raw
    assert len(names) == len(set(names))


def test_a_file_name_is_plain_and_keeps_its_ending() -> None:
    assert safe_name("../../etc/passwd") == "_.._etc_passwd"
    assert safe_name("a" * 200 + ".pdf") == "a" * 76 + ".pdf"
    assert safe_name("...") == "document"
    assert [type_of(name) for name in ("a.pdf", "a.html", "a.svg", "a", "a.txt")] == [
        "application/pdf", "application/octet-stream", "application/octet-stream", "application/octet-stream", "text/plain",
    ]  # fmt: skip


def test_robots_and_the_webhook_bear_the_link_even_where_the_words_are_cut(urged: Workspace) -> None:
    advance(urged, DUE, SILENT)
    (told,) = [each for each in notices(urged) if each["recipient"] == "alpha.liaison"]
    with urged.database.snapshot() as tx:
        (row,) = notices_by_id(tx, urged.campaign.id, [int(told["id"])])
    before = everything(urged)
    with website() as site:
        ways = {
            "robot": WeCom(site.url, "key", "", urged.clock.now),
            "hook": Webhook(site.url, "secret", urged.clock.now),
        }
        types = {"robot": "wecom", "hook": "webhook"}
        for way in dressed(urged, ways, types, links_of(urged)).values():
            way.send(replace(row, text="长" * 3000, recipient="a group"), urged.campaign.code)

    content, event = site.asked[0].json["text"]["content"], site.asked[1].json["data"]
    assert len(content.encode()) <= 2048
    link = content.rpartition(" ")[2]
    assert link == event["acknowledge"] and link.startswith("https://ack.example/x/ack/")
    assert everything(urged) == before


def test_a_message_of_several_notices_has_one_link_for_all_of_them(urged: Workspace) -> None:
    advance(urged, DUE, SILENT)
    idents = [int(each["id"]) for each in notices(urged) if each["kind"] == "reminder"]
    with urged.database.snapshot() as tx:
        several = notices_by_id(tx, urged.campaign.id, idents)
    dresser = Dresser(urged, links_of(urged))

    digest = dresser.dress(replace(several[0], id=1, kind="digest"), carries=True, of=several)

    assert isinstance(digest, Outgoing) and dresser.dress(digest, carries=True) is digest
    claim = links_of(urged).read(digest.link.rpartition("/")[2])
    assert claim is not None and claim.notices == tuple(idents) and len(idents) == 2
    assert dresser.link(several * 40) == ""


def test_a_trial_message_has_neither_link_nor_file(urged: Workspace) -> None:
    row = replace(MAIL, id=1)

    assert Dresser(urged, links_of(urged)).dress(row, carries=True) is row
