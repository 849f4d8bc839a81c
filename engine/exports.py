"""Exports on record: who took what out of the house, and the hash of what was taken."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.log_entries import note_in_log
from engine.orders import Actor
from engine.service import Engine


def note_export(engine: Engine, actor: Actor, what: str, path: str | None, about: Mapping[str, Any]) -> None:
    """Put on record that *actor* took *what*; of a file its SHA-256, never its path. Raises Unavailable."""
    said = {name: value for name, value in about.items() if value not in (None, False)}
    if path is not None:
        with Path(path).open("rb") as file:
            said["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
    now = engine.clock.now()
    engine.in_transaction(lambda tx: note_in_log(tx, engine.campaign, actor, now, "export", what, said))
