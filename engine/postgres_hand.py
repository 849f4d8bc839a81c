"""What the statements of one connection to PostgreSQL are run on: each batch goes out at once and is answered at once.

The driver sends every statement of a pipeline by itself and makes an object for it, which costs both sides more than the
statement. Here libpq is spoken to directly; values, rows and errors are still put into words and read by the driver.
"""

import contextlib
import itertools
import re
import secrets
import select
from collections.abc import Generator, Iterable, Sequence
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InFailedSqlTransaction, error_from_result
from psycopg.pq import ConnStatus, ExecStatus

from engine.pooler import is_pooled, set_in_each

PREPARED_AT = 4
"""Which use of a statement makes it a prepared one: a command that ends soon prepares nothing. PLACEHOLDER"""

MOST_KNOWN = 300
"""Statements whose texts a connection remembers, and prepared at most; then it begins anew. PLACEHOLDER

The program's own are fewer; the others have ids or lists written into them and do not come again.
"""

OUTDATED = ("0A000", "26000")
"""SQLSTATEs of a prepared statement whose table was changed meanwhile, or that somebody took away: it is prepared anew."""

TORN = "interrupted in the middle of an answer"
"""What is said of a connection on which answers are left that nobody has taken."""

_PLACE = re.compile(r"%s(::)?|%%")

_ROWS, _DONE, _ABORTED, _SYNC = (
    int(each)
    for each in (
        ExecStatus.TUPLES_OK,
        ExecStatus.COMMAND_OK,
        ExecStatus.PIPELINE_ABORTED,
        ExecStatus.PIPELINE_SYNC,
    )
)

Asked = tuple[str, Sequence[Any] | None]
"""Driver SQL and its parameters; None: it has none and is sent as it stands."""


class _Known:
    """A statement as the server gets it. *typed*: each parameter's type is written beside it; *name*: it is prepared."""

    __slots__ = ("formats", "name", "text", "typed", "uses")

    def __init__(self, sql: str, params: Sequence[Any] | None, encoding: str) -> None:
        self.typed = True
        self.name: bytes | None = None
        self.uses = 0
        if params is not None:
            numbers = itertools.count(1)

            def place(found: re.Match[str]) -> str:
                if found[0] == "%%":
                    return "%"
                self.typed = self.typed and found[1] is not None
                return f"${next(numbers)}{found[1] or ''}"

            sql = _PLACE.sub(place, sql)
        self.text = sql.encode(encoding)
        self.formats = [PyFormat.TEXT if self.typed else PyFormat.AUTO] * len(params or ())


_Bound = tuple[_Known, Sequence[Any] | None, Sequence[int] | None, Sequence[int] | None]
"""A statement with its values as they travel; their types and formats, if the statement does not say them."""


