"""Who else on this machine may read the files of a production: a database is its owner's alone, like the keys beside it."""

import os
from contextlib import suppress
from pathlib import Path

from engine.dialect import sqlite_file
from engine.store import Database

BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite writes beside a database; it gives each the mode of the database itself."""

OTHERS = 0o077
"""The bits of a mode that let anybody but the owner in."""


def begin_privately(database: Database) -> None:
    """Make the empty file of a new local database for its owner alone; one that is there stays as it is.

    What stands against that, the database itself says when it is opened.
    """
    path = sqlite_file(database.url)
    if path is not None:
        with suppress(OSError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def open_to_others(database: Database, *folders: Path) -> list[Path]:
    """Those of a local database's files, and of the *folders*, that others than their owner may enter; none on a server."""
    path = sqlite_file(database.url)
    files = [path.with_name(path.name + end) for end in BESIDE] if path is not None else []
    return [each for each in (*files, *folders) if _is_open(each)]


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & OTHERS)
    except OSError:
        return False
