"""The record as an event log: everything is in it, nothing private is, and other tools' rules are kept."""

import csv
import io
import json
import sqlite3
import tracemalloc
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest
from commandline import Office
from event_log_shapes import OCEL, XES
from lxml import etree
from played import played
from world import correct, open_one, sql
from world import local as at

from engine.scroll import read_on
from workflows.event_log import event_log
from workflows.event_table import event_table
from workflows.ocel_sqlite import write_ocel
from workflows.workspace import Workspace
from workflows.xes import xes

NAMESPACE = "{http://www.xes-standard.org/}"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return played(tmp_path_factory.mktemp("event_log"))


def rows(office: Office, query: str) -> list[tuple]:
    with sqlite3.connect(str(office.url).removeprefix("sqlite:///")) as connection:
        return connection.execute(query).fetchall()


def test_a_xes_log_keeps_the_standard_and_has_every_entry_of_every_matter(office: Office, tmp_path: Path) -> None:
    written = office.json("export", "xes", "--out", str(tmp_path / "log.xes"))

    log = etree.parse(written["file"])
    etree.XMLSchema(etree.fromstring(XES)).assertValid(log)
    counts = {
        trace.find(f"{NAMESPACE}string[@key='concept:name']").get("value"): len(trace.findall(f"{NAMESPACE}event"))
        for trace in log.getroot().findall(f"{NAMESPACE}trace")
    }
    assert counts == dict(
        rows(office, "select substr(stream, 8), count(*) from entry where stream like 'matter/%' group by 1")
    )


def test_an_ocel_log_keeps_the_standard_and_every_relation_leads_to_an_object(office: Office, tmp_path: Path) -> None:
    log = json.loads(office("export", "ocel").out)

    jsonschema.validate(log, OCEL, format_checker=jsonschema.FormatChecker())
    objects = {each["id"]: each for each in log["objects"]}
    assert len(objects) == len(log["objects"])
    assert {link["objectId"] for each in log["events"] + log["objects"] for link in each["relationships"]} <= set(
        objects
    )
    for side, of in (("events", "eventTypes"), ("objects", "objectTypes")):
        types = {each["name"]: {known["name"] for known in each["attributes"]} for each in log[of]}
        used = [(each["type"], value["name"]) for each in log[side] for value in each["attributes"]]
        assert [each for each in used if each[1] not in types[each[0]]] == []
    assert {"body", "document", "deadline", "case", "department_task", "duty"} <= {
        each["type"] for each in log["objects"]
    }


def test_the_last_state_in_an_ocel_log_is_the_state_of_the_matter(office: Office) -> None:
    log = json.loads(office("export", "ocel").out)

    last = {
        each["id"]: [value["value"] for value in each["attributes"] if value["name"] == "state"][-1]
        for each in log["objects"]
        if each["type"] not in ("body", "document", "deadline")
    }
    assert last == dict(rows(office, "select ref, state from matter"))


def test_both_forms_of_ocel_say_the_same(office: Office, tmp_path: Path) -> None:
    log = json.loads(office("export", "ocel").out)

    office.json("export", "ocel", "--out", str(tmp_path / "log.sqlite"))
    with sqlite3.connect(tmp_path / "log.sqlite") as book:
        events = dict(book.execute("select ocel_id, ocel_type from event").fetchall())
        things = dict(book.execute("select ocel_id, ocel_type from object").fetchall())
        links = set(book.execute("select * from event_object").fetchall())
        tables = [each for (each,) in book.execute("select ocel_type_map from event_map_type").fetchall()]
        counted = sum(book.execute(f'select count(*) from "event_{table}"').fetchone()[0] for table in tables)
    assert events == {each["id"]: each["type"] for each in log["events"]}
    assert things == {each["id"]: each["type"] for each in log["objects"]}
    assert links == {
        (e["id"], link["objectId"], link["qualifier"]) for e in log["events"] for link in e["relationships"]
    }
    assert counted == len(events)


def test_a_table_has_a_row_an_entry_and_opens_in_a_spreadsheet(office: Office) -> None:
    text = office("export", "csv", "--kind", "case").out

    assert text.startswith("\ufeffmatter,kind,seq,")
    found = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(found) == rows(office, "select count(*) from entry where stream like 'matter/case/%'")[0][0]
    assert {row["kind"] for row in found} == {"case"}


def test_nothing_private_leaves_the_house(rich: Workspace) -> None:
    open_one(rich, "probe", "alpha.liaison", reporter="王某某", size=8)
    correct(rich, "probe/2010-0001", "alpha.head", reason="机密理由", reporter="李某某")

    written = "".join(xes(event_log(rich.database, rich.campaign), "x", "zh"))
    written += "".join(event_table(event_log(rich.database, rich.campaign)))

    title = sql(rich.database, "select title from matter where ref = 'probe/2010-0001'")[0][0]
    assert "probe/2010-0001" in written
    assert [word for word in ("王某某", "李某某", "机密理由", f'"{title}"') if word in written] == []


