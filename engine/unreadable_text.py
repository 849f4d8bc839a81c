"""Texts of a SQLite file whose bytes are no UTF-8: read so that they harm nothing else that is read with them.

SQLite's driver hands out none of the rows of a statement once it comes upon such a text. They are read once more then, with
`MARK` before each such text: no JSON begins so, and its row is found to be damaged like any other (`engine.contents`).
"""

import contextlib
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

MARK = "\N{REPLACEMENT CHARACTER}"
"""What a text begins with whose bytes are no UTF-8; in it, it stands for those that are none."""

SAID = re.compile(r"Could not decode to UTF-8 column '(\w+)'")
"""How the driver tells of it, and of which column."""

BORNE = frozenset({"data", "title", "subject", "text"})
"""Columns of which everybody bears a marked text: what a row of a matter holds, and words. Others hold what must be read."""

DONE = "RETURNING"
"""What is in a statement that has changed something when its rows are read; it is not done twice."""


def as_text(said: bytes) -> str:
    """The text, marked if it is none."""
    try:
        return said.decode()
    except UnicodeDecodeError:
        return MARK + said.decode(errors="replace")


@contextlib.contextmanager
def all_borne(wire: Any) -> Iterator[None]:
    """Let every unreadable text be handed out marked, for who looks whether everything is as it was written."""
    wire.bears_all += 1
    try:
        yield
    finally:
        wire.bears_all -= 1


def read_again(error: Exception, hand: Any, batch: Sequence[tuple[str, Any]], bears_all: int) -> list[list[Any]]:
    """The rows of each statement, unreadable texts marked. Raises *error* if it tells of something else, or of what is not borne."""
    said = SAID.search(str(error))
    if said is None or not (bears_all or said[1] in BORNE) or any(DONE in sql for sql, _ in batch):
        raise error
    found: list[list[Any]] = _marking(
        hand.connection, lambda: [hand.execute(sql, params).fetchall() for sql, params in batch]
    )
    return found


def in_pieces(connection: Any, sql: str, params: Any, size: int) -> Generator[list[Any]]:
    """The rows of a statement *size* at a time, on a cursor of its own; from an unreadable text on those are marked."""
    seen = 0
    try:
        with contextlib.closing(connection.execute(sql, params)) as cursor:
            while rows := cursor.fetchmany(size):
                seen += len(rows)
                yield rows
        return
    except Exception as error:
        if not SAID.search(str(error)):
            raise
    with contextlib.closing(_marking(connection, lambda: connection.execute(sql, params))) as cursor:
        while rows := _marking(connection, lambda: cursor.fetchmany(size)):
            left = rows[seen:]
            seen = max(0, seen - len(rows))
            if left:
                yield left


def _marking(connection: Any, read: Callable[[], Any]) -> Any:
    usual, connection.text_factory = connection.text_factory, as_text
    try:
        return read()
    finally:
        connection.text_factory = usual
