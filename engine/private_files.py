"""Files for their owner's eyes alone, and new files that are whole before they have a name."""

import contextlib
import errno
import os
from pathlib import Path
from secrets import token_hex

from engine.errors import Unavailable
from engine.failpoints import reach

NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What a file system says that knows no second name of a file: FAT of a memory stick, many shares of a network."""


def write_private(path: Path, content: bytes) -> None:
    """Keep a key in a new file, whole and on the disk before its name exists.

    Raises FileExistsError if something is there, else Unavailable, and then leaves nothing.
    """
    fresh = path.with_name(f".{path.name}.{token_hex(4)}.new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        reach("key_written")
        give_name(fresh, path)
    except FileExistsError:
        raise
    except OSError as error:
        raise Unavailable(f"the key cannot be written to {path}: {error.strerror}", "key_file") from None
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink()


def give_name(whole: Path, path: Path) -> None:
    """Give a file that is whole a name that is free, on the disk. Raises FileExistsError, and changes nothing, for one taken."""
    try:
        os.link(whole, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        whole.replace(path)
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder for its owner alone, with those above it, and let their names be on the disk; one that is there stays."""
    if folder.is_dir():
        return
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for each in reversed(missing):
        sync_folder(each.parent)


def sync_folder(folder: Path) -> None:
    """Let the names in *folder* be on the disk."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
