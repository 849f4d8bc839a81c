"""A database that cannot be used: exit 8 and one line that says why; nothing is made, nothing is spoilt."""

import sqlite3
from pathlib import Path

import pytest
from commandline import SMALL, Office, small_office

COMMANDS = [
    "list",
    "show errand/alpha",
    "do errand/alpha take",
    "scheduler once",
    "doctor",
    "db upgrade",
    "audit verify",
    "run",
]


def content(path: Path) -> object:
    """What somebody would miss: the tables of a database, the bytes of another file."""
    if not path.is_file():
        return path.exists()
    with sqlite3.connect(path) as connection:
        try:
            found: object = connection.execute("select sql from sqlite_schema").fetchall()
        except sqlite3.DatabaseError:
            found = path.read_bytes()
    connection.close()
    return found


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 500)


def truncated(path: Path) -> None:
    small_office(path.parent)
    path.write_bytes(path.read_bytes()[:3000])


def empty(path: Path) -> None:
    path.touch()


def folder(path: Path) -> None:
    path.mkdir()


def somebody_elses(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("create table recipes (name text)")
    other.close()


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("make", [None, garbage, truncated, empty, folder, somebody_elses])
def test_what_is_no_database_of_ours_is_unavailable_in_one_line(tmp_path: Path, words: str, make: object) -> None:
    path = tmp_path / "duban.db"
    if callable(make):
        make(path)
    before = content(path)

    ended = Office(f"sqlite:///{path}")(*words.split()).politely()

    assert ended.code == 8, ended.err
    assert ended.out == ""
    assert len(ended.err.splitlines()) == 2, "what was asked, and why not"
    assert ended.err.startswith("暂不可用（")
    assert content(path) == before


@pytest.mark.parametrize("words", COMMANDS)
def test_an_unavailable_database_is_told_in_json_too(tmp_path: Path, words: str) -> None:
    ended = Office(f"sqlite:///{tmp_path / 'none.db'}")("--json", *words.split())

    assert (ended.code, ended.json["error"]["code"]) == (8, "no_database")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", COMMANDS)
def test_a_server_that_does_not_answer_is_unavailable_in_one_line(tmp_path: Path, words: str) -> None:
    url = f"postgresql://nobody:geheim@/none?host={tmp_path}"

    ended = Office(url)(*words.split()).politely()

    assert (ended.code, ended.out) == (8, "")
    assert len(ended.err.splitlines()) == 2
    assert "geheim" not in ended.err


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "",
        "sqlite://",
        "mysql://u:p@h/d",
        "sqlite+aiosqlite:///x",
        "://",
        "sqlite:///" + "x" * 5000,
    ],
)
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    ended = Office(f"sqlite:///{tmp_path / 'none.db'}")("--db", url, "list").politely()

    assert ended.code in (2, 7, 8)
    assert ended.out == ""


@pytest.mark.parametrize(("version", "code"), [("9999", "schema_new"), ("0000", "schema_old")])
def test_a_database_of_another_version_is_left_alone(tmp_path: Path, version: str, code: str) -> None:
    office = small_office(tmp_path)
    with sqlite3.connect(tmp_path / "duban.db") as connection:
        connection.execute("update alembic_version set version_num = ?", (version,))
    connection.close()

    for words in ("list", "do errand/alpha take", f"init --campaign {SMALL} --rehearsal"):
        ended = office("--json", *words.split())
        assert (ended.code, ended.json["error"]["code"]) == (8, code)
    upgraded = office("--json", "db", "upgrade")
    assert (upgraded.code, upgraded.json["error"]["code"]) == (8, code.replace("old", "unknown"))


def test_a_folder_that_is_not_there_is_no_place_for_a_database(tmp_path: Path) -> None:
    ended = Office(f"sqlite:///{tmp_path / 'none' / 'duban.db'}")("init", "--campaign", SMALL, "--rehearsal").politely()

    assert ended.code == 8
    assert len(ended.err.splitlines()) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_campaigns_is_checked_before_a_database_is_made(tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.yaml"
    spoilt.write_text(Path(SMALL).read_text("utf-8").replace("part: office", "part: offic"), "utf-8")

    ended = Office(f"sqlite:///{tmp_path / 'duban.db'}")("init", "--campaign", str(spoilt), "--rehearsal")

    assert ended.code == 7
    assert [path.name for path in tmp_path.iterdir()] == ["spoilt.yaml"]
