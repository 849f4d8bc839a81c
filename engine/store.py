"""The one place that begins and ends transactions, and runs statements compiled once for the database at hand."""

import contextlib
import operator
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, literal_column
from sqlalchemy.sql.elements import ClauseElement

from engine.dialect import Batch, Clash, Deadlocked, parse_url, translate, wire_for
from engine.errors import DubanError, Unavailable
from engine.failpoints import reach

DRIVERS = ("sqlite3", "pysqlite3", "psycopg", "sqlalchemy")


class Ready(NamedTuple):
    """A statement as driver SQL, with what takes its parameters in order out of a mapping and out of a row object."""

    sql: str
    of_mapping: Callable[[Mapping[str, Any]], Any]
    of_row: Callable[[Any], Any]
    constants: dict[str, Any]


class Statement:
    """A SQLAlchemy Core expression, compiled once per dialect to driver SQL. *lock* asks for the matter's row lock.

    A parameter ``b_id`` is the attribute ``id`` of a row object: the name alone belongs to the column that is set.
    """

    __slots__ = ("_keys", "_lock", "_ready", "expression")

    def __init__(self, expression: ClauseElement, keys: Sequence[str] | None = None, lock: str = "") -> None:
        self.expression = expression
        self._keys = list(keys) if keys is not None else None
        self._lock = lock
        self._ready: dict[str, Ready] = {}

    def on(self, database: "Database") -> Ready:
        """Return the statement made ready for the database's driver."""
        ready = self._ready.get(database.wire.name)
        if ready is None:
            asked: dict[str, Any] = {"column_keys": self._keys, "compile_kwargs": {"render_postcompile": True}}
            compiled: Any = self.expression.compile(dialect=database.engine.dialect, **asked)
            order = tuple(compiled.positiontup)
            constants = {key: value for key, value in compiled.params.items() if value is not None}
            sql = str(compiled) + (getattr(database.wire, self._lock) if self._lock else "")
            attributes = [name.removeprefix("b_") for name in order]
            ready = Ready(sql, _taker(operator.itemgetter, order), _taker(operator.attrgetter, attributes), constants)
            self._ready[database.wire.name] = ready
        return ready


def _taker(getter: Callable[..., Callable[[Any], Any]], names: Sequence[str]) -> Callable[[Any], Any]:
    """What takes *names* out of something, always as a tuple."""
    if not names:
        return lambda _: ()
    take = getter(*names)
    return take if len(names) > 1 else lambda source: (take(source),)


IDS: list[ColumnElement[int]] = [literal_column("-1")]
"""Stands in an expression for the ids that `Tx.among` is given: ``column.in_(IDS)``."""


class Tx:
    """A transaction. Reads go at once; writes are kept in order and sent together before the next read or the end.

    It begins in the database with its first statement, on the same way there where the wire can. *writes* counts the
    statements that change something, sent or waiting; *changed* lists the ids of what was changed.
    """

    def __init__(self, database: "Database", *, write: bool) -> None:
        self._database = database
        self._write = write
        self.connection: Any = None
        self._waiting: list[tuple[str, Any, bool]] = []
        self.writes = 0
        self.after: list[Any] = []
        self.memo: dict[str, Any] = {}
        self.changed: list[int] = []

    def rows(self, statement: Statement, **params: Any) -> list[Any]:
        return self.fetch((statement, params))[0]

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

    def write_many(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> None:
        self._queue(statement.on(self._database).sql, [self._bind(statement, params)[1] for params in many])

    def put(self, statement: Statement, rows: Sequence[Any]) -> None:
        """Write row objects, whose attributes are the statement's parameters."""
        if rows:
            ready = statement.on(self._database)
            self._queue(ready.sql, [ready.of_row(row) for row in rows])

    def _queue(self, sql: str, bound: list[Any]) -> None:
        if bound:
            many = len(bound) > 1
            self._waiting.append((sql, bound if many else bound[0], many))
            self.writes += 1

    def select(self, expression: ClauseElement) -> list[Any]:
        """Run a read that is put together for the occasion (lists, boards); not for the hot path."""
        return self.rows(Statement(expression))

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
        self._all: list[Any] = []
        self.in_memory = self.url.get_backend_name() == "sqlite" and self.url.database in (None, "", ":memory:")
        self.one_writer = self.wire.name == "sqlite" and not self.in_memory

    def _connect(self) -> Any:
        held = self._shared if self.in_memory else getattr(self._local, "connection", None)
        if held is None:
            held = self.engine.raw_connection()
            self.wire.prepare(held.driver_connection)
            self._all.append(held)
            if self.in_memory:
                self._shared = held
            else:
                self._local.connection = held
        return held.driver_connection

    def _drop(self) -> None:
        held = getattr(self._local, "connection", None)
        if held is not None and not self.in_memory:
            self._local.connection = None
            self._all.remove(held)
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
        with self.wire.writing():
            try:
                with self.engine.connect() as connection:
                    self.wire.prepare(connection.connection.driver_connection)
                    for statement in self.wire.begin_schema:
                        connection.exec_driver_sql(statement)
                    yield connection
                    connection.commit()
            except Exception as error:
                ours = error if isinstance(error, DubanError) else self._translated(error)
                if ours is error:
                    raise
                raise ours from error

    @contextlib.contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection for one look at a database that may not be ours: nothing is locked, nothing is changed."""
        try:
            with self.engine.connect() as connection:
                yield connection
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
        for held in self._all:
            with contextlib.suppress(Exception):
                held.close()
        self._all.clear()
        self._shared = None
        self._local = threading.local()
        self.wire.close()
        self.engine.dispose()