class Hand:
    """One connection, its prepared statements, and what the server still owes an answer to.

    Whatever is asked is answered before the next thing is asked; only a read that goes on (`stream`) lets one answer wait.
    Raises the driver's errors: for the first statement that failed, after which the server does nothing of the others. If
    it is interrupted between asking and answering, nothing more can be asked: `rollback` raises, and the hand is of no use.
    Behind a pooler nothing is prepared, and each transaction begins with *first*.
    """

    _numbers = itertools.count()
    _ours = secrets.token_hex(
        4
    ).encode()  # whoever meets the session of another process must not take its names for ours

    def __init__(self, connection: "Connection[Any]") -> None:
        self.connection = connection
        self._libpq = connection.pgconn
        self._encoding = connection.info.encoding
        self._driver = Transformer.from_context(connection)
        self.first = set_in_each(connection)
        self._names = not is_pooled(connection)
        self._known: dict[str, _Known] = {}
        self._awaited: list[_Known | None] = []
        self._torn = False
        self._waiting: _Coming | None = None
        self._poll = select.poll()
        self._poll.register(self._libpq.socket, select.POLLIN)

    def ask(self, batch: Iterable[Asked]) -> list[list[Any]]:
        """Run statements in one round trip; give the rows of each, none for one that only does something."""
        driver, found = self._driver, []
        for result in self._talk(batch):
            if result.status == _ROWS:
                driver.set_pgresult(result)
                found.append(driver.load_rows(0, result.ntuples, tuple))
            else:
                found.append([])
        driver.set_pgresult(None)
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
            self._talk([("DEALLOCATE ALL", None)])
        return found

    def tell(self, batch: Iterable[Asked]) -> None:
        """Run statements in one round trip, whose rows nobody wants."""
        self._talk(batch)

    def commit(self, batch: Iterable[Asked]) -> None:
        """The same, and commit. Raises InFailedSqlTransaction if the server undid what was done instead."""
        if self._talk([*batch, ("COMMIT", None)])[-1].command_status != b"COMMIT":
            raise InFailedSqlTransaction("the transaction had failed before; nothing of it was done")

    def rollback(self) -> None:
        """Undo the transaction, if one is open. Raises OperationalError for a connection that is of no use any more."""
        if not self._torn and self._waiting is not None:
            with contextlib.suppress(Exception):  # it was not wanted any more, and what was torn meanwhile is seen next
                self._settle()
        if self._torn:
            if self._libpq.status == ConnStatus.OK:
                self.connection.cancel_safe(timeout=5)
            raise OperationalError(TORN)
        self.connection.rollback()

    def stream(self, asked: Asked, size: int) -> Generator[list[Any]]:
        """Give *size* rows at a time of a read, while the server finds the next ones; others may be asked between."""
        name = f"duban_{next(self._numbers)}"
        more = f"FETCH FORWARD {size} FROM {name}", None
        self.tell([(f"DECLARE {name} NO SCROLL CURSOR FOR {asked[0]}", asked[1])])
        coming = self._begin(more)
        while rows := self._rows_of(coming):
            coming = self._begin(more)
            yield rows
        self.tell([(f"CLOSE {name}", None)])

    def _begin(self, asked: Asked) -> "_Coming":
        """Ask for what is awaited later."""
        self._settle()
        self._send([self._bound(*asked)])
        self._torn, self._waiting = False, _Coming()
        return self._waiting

    def _rows_of(self, coming: "_Coming") -> list[Any]:
        if coming is self._waiting:
            self._settle()
        if coming.error is not None:
            raise coming.error
        return coming.rows

    def _settle(self) -> None:
        """Take the answer that waits, for whoever asked for it."""
        coming, self._waiting = self._waiting, None
        if coming is None:
            return
        self._torn = True
        try:
            (result,) = self._answers()
            self._driver.set_pgresult(result)
            coming.rows = self._driver.load_rows(0, result.ntuples, tuple)
        except Exception as error:
            coming.error = error
            raise

    def _talk(self, batch: Iterable[Asked]) -> list[Any]:
        bound = [self._bound(sql, params) for sql, params in batch]  # all of it, since a value may be refused
        if not bound:
            return []
        if self._waiting is not None:
            self._settle()
        self._send(bound)
        return self._answers()

    def _bound(self, sql: str, params: Sequence[Any] | None) -> _Bound:
        known = self._known.get(sql)
        if known is None:
            known = self._known[sql] = _Known(sql, params, self._encoding)
        if not params:
            return known, None, None, None
        values = self._driver.dump_sequence(params, known.formats)
        if known.typed:
            return known, values, None, None
        return known, values, self._driver.types, self._driver.formats

    def _send(self, batch: Sequence[_Bound]) -> None:
        libpq, awaited = self._libpq, self._awaited
        if self._torn:
            raise OperationalError(TORN)
        self._torn = True
        libpq.enter_pipeline_mode()
        for known, values, types, formats in batch:
            if known.name is None and known.typed and self._names:
                known.uses += 1
                if known.uses >= PREPARED_AT:
                    known.name = b"duban_%s_%d" % (self._ours, next(self._numbers))
                    libpq.send_prepare(known.name, known.text)
                    awaited.append(known)
            if known.name is not None:
                libpq.send_query_prepared(known.name, values)
            else:
                libpq.send_query_params(known.text, values, types, formats)
            awaited.append(None)
        libpq.pipeline_sync()
        while libpq.flush():  # the server may have to get rid of answers before it takes more
            self._poll.modify(libpq.socket, select.POLLIN | select.POLLOUT)
            self._poll.poll()
            self._poll.modify(libpq.socket, select.POLLIN)
            libpq.consume_input()

    def _answers(self) -> list[Any]:
        """What the server says to all that was sent. Raises the driver's error for the first statement that failed."""
        found, failed = [], None
        try:
            for prepared in self._awaited:
                result = self._next()
                if result.status not in (_ROWS, _DONE):
                    failed = failed or result
                    if prepared is not None:
                        prepared.name = None
                elif prepared is None:
                    found.append(result)
            self._synchronised()
        except OperationalError:
            if failed is None:  # what the server said before it left is the better reason
                raise
        if failed is not None:
            error = error_from_result(failed, self._encoding)
            if error.sqlstate in OUTDATED:
                self._known.clear()
            raise error
        return found

    def _synchronised(self) -> None:
        """Take the end of a batch; from here on the next may be sent."""
        self._awaited.clear()
        if self._next().status != _SYNC:
            raise OperationalError("the server left at the end of an answer")
        self._libpq.exit_pipeline_mode()
        self._torn = False

    def _next(self) -> Any:
        """The next answer. A statement's answers end with none at all, a batch with one of its own."""
        libpq = self._libpq
        for _ in range(2):
            while libpq.is_busy():
                self._poll.poll()
                libpq.consume_input()
            result = libpq.get_result()
            if result is not None:
                return result
        raise OperationalError("the server left in the middle of an answer")


class _Coming:
    """Rows that were asked for and are taken when they are wanted, or what went wrong meanwhile."""

    __slots__ = ("error", "rows")

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.error: Exception | None = None
