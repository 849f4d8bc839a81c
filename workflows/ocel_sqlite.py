"""The event log as OCEL 2.0 SQLite: the same log in tables, one a type of event and of object.

Source: OCEL (Object-Centric Event Log) 2.0 Specification, 16 October 2023, section on the relational format.
"""

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.campaign import Campaign
from workflows.event_log import Event, Value
from workflows.ocel import TIMES, body_values, event_type

COLUMN = {bool: "BOOLEAN", int: "INTEGER", str: "TEXT"}
"""The standard's column types of our values."""

FIXED = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT UNIQUE);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT UNIQUE);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES event_map_type (ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (
  ocel_event_id TEXT REFERENCES event (ocel_id), ocel_object_id TEXT REFERENCES object (ocel_id), ocel_qualifier TEXT,
  PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier)) WITHOUT ROWID;
CREATE TABLE object_object (
  ocel_source_id TEXT REFERENCES object (ocel_id), ocel_target_id TEXT REFERENCES object (ocel_id), ocel_qualifier TEXT,
  PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier)) WITHOUT ROWID;
CREATE TEMP TABLE told (ocel_id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
"""The tables that do not hang on types, with the standard's keys; *told* are the objects with values of their own."""

TAKEN = {("event", "map_type"), ("event", "object"), ("object", "map_type"), ("object", "object")}
"""Names that no table of a type may have."""

OWN = {
    "event": "ocel_id TEXT PRIMARY KEY REFERENCES event (ocel_id), ocel_time TIMESTAMP",
    "object": "ocel_id TEXT REFERENCES object (ocel_id), ocel_time TIMESTAMP, ocel_changed_field TEXT",
}
"""How the table of a type begins."""

ALWAYS = "1970-01-01 00:00:00"
"""The time of an attribute that an object has had from the beginning."""


class Book:
    """An OCEL database that is being written: tables and columns come with the first event that needs them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._tables: dict[tuple[str, str], tuple[str, set[str]]] = {}
        self._names: set[tuple[str, str]] = set(TAKEN)
        connection.executescript(FIXED)

    def event(self, event: Event) -> None:
        kind, time = event_type(event), _time(event)
        self._put("event", (event.ident, kind))
        table = self._table("event", kind, event.values)
        self._row(table, {"ocel_id": event.ident, "ocel_time": time, **event.values})
        for thing in event.things:
            self._put("event_object", (event.ident, thing.ident, thing.qualifier))
            if thing.ident != event.trace:
                self._put("object", (thing.ident, thing.kind))
                self._table("object", thing.kind, {})
            if thing.kind in ("document", "deadline") or thing.qualifier == "opens":
                qualifier = "opens" if thing.qualifier == "opens" else "has"
                self._put("object_object", (event.trace, thing.ident, qualifier))
        for change in event.changes:
            self.thing(change.ident, change.kind, change.values, time)

    def thing(self, ident: str, kind: str, values: Mapping[str, Value], time: str) -> None:
        """Write new values of an object: all at once when it is new, else one row a changed attribute."""
        self._put("object", (ident, kind))
        new = self._put("told", (ident,))
        table = self._table("object", kind, values)
        if new:
            self._row(table, {"ocel_id": ident, "ocel_time": time, **values})
            return
        for name, value in values.items():
            self._row(table, {"ocel_id": ident, "ocel_time": time, "ocel_changed_field": name, name: value})

    def close(self) -> None:
        """Give objects that are only referred to the row that every object has in the table of its type."""
        for (side, kind), (table, _) in self._tables.items():
            if side == "object":
                self.connection.execute(
                    f"INSERT INTO {table} (ocel_id, ocel_time) SELECT ocel_id, ? FROM object "  # noqa: S608 - quoted
                    "WHERE ocel_type = ? AND ocel_id NOT IN (SELECT ocel_id FROM told)",
                    (ALWAYS, kind),
                )

    def _put(self, table: str, values: Sequence[str]) -> bool:
        marks = ",".join("?" * len(values))
        done = self.connection.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", values)  # noqa: S608 - our names
        return done.rowcount == 1

    def _table(self, side: str, kind: str, values: Mapping[str, Value]) -> str:
        if (side, kind) not in self._tables:
            self._tables[side, kind] = (self._made(side, kind), set())
        table, columns = self._tables[side, kind]
        for name in values.keys() - columns:
            of = "TIMESTAMP" if name in TIMES else COLUMN[type(values[name])]
            self.connection.execute(f"ALTER TABLE {table} ADD COLUMN {_quoted(name)} {of}")
            columns.add(name)
        return table

    def _made(self, side: str, kind: str) -> str:
        short = wanted = re.sub(r"\W", "_", kind, flags=re.ASCII)
        while (side, short.lower()) in self._names:  # two types may differ only in what no name of a table can hold
            short = f"{wanted}_{len(self._names)}"
        self._names.add((side, short.lower()))
        self.connection.execute(f"INSERT INTO {side}_map_type VALUES (?, ?)", (kind, short))  # noqa: S608 - our names
        table = _quoted(f"{side}_{short}")
        self.connection.execute(f"CREATE TABLE {table} ({OWN[side]})")
        return table

    def _row(self, table: str, values: Mapping[str, Any]) -> None:
        names, marks = ", ".join(_quoted(name) for name in values), ",".join("?" * len(values))
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))  # noqa: S608 - quoted


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _time(event: Event) -> str:
    return event.at.replace(tzinfo=None).isoformat(" ")


def write_ocel(path: Path, events: Iterable[Event], campaign: Campaign) -> int:
    """Write the log into a new SQLite file and say how many events it has. Raises OSError if it cannot be written."""
    written = 0
    try:
        with _opened(path) as connection:
            book = Book(connection)
            for ident, values in body_values(campaign):
                book.thing(ident, "body", values, ALWAYS)
            for event in events:
                book.event(event)
                written += 1
            book.close()
            connection.commit()
    except sqlite3.Error as error:
        raise OSError(None, str(error)) from error
    return written


class _opened:
    """A connection for one file that nobody reads before it is complete: no journal, no flush."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")

    def __enter__(self) -> sqlite3.Connection:
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.connection.close()
