"""Where SQLite and PostgreSQL differ, and nowhere else: opening, beginning, locking, errors."""

import os
from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, StaticPool

from engine.errors import Invalid, Unavailable
from engine.pooler import TRANSACTION_LIMIT_MS, Sessions, is_pooled, limited, set_in_each, told
from engine.turnstile import Gate, Turnstile
from engine.unreadable_text import in_pieces, read_again
from engine.whole_rows import as_it_is, packed, unpacked

try:
    import pysqlite3 as sqlite3
except ImportError:  # no wheel for this platform: the standard library's SQLite serves, see `duban doctor`
    import sqlite3

BUSY_TIMEOUT_MS = 10_000
"""How long SQLite waits for a foreign tool that holds the database; our own processes queue on a side file."""

SQLITE_MEMORY_BYTES = 128 << 20
"""What SQLite may hold of files for all connections of a process: each of a server's forty would keep 16 MB. PLACEHOLDER"""

STATEMENTS = 512
"""Prepared statements that a connection keeps: all of the program's own, where the driver's usual 128 are too few."""

SAFE_SQLITE = (3, 51, 3)
"""First SQLite without the WAL-reset corruption bug. Source: sqlite.org/wal.html, section walresetbug."""

Batch = Sequence[tuple[str, Any, bool]]
"""Writes in order: driver SQL, its parameters, and whether those are many sets for one statement."""


