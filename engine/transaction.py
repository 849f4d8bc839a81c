"""One transaction: what it reads goes at once, what it writes is kept in order and sent together."""

import secrets
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.sql.elements import ClauseElement

from engine.dialect import Batch
from engine.gathered import Gathered, Group, batch_of, words_of
from engine.statement import Statement
from engine.who import MOVE_WHO, WHO

if TYPE_CHECKING:
    from engine.store import Database

IDS: list[ColumnElement[int]] = [literal_column("-1")]
"""Stands in an expression for the ids that `Tx.among` is given: ``column.in_(IDS)``."""


class Tx:
    """A transaction. Reads go at once; writes are kept in order and sent together before the next read or the end.

    It begins in the database with its first statement, on the same way there where the wire can. *writes* counts the
    statements that change something, sent or waiting; *changed* lists the ids of what was changed; *kept* is what was
    saved and need not be read again, by whatever key its owner gives it; *lasting* outlives the transaction, for whoever
    can tell that it still holds. *stirred* says that it changes who is who. *text* makes what is bound for a text of its bytes.
    """

    def __init__(self, database: "Database", *, write: bool) -> None:
        self._database = database
        self._wire = database.wire
        self._name = database.wire.name
        self._write = write
        self.connection: Any = None
        self._waiting: list[tuple[str, Any, bool]] = []
        self._streams: list[Generator[list[Any]]] = []
        self._lent: list[Group] = []
        self.writes = 0
        self.after: list[Any] = []
        self.memo: dict[str, Any] = {}
        self.alone = write and self._name == "sqlite"
        self.changed: list[int] = []
        self.stirred = False
        self.lasting = database.lasting
        self.text = database.wire.text
        self.kept: dict[Any, Any] = {} if database.kept is None else database.kept
        self.mirror = database.mirror

    @property
    def sorts_groups(self) -> bool:
        """Whether the database sorts what it groups."""
        return self._wire.sorts_groups

    def rows(self, statement: Statement, **params: Any) -> list[Any]:
        found = self._read([self._bind(statement, params)])[0]
        return self._wire.opened(found, statement.apart) if statement.whole else found

    def row(self, statement: Statement, **params: Any) -> Any | None:
        found = self.rows(statement, **params)
        return found[0] if found else None

    def fetch(self, *batch: tuple[Statement, Mapping[str, Any]]) -> list[list[Any]]:
        """Run several reads in one round trip, in order."""
        found = self._read([self._bind(statement, params) for statement, params in batch])
        for number, (statement, _) in enumerate(batch):
            if statement.whole:
                found[number] = self._wire.opened(found[number], statement.apart)
        return found

    def _read(self, ready: list[tuple[str, Any]], texts: Sequence[str] = ()) -> list[list[Any]]:
        """Run the reads that are *ready*; *texts* are those of their statements, if they differ."""
        behind = self._database.behind
        looks = None if behind is None else _looks(texts or [sql for sql, _ in ready])
        if self.connection is None and not self._waiting:
            self.connection, found = self._database.begin(ready, looks, write=self._write)
            return found
        if behind is None:
            self.flush()
        else:
            self._send(behind, looks)
        return self._wire.fetch(self.connection, ready)

    def _send(self, behind: Gathered, looks: frozenset[str] | None) -> None:
        """Send what waits of the tables that are looked at, here and of earlier transactions."""
        mine, others = behind.parted(self._waiting, looks)
        self._catch_up(behind, None if behind.tables_of(mine) is None else looks)
        self._waiting = list(others)
        if mine:
            self._wire.write(self.connection, self._database.gathered(mine))

    def _catch_up(self, behind: Gathered | None, tables: frozenset[str] | None) -> None:
        """Begin, and send what waits of earlier transactions for *tables*; it waits again if this one is undone."""
        if self.connection is None:
            self.connection, _ = self._database.begin([], tables, write=self._write)
        elif behind is not None and (groups := behind.take(tables)):
            self._lent += groups
            self._wire.write(self.connection, batch_of(groups))

    def give_back(self) -> None:
        """Let wait again what was sent of earlier transactions and is undone."""
        if self._lent and self._database.behind is not None:
            self._database.behind.give_back(self._lent)
        self._lent = []

    def stream(self, statement: Statement, size: int, **params: Any) -> Iterator[list[Any]]:
        """Run a read that is too long to be held, in one pass, *size* rows at a time; other reads may go between."""
        self.fetch()
        going = self._wire.stream(self.connection, *self._bind(statement, params), size)
        self._streams.append(going)
        yield from going

    def stop(self) -> None:
        """End the reads that go on, wherever they are: the way to the database must be free for what ends all."""
        while self._streams:
            self._streams.pop().close()

    def among(self, statement: Statement, idents: Collection[int]) -> list[Any]:
        """Run a read about the rows with these ids. They are our own numbers, so they are written into its text."""
        sql = statement.on(self._database).sql.replace("(-1)", f"({','.join(str(int(each)) for each in idents)})")
        return self._read([(sql, ())], [statement.on(self._database).sql])[0]

    def write(self, statement: Statement, params: Mapping[str, Any]) -> None:
        sql, bound = self._bind(statement, params)
        self._waiting.append((sql, bound, False))
        self.writes += 1
        if self.mirror is not None or statement.stirs:
            self._tell(statement, (params,))

    def write_many(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> None:
        self._queue(statement, [self._bind(statement, params)[1] for params in many], many)

    def put(self, statement: Statement, rows: Sequence[Any]) -> None:
        """Write row objects, whose attributes are the statement's parameters."""
        if rows:
            of_row = (statement.ready.get(self._name) or statement.on(self._database)).of_row
            self._queue(statement, [of_row(row) for row in rows], rows)

    def put_one(self, statement: Statement, row: Any) -> None:
        """Write one row object."""
        sql, _, of_row, _ = statement.ready.get(self._name) or statement.on(self._database)
        self._waiting.append((sql, of_row(row), False))
        self.writes += 1
        if self.mirror is not None or statement.stirs:
            self._tell(statement, (row,))

    def _queue(self, statement: Statement, bound: list[Any], said: Sequence[Any]) -> None:
        if bound:
            many = len(bound) > 1
            sql = (statement.ready.get(self._name) or statement.on(self._database)).sql
            self._waiting.append((sql, bound if many else bound[0], many))
            self.writes += 1
            if self.mirror is not None or statement.stirs:
                self._tell(statement, said)

    def _tell(self, statement: Statement, said: Sequence[Any]) -> None:
        """Tell the mirror what was written, and everybody if it is of who is who."""
        if self.mirror is not None:
            self.mirror.written(statement.writes_to, said)
        if statement.stirs:
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

    def name_view(self) -> str:
        """Settle what this transaction sees, and name it for others to see the same as long as this one lasts.

        Where views have no names (SQLite), whoever takes it must do so while all is still (`Database.still`).
        """
        self.fetch()
        return str(self._read([(self._wire.name_view, ())])[0][0][0])

    def take_view(self, name: str) -> None:
        """See what the transaction sees that gave its view this name. It must be the first thing that is done."""
        self.fetch()
        self._wire.write(self.connection, [(self._wire.take_view.format(name), (), False)])

    def hold_less(self) -> None:
        """Let this connection keep less of the database in memory from now on: for a process that reads all of it once."""
        if self._wire.modest:
            self._read([(self._wire.modest, ())])

    def flush(self) -> None:
        if self._waiting:
            behind = self._database.behind
            waiting = self._taken(None if behind is None else behind.tables_of(self._waiting))
            self._wire.write(self.connection, waiting)

    def commit(self) -> None:
        """Send what waits and commit, together where the wire can; a transaction that did nothing never began."""
        if self._waiting or self.connection is not None:
            if self._waiting and self._database.put_off(self._waiting):
                self._waiting = []
                if self.connection is None:
                    return
            waiting = self._taken()
            self._wire.commit(self.connection, waiting)

    def _taken(self, tables: frozenset[str] | None = None) -> Batch:
        """The writes that wait, on a connection that has begun, where what waited for *tables* was sent before."""
        if self._waiting or self.connection is None:
            self._catch_up(self._database.behind, tables)
        waiting, self._waiting = self._waiting, []
        return self._database.gathered(waiting)

    def _bind(self, statement: Statement, params: Mapping[str, Any]) -> tuple[str, Any]:
        sql, of_mapping, _, constants = statement.ready.get(self._name) or statement.on(self._database)
        return sql, of_mapping({**constants, **params} if constants else params)


def _looks(texts: Sequence[str]) -> frozenset[str] | None:
    """The tables that the statements of these texts look at, among other words; None if there are none."""
    if len(texts) == 1:
        return words_of(texts[0])
    return frozenset().union(*(words_of(each) for each in texts)) if texts else None
