"""Files that a command makes are whole or not there, wherever it is killed and whatever the disk takes; nothing of it stays."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commandline import Office, small_office
from crew import Crew

from engine.errors import Unavailable
from engine.private_files import give_name, write_private
from engine.sealing_key import read_keys
from engine.service import Engine
from engine.store import Tx
from workflows.backup import workplace

FILE_POINTS = ("at_work", "key_written")
"""Where a backup, a restore, or whoever makes a key may be killed."""

KILLED = -9


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    with Crew(tmp_path_factory.mktemp("crew")) as found:
        yield found


def test_what_a_killed_backup_or_restore_had_copied_is_cleared_away_by_the_next(tmp_path: Path, crew: Crew) -> None:
    office, new = small_office(tmp_path), f"sqlite:///{tmp_path / 'new.db'}"
    tar = str(tmp_path / "b.tar")

    for url, words in ((office.url, ("db", "backup", "--to", tar)), (new, ("db", "restore", tar))):
        assert crew.do("type", url, *words, point="at_work").code == KILLED
        assert len(list(tmp_path.glob(".duban-*"))) == 1
        assert crew.do("type", url, *words).answer["code"] == 0
        assert list(tmp_path.glob(".duban-*")) == []

    assert Office(new)("audit", "verify").code == 0


def test_a_backup_at_work_is_not_cleared_away_by_another(tmp_path: Path) -> None:
    with workplace(tmp_path, ".duban-backup-") as first, workplace(tmp_path, ".duban-backup-") as second:
        assert first.is_dir() and second.is_dir() and first != second
    assert list(tmp_path.iterdir()) == []


def test_a_key_whose_making_was_killed_is_whole_or_not_there(tmp_path: Path, crew: Crew) -> None:
    key = tmp_path / "factor.key"
    make = ("type", f"sqlite:///{tmp_path / 'duban.db'}", "user", "key", "new", str(key))

    assert crew.do(*make, point="key_written").code == KILLED
    assert not key.exists()

    assert crew.do(*make).answer["code"] == 0
    assert read_keys(key, "second factors") is not None


def test_a_key_that_the_disk_does_not_take_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable):
        write_private(tmp_path / "key", b"secret")

    assert list(tmp_path.iterdir()) == []


def test_where_a_file_can_have_one_name_only_a_taken_one_is_kept_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT on a memory stick, to which backups are written, knows no second name."""

    def no_links(*_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    office = small_office(tmp_path)
    tar = tmp_path / "b.tar"

    assert office("db", "backup", "--to", str(tar)).code == 0
    (tmp_path / "other").write_text("other")
    with pytest.raises(FileExistsError):
        give_name(tmp_path / "other", tar)

    assert Office(f"sqlite:///{tmp_path / 'new.db'}")("db", "restore", str(tar)).code == 0


def test_a_first_key_whose_entry_was_committed_though_the_answer_was_lost_is_not_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"KEY": str(tmp_path / "key.pem"), "STATE": str(tmp_path / "state")}
    office, done = small_office(tmp_path, **places), Engine.in_transaction

    def cut_off_after_the_commit(engine: Engine, work: Callable[[Tx], object]) -> None:
        done(engine, work)
        raise Unavailable("the server went away", "database")

    monkeypatch.setattr(Engine, "in_transaction", cut_off_after_the_commit)
    assert office("audit", "key", "new").code == 8
    monkeypatch.undo()

    assert office("audit", "checkpoint").code == 0
    assert office("audit", "verify").code == 0
