"""A backup is one complete file, a restore a new database that is proved and waits for a person before it sends anything."""

import io
import json
import resource
import tarfile
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from commandline import SMALL, Ended, Office
from test_digests import Told, by
from world import again, everything, flaws, local, notices, open_one, set_clock, sql

from engine.copying import contents, snapshot_to
from engine.held_desk import Choice, HeldDesk
from scheduler.turn import Turn
from workflows.workspace import Workspace, open_workspace


@pytest.fixture
def office(db_url: str, tmp_path: Path) -> Office:
    """A rehearsal of the small campaign in which something has happened, with a document."""
    found = Office(db_url, DOCUMENTS=str(tmp_path / "papers"))
    assert found("init", "--campaign", SMALL, "--rehearsal").code == 0
    (tmp_path / "report.txt").write_text("办理报告", "utf-8")
    found.json("--as", "alpha.head", "correct", "errand/alpha", "--fact", "urgent=false", "--reason", "漏填")
    found.json("--as", "alpha.liaison", "do", "errand/alpha", "take")
    found.json("--as", "alpha.liaison", "do", "errand/alpha", "submit", "--doc", f"report={tmp_path / 'report.txt'}")
    found.json("clock", "advance", "--to", "2010-11-05T10:00")
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database to restore into: on each system in turn, whatever the backup was made of."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'restored.db'}"
    server = request.getfixturevalue("pg_server")
    manager = server.database()
    url: str = manager.__enter__()
    request.addfinalizer(lambda: manager.__exit__(None, None, None))
    return url


def restored_at(office: Office, url: str, tmp_path: Path) -> Office:
    return Office(url, DOCUMENTS=str(tmp_path / "papers2"))


def rows(url: str) -> dict[str, list[Any]]:
    workspace = open_workspace(url)
    found = everything(workspace)
    workspace.close()
    return found


def without_mark(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """All but what a restore itself writes down."""
    kept = dict(found)
    kept["entry"] = [row for row in found["entry"] if "restored" not in row]
    marks = {(row[1], row[2]) for row in found["entry"] if "restored" in row}
    kept["log_pending"] = [row[1:] for row in found["log_pending"] if (row[2], row[3]) not in marks]
    kept["meta"] = [row for row in found["meta"] if row[0] != "restored" and not str(row[0]).startswith("hold:")]
    return kept


def test_what_was_backed_up_is_there_again_whatever_database_it_came_from_or_goes_to(
    office: Office, new_url: str, tmp_path: Path
) -> None:
    made = office.json("db", "backup", "--to", str(tmp_path / "b.tar"))
    there = restored_at(office, new_url, tmp_path)

    said = there.json("db", "restore", str(tmp_path / "b.tar"))

    assert (made["missing"], said["documents"], said["held_mode"]) == ([], 1, True)
    assert said["campaigns"][0]["entries"] == made["campaigns"][0]["entries"]
    assert without_mark(rows(new_url)) == without_mark(rows(str(office.url)))
    assert there("audit", "verify").code == 0
    (paper,) = there.json("show", "errand/alpha")["documents"]
    assert (tmp_path / "papers2" / paper["sha256"][:2] / paper["sha256"]).read_text("utf-8") == "办理报告"
    history = sql_of(new_url, "select stream, record from entry where trigger = 'restored'")
    assert [stream for stream, _ in history] == ["campaign/small-2010"]
    assert json.loads(history[0][1])["backup"] == made["files"][0]["sha256"]


def sql_of(url: str, statement: str) -> list[tuple[Any, ...]]:
    workspace = open_workspace(url)
    found = sql(workspace.database, statement)
    workspace.close()
    return found


def test_a_restored_database_sends_nothing_before_a_person_has_looked(
    office: Office, new_url: str, tmp_path: Path
) -> None:
    workspace = open_workspace(str(office.url))
    set_clock(workspace, "2010-11-05T12:00")
    open_one(workspace, "errand", "bgs.admin", body="alpha", ref="errand/late", title="后来的差事")
    workspace.close()
    office.json("db", "backup", "--to", str(tmp_path / "b.tar"))
    there = restored_at(office, new_url, tmp_path)
    there.json("db", "restore", str(tmp_path / "b.tar"))

    place = open_workspace(new_url)
    channel = Told()
    Turn(place, by(channel)).advance(local("2010-11-12T10:00"))

    assert {each.kind for each in channel.sent} == {"backlog"}
    waiting = notices(place, status="held")
    assert waiting
    assert "restored" in str(there.json("doctor")["held_mode"])
    assert HeldDesk(place.engine, place.actor("bgs.admin")).release(Choice(everything=True), "核对过")["mode_ended"]
    channel.sent.clear()
    Turn(place, by(channel)).run()
    assert {(each.recipient, each.channel) for each in channel.sent} == {
        (each["recipient"], each["channel"]) for each in waiting
    }
    assert len(channel.sent) == len({each.recipient for each in channel.sent})
    assert flaws(place) == []
    place.close()


def nothing_left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def test_a_backup_overwrites_nothing_and_a_restore_makes_only_what_is_new(office: Office, tmp_path: Path) -> None:
    target = tmp_path / "b.tar"
    office.json("db", "backup", "--to", str(target))
    before, whole = rows(str(office.url)), target.read_bytes()

    assert office("db", "backup", "--to", str(target)).politely().code == 6
    assert office("db", "restore", str(target)).politely().code == 6
    assert office("db", "backup", "--to", str(tmp_path / "no" / "b.tar")).politely().code == 7
    assert Office(None)("db", "restore", str(target)).politely().code == 2
    assert Office("sqlite://")("db", "restore", str(target)).politely().code == 7
    assert office("--db", f"sqlite:///{tmp_path / 'new.db'}", "db", "restore", str(tmp_path)).politely().code == 7

    assert rows(str(office.url)) == before
    assert target.read_bytes() == whole
    assert target.stat().st_mode & 0o077 == 0
    assert nothing_left(tmp_path) == []


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200_000])


