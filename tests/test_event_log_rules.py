"""The rules of the standards that no schema tells: what is declared is there, and what is there is declared."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import Office
from lxml import etree
from played import played

XES = "{http://www.xes-standard.org/}"

COLUMNS = {"TEXT", "TIMESTAMP", "INTEGER", "REAL", "BOOLEAN"}
"""Types of a column. Source: OCEL 2.0, relational format."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return played(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="module")
def log(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Any:
    written = office.json("export", "xes", "--out", str(tmp_path_factory.mktemp("xes") / "log.xes"))
    return etree.parse(written["file"]).getroot()


@pytest.fixture(scope="module")
def book(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("ocel") / "log.sqlite"
    office.json("export", "ocel", "--out", str(path))
    with sqlite3.connect(path) as connection:
        yield connection
    connection.close()


def keys(element: Any) -> list[str]:
    return [str(each.get("key")) for each in element if each.get("key")]


def test_every_event_and_trace_has_what_the_log_declares_for_all_and_nothing_twice(log: Any) -> None:
    for scope, tag in (("trace", "trace"), ("event", "event")):
        (declared,) = [each for each in log.findall(f"{XES}global") if each.get("scope") == scope]
        types = {(each.tag, each.get("key")) for each in declared}

        for element in log.iter(XES + tag):
            assert types <= {(each.tag, each.get("key")) for each in element}
            assert len(set(keys(element))) == len(keys(element))


def test_a_classifier_names_only_what_every_event_has(log: Any) -> None:
    (declared,) = [each for each in log.findall(f"{XES}global") if each.get("scope") == "event"]

    named = {key for each in log.findall(f"{XES}classifier") for key in each.get("keys").split()}

    assert named and named <= set(keys(declared))


def test_a_key_with_a_prefix_is_of_an_extension_that_the_log_declares(log: Any) -> None:
    prefixes = {each.get("prefix") for each in log.findall(f"{XES}extension")}

    used = {key.partition(":")[0] for each in log.iter() for key in keys(each) if ":" in key}

    assert used == prefixes


def test_an_instant_of_a_xes_log_is_a_date_with_its_offset(log: Any) -> None:
    from datetime import datetime

    found = [each for each in log.iter(f"{XES}date") if each.getparent().tag != f"{XES}global"]

    assert found and all(datetime.fromisoformat(each.get("value")).utcoffset() is not None for each in found)
    assert {each.get("key") for each in found} == {"time:timestamp", "duban.recorded_at"}


def test_values_of_an_ocel_log_are_what_their_attribute_declares(office: Office) -> None:
    said = json.loads(office("export", "ocel").out)

    reads: dict[str, Any] = {
        "string": str, "integer": int, "boolean": {"true": True, "false": False}.__getitem__,
        "time": lambda text: text.index("T"),
    }  # fmt: skip
    for side, of in (("events", "eventTypes"), ("objects", "objectTypes")):
        types = {each["name"]: {known["name"]: known["type"] for known in each["attributes"]} for each in said[of]}
        for each in said[side]:
            for value in each["attributes"]:
                reads[types[each["type"]][value["name"]]](value["value"])
    assert {"integer", "time", "string"} <= {a["type"] for each in said["eventTypes"] for a in each["attributes"]}


@pytest.mark.parametrize("kind", ["case", "lead"])
def test_a_log_of_one_kind_still_has_every_object_that_it_refers_to(kind: str, office: Office, tmp_path: Path) -> None:
    said = json.loads(office("export", "ocel", "--kind", kind).out)

    assert said["events"]
    links = {link["objectId"] for each in said["events"] + said["objects"] for link in each["relationships"]}
    assert links <= {each["id"] for each in said["objects"]}


def test_the_relational_form_has_the_keys_and_references_of_the_standard(book: sqlite3.Connection) -> None:
    refers = {
        "event": {("ocel_type", "event_map_type", "ocel_type")},
        "object": {("ocel_type", "object_map_type", "ocel_type")},
        "event_object": {("ocel_event_id", "event", "ocel_id"), ("ocel_object_id", "object", "ocel_id")},
        "object_object": {("ocel_source_id", "object", "ocel_id"), ("ocel_target_id", "object", "ocel_id")},
    }
    for side in ("event", "object"):
        for (short,) in book.execute(f"select ocel_type_map from {side}_map_type").fetchall():
            refers[f"{side}_{short}"] = {("ocel_id", side, "ocel_id")}
    there = {name for (name,) in book.execute("select name from sqlite_master where type = 'table'").fetchall()}
    assert there == {*refers, "event_map_type", "object_map_type"}
    for table, wanted in refers.items():
        found = {(row[3], row[2], row[4]) for row in book.execute(f'pragma foreign_key_list("{table}")').fetchall()}
        assert found == wanted, table
    assert book.execute("pragma foreign_key_check").fetchall() == []


def test_the_tables_of_types_say_when_and_what_has_changed(book: sqlite3.Connection) -> None:
    for side, own in (("event", []), ("object", ["ocel_changed_field"])):
        for kind, short in book.execute(f"select * from {side}_map_type").fetchall():
            columns = {row[1]: row for row in book.execute(f'pragma table_info("{side}_{short}")').fetchall()}
            assert list(columns)[: 2 + len(own)] == ["ocel_id", "ocel_time", *own]
            assert (columns["ocel_time"][2], bool(columns["ocel_id"][5])) == ("TIMESTAMP", side == "event")
            assert {row[2] for row in columns.values()} <= COLUMNS
            missing = f"select ocel_id from {side} where ocel_type = ? except select ocel_id from {side}_{short}"
            assert book.execute(missing, (kind,)).fetchall() == []
    for (short,) in book.execute("select ocel_type_map from object_map_type").fetchall():
        rows = book.execute(f"select * from object_{short} where ocel_changed_field is not null")
        names = [each[0] for each in rows.description or ()]
        for row in rows.fetchall():
            told = {name for name, value in zip(names, row, strict=True) if value is not None}
            assert told == {"ocel_id", "ocel_time", "ocel_changed_field", row[2]}


def test_every_object_begins_with_one_row_of_its_own(book: sqlite3.Connection) -> None:
    for kind, short in book.execute("select * from object_map_type").fetchall():
        first = f"select ocel_id, count(*) from object_{short} where ocel_changed_field is null group by 1"
        found = dict(book.execute(first).fetchall())

        assert set(found.values()) <= {1}
        assert set(found) == {row[0] for row in book.execute("select ocel_id from object where ocel_type = ?", (kind,))}
