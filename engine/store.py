"""The one place that begins and ends transactions, and runs statements compiled once for the database at hand."""

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql.elements import ClauseElement

from engine.dialect import Clash, Deadlocked, parse_url, translate, wire_for
from engine.errors import DubanError, Unavailable
from engine.failpoints import reach


class Statement:
    """A SQLAlchemy Core expression, compiled once per dialect to driver SQL. *lock* asks for the matter's row lock."""

    __slots__ = ("_keys", "_lock", "_ready", "expression")

    def __init__(self, expression: ClauseElement, keys: Sequence[str] | None = None, lock: str = "") -> None:
        self.expression = expression
        self._keys = list(keys) if keys is not None else None
        self._lock = lock
        self._ready: dict[str, tuple[str, tuple[str, ...] | None, dict[str, Any]]] = {}

    def on(self, database: "Database") -> tuple[str, tuple[str, ...] | None, dict[str, Any]]:
        """Return driver SQL, the order of its parameters (None: by name) and constants of the expression."""
        name = database.wire.name
        if name not in self._ready:
            compiled: Any = self.expression.compile(dialect=database.engine.dialect, column_keys=self._keys)
            order = tuple(compiled.positiontup) if compiled.positional else None
            constants = {key: value for key, value in compiled.params.items() if value is not None}
            sql = str(compiled) + (getattr(database.wire, self._lock) if self._lock else "")
            self._ready[name] = (sql, order, constants)
        return self._ready[name]


class Tx:
    """A running transaction. Reads go at once; writes are kept in order and sent together before the next read or the end.

    *writes* counts the statements that change something, sent or waiting.
    """

    def __init__(self, database: "Database", connection: Any) -> None:
        self._database = database
        self._connection = connection
        self._waiting: list[tuple[str, Any, bool]] = []
        self.writes = 0
        self.after: list[Any] = []
        self.memo: dict[str, Any] = {}

    def rows(self, statement: Statement, **params: Any) -> list[Any]:
        return self.fetch((statement, params))[0]

    def row(self, statement: Statement, **params: Any) -> Any | None:
        found = self.rows(statement, **params)
        return found[0] if found else None

    def fetch(self, *batch: tuple[Statement, Mapping[str, Any]]) -> list[list[Any]]:
        """Run several reads in one round trip, in order."""
        self.flush()
        ready = [self._bind(statement, params) for statement, params in batch]
        return self._database.wire.fetch(self._connection, ready)

    def write(self, statement: Statement, params: Mapping[str, Any]) -> None:
        sql, bound = self._bind(statement, params)
        self._waiting.append((sql, bound, False))
        self.writes += 1

    def write_many(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> None:
        if not many:
            return
        if len(many) == 1:
            self.write(statement, many[0])
            return
        bound = [self._bind(statement, params) for params in many]
        self._waiting.append((bound[0][0], [values for _, values in bound], True))
        self.writes += 1

    def select(self, expression: ClauseElement) -> list[Any]:
        """Run a read that is put together for the occasion (lists, boards); not for the hot path."""
        return self.rows(Statement(expression))

    def flush(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._database.wire.write(self._connection, waiting)

    def _bind(self, statement: Statement, params: Mapping[str, Any]) -> tuple[str, Any]:
        sql, order, constants = statement.on(self._database)
        if order is None:
            return sql, {**constants, **params} if constants else params
        if constants:
            params = {**constants, **params}
        return sql, tuple([params[name] for name in order])


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

    def _begin(self, *, write: bool) -> Any:
        """Begin; a connection found dead is replaced once, since nothing has been done on it yet."""
        for again in (True, False):
            try:
                connection = self._connect()
                self.wire.begin(connection, write=write)
                return connection
            except Exception as error:
                ours = translate(getattr(error, "orig", None) or error)
                if isinstance(ours, Unavailable):
                    self._drop()
                    if again and ours.code == "database" and self.wire.name == "postgresql":
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
        connection = self._begin(write=write)
        self._local.busy = True
        tx = Tx(self, connection)
        try:
            yield tx
            tx.flush()
            if write:
                reach("before_commit")
            self.wire.commit(connection)
            if write:
                reach("after_commit")
        except BaseException as error:
            self._undo(connection)
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

    def _translated(self, error: BaseException) -> BaseException:
        if not isinstance(error, Exception) or type(error).__module__.partition(".")[0] not in (
            "sqlite3",
            "pysqlite3",
            "psycopg",
            "sqlalchemy",
        ):
            return error
        return translate(getattr(error, "orig", None) or error)

    def _undo(self, connection: Any) -> None:
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
