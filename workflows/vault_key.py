"""Where the key of the vault is found: the file that ``DUBAN_VAULT_KEY`` names; a rehearsal makes itself one."""

import contextlib
import os
import secrets
from pathlib import Path

from engine.dialect import sqlite_file
from engine.errors import Invalid
from engine.store import Database
from engine.vault import Vault, load_vault, new_vault_key


def vault_of(database: Database, mode: str) -> Vault:
    """The vault of a database. A rehearsal on SQLite has its key in a file beside it, on a server only in this process.

    Raises Invalid for a key that others may read.
    """
    said = os.environ.get("DUBAN_VAULT_KEY")
    if said:
        return load_vault(Path(said))
    if mode != "rehearsal":
        return Vault()
    file = sqlite_file(database.url)
    if file is None:
        return Vault(secrets.token_bytes(32))
    path = file.with_name(file.name + ".vault.key")
    if not path.exists():
        with contextlib.suppress(Invalid):  # another process has just made it
            new_vault_key(path)
    return load_vault(path)
