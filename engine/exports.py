"""Exports on record: who took what out of the house, and the hash of what was taken."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from engine.errors import Unavailable
from engine.log_entries import note_in_log
from engine.orders import Actor
from engine.service import Engine

PIECE = 256 * 1024
"""Bytes that are read at once of what was set down."""


@dataclass(frozen=True, slots=True)
class SetDown:
    """What is to be handed out, in a file without a name that is gone with its last reader; its hash, and its bytes."""

    file: IO[bytes]
    sha256: str
    size: int

    def pieces(self) -> Iterator[bytes]:
        """Hand it out, once."""
        with self.file:
            while piece := self.file.read(PIECE):
                yield piece

    def copy_to(self, out: BinaryIO) -> None:
        """Hand it out to *out*, once."""
        with self.file:
            shutil.copyfileobj(self.file, out, PIECE)


def set_down(pieces: Iterable[str]) -> SetDown:
    """Write *pieces* down whole, so that nothing leaves the house before it is on record. Raises Unavailable.

    Until then it lies in the folder for temporary files (TMPDIR), where nobody but this process reaches it.
    """
    digest, size = hashlib.sha256(), 0
    file = tempfile.TemporaryFile(prefix="duban-export-")  # noqa: SIM115  whoever hands it out closes it
    try:
        for piece in pieces:
            content = piece.encode()
            digest.update(content)
            size += file.write(content)
        file.seek(0)
    except OSError as error:
        file.close()
        raise Unavailable(f"the export cannot be written down: {error.strerror}", "disk") from error
    except BaseException:
        file.close()
        raise
    return SetDown(file, digest.hexdigest(), size)


def note_export(
    engine: Engine, actor: Actor, what: str, taken: Path | bytes | SetDown, about: Mapping[str, Any]
) -> None:
    """Put on record that *actor* took *what*: the SHA-256 of the file or the bytes, never a path. Raises Unavailable."""
    said = {name: value for name, value in about.items() if value not in (None, False)}
    if isinstance(taken, bytes):
        said["sha256"] = hashlib.sha256(taken).hexdigest()
    elif isinstance(taken, SetDown):
        said["sha256"] = taken.sha256
    else:
        with taken.open("rb") as file:
            said["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    now = engine.clock.now()
    engine.in_transaction(lambda tx: note_in_log(tx, engine.campaign, actor, now, "export", what, said))
