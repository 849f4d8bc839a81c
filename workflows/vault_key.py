"""Where the key of the vault is found: the file that ``DUBAN_VAULT_KEY`` names; a rehearsal makes itself one."""

import contextlib
import os
from pathlib import Path

from engine.dialect import sqlite_file
from engine.errors import Invalid
from engine.sealing_key import Watched, new_key, new_key_file
from engine.store import Database
from engine.vault import Vault, load_vault


def vault_of(database: Database, mode: str) -> Watched[Vault]:
    """The vault of a database, by its key as it is now. Raises Invalid for a key that others may read.

    A rehearsal on SQLite has its key in a file beside it, on a server only in this process.
    """
    path = vault_file(database, mode)
    if path is None:
        return Watched(None, Vault if mode != "rehearsal" else (lambda: Vault(new_key())))

    def load() -> Vault:
        if not os.environ.get("DUBAN_VAULT_KEY") and not path.exists():
            with contextlib.suppress(Invalid):  # another process has just made it
                new_key_file(path)
        return load_vault(path)

    return Watched(path, load)


def vault_file(database: Database, mode: str) -> Path | None:
    """The file of the vault's key; None where there is none."""
    said = os.environ.get("DUBAN_VAULT_KEY")
    file = sqlite_file(database.url)
    if said:
        return Path(said)
    return None if file is None or mode != "rehearsal" else file.with_name(file.name + ".vault.key")
