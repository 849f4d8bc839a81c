"""Exports on record: who took what out of the house, and the hash of what was taken."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.log_entries import note_in_log
from engine.orders import Actor
from engine.service import Engine


def note_export(engine: Engine, actor: Actor, what: str, taken: Path | bytes, about: Mapping[str, Any]) -> None:
    """Put on record that *actor* took *what*: the SHA-256 of the file or the bytes, never a path. Raises Unavailable."""
    said = {name: value for name, value in about.items() if value not in (None, False)}
    if isinstance(taken, bytes):
        said["sha256"] = hashlib.sha256(taken).hexdigest()
    else:
        with taken.open("rb") as file:
            said["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    now = engine.clock.now()
    engine.in_transaction(lambda tx: note_in_log(tx, engine.campaign, actor, now, "export", what, said))
