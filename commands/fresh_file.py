"""Files that a command writes: an existing one is replaced only when the new one is complete."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from engine.errors import Unavailable

T = TypeVar("T")


def write_fresh(name: str, write: Callable[[Path], T]) -> T:
    """Let *write* write a new file, and put it in the place of *name* when it is done. Raises Unavailable if it cannot be."""
    path = Path(name)
    fresh = path.with_name(path.name + ".new")
    try:
        with suppress(FileNotFoundError):
            fresh.unlink()
        done = write(fresh)
        fresh.replace(path)
    except OSError as error:
        raise Unavailable(f"{name} cannot be written: {error.strerror or error}", "disk") from None
    finally:
        with suppress(OSError):
            fresh.unlink()
    return done


def write_pieces(pieces: Iterable[str]) -> Callable[[Path], int]:
    """How to write a text that comes in *pieces*; the answer is its size in bytes."""

    def write(path: Path) -> int:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        return path.stat().st_size

    return write
