"""A whole database as one SQLite file, and such a file poured into a new database of either kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, column, func, insert, inspect, select, table, text
from sqlmodel import SQLModel

from engine.append_only import append_only, log_rules
from engine.errors import Conflict, Unavailable
from engine.schema_version import HEAD, current, refuse_unfit
from engine.store import Database

ROWS = 500
"""Rows that are copied at once. PLACEHOLDER"""


def snapshot_to(database: Database, path: Path) -> None:
    """Write everything as it stands at one moment to a new SQLite file at *path*, while others go on writing.

    SQLite does it by ``VACUUM INTO``: copying page by page never ends beside a writer, and a copy of the file is broken.
    From PostgreSQL the rows are copied within one snapshot. Raises Unavailable if the disk does not take it.
    """
    refuse_unfit(database)
    if database.wire.name == "sqlite":
        with database.glance() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(path),))
        return
    copy = Database(f"sqlite:///{path}")
    try:
        with _one_view(database) as source:
            _pour(source, copy)
    finally:
        copy.close()


def pour(path: Path, database: Database) -> None:
    """Fill a new *database* with what the SQLite file at *path* holds, all of it in one transaction.

    Raises Conflict if there is anything of ours in it already.
    """
    source = Database(f"sqlite:///{path}")
    try:
        with _one_view(source) as connection:
            _pour(connection, database)
    finally:
        source.close()


def must_be_new(database: Database) -> None:
    """Raise Conflict for a database that holds anything of ours. Raises Unavailable if it cannot be reached."""
    with database.glance() as connection:
        there = set(inspect(connection).get_table_names()) & {*SQLModel.metadata.tables, "alembic_version"}
    if there:
        raise Conflict(
            "there is a database already; a backup is restored into a new one: name another --db", "database_exists"
        )


def sound(path: Path) -> str:
    """What SQLite's quick check says of the file at *path*: ``ok``, or what is wrong. Raises Unavailable for no database."""
    database = Database(f"sqlite:///{path}")
    try:
        with database.glance() as connection:
            return str(connection.exec_driver_sql("PRAGMA quick_check").scalar())
    finally:
        database.close()


def contents(path: Path) -> dict[str, Any]:
    """What the database file at *path* is: identity, mode, schema, campaigns with their entries, and its documents."""
    database = Database(f"sqlite:///{path}")
    try:
        schema = current(database)
        if schema is None:
            raise Unavailable("there is no database of ours in it", "not_initialised")
        with database.glance() as connection:
            meta = dict(_rows(connection, "meta", ["key", "value"]))
            campaigns = _rows(connection, "campaign", ["id", "code"])
            entries: dict[int, int] = dict(
                connection.execute(
                    select(column("campaign_id"), func.count())
                    .select_from(table("entry"))
                    .group_by(column("campaign_id"))
                ).all()
            )
            papers = sorted(
                {(str(sha), int(size)) for sha, size in _rows(connection, "attachment", ["sha256", "size"])}
            )
    finally:
        database.close()
    return {
        "identity": meta.get("identity"), "mode": meta.get("mode"), "schema": schema,
        "campaigns": [{"code": code, "entries": entries.get(ident, 0)} for ident, code in campaigns], "documents": papers,
    }  # fmt: skip


@contextmanager
def _one_view(database: Database) -> Iterator[Connection]:
    with database.glance() as connection:
        for statement in database.wire.one_view:
            connection.exec_driver_sql(statement)
        database.wire.unhurried(database.wire.hand(connection.connection.driver_connection))
        yield connection


def _pour(source: Connection, database: Database) -> None:
    must_be_new(database)
    with database.schema() as target:
        for statement in database.wire.no_hurry:
            target.exec_driver_sql(statement)
        database.wire.unhurried(database.wire.hand(target.connection.driver_connection))
        SQLModel.metadata.create_all(target)
        target.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        target.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        for each in SQLModel.metadata.sorted_tables:
            _copy(source, target, each.name, [one.name for one in each.columns if one is not each.autoincrement_column])
        for statement in (*append_only(database.wire.name), *log_rules(database.wire.name)):
            target.execute(
                text(statement)
            )  # only now: what is copied has its place in the log, or waits for it, already


def _copy(source: Connection, target: Connection, name: str, columns: list[str]) -> None:
    """Copy the rows of one table as they are stored, some at a time."""
    plain = table(name, *(column(each) for each in columns))
    rows = source.execution_options(stream_results=True).execute(select(*plain.columns)).partitions(ROWS)
    for some in rows:
        target.execute(insert(plain), [dict(zip(columns, row, strict=True)) for row in some])


def _rows(connection: Connection, name: str, columns: list[str]) -> list[Any]:
    plain = table(name, *(column(each) for each in columns))
    return [tuple(row) for row in connection.execute(select(*plain.columns))]
