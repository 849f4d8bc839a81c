"""The files of a production are their owner's alone, whatever the umask says; the doctor names those that are not."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from commandline import SMALL, Office, small_office

from engine.store import Database


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """A shell that lets everybody read what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


def production(folder: Path) -> Office:
    """A production database with a document."""
    office = Office(f"sqlite:///{folder / 'duban.db'}")
    assert office("init", "--campaign", SMALL, "--late").code == 0
    paper = folder / "plan.txt"
    paper.write_text("计划")
    for words in ("user add li", "user grant li --body alpha --post liaison"):
        assert office(*words.split()).code == 0
    attached = office("--as", "li", "attach", "errand/alpha", "--doc", f"report={paper}")
    assert attached.code == 0, attached.err
    return office


def modes(folder: Path) -> dict[str, str]:
    """The modes of what lies in *folder* and belongs to the database."""
    return {each.name: f"{each.stat().st_mode & 0o777:o}" for each in folder.rglob("*") if each.name != "plan.txt"}


def test_nobody_but_its_owner_gets_at_the_files_of_a_production(tmp_path: Path) -> None:
    office = production(tmp_path)
    held = Database(f"sqlite:///{tmp_path / 'duban.db'}")
    with held.glance() as connection:
        connection.execute(sqlalchemy.text("SELECT count(*) FROM matter"))
        found = modes(tmp_path)
    held.close()

    assert {"duban.db", "duban.db-wal", "duban.db-shm", "duban.db.documents"} <= set(found)
    assert [name for name, mode in found.items() if mode[1:] != "00"] == []
    assert office.json("doctor")["open_to_others"] == []
    assert "chmod" not in office("doctor").err


def test_the_doctor_names_what_others_may_read(tmp_path: Path) -> None:
    office = production(tmp_path)
    (tmp_path / "duban.db").chmod(0o640)
    (tmp_path / "duban.db.documents").chmod(0o755)

    ended = office("--lang", "en", "doctor")

    assert ended.code == 0
    quoted = {name: shlex.quote(str(tmp_path / name)) for name in ("duban.db", "duban.db.documents")}
    assert f"chmod -R go= {quoted['duban.db']} " in ended.err
    assert f" {quoted['duban.db.documents']}\n" in ended.err
    said = office.json("doctor")["open_to_others"]
    assert {str(tmp_path / "duban.db"), str(tmp_path / "duban.db.documents")} <= set(said)


def test_a_rehearsal_may_be_read_by_everybody(tmp_path: Path) -> None:
    office = small_office(tmp_path)

    assert modes(tmp_path)["duban.db"] == "644"
    assert office.json("doctor")["open_to_others"] == []


def test_what_stands_against_a_file_is_said_by_the_database(tmp_path: Path) -> None:
    nowhere = Office(f"sqlite:///{tmp_path / 'no' / 'duban.db'}")
    ended = nowhere("init", "--campaign", SMALL, "--late").politely()

    assert ended.code == 8
    assert list(tmp_path.iterdir()) == []
