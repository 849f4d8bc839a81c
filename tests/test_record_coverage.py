"""Every table, every column: an edit, a deletion and an invention are found, or the check says that it does not cover them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from filled import inhabited, lived
from pgtemp import PgTemp
from production import producing
from sqlalchemy import Column, LargeBinary, Table, insert, select
from sqlmodel import SQLModel
from test_record_tampering import FREE

import engine.verify_definitions as definitions
from engine.store import Statement, Tx
from engine.verify_coverage import ALL, HOLDS, UNPROVED
from engine.verifying import HARMLESS, Scope, verify
from workflows.workspace import Workspace, open_workspace

TABLES = {name: table for name, table in SQLModel.metadata.tables.items() if name not in ("alembic_version",)}
GUARDED = ("entry", "firing", "log_leaf", "log_node", "log_checkpoint")
MONTH_US = 30 * 24 * 3_600_000_000


class Undo(Exception):
    """Rolls an edit back."""


@dataclass
class Filled:
    """Databases that between them have a row of everything."""

    spaces: list[Workspace] = field(default_factory=list)

    def having(self, table: Table) -> tuple[Workspace, list[Any]]:
        """The first with rows of *table*, and some of them."""
        for space in self.spaces:
            with space.database.snapshot() as tx:
                rows = tx.rows(Statement(select(table).order_by(*table.primary_key.columns)))
            if rows:
                return space, rows
        raise AssertionError(f"{table.name} has no row anywhere")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """Both campaigns on one system; what was once computed of their definitions is not computed again."""
    folder = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_definition_digest", "_campaign_digest"):
            patch.setattr(definitions, name, lru_cache(None)(getattr(definitions, name)))
        patch.setenv("DUBAN_KEY", str(folder / "log.pem"))
        patch.setenv("DUBAN_VAULT_KEY", str(folder / "vault.key"))
        if request.param == "sqlite":
            yield from _both(f"sqlite:///{folder / 'a.db'}", f"sqlite:///{folder / 'b.db'}", folder)
            return
        server: PgTemp = request.getfixturevalue("pg_server")
        with server.database() as first, server.database() as second:
            yield from _both(first, second, folder)


def _both(first: str, second: str, folder: Path) -> Iterator[Filled]:
    lived(first, folder)
    space = open_workspace(first)
    with producing(second) as office:
        inhabited(office)
        yield Filled([space, office])
    space.close()


def seen(space: Workspace, *edits: Any) -> str | None:
    """What the check says after the *edits*, which are rolled back: the first finding, or what it cannot vouch for."""
    said: dict[str, Any] = {}
    try:
        with space.database.tx() as tx:
            _free(tx, space.database.wire.name)
            for edit, values in edits:
                tx.write(Statement(edit, list(values) or None), values)
                tx.flush()
            said = verify(tx, space.campaign, Scope(timed=space.mode == "production"))
            raise Undo
    except Undo:
        pass
    open_questions = (
        {each["code"] for each in said["reservations"]} - HARMLESS - {"no_anchor", "no_key", "key_not_pinned"}
    )
    findings = [each["code"] for each in said["findings"]] + sorted(open_questions - {"no_documents"})
    return findings[0] if findings else None


def _free(tx: Tx, system: str) -> None:
    """What somebody with the database in his hands does first: nothing is append-only any more."""
    from sqlalchemy import text

    for statement in FREE[system]:
        tx.write(Statement(text(statement)), {})
    for table in GUARDED[2:]:
        if system == "sqlite":
            for verb in ("update", "delete"):
                tx.write(Statement(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")), {})
        else:
            tx.write(Statement(text(f"ALTER TABLE {table} DISABLE TRIGGER USER")), {})
    tx.flush()


def other(column: Column[Any], old: Any, *, step: int = 1) -> Any:
    """Another value of the same kind."""
    if isinstance(column.type, LargeBinary):
        return bytes(32)
    if isinstance(old, int):
        return old + MONTH_US if 10**14 < old < 10**17 else 1 - old if old in (0, 1) and step == 1 else old + step
    if old is None:
        return 77 if column.type.python_type is not str else "x"
    return f"{old}x"


def excused(name: str, column: str) -> bool:
    return column in UNPROVED.get(name, {}) or ALL in UNPROVED.get(name, {})


def keys_of(table: Table) -> set[str]:
    """The columns that tell rows apart."""
    return {
        column.name
        for constraint in (*table.constraints, *table.indexes)
        for column in getattr(constraint, "columns", ())
        if getattr(constraint, "unique", True)
    }


def which(table: Table, row: Any) -> Any:
    from sqlalchemy import and_

    values = dict(zip((each.name for each in table.columns), row, strict=True))
    return and_(*(each == values[each.name] for each in table.primary_key.columns))


@pytest.mark.parametrize("name", sorted(TABLES))
def test_an_edited_column_is_found_or_said_not_to_be_covered(name: str, filled: Filled) -> None:
    table = TABLES[name]
    space, rows = filled.having(table)
    row = rows[len(rows) // 2]
    taken = {each: {existing[at] for existing in rows} for at, each in enumerate(table.columns.keys())}

    unseen = []
    for at, column in enumerate(table.columns):
        if excused(name, column.name) or (space.database.wire.name != "sqlite" and at % 6):
            continue  # the same check reads both systems: there a sample is enough
        new = other(column, row[at])
        while column.name in keys_of(table) and new in taken[column.name] and isinstance(new, int):
            new += 1_000_003
        if seen(space, (table.update().where(which(table, row)).values({column.name: new}), {})) is None:
            unseen.append(column.name)

    assert unseen == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_deleted_row_is_found_or_said_not_to_be_covered(name: str, filled: Filled) -> None:
    table = TABLES[name]
    space, rows = filled.having(table)
    if excused(name, "-"):
        return

    assert seen(space, (table.delete().where(which(table, rows[len(rows) // 2])), {})) is not None


@pytest.mark.parametrize("name", sorted(TABLES))
def test_an_invented_row_is_found_or_said_not_to_be_covered(name: str, filled: Filled) -> None:
    table = TABLES[name]
    space, rows = filled.having(table)
    if excused(name, "+"):
        return
    values = dict(zip(table.columns.keys(), rows[-1], strict=True))
    unique = keys_of(table)
    for column in table.columns:
        if column.name in unique and (column.name != "campaign_id" or len(table.primary_key.columns) == 1):
            values[column.name] = other(column, values[column.name], step=1_000_003)

    assert seen(space, (insert(table), values)) is not None


def test_what_is_not_covered_is_a_column_or_a_table_that_there_is() -> None:
    for name, columns in UNPROVED.items():
        known = {*TABLES[name].columns.keys(), ALL, "-", "+"} if name in TABLES else {ALL}
        assert set(columns) <= known, name
    assert UNPROVED.keys() == HOLDS.keys()