def bit_flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def no_tar(path: Path) -> None:
    path.write_bytes(b"this is no backup" * 5000)


def another_tar(path: Path) -> None:
    with tarfile.open(path, "w") as tar:
        tar.add(SMALL, "../../evil.yaml")


def repacked(path: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> None:
    with tarfile.open(path) as tar:
        files = {each.name: tar.extractfile(each).read() for each in tar}  # type: ignore[union-attr]
    manifest = json.loads(files.pop("manifest.json"))
    change(manifest, files)
    with tarfile.open(path, "w") as tar:
        for name, content in {"manifest.json": json.dumps(manifest).encode(), **files}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def a_paper_lost(path: Path) -> None:
    repacked(path, lambda _, files: files.pop(next(name for name in files if name.startswith("documents/"))))


def out_of_the_folder(path: Path) -> None:
    def change(manifest: dict[str, Any], files: dict[str, bytes]) -> None:
        files["documents/../../evil"] = b"x"
        manifest["files"].append({"name": "documents/../../evil", "sha256": "0" * 64, "size": 1})

    repacked(path, change)


def of_another_form(path: Path) -> None:
    repacked(path, lambda manifest, _: manifest.update(form="duban-backup/9"))


DAMAGES = [cut, bit_flipped, empty, no_tar, another_tar, a_paper_lost, out_of_the_folder, of_another_form]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_and_nothing_is_made(damage: Callable[[Path], None], tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    office("init", "--campaign", SMALL, "--rehearsal")
    (tmp_path / "report.txt").write_text("办理报告" * 100, "utf-8")
    office.json("--as", "alpha.liaison", "attach", "errand/alpha", "--doc", f"report={tmp_path / 'report.txt'}")
    target = tmp_path / "b.tar"
    office.json("db", "backup", "--to", str(target))
    damage(target)

    ended: Ended = office("--db", f"sqlite:///{tmp_path / 'new.db'}", "db", "restore", str(target)).politely()

    assert ended.code == 7, ended.err
    assert not list(tmp_path.glob("new*"))
    assert nothing_left(tmp_path) == []
    assert not (tmp_path.parent / "evil").exists()


def test_a_record_that_does_not_hold_is_not_restored(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    office("init", "--campaign", SMALL, "--rehearsal")
    workspace = open_workspace(str(office.url))
    sql(workspace.database, "update matter set title = '别的' where ref = 'errand/alpha'")
    workspace.close()
    office.json("db", "backup", "--to", str(tmp_path / "b.tar"))

    ended = office("--db", f"sqlite:///{tmp_path / 'new.db'}", "db", "restore", str(tmp_path / "b.tar")).politely()

    assert ended.code == 9, ended.err
    assert not list(tmp_path.glob("new*"))


def test_a_document_that_is_gone_is_named_and_the_rest_is_backed_up(office: Office, tmp_path: Path) -> None:
    (paper,) = (tmp_path / "papers").glob("*/*")
    paper.unlink()

    ended = office("--json", "db", "backup", "--to", str(tmp_path / "b.tar"))

    assert ended.code == 9
    assert [each["sha256"] for each in ended.json["missing"]] == [paper.name]
    assert (tmp_path / "b.tar").exists()


def test_a_disk_that_is_full_is_one_refusal_and_leaves_nothing(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    office("init", "--rehearsal")

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    ended = office.process("db", "backup", "--to", str(tmp_path / "b.tar"), preexec_fn=little_room)

    assert ended.returncode == 8, ended.stderr.decode()
    assert b"Traceback" not in ended.stderr
    assert not (tmp_path / "b.tar").exists()
    assert nothing_left(tmp_path) == []
    assert office("audit", "verify").code == 0


def test_a_backup_of_a_database_that_is_written_to_is_of_one_moment(workspace: Workspace, tmp_path: Path) -> None:
    over, busy = Event(), again(workspace)

    def work() -> None:
        number = 0
        while not over.is_set():
            number += 1
            open_one(busy, "errand", "bgs.admin", body="alpha", ref=f"errand/{number}")

    thread = Thread(target=work)
    thread.start()
    try:
        for number in range(3):
            snapshot_to(workspace.database, tmp_path / f"{number}.sqlite")
    finally:
        over.set()
        thread.join()
    for number in range(3):
        copy = open_workspace(f"sqlite:///{tmp_path / f'{number}.sqlite'}")
        assert flaws(copy) == []
        copy.close()
        assert contents(tmp_path / f"{number}.sqlite")["mode"] == "rehearsal"
    busy.close()