def parse_url(text: str) -> URL:
    """Read a database URL; raise Invalid with advice for anything but SQLite and PostgreSQL."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise Invalid(f"not a database URL: {text!r}; use sqlite:///duban.db or postgresql://…", "url") from None
    if url.drivername == "sqlite":
        return url
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        told(url)
        return url.set(drivername="postgresql+psycopg")
    raise Invalid(f"unknown kind of database: {url.drivername}; use sqlite:///… or postgresql://…", "url")


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite URL; None for a database in memory or on a server."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database).absolute()


class SqliteWire:
    """SQLite: one writer at a time, queued fairly on a lock of the process and a lock file beside the database."""

    name = "sqlite"
    bears_all = 0
    pooled = False
    sorts_groups = True
    operator = "SELECT NULL WHERE 0"
    one_view = ("BEGIN",)
    no_hurry: tuple[str, ...] = ()
    lock_matter = ""
    skip_locked = ""
    meta_alone = "SELECT 1"
    wall = ""
    alone = ("BEGIN IMMEDIATE",)
    name_view = "SELECT count(*) FROM sqlite_schema"
    take_view = "SELECT count(*) FROM sqlite_schema -- {}"
    modest = "PRAGMA cache_size=-4000"
    whole, opened = staticmethod(packed), staticmethod(unpacked)
    text = bytearray  # bound as it is, where a str would be encoded again, and cast to a text by the statement

    def __init__(self, url: URL) -> None:
        self.file = sqlite_file(url)
        self._name = str(self.file)
        self._identity: tuple[int, int] | None = None
        self._queue = Turnstile(self.file.with_name(self.file.name + ".wlock")) if self.file else Gate()
        self.enter = partial(self._queue.enter, BUSY_TIMEOUT_MS / 1000)
        """Take the place in the queue of writers, until `leave`. Raises Unavailable if another does not let go of it."""
        self.leave = self._queue.leave
        """Let the next writer through."""

    def open(self, url: URL) -> Engine:
        if self.file is not None and not self.file.parent.is_dir():
            raise Unavailable(f"no such folder: {self.file.parent}", "no_database")
        pool = NullPool if self.file is not None else StaticPool
        asked = {"check_same_thread": False, "cached_statements": STATEMENTS}
        return create_engine(url, module=sqlite3, poolclass=pool, connect_args=asked)

    def prepare(self, connection: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF",
            "cache_size=-16000", "mmap_size=0", *((f"soft_heap_limit={SQLITE_MEMORY_BYTES}",) if self.file is not None else ()),
        ):  # fmt: skip
            connection.execute("PRAGMA " + pragma)
        self._refuse_another()

    def _refuse_another(self) -> None:
        """Raise Unavailable if the name of the file has come to mean another file: what is written would be lost."""
        if self.file is None:
            return
        try:
            found = os.stat(self._name)  # noqa: PTH116  a third of Path.stat's time, and done for each transaction
        except OSError as error:
            raise Unavailable(f"the database is gone: {self.file}: {error.strerror}", "no_database") from error
        identity = (found.st_dev, found.st_ino)
        if self._identity not in (None, identity):
            raise Unavailable(f"{self.file} was replaced while it was in use; start this process again", "moved")
        self._identity = identity

    def begun_schema(self, _connection: Any) -> list[str]:
        """How a transaction for making or changing tables begins."""
        return ["BEGIN IMMEDIATE"]

    def hand(self, connection: Any) -> Any:
        """What statements are run on: one cursor for all of them, since whatever is read is read to its end at once."""
        return connection.cursor()

    def begin(self, connection: Any, reads: Sequence[tuple[str, Any]], *, write: bool) -> list[list[Any]]:
        self._refuse_another()
        connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        return self.fetch(connection, reads)

    def unhurried(self, connection: Any) -> None:
        """Let the transaction that is open take as long as it needs: nothing here would end it."""

    def commit(self, connection: Any, batch: Batch) -> None:
        self.write(connection, batch)
        connection.execute("COMMIT")

    def rollback(self, connection: Any) -> None:
        if connection.connection.in_transaction:
            connection.execute("ROLLBACK")

    def fetch(self, connection: Any, batch: Sequence[tuple[str, Any]]) -> list[list[Any]]:
        try:
            return [connection.execute(sql, params).fetchall() for sql, params in batch]
        except sqlite3.OperationalError as error:
            return read_again(error, connection, batch, self.bears_all)

    def stream(self, connection: Any, sql: str, params: Any, size: int) -> Generator[list[Any]]:
        """Some rows at a time of a read that goes on while they are looked at, on a cursor of its own."""
        yield from in_pieces(connection.connection, sql, params, size)

    def write(self, connection: Any, batch: Batch) -> None:
        for sql, params, many in batch:
            if many:
                connection.executemany(sql, params)
            else:
                connection.execute(sql, params)

    def scrub(self, connection: Any, tables: Sequence[str]) -> bool:  # noqa: ARG002 - here it is one file
        """Write the file anew, so that nothing deleted is left in it or in its WAL; False if somebody reads meanwhile."""
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("VACUUM")
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def close(self) -> None:
        self._queue.close()


class PostgresWire:
    """PostgreSQL: READ COMMITTED with row locks; statements travel in pipelines, so a transaction is few round trips."""

    name = "postgresql"
    bears_all = 0
    sorts_groups = False
    operator = "SELECT session_user FROM pg_tables WHERE tablename = 'access_token' AND tableowner = session_user"
    no_hurry = ("SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0")
    one_view = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", *no_hurry)
    lock_matter = " FOR NO KEY UPDATE"
    skip_locked = " FOR NO KEY UPDATE SKIP LOCKED"
    meta_alone = "LOCK TABLE meta IN ACCESS EXCLUSIVE MODE"
    alone: tuple[str, ...] = ()
    name_view = "SELECT pg_export_snapshot()"
    take_view = "SET TRANSACTION SNAPSHOT '{}'"
    modest = ""
    whole, opened = staticmethod(as_it_is), staticmethod(as_it_is)
    text = staticmethod(bytes.decode)
    wall = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

    def __init__(self, url: URL) -> None:
        self.sessions = Sessions(url)

    @property
    def pooled(self) -> bool:
        """Whether there is a pooler between us and the server, as far as is known."""
        return self.sessions.pooled

    def open(self, url: URL) -> Engine:
        return self.sessions.engine(url)

    def prepare(self, connection: Any) -> None:
        connection.autocommit = True
        if limited(connection) and not is_pooled(connection):
            connection.execute(f"SET transaction_timeout = {TRANSACTION_LIMIT_MS}")

    def begun_schema(self, connection: Any) -> list[str]:
        """How a transaction for making or changing tables begins."""
        return ["BEGIN", *set_in_each(connection), "SELECT pg_advisory_xact_lock(64242010)"]

    def enter(self) -> None:
        """Nobody waits here: the rows are locked, not the database."""

    def leave(self) -> None:
        """Nobody waits here."""

    def hand(self, connection: Any) -> Any:
        """What statements are run on."""
        from engine.postgres_hand import Hand

        return Hand(connection)

    def begin(self, hand: Any, reads: Sequence[tuple[str, Any]], *, write: bool) -> list[list[Any]]:
        begin = "BEGIN" if write else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        if hand.first:
            return self._begin_apart(hand, begin, reads)
        found: list[list[Any]] = hand.ask([(begin, None), *reads])
        return found[1:]

    @staticmethod
    def _begin_apart(hand: Any, begin: str, reads: Sequence[tuple[str, Any]]) -> list[list[Any]]:
        """Begin behind a pooler: what else the session keeps is said again."""
        begin = "BEGIN ISOLATION LEVEL READ COMMITTED" if begin == "BEGIN" else begin
        said = [(begin, None), *((each, None) for each in hand.first)]
        found: list[list[Any]] = hand.ask([*said, *reads])
        return found[len(said) :]

    def unhurried(self, hand: Any) -> None:
        """Let the transaction that is open take as long as it needs, a reading of the whole record for one."""
        settings = [(setting, None) for setting in self.no_hurry]
        if limited(hand.connection):
            settings.append(("SET LOCAL transaction_timeout = 0", None))
        hand.tell(settings)

    def commit(self, hand: Any, batch: Batch) -> None:
        hand.commit(self._single(batch))

    def rollback(self, hand: Any) -> None:
        hand.rollback()

    def fetch(self, hand: Any, batch: Sequence[tuple[str, Any]]) -> list[list[Any]]:
        found: list[list[Any]] = hand.ask(batch)
        return found

    def stream(self, hand: Any, sql: str, params: Any, size: int) -> Generator[list[Any]]:
        """Some rows at a time of a read that goes on while they are looked at: the server finds the next ones meanwhile."""
        yield from hand.stream((sql, params), size)

    def write(self, hand: Any, batch: Batch) -> None:
        hand.tell(self._single(batch))

    @staticmethod
    def _single(batch: Batch) -> Generator[tuple[str, Any]]:
        """Each statement as often as it has sets of parameters."""
        for sql, params, many in batch:
            if many:
                yield from ((sql, each) for each in params)
            else:
                yield sql, params

    def scrub(self, connection: Any, tables: Sequence[str]) -> bool:
        """Write *tables* anew, each locked meanwhile, so that no row deleted or changed is left in its files."""
        if not is_pooled(connection):  # else nothing was set, and what would be is the next one's
            connection.execute("SET statement_timeout = 0")
            if limited(connection):
                connection.execute("SET transaction_timeout = 0")
        for table in tables:
            connection.execute(f'VACUUM (FULL) "{table}"')
        return True

    def close(self) -> None:
        return


Wire = SqliteWire | PostgresWire


def wire_for(url: URL) -> Wire:
    """The wire of a URL."""
    return SqliteWire(url) if url.get_backend_name() == "sqlite" else PostgresWire(url)


def sqlite_version() -> tuple[int, ...]:
    """The version of the SQLite library in use."""
    return tuple(int(part) for part in sqlite3.sqlite_version.split("."))
