"""A campaign that was played: what exports and reports are made of."""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from commandline import Office


def played(folder: Path, until: str = "2010-12-24", cases: int = 12) -> Office:
    """Play the Baodi campaign with typical people into a file of *folder*, as fast as it goes.

    What was played alike before, in this process, is copied.
    """
    shutil.copytree(_played(os.getpid(), until, cases).name, folder, dirs_exist_ok=True)
    return _office(folder)


@cache
def _played(_process: int, until: str, cases: int) -> "tempfile.TemporaryDirectory[str]":
    """A folder with what was played; it ends with the process."""
    made = tempfile.TemporaryDirectory(prefix="duban-played-")
    office = _office(Path(made.name))
    begun = office("init", "--rehearsal")
    shown = office("up", "--no-web", "--speed", "0", "--cases", str(cases), "--until", until)
    assert (begun.code, shown.code) == (0, 0), begun.err + shown.err
    return made


def _office(folder: Path) -> Office:
    return Office(f"sqlite:///{folder / 'played.db'}")
