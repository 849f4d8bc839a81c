"""What the errors of SQLite and PostgreSQL mean: each turned into one of ours."""

from engine.errors import Unavailable
from engine.unreadable_text import SAID


class Clash(Exception):
    """A unique key is taken; *constraint* is the database's word for which."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class Deadlocked(Exception):
    """The database chose this transaction as the victim; the whole transaction may be tried again."""


ENDED = ("08", "57", "53", "25P03", "25P04")
"""SQLSTATEs, or how they begin, of a server or session that is gone, overloaded, or that ended us for taking too long."""

TAKEN = ("UNIQUE constraint failed", "PRIMARY KEY must be unique")
"""How SQLite's words for a taken key begin; it calls every broken rule of a table by one name, and only this one another's doing."""

UNOPENED = (
    "the database file cannot be opened, or -wal and -shm cannot be made beside it: look at the rights of file and folder "
    "and whether the disk is read-only; a database on such a disk is looked at in a copy where one may write"
)
"""SQLite says only that it was unable to open the file, of a read-only disk too."""


def translate(error: Exception) -> Exception:  # noqa: C901, PLR0911 - one line a kind of trouble
    """Turn a driver's error into ours; anything unknown comes back as it is."""
    name, words = type(error).__name__, " ".join(str(error).split())
    state = getattr(error, "sqlstate", None) or ""
    if state == "23505" or (name == "IntegrityError" and words.startswith(TAKEN)):
        diag = getattr(error, "diag", None)
        return Clash((diag.constraint_name if diag else None) or words)
    if state in ("40P01", "40001"):
        return Deadlocked(words)
    if state == "26000" or (state == "0A000" and "cached plan" in words):
        return Unavailable(f"the database was changed meanwhile: {words}; nothing was done, try again", "database")
    if state == "42501":
        return Unavailable(f"this login of the database lacks rights: {words}; grant them, then try again", "rights")
    if state in ("55P03", "57014"):
        return Unavailable("the database is busy: a lock was not free in time; nothing was done, try again", "locked")
    if "database is locked" in words or "database table is locked" in words:
        return Unavailable("the database is locked by another program; nothing was done, try again", "locked")
    if unreadable := SAID.search(words):
        return Unavailable(
            f"a row of the database is damaged, its column {unreadable[1]} cannot be read; run audit verify", "damaged"
        )
    if "disk is full" in words or "disk I/O error" in words or state == "53100":
        return Unavailable(f"the disk does not take it ({words}); free some space, then try again", "disk")
    if "readonly" in words or state == "25006":
        return Unavailable("the database may not be written to (read-only)", "readonly")
    if name in ("OperationalError", "InterfaceError", "AdminShutdown", "CannotConnectNow") or state.startswith(ENDED):
        unopened = "unable to open database file" in words
        return Unavailable(UNOPENED if unopened else f"the database cannot be used: {words}", "database")
    if name == "DatabaseError":
        return Unavailable(f"this is no usable database: {words}", "database")
    return error
