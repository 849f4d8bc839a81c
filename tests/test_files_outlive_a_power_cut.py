"""A file that the record relies on is on the disk, and its name too, before anything says that it is there."""

import os
import stat
from pathlib import Path

import pytest
from world import again, begin, fire

from engine.documents import FileStore
from scheduler.channels import Channel, FileChannel, Usual
from scheduler.dispatch import Dispatcher
from scheduler.dressing import Dressed
from scheduler.turn import channels_of
from workflows.workspace import Workspace

DUE = "2010-11-03T09:00"


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was flushed to the disk, in order: ``file``, or the names in a folder."""
    found: list[str] = []
    really = os.fsync

    def fsync(handle: int) -> None:
        folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        found.append(",".join(sorted(os.listdir(handle))) if folder else "file")
        really(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def test_a_message_of_a_production_is_on_the_disk_with_its_name_before_it_counts_as_sent(
    workspace: Workspace, tmp_path: Path, flushed: list[str]
) -> None:
    fire(workspace, DUE)
    channel = FileChannel(tmp_path / "far" / "out", durable=True)

    assert Dispatcher(workspace, {"console": channel, "file": channel}).deliver() == (2, 0)

    names = sorted(path.name for path in channel.folder.iterdir())
    made = [each for each in flushed if each != "file"]
    assert "far" in made[0].split(",") and made[1] == "out", "the folders themselves"
    assert flushed.count("file") == 2
    assert flushed[-1] == ",".join(names) and len(names) == 2


def test_a_message_that_the_disk_does_not_take_is_not_sent(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: int) -> None:
        raise OSError("no more")

    fire(workspace, DUE)
    monkeypatch.setattr(os, "fsync", broken)
    channel = FileChannel(tmp_path / "out", durable=True)

    assert Dispatcher(workspace, {"console": channel, "file": channel}).deliver() == (0, 2)
    assert list(channel.folder.iterdir()) == []


def bare(way: Channel) -> Channel:
    """A way out without what dresses its messages."""
    while isinstance(way, Dressed | Usual):
        way = way.inner
    return way


def test_only_a_rehearsal_spares_itself_the_flush(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"schema: channels/1\ndefault: paper\nchannels:\n  paper: {{type: file, folder: {tmp_path / 'out'}}}\n"
    (tmp_path / "channels.yaml").write_text(text)
    monkeypatch.setenv("DUBAN_CHANNELS", str(tmp_path / "channels.yaml"))
    office = begin(sqlite_url, rehearsal=False, late=True)
    played = begin(f"sqlite:///{tmp_path / 'played.db'}")

    for workspace, durable in ((again(office), True), (played, False)):
        ways = channels_of(workspace)
        assert [isinstance(way, FileChannel) and way.durable for way in map(bare, (ways["paper"], ways["file"]))] == [
            durable
        ] * 2
        workspace.close()
    office.close()


def test_a_document_is_on_the_disk_with_its_name(tmp_path: Path, flushed: list[str]) -> None:
    sha256 = FileStore(tmp_path / "papers").put(b"a plan")

    assert flushed[0].split(",")[0] == "papers"
    assert flushed[-2:] == ["file", sha256]
    assert sha256[:2] in flushed[-3].split(",")
