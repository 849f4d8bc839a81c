"""What is taken out of the house is on record before it goes out, and its receipt is offered with it."""

import hashlib
import html
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from callers import House, house_of
from commandline import SMALL, Office
from doorway import served
from production import own_token, producing
from standalone import keyed, sealed
from world import begin, do, sql

from engine.errors import Unavailable
from engine.exports import set_down
from web.relations import RECEIPT
from workflows.workspace import Workspace, open_workspace

LINK = re.compile(rf'<([^>]+)>; rel="{RECEIPT}"')
FORMS = ("events.csv", "events.xes", "events.ocel")


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    with producing(db_url) as found:
        yield found


def taken(workspace: Workspace) -> list[dict[str, Any]]:
    rows = sql(workspace.database, "select record from entry where kind = 'export' order by seq")
    return [json.loads(record) for (record,) in rows]


def test_each_export_over_the_interface_names_the_receipt_of_its_entry(
    office: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with house_of(office) as house:
        admin = house.holding(own_token(office, "bgs.admin"))
        for path in (*(f"/exports/{form}" for form in FORMS), "/calendar.ics"):
            answer = admin.get(path)
            (where,) = LINK.findall(answer.headers["link"])
            entry = taken(office)[-1]
            assert answer.code == 200 and int(answer.headers["content-length"]) == len(answer.content) > 100
            assert entry["export"]["sha256"] == hashlib.sha256(answer.content).hexdigest(), path
            assert (entry["actor"], entry["trigger"]) == ("bgs.admin", path.rpartition(".")[2])
            assert where == f"/receipts/log/small-2010/{entry['seq']}"
            assert admin.get(where).json["leaf"]
    assert list(tmp_path.glob("duban-export-*")) == []


def test_an_export_that_fails_on_the_way_is_neither_half_sent_nor_on_record(
    office: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(*_: object) -> Iterator[str]:
        yield "ref,"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("web.api.exports.event_table", torn)
    with house_of(office) as house:
        answer = house.holding(own_token(office, "bgs.admin")).get("/exports/events.csv")

    assert (answer.code, answer.json["code"], taken(office)) == (503, "disk", [])


def test_what_is_set_down_is_handed_out_once_and_whole() -> None:
    words = ["甲", "乙" * 200_000, ""]
    found = set_down(words)
    whole = "".join(words).encode()

    assert b"".join(found.pieces()) == whole
    assert (found.sha256, found.size, found.file.closed) == (hashlib.sha256(whole).hexdigest(), len(whole), True)
    with pytest.raises(Unavailable):
        set_down(iter_failing())


def iter_failing() -> Iterator[str]:
    yield "x"
    raise OSError(5, "Input/output error")


def test_a_rehearsal_has_nothing_that_leaves_the_house(workspace: Workspace) -> None:
    with house_of(workspace) as house:
        answer = house.as_("bgs.admin").get("/exports/events.csv")
    assert answer.code == 200 and "link" not in answer.headers and taken(workspace) == []


def test_lists_and_bundles_taken_from_pages_lead_to_their_receipt(
    db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = begin(db_url)
    do(office, "errand/alpha", "take", "alpha.liaison")
    sealed(office, keyed(office, tmp_path, monkeypatch))
    with served(office) as here:
        visitor = here.visitor()
        visitor.enter("bgs.admin")
        for what, path in (("bundle", "/audit/bundle"), ("matters", "/matters.csv")):
            form = {"csrf": visitor.csrf()}
            assert (visitor.fetch(path, **form) if what == "bundle" else visitor.fetch_page(path))[0] == 200
            (where,) = map(html.unescape, LINK.findall(visitor.headers["link"]))
            entry = taken(office)[-1]
            assert (entry["trigger"], where) == (what, f"/receipts?of=log%2Fsmall-2010%2F{entry['seq']}")
            code, page = visitor.ask("/matters")
            assert code == 200 and "导出已记入留痕" in page and f'class="receipt" href="{html.escape(where)}"' in page
            assert "导出已记入留痕" not in visitor.ask("/matters")[1], "it is said once"
            code, page = visitor.ask(where)
            assert code == 200 and "导出" in page
    office.close()


def test_the_command_line_enters_who_took_the_record_out_of_a_production(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    assert office("init", "--campaign", SMALL, "--late").code == 0
    out = tmp_path / "log"
    hashes = []
    for form in ("csv", "xes", "ocel"):
        receipt = tmp_path / "receipt.json"
        assert office("export", form, "--out", str(out), "--receipt", str(receipt)).code == 0
        hashes.append((form, hashlib.sha256(out.read_bytes()).hexdigest()))
        assert json.loads(receipt.read_text())["stream"] == "log/small-2010"
        shown = office("export", form)
        hashes.append((form, hashlib.sha256(shown.out.encode()).hexdigest()))
        assert shown.code == 0 and len(shown.out) > 100
    workspace = open_workspace(office.url or "")
    entries = taken(workspace)
    workspace.close()

    assert [(each["trigger"], each["export"]["sha256"]) for each in entries] == hashes


def test_the_document_of_the_interface_says_so(house: House) -> None:
    document = house.as_("bgs.admin").get("/openapi.json").json
    for form in FORMS:
        assert (
            RECEIPT
            in document["paths"][f"/exports/{form}"]["get"]["responses"]["200"]["headers"]["Link"]["description"]
        )


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    workspace = begin(sqlite_url)
    with house_of(workspace) as found:
        yield found
    workspace.close()