def test_reading_on_gives_every_entry_once_whatever_the_size_of_a_page(rich: Workspace) -> None:
    open_one(rich, "probe", "alpha.liaison", reporter="王某", size=8)

    whole = [(each["stream"], each["seq"]) for each in read_on(rich.database, rich.campaign.id, "matter/")]

    assert sorted(whole) == sorted(
        tuple(row) for row in sql(rich.database, "select stream, seq from entry where stream like 'matter/%'")
    )
    for page in (1, 2, 3):
        paged = [(e["stream"], e["seq"]) for e in read_on(rich.database, rich.campaign.id, "matter/", page=page)]
        assert paged == whole
    assert list(read_on(rich.database, rich.campaign.id, "matter/prob_/")) == []


def test_an_export_as_of_an_instant_has_nothing_that_was_recorded_later(office: Office) -> None:
    text = office("export", "csv", "--as-of", "2010-12-01").out

    found = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert found
    assert max(datetime.fromisoformat(row["recorded_at"]) for row in found) <= at("2010-12-01T00:00")


def test_formulas_and_forbidden_characters_are_defused() -> None:
    from workflows.event_table import defused
    from workflows.xes import NOT_XML

    assert [defused(each) for each in ("=1+1", "@x", "a=b", 7)] == ["'=1+1", "'@x", "a=b", 7]
    assert NOT_XML.sub("", "a\x00\x0b\ud800b￿") == "ab"


def test_a_long_record_is_read_in_the_room_of_a_page(office: Office) -> None:
    from workflows.workspace import open_workspace

    workspace = open_workspace(str(office.url))
    list(event_log(workspace.database, workspace.campaign, "bulletin"))
    tracemalloc.start()
    try:
        for page in (50, 400):
            tracemalloc.reset_peak()
            count = sum(1 for _ in read_on(workspace.database, workspace.campaign.id, "", page=page))
            assert count > 1000
            peak = tracemalloc.get_traced_memory()[1]
            assert peak < page * 8_000 + 200_000
    finally:
        tracemalloc.stop()
        workspace.close()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("export", "xes", "--kind", "nonsense"), 3),
        (("--json", "export", "csv"), 2),
        (("export", "ocel", "--out", "/nowhere/at/all.json"), 8),
        (("export", "ocel", "--out", "/nowhere/at/all.sqlite"), 8),
        (("export", "xes", "--as-of", "yesterday"), 7),
    ],
)
def test_an_export_that_cannot_be_made_says_why(office: Office, words: tuple[str, ...], code: int) -> None:
    assert office(*words).politely().code == code


@pytest.mark.parametrize(
    "out", ["", ".", "/", "..", "/dev/null", "/dev/full", "a\0b", "DATABASE", "DATABASE-wal", "LINK"]
)
@pytest.mark.parametrize("form", ["csv", "ocel", "ics"])
def test_neither_a_device_nor_a_folder_nor_the_database_is_replaced(
    form: str, out: str, office: Office, tmp_path: Path
) -> None:
    database = Path(str(office.url).removeprefix("sqlite:///"))
    (tmp_path / "link").symlink_to(database)
    out = out.replace("DATABASE", str(database)).replace("LINK", str(tmp_path / "link"))

    assert office("export", form, "--out", out).politely().code in (2, 7, 8)

    assert database.read_bytes()[:6] == b"SQLite"
    assert (tmp_path / "link").is_symlink()
    assert Path("/dev/null").is_char_device()


def test_a_file_of_mine_with_a_similar_name_is_left_alone(office: Office, tmp_path: Path) -> None:
    mine = tmp_path / "log.csv.new"
    mine.write_text("mine")

    assert office("export", "csv", "--out", str(tmp_path / "log.csv")).code == 0

    assert mine.read_text() == "mine"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["log.csv", "log.csv.new"]


def test_types_that_differ_only_in_their_signs_have_tables_of_their_own(rich: Workspace, tmp_path: Path) -> None:
    events = list(event_log(rich.database, rich.campaign))
    twins = [
        replace(event, ident=f"x{at}", activity=("plan_breach", "plan:breach")[at])
        for at, event in enumerate(events[:2])
    ]

    assert write_ocel(tmp_path / "log.sqlite", twins, rich.campaign) == 2

    with sqlite3.connect(tmp_path / "log.sqlite") as log:
        names = dict(log.execute("select ocel_type, ocel_type_map from event_map_type").fetchall())
        assert set(names) == {"errand:plan_breach", "errand:plan:breach"}
        assert [log.execute(f"select count(*) from event_{each}").fetchone() for each in names.values()] == [(1,), (1,)]


def test_a_failed_export_leaves_the_old_file_as_it_was(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "log.xes"
    kept.write_text("old")
    monkeypatch.setattr("commands.fresh_file.token_hex", lambda _: "0")
    kept.with_name("log.xes.0.new").mkdir()

    ended = office("export", "xes", "--out", str(kept)).politely()

    assert (ended.code, kept.read_text()) == (8, "old")
