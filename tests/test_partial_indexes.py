"""Indexes of only some rows: the same on both databases, though only the one in use is asked how it says so."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex

from engine.people_tables import Contact
from engine.tables import Notice, table_of

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("dialect", [sqlite, postgresql], ids=["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("model", "name", "where"),
    [(Notice, "ix_notice_todo", "status = 'owed'"), (Contact, "ux_contact_open", "ended_at IS NULL")],
)
def test_an_index_of_some_rows_is_made_of_those_rows(dialect: Any, model: type, name: str, where: str) -> None:
    index = next(each for each in table_of(model).indexes if each.name == name)

    said = str(CreateIndex(index).compile(dialect=dialect.dialect()))

    assert said.endswith(f"WHERE {where}")


def test_a_command_on_sqlite_does_not_read_what_postgresql_is_made_of() -> None:
    asked = "import sys, engine.schema_version; print('sqlalchemy.dialects.postgresql' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=ROOT).stdout

    assert said.strip() == "False"
