"""The one place that begins and ends transactions, and runs statements compiled once for the database at hand."""

import contextlib
import secrets
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, literal_column
from sqlalchemy.sql.elements import ClauseElement

from engine.dialect import Batch, Clash, Deadlocked, parse_url, translate, wire_for
from engine.errors import DubanError, Unavailable
from engine.failpoints import reach
from engine.statement import Statement as Statement  # noqa: PLC0414 - handed on: what is run here is asked for here
from engine.who import MOVE_WHO, WHO, WHO_TABLES

DRIVERS = ("sqlite3", "pysqlite3", "psycopg", "sqlalchemy")

IDS: list[ColumnElement[int]] = [literal_column("-1")]
"""Stands in an expression for the ids that `Tx.among` is given: ``column.in_(IDS)``."""


class Tx:
    """A transaction. Reads go at once; writes are kept in order and sent together before the next read or the end.

    It begins in the database with its first statement, on the same way there where the wire can. *writes* counts the
    statements that change something, sent or waiting; *changed* lists the ids of what was changed; *kept* is what was
    saved and need not be read again, by whatever key its owner gives it; *lasting* outlives the transaction, for whoever
    can tell that it still holds. *stirred* says that it changes who is who.
    """

    def __init__(self, database: "Database", *, write: bool) -> None:
        self._database = database
        self._write = write
        self.connection: Any = None
        self._waiting: list[tuple[str, Any, bool]] = []
        self.writes = 0
        self.after: list[Any] = []
        self.memo: dict[str, Any] = {}
        self.alone = write and database.wire.name == "sqlite"
        self.changed: list[int] = []
        self.stirred = False
        self.lasting = database.lasting
        self.kept: dict[Any, Any] = {} if database.kept is None else database.kept

    def rows(self, statement: Statement, **params: Any) -> list[Any]:
        return self._read([self._bind(statement, params)])[0]

    def row(self, statement: Statement, **params: Any) -> Any | None:
        found = self.rows(statement, **params)
        return found[0] if found else None

    def fetch(self, *batch: tuple[Statement, Mapping[str, Any]]) -> list[list[Any]]:
        """Run several reads in one round trip, in order."""
        return self._read([self._bind(statement, params) for statement, params in batch])

    def _read(self, ready: list[tuple[str, Any]]) -> list[list[Any]]:
        if self.connection is None and not self._waiting:
            self.connection, found = self._database.begin(ready, write=self._write)
            return found
        self.flush()
        return self._database.wire.fetch(self.connection, ready)

    def among(self, statement: Statement, idents: Collection[int]) -> list[Any]:
        """Run a read about the rows with these ids. They are our own numbers, so they are written into its text."""
        sql = statement.on(self._database).sql.replace("(-1)", f"({','.join(str(int(each)) for each in idents)})")
        return self._read([(sql, ())])[0]

    def write(self, statement: Statement, params: Mapping[str, Any]) -> None:
        sql, bound = self._bind(statement, params)
        self._waiting.append((sql, bound, False))
        self.writes += 1
        if statement.writes_to in WHO_TABLES:
            self._stir()

    def write_many(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> None:
        self._queue(statement, [self._bind(statement, params)[1] for params in many])

    def put(self, statement: Statement, rows: Sequence[Any]) -> None:
        """Write row objects, whose attributes are the statement's parameters."""
        if rows:
            ready = statement.on(self._database)
            self._queue(statement, [ready.of_row(row) for row in rows])

    def _queue(self, statement: Statement, bound: list[Any]) -> None:
        if bound:
            many = len(bound) > 1
            sql = statement.on(self._database).sql
            self._waiting.append((sql, bound if many else bound[0], many))
            self.writes += 1
            if statement.writes_to in WHO_TABLES:
                self._stir()

    def _stir(self) -> None:
        """Tell every process, with the commit, that what it knows of who is who is of yesterday."""
        if not self.stirred:
            self.stirred = True
            self.write(MOVE_WHO, {"key": WHO, "value": secrets.token_hex(8)})

    def select(self, expression: ClauseElement) -> list[Any]:
        """Run a read that is put together for the occasion (lists, boards); not for the hot path."""
        return self.rows(Statement(expression))

    def text_of(self, statement: Statement) -> tuple[str, Any]:
        """The statement as the driver gets it, with its parameters: what tells two reads apart."""
        return self._bind(statement, {})

    def wall_us(self) -> int | None:
        """Microseconds since 1970 by the clock of the database's server; None if it has no clock of its own."""
        wall = self._database.wire.wall
        return int(self._read([(wall, ())])[0][0][0]) if wall else None

    def unhurried(self) -> None:
        """Let this transaction outlast what the database allows an order."""
        self.fetch()
        self._database.wire.unhurried(self.connection)

    def flush(self) -> None:
        if self._waiting:
            waiting = self._taken()
            self._database.wire.write(self.connection, waiting)

    def commit(self) -> None:
        """Send what waits and commit, together where the wire can; a transaction that did nothing never began."""
        if self._waiting or self.connection is not None:
            waiting = self._taken()
            self._database.wire.commit(self.connection, waiting)

    def _taken(self) -> Batch:
        """The writes that wait, on a connection that has begun."""
        if self.connection is None:
            self.connection, _ = self._database.begin([], write=self._write)
        waiting, self._waiting = self._waiting, []
        return waiting

    def _bind(self, statement: Statement, params: Mapping[str, Any]) -> tuple[str, Any]:
        ready = statement.on(self._database)
        return ready.sql, ready.of_mapping({**ready.constants, **params} if ready.constants else params)


class Database:
    """A database, one held connection a thread, and the only commits of the program."""

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.wire = wire_for(self.url)
        self.engine = self.wire.open(self.url)
        self._local = threading.local()
        self._shared: Any = None
        self._all: list[tuple[threading.Thread, Any]] = []
        self._counting = threading.Lock()
        self.in_memory = self.url.get_backend_name() == "sqlite" and self.url.database in (None, "", ":memory:")
        self.one_writer = self.wire.name == "sqlite" and not self.in_memory
        self.kept: dict[Any, Any] | None = None
        self.lasting: dict[Any, Any] = {}

    def keep(self) -> None:
        """Keep what is saved for all later transactions: only for one thread alone with a database in memory."""
        self.kept = {}

    def _connect(self) -> Any:
        held = self._shared if self.in_memory else getattr(self._local, "connection", None)
        if held is None:
            self._let_go_of_the_dead()
            held = self.engine.raw_connection()
            self.wire.prepare(held.driver_connection)
            with self._counting:
                self._all.append((threading.current_thread(), held))
            if self.in_memory:
                self._shared = held
            else:
                self._local.connection = held
        return held.driver_connection

    def _let_go_of_the_dead(self) -> None:
        """Close the connections of threads that have ended: a web server's threads come and go, and theirs would stay."""
        if self.in_memory:
            return
        with self._counting:
            ended = [held for thread, held in self._all if not thread.is_alive()]
            self._all = [each for each in self._all if each[0].is_alive()]
        for held in ended:
            with contextlib.suppress(Exception):
                held.close()

    def _drop(self) -> None:
        held = getattr(self._local, "connection", None)
        if held is not None and not self.in_memory:
            self._local.connection = None
            with self._counting:
                self._all = [each for each in self._all if each[1] is not held]
            with contextlib.suppress(Exception):
                held.invalidate()

    def begin(self, reads: Sequence[tuple[str, Any]], *, write: bool) -> tuple[Any, list[list[Any]]]:
        """Begin and run the first *reads*; a connection found dead is replaced once, since nothing was done on it yet."""
        for again in (True, False):
            connection = None
            try:
                connection = self._connect()
                return connection, self.wire.begin(connection, reads, write=write)
            except Exception as error:
                self._undo(connection)
                ours = self._translated(error)
                if again and isinstance(ours, Unavailable) and ours.code == "database" and not self.in_memory:
                    continue
                if ours is error:
                    raise
                raise ours from error
        raise Unavailable("the database cannot be used", "database")

    @contextlib.contextmanager
    def tx(self) -> Iterator[Tx]:
        """One writing transaction: all of it or nothing. Raises Clash for a taken key, Unavailable for a database in trouble."""
        with self.wire.writing(), self._transaction(write=True) as tx:
            yield tx
        for act in tx.after:
            act()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Tx]:
        """One consistent view for reading."""
        with self._transaction(write=False) as tx:
            yield tx

    @contextlib.contextmanager
    def _transaction(self, *, write: bool) -> Iterator[Tx]:
        if getattr(self._local, "busy", False):
            raise RuntimeError("a transaction is already open in this thread")
        self._local.busy = True
        tx = Tx(self, write=write)
        try:
            yield tx
            if write:
                reach("before_commit")
            tx.commit()
            if write:
                reach("after_commit")
        except BaseException as error:
            tx.kept.clear()
            self._undo(tx.connection)
            ours = error if isinstance(error, (DubanError, Clash, Deadlocked)) else self._translated(error)
            if ours is error:
                raise
            raise ours from error
        finally:
            self._local.busy = False

    @contextlib.contextmanager
    def schema(self) -> Iterator[Connection]:
        """One transaction for making or changing tables, on a SQLAlchemy connection; one process at a time."""
        with self.wire.writing(), self._ours(), self.engine.connect() as connection:
            self.wire.prepare(connection.connection.driver_connection)
            for statement in self.wire.begin_schema:
                connection.exec_driver_sql(statement)
            yield connection
            connection.commit()

    @contextlib.contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection for one look at a database that may not be ours: nothing is locked, nothing is changed."""
        with self._ours(), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _ours(self) -> Iterator[None]:
        """Whatever the driver raises inside comes out as ours."""
        try:
            yield
        except Exception as error:
            ours = self._translated(error)
            if ours is error:
                raise
            raise ours from error

    def _translated(self, error: BaseException) -> BaseException:
        if not isinstance(error, Exception) or type(error).__module__.partition(".")[0] not in DRIVERS:
            return error
        return translate(getattr(error, "orig", None) or error)

    def _undo(self, connection: Any) -> None:
        if connection is None:
            return
        try:
            self.wire.rollback(connection)
        except Exception:  # noqa: BLE001 - a connection that cannot even roll back is of no use, whatever is wrong with it
            self._drop()

    def close(self) -> None:
        """Close every connection of every thread."""
        for _, held in self._all:
            with contextlib.suppress(Exception):
                held.close()
        self._all.clear()
        self._shared = None
        self._local = threading.local()
        self.wire.close()
        self.engine.dispose()
