"""The one place that begins and ends transactions, and runs statements compiled once for the database at hand."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from engine.dialect import Batch, parse_url, wire_for
from engine.dialect_errors import Clash, Deadlocked, translate
from engine.errors import DubanError, Unavailable
from engine.failpoints import reach
from engine.gathered import MOST, Gathered, batch_of
from engine.statement import REACHES
from engine.statement import Statement as Statement  # noqa: PLC0414 - handed on: what is run here is asked for here
from engine.transaction import IDS as IDS  # noqa: PLC0414
from engine.transaction import Tx as Tx  # noqa: PLC0414

DRIVERS = ("sqlite3", "pysqlite3", "psycopg", "sqlalchemy")


class Turn(Tx):
    """One transaction around a block: committed where the block ends, undone if it raises.

    A writing one takes its place in the queue of writers first, and does what was put off to *after* when it has left it.
    """

    def __enter__(self) -> Tx:
        self._database.enter(write=self._write)
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        write = self._write
        try:
            if error is not None:
                self._undo(error)
            else:
                try:
                    self.stop()
                    if write:
                        reach("before_commit")
                    self.commit()
                    if write:
                        reach("after_commit")
                except BaseException as failure:
                    self._undo(failure)
                    raise
        finally:
            self._database.leave(write=write)
        if write and error is None:
            for act in self.after:
                act()

    def _undo(self, error: BaseException) -> None:
        """Undo what was done. Raises what *error* is called here, if the driver has a name of its own for it."""
        with contextlib.suppress(Exception):  # what cannot be freed cannot roll back either, and is dropped
            self.stop()
        self.kept.clear()
        if self.mirror is not None:
            self.mirror.forget()
        ours = self._database.undone(self.connection, error)
        self.give_back()
        if ours is not error:
            raise ours from error


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
        self.behind: Gathered | None = None
        self.mirror: Any = None
        self.lasting: dict[Any, Any] = {}

    def keep(self, mirror: Any = None) -> None:
        """Keep what is saved for all later transactions: only for one thread alone with a database in memory.

        Every write is told to the *mirror*, if one is set up. What was written is sent when somebody reads its table, or all
        of it when it has become much.
        """
        self.kept, self.mirror, self.behind = {}, mirror, Gathered(REACHES)

    def _connect(self) -> Any:
        """What the statements of this thread are run on."""
        hand = self._shared if self.in_memory else getattr(self._local, "hand", None)
        if hand is None:
            self._let_go_of_the_dead()
            held = self.engine.raw_connection()
            self.wire.prepare(held.driver_connection)
            hand = self.wire.hand(held.driver_connection)
            with self._counting:
                self._all.append((threading.current_thread(), held))
            if self.in_memory:
                self._shared = hand
            else:
                self._local.connection, self._local.hand = held, hand
        return hand

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
            self._local.connection = self._local.hand = None
            with self._counting:
                self._all = [each for each in self._all if each[1] is not held]
            with contextlib.suppress(Exception):
                held.invalidate()

    def begin(
        self, reads: Sequence[tuple[str, Any]], tables: frozenset[str] | None = None, *, write: bool
    ) -> tuple[Any, list[list[Any]]]:
        """Begin, send what waits for *tables* (all if they are not known), and run the first *reads*.

        A connection found dead is replaced once, since nothing was done on it yet.
        """
        for again in (True, False):
            connection = None
            try:
                connection = self._connect()
                self._catch_up(tables)
                return connection, self.wire.begin(connection, reads, write=write)
            except BaseException as error:  # who is interrupted leaves nothing open for whoever comes next
                self._undo(connection)
                ours = self._translated(error)
                if again and isinstance(ours, Unavailable) and ours.code == "database" and not self.in_memory:
                    continue
                if ours is error:
                    raise
                raise ours from error
        raise Unavailable("the database cannot be used", "database")

    def gathered(self, batch: Batch) -> Batch:
        """The writes *batch* as they are sent: by a process alone with its database, those of one statement at once."""
        if self.behind is None or len(batch) == 1:
            return batch
        found = Gathered(REACHES)
        found.add(batch)
        return found.batch()

    def put_off(self, batch: Batch) -> bool:
        """Let the writes of a transaction wait until somebody asks for them; False if they must be sent."""
        behind = self.behind
        if behind is None or behind.waiting >= MOST:
            return False
        behind.add(batch)
        return True

    def _catch_up(self, tables: frozenset[str] | None = None) -> None:
        """Send what waits for *tables*, or all, in a transaction of its own: all of it was committed already."""
        behind = self.behind
        if behind is None or not (groups := behind.take(tables)):
            return
        try:
            connection = self._connect()
            self.wire.begin(connection, (), write=True)
            self.wire.commit(connection, batch_of(groups))
        except BaseException:
            behind.give_back(groups)
            raise

    def tx(self) -> Turn:
        """One writing transaction: all of it or nothing. Raises Clash for a taken key, Unavailable for a database in trouble."""
        return Turn(self, write=True)

    def snapshot(self) -> Turn:
        """One consistent view for reading."""
        return Turn(self, write=False)

    def enter(self, *, write: bool) -> None:
        """Begin the one transaction of this thread, as the writer if it is to *write*."""
        if getattr(self._local, "busy", False):
            raise RuntimeError("a transaction is already open in this thread")
        if write:
            self.wire.enter()
        self._local.busy = True

    def leave(self, *, write: bool) -> None:
        """Let others write."""
        self._local.busy = False
        if write:
            self.wire.leave()

    def undone(self, connection: Any, error: BaseException) -> BaseException:
        """Undo what was done on *connection* before *error*; return the error by our name for it."""
        self._undo(connection)
        return error if isinstance(error, (DubanError, Clash, Deadlocked)) else self._translated(error)

    @contextlib.contextmanager
    def schema(self) -> Iterator[Connection]:
        """One transaction for making or changing tables, on a SQLAlchemy connection; one process at a time."""
        with self._alone(self.wire.begun_schema) as connection:
            yield connection
            connection.commit()

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """Let nobody write meanwhile, where a view is shared by beginning at one time. Raises Unavailable if that cannot be."""
        if not self.wire.alone:
            yield
            return
        with self._alone(lambda _: self.wire.alone):
            yield

    @contextlib.contextmanager
    def _alone(self, begin: Callable[[Any], Sequence[str]]) -> Iterator[Connection]:
        """In the place of the writer, a connection of its own that has begun so."""
        self.wire.enter()
        try:
            with self._ours(), self.engine.connect() as connection:
                self._catch_up()
                held = connection.connection.driver_connection
                self.wire.prepare(held)
                for statement in begin(held):
                    connection.exec_driver_sql(statement)
                yield connection
        finally:
            self.wire.leave()

    def scrub(self, tables: Sequence[str]) -> bool:
        """Leave nothing in the database's files of what was deleted from *tables*; False if a reader kept it from that.

        Nobody writes meanwhile. Raises Unavailable if it cannot be done now, or the disk has no room for it.
        """
        if self.in_memory:
            return True
        self.wire.enter()
        try:
            with self._ours():
                held = self.engine.raw_connection()
                try:
                    self.wire.prepare(held.driver_connection)
                    return self.wire.scrub(held.driver_connection, tables)
                finally:
                    held.close()
        finally:
            self.wire.leave()

    @contextlib.contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection for one look at a database that may not be ours: nothing is locked, nothing is changed."""
        with self._ours(), self.engine.connect() as connection:
            self._catch_up()
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
