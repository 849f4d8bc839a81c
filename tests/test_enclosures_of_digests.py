"""What goes along with a message of several notices: what each of them would have carried, once, within one message's limits."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from icalendar import Calendar
from mailserver import Postman
from test_campaign_texts import folder_with
from test_enclosures import ATTACHING, files_of, posted
from test_enclosures import DUE as DAY
from world import open_one, sql

from engine.documents import FileStore
from engine.orders import Attach, Document
from scheduler import enclosing
from workflows.launch import Beginning, init
from workflows.workspace import Workspace

ALPHA = "alpha.liaison@mail.example"


@pytest.fixture
def errands(db_url: str, tmp_path: Path) -> Iterator[Workspace]:
    """Alpha is reminded of two errands in one message; each has a report, the second the same one as the first and a third."""
    path = Path(folder_with(tmp_path, "words.yaml", ATTACHING))
    path.write_text(path.read_text("utf-8") + "\ndelivery: {policy: PLACEHOLDER, digest: {default: on}}\n", "utf-8")
    store = FileStore(tmp_path / "documents")
    found, _ = init(db_url, Beginning(str(path), rehearsal=True), documents=store)
    for number in (1, 2):
        open_one(found, "errand", "bgs.admin", body="alpha", ref=f"errand/more-{number}", title=f"差事{number}号")
    for ref, content in (("alpha", b"one"), ("more-1", b"two"), ("more-2", b"two")):
        paper = Document("report", f"{ref}.pdf", store.put(content), len(content))
        found.engine.execute(Attach(ref=f"errand/{ref}", documents=(paper,)), found.actor("alpha.liaison"))
    yield found
    found.close()


def test_a_digest_carries_what_its_notices_would_have_carried(errands: Workspace) -> None:
    mail = posted(errands, Postman(), DAY)[ALPHA]

    assert mail["X-Duban-Kind"] == "digest"
    files = files_of(mail)
    assert list(files) == ["alpha.pdf", "more-1.pdf", "deadlines.ics"]
    assert (files["alpha.pdf"], files["more-1.pdf"]) == (b"one", b"two")
    events = Calendar.from_ical(files["deadlines.ics"]).walk("VEVENT")
    assert len({str(each["uid"]) for each in events}) == len(events) == 3
    lines = [json.loads(text) for (text,) in sql(errands.database, "select record from entry where kind = 'notice'")]
    (answer,) = [line["answer"] for line in lines if line.get("members") == 3 and line["recipient"] == "alpha.liaison"]
    assert "enclosed: alpha.pdf" in answer and "more-1.pdf" in answer


def test_all_that_rides_together_keeps_to_the_limits_of_one_message(
    errands: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enclosing, "LARGEST_TOTAL", 5)

    mail = posted(errands, Postman(), DAY)[ALPHA]

    assert list(files_of(mail)) == ["alpha.pdf", "deadlines.ics"]
    plain = mail.get_body(("plain",))
    assert plain is not None and "more-1.pdf（文件过大" in plain.get_content()
