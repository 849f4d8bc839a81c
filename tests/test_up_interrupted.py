"""A showing that is stopped, killed, overtaken or pushed on is whole, and goes on to what an undisturbed one does."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import Office
from showing import SHORT, UNTIL, Showing, events, record, summed_up, summed_up_of
from world import advance, begin, flaws, local, sql, unlike

from engine.documents import MemoryStore
from scheduler.rehearse import play, stage_of
from workflows.workspace import Workspace, open_workspace


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Somebody in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Office(None)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The same rehearsal played without a break."""
    workspace = begin(f"sqlite:///{tmp_path_factory.mktemp('undisturbed') / 'duban.db'}", "baodi-2010")
    play(stage_of(workspace, "typical", 1, 6), local(f"{UNTIL}T00:00"))
    yield workspace
    workspace.close()


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Workspace]:
    """The database of the showing, opened when the test asks for what is in it."""
    opened: list[Workspace] = []

    class Later:
        def __getattr__(self, name: str) -> object:
            if not opened:
                opened.append(open_workspace(f"sqlite:///{tmp_path / 'var/rehearsal.db'}", documents=MemoryStore()))
            return getattr(opened[0], name)

    yield Later()  # type: ignore[misc]
    for workspace in opened:
        workspace.close()


@pytest.mark.parametrize(("number", "speed"), [(signal.SIGINT, "20"), (signal.SIGKILL, "0")])
def test_an_interrupted_showing_is_whole_and_goes_on_to_what_an_undisturbed_one_does(
    number: signal.Signals, speed: str, office: Office, rehearsal: Workspace, undisturbed: Workspace
) -> None:
    showing = Showing(office, *SHORT, "--speed", speed)
    showing.until("2010-11-30")

    rest = showing.end(number)

    db = ("--db", "sqlite:///var/rehearsal.db")
    stood = office.json(*db, "clock", "show")["now"]
    assert "2010-11-29T16" < stood < "2010-12-08T16"
    if number == signal.SIGKILL:
        assert showing.process.returncode == -signal.SIGKILL
    else:
        assert showing.process.returncode == 0
        assert "已停在 20" in rest.splitlines()[-1]
    assert office(*db, "doctor").code == 0
    assert office(*db, "audit", "verify").code == 0

    again = office("up", "--no-web", "--speed", "0", "--until", UNTIL)

    assert again.code == 0
    assert "接着演：20" in again.out
    assert local(events(again.out)[0][0]).isoformat() >= stood[:16]
    assert unlike(record(undisturbed), record(rehearsal)) == []
    assert flaws(rehearsal) == []
    assert summed_up(again) == summed_up_of(undisturbed)


def test_of_two_showings_of_one_database_the_newer_goes_on_and_the_older_ends(
    office: Office, rehearsal: Workspace, undisturbed: Workspace
) -> None:
    older = Showing(office)
    older.until("2010-11-26 09")

    newer = office("up", "--no-web", "--speed", "0", "--until", UNTIL)
    rest = older.end()

    assert (newer.code, older.process.returncode) == (0, 0)
    assert "另一个 up 已接着演" in rest
    assert "推演小结" not in rest
    assert unlike(record(undisturbed), record(rehearsal)) == []
    assert flaws(rehearsal) == []


def test_a_clock_moved_by_somebody_else_is_followed_and_never_turned_back(office: Office, rehearsal: Workspace) -> None:
    showing = Showing(office)
    showing.until("2010-11-26 09")

    advance(rehearsal, "2010-12-06T12:00")
    rest = showing.end()

    assert showing.process.returncode == 0
    assert "推演小结" in rest
    assert sql(rehearsal.database, "select value from meta where key = 'clock'") == [("2010-12-08T16:00:00Z",)]
    assert flaws(rehearsal) == []


def test_it_plays_the_same_on_postgresql(office: Office, pg_url: str, undisturbed: Workspace) -> None:
    ended = office("--db", pg_url, "up", "--no-web", "--rehearsal", *SHORT)

    assert (ended.code, ended.err) == (0, "")
    workspace = open_workspace(pg_url, documents=MemoryStore())
    assert unlike(record(undisturbed), record(workspace)) == []
    workspace.close()


def test_a_showing_that_is_over_sums_up_again_and_changes_nothing(office: Office, rehearsal: Workspace) -> None:
    first = office("up", "--no-web", *SHORT)
    before = record(rehearsal)

    again = office("up", "--no-web", *SHORT)

    assert again.code == 0
    assert "已演到 2010-12-09 00:00" in again.out
    assert events(again.out) == []
    assert summed_up(again) == summed_up(first)
    assert record(rehearsal) == before
