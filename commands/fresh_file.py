"""Files that a command writes: an existing one is replaced only when the new one is complete."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, TypeVar

from engine.errors import Unavailable

if TYPE_CHECKING:
    from engine.store import Database

T = TypeVar("T")


def write_fresh(name: str, write: Callable[[Path], T], database: "Database | None") -> T:
    """Let *write* write a new file, and put it in the place of *name* when it is done. Raises Unavailable if it cannot be.

    Neither a device nor a folder is replaced, nor the *database* itself, where there is one.
    """
    path = Path(name)
    _refuse_place(name, path, database)
    fresh = path.with_name(f"{path.name}.{token_hex(4)}.new")
    try:
        done = write(fresh)
        fresh.replace(path)
    except OSError as error:
        raise Unavailable(f"{name} cannot be written: {error.strerror or error}", "disk") from None
    finally:
        with suppress(OSError):
            fresh.unlink()
    return done


def _refuse_place(name: str, path: Path, database: "Database | None") -> None:
    from engine.dialect import sqlite_file

    if not path.name or "\0" in name or (path.exists() and not path.is_file()):
        raise Unavailable(f"{name or repr(name)} cannot be written: it is not a file", "disk")
    file = sqlite_file(database.url) if database is not None else None
    if file is not None:
        own = [file.resolve().with_name(file.name + end) for end in ("", "-wal", "-shm", "-journal")]
        if path.resolve() in own:
            raise Unavailable(f"{name} cannot be written: it is the database itself", "disk")


def write_pieces(pieces: Iterable[str]) -> Callable[[Path], int]:
    """How to write a text that comes in *pieces*; the answer is its size in bytes."""

    def write(path: Path) -> int:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        return path.stat().st_size

    return write
