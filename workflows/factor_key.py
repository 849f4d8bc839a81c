"""Where the key of second factors is found: the file that ``DUBAN_FACTOR_KEY`` names, or one beside a local database.

Beside a local database it is made when it is first needed. On a server every node must have the same, so there it is named
and brought by hand; without it nobody gets a second factor, and who has one cannot use it.
"""

import contextlib
import os
from pathlib import Path

from engine.dialect import sqlite_file
from engine.errors import Invalid
from engine.factor_seal import HINT, PURPOSE, FactorSeal, count_sealed
from engine.sealing_key import Ring, Watched, new_key, new_key_file, read_keys
from engine.store import Database

VARIABLE = "DUBAN_FACTOR_KEY"


def factor_file(database: Database) -> Path | None:
    """The file of the key; None on a server for which none is named."""
    said = os.environ.get(VARIABLE)
    if said:
        return Path(said)
    file = sqlite_file(database.url)
    return None if file is None else file.with_name(file.name + ".factor.key")


def factors_of(database: Database, mode: str) -> Watched[FactorSeal]:
    """What seals the second factors of a database, by its key as it is now. Raises Invalid for a key that others may read."""
    path = factor_file(database)
    if path is None and mode == "rehearsal":
        return Watched(None, lambda: FactorSeal(Ring(PURPOSE, (new_key(),))))
    if path is None:
        missing = f"no key of the second factor: {VARIABLE} names no file"
        new = f"duban user key new FILE, then {VARIABLE}=FILE, the same on every node; keep a copy apart"
        return Watched(None, lambda: FactorSeal(Ring(PURPOSE, missing=missing, hint=new)))
    return Watched(path, lambda: _load(database, path))


def _load(database: Database, path: Path) -> FactorSeal:
    if not os.environ.get(VARIABLE) and not path.exists():
        with database.snapshot() as tx:
            nothing_sealed = count_sealed(tx)[0] == 0
        if nothing_sealed:  # else the key is lost, and another would hide it
            with contextlib.suppress(Invalid):  # another process has just made it
                new_key_file(path)
    keys = read_keys(path, "the second factor")
    missing = f"there is no key of the second factor at {path}"
    return FactorSeal(Ring(PURPOSE, keys or (), missing, HINT))
