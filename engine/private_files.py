"""Files for their owner's eyes alone."""

import os
from pathlib import Path

from engine.errors import Unavailable


def write_private(path: Path, content: bytes) -> None:
    """Keep a key in a new file, and on the disk. Raises FileExistsError if something is there, else Unavailable."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise
    except OSError as error:
        raise Unavailable(f"the key cannot be written to {path}: {error.strerror}", "key_file") from None
