"""An SQLite database in trouble: one clear line, exit 8, nothing half done, and it works again afterwards."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from commandline import Office, small_office
from crew import Crew
from world import advance, again, begin, counted, do, everything, flaws, open_one

from engine import dialect
from engine.errors import Unavailable
from engine.publishing import set_meta
from workflows.workspace import Workspace


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    with Crew(tmp_path_factory.mktemp("crew")) as found:
        yield found


@pytest.fixture
def place(sqlite_url: str) -> Iterator[Workspace]:
    workspace = begin(sqlite_url)
    yield workspace
    workspace.close()


def file_of(workspace: Workspace) -> Path:
    return Path(str(workspace.database.url.database))


def take(workspace: Workspace) -> object:
    return do(workspace, "errand/alpha", "take", "alpha.liaison", request_id="r-1").replayed


@contextmanager
def held_by_another(crew: Crew, path: Path, statement: str) -> Iterator[None]:
    """Let another program begin a transaction and keep it open."""
    until = path.with_name("until")
    other = crew.start("hold", str(path), statement, str(until))
    crew.wait(other, 1)
    try:
        yield
    finally:
        until.touch()
        crew.end(other)


@pytest.mark.parametrize("statement", ["begin immediate", "begin exclusive"])
def test_a_database_that_another_program_holds_for_long_is_told_and_can_be_looked_at(
    statement: str, place: Workspace, crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "BUSY_TIMEOUT_MS", 50)
    before = everything(place)
    office, patient = Office(f"sqlite:///{file_of(place)}"), again(place)
    with held_by_another(crew, file_of(place), statement):
        with pytest.raises(Unavailable) as caught:
            take(patient)
        said = office("--json", "--as", "alpha.liaison", "do", "errand/alpha", "take")
        seen = office("show", "errand/alpha")

    assert caught.value.code == "locked"
    assert (said.code, said.json["error"]["code"]) == (8, "locked")
    assert seen.code == 0, seen.err
    assert everything(place) == before
    assert take(patient) is False
    assert flaws(place) == []
    patient.close()


def test_a_process_of_ours_that_stands_still_in_its_transaction_does_not_hold_up_the_others_without_a_word(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "BUSY_TIMEOUT_MS", 50)
    waiting = again(place)
    with place.database.tx() as tx:
        set_meta(tx, "held", "so that it has begun")
        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                take(waiting)
            assert caught.value.code == "locked"

    assert take(waiting) is False
    assert flaws(waiting) == []
    waiting.close()


def gone(path: Path) -> None:
    path.unlink()


def another(path: Path) -> None:
    """Put the copy of yesterday in its place."""
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


@pytest.mark.parametrize("happens", [gone, another])
def test_nothing_is_written_to_a_file_that_is_no_longer_the_database(
    happens: Callable[[Path], None], place: Workspace
) -> None:
    take(place)
    happens(file_of(place))

    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            open_one(place, "errand", "bgs.admin", body="alpha", ref="errand/lost")
        assert caught.value.code in ("moved", "no_database")
    assert file_of(place).exists() == (happens is another)


def test_a_disk_that_takes_no_more_loses_nothing_and_everything_goes_on_when_it_does_again(
    place: Workspace, crew: Crew
) -> None:
    said = crew.do("fill", str(place.database.url)).answer

    assert said["refused"] == "disk"
    assert said["seen"] == said["done"] + 2, "what was done can be looked at while the disk is full"
    assert said["again"] is False, "the order that was refused had left nothing"
    assert counted(place)["matter"] == 2 + said["done"] + 1
    assert flaws(place) == []


@pytest.mark.parametrize(("what", "seen"), [("file", 0), ("folder", 8)])
def test_a_database_that_may_not_be_written_is_left_alone_in_one_line(
    what: str, seen: int, tmp_path: Path, crew: Crew
) -> None:
    """A file that may not be written can be looked at; SQLite reads none in a folder where it may make no file."""
    folder = tmp_path / "place"
    folder.mkdir()
    office = small_office(folder)
    before = (folder / "duban.db").read_bytes()
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555 if what == "folder" else 0o755)

    said = crew.do("type", office.url, "--as", "alpha.liaison", "do", "errand/alpha", "take").answer
    looked = crew.do("type", office.url, "show", "errand/alpha").answer

    assert (said["code"], looked["code"]) == (8, seen), looked
    assert len(said["err"].splitlines()) == 2
    assert said["err"].startswith("暂不可用（readonly）")
    assert (folder / "duban.db").read_bytes() == before
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o644)
    assert office.as_("alpha.liaison", "do", "errand/alpha", "take").code == 0


def test_a_file_cut_short_or_spoilt_in_the_middle_is_told_and_never_believed(tmp_path: Path) -> None:
    for keep in (0.3, 0.6, 0.9):
        path = tmp_path / f"{keep}.db"
        workspace = begin(f"sqlite:///{path}")
        advance(workspace, "2010-11-20T10:00")
        workspace.close()
        whole = path.read_bytes()
        path.write_bytes(whole[: int(len(whole) * keep)])

        ended = Office(f"sqlite:///{path}")("audit", "verify").politely()

        assert ended.code in (8, 9)
        assert ended.err or ended.out
