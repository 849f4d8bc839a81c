"""A disk that is full, read-only or in the way: one line, exit 8, and nothing half-written."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import ROOT, SMALL, Office

from commands.asking import keep_secret
from engine.errors import Unavailable

BLOCKS = 8
"""Kilobytes that a file may have: fewer than a campaign has."""


def test_a_draft_that_does_not_fit_on_the_disk_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "next.yaml"
    words = ["campaign", "new", "baodi-2026", "--shift", "2026-10-01", "--out", str(out)]
    bounded = f'ulimit -f {BLOCKS}; exec "$@"'

    done = subprocess.run(
        ["bash", "-c", bounded, "-", sys.executable, str(ROOT / "cli.py"), *words],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 8, done.stderr
    assert done.stderr.startswith("暂不可用（disk）")
    assert not out.exists()


def test_a_ledger_that_cannot_be_written_whole_leaves_the_old_one(tmp_path: Path) -> None:
    office = Office(None)
    folder = tmp_path / "ledger"
    words = ("rehearse", SMALL, "--people", "nobody", "--cases", "0", "--out", str(folder))
    assert office(*words).code == 0
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / ".summary.md.new").mkdir()

    ended = office(*words, "--until", "2010-11-15")

    assert ended.code == 8
    assert ended.err.startswith("暂不可用（disk）") and ".summary.md.new" in ended.err
    (folder / ".summary.md.new").rmdir()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(("lang", "word"), [("zh", "只读"), ("en", "read-only")])
def test_a_database_that_cannot_be_opened_is_told_with_what_to_look_at(lang: str, word: str, tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()

    ended = Office(f"sqlite:///{tmp_path / 'folder.db'}")("--lang", lang, "init", "--rehearsal")

    assert ended.code == 8
    assert word in ended.err and "-wal" in ended.err
    assert len(ended.err.strip().splitlines()) == 2


def test_a_session_that_does_not_fit_on_the_disk_is_the_disks_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fchmod", full)
    with pytest.raises(Unavailable) as caught:
        keep_secret(str(tmp_path / "session"), "a secret")

    assert (caught.value.code, caught.value.exit_code) == ("disk", 8)
