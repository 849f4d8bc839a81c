"""Room beside memory: what is too much to hold is laid on the disk, and read back in the order that is wanted.

A pile is kept in a database of SQLite without a name. It is a file of the folder that ``SQLITE_TMPDIR`` or ``TMPDIR``
names (else ``/var/tmp`` or ``/tmp``), which nobody else can open and which is gone when the process is, however it ends.
Source: https://www.sqlite.org/inmemorydb.html, section on temporary databases.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from engine.errors import Unavailable

HELD_KIB = 8_192
"""KiB of it that SQLite holds in memory, and that it sorts at once."""

Key = str | int | float
"""What a pile is put in order by; one pile has keys of one type."""


class Scratch:
    """Piles of texts, each with a key. Every method raises Unavailable when the disk has no more room."""

    def __init__(self) -> None:
        with _room():
            self._database = sqlite3.connect("", isolation_level=None)
            for pragma in ("temp_store = FILE", "journal_mode = OFF", f"cache_size = -{HELD_KIB}", "synchronous = OFF"):
                self._database.execute(f"PRAGMA {pragma}")
            self._database.execute("BEGIN")
        self._piles: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the room back."""
        self._database.close()

    def lay(self, pile: str, texts: Iterable[tuple[Key, str]]) -> None:
        """Lay *texts*, which are read one by one, on *pile*."""
        with _room():
            into = f"INSERT INTO {self._table(pile)} (key, said) VALUES (?, ?)"  # noqa: S608  a name of ours
            self._database.executemany(into, texts)

    def count(self, pile: str) -> int:
        """How many lie on *pile*."""
        return int(next(self._rows("SELECT count(*) FROM {}", pile))[0])

    def as_laid(self, pile: str) -> Iterator[str]:
        """The texts of *pile* in the order in which they were laid."""
        return (said for (said,) in self._rows("SELECT said FROM {} ORDER BY n", pile))

    def by_key(self, pile: str) -> Iterator[str]:
        """The texts of *pile* in the order of their keys, those of one key as they were laid."""
        return (said for (said,) in self._rows("SELECT said FROM {} ORDER BY key, n", pile))

    def grouped(self, pile: str) -> Iterator[tuple[Key, str]]:
        """Key and text of *pile*, those of one key together as they were laid; the keys as each came first."""
        return self._rows(
            "SELECT key, said FROM (SELECT key, said, n, min(n) OVER (PARTITION BY key) AS first FROM {}) "
            "ORDER BY first, n",
            pile,
        )

    def key_at(self, pile: str, rank: int) -> Key:
        """The key that *rank* others of *pile* stand before; it is there."""
        return next(self._rows("SELECT key FROM {} ORDER BY key LIMIT 1 OFFSET ?", pile, rank))[0]  # type: ignore[no-any-return]

    def _rows(self, statement: str, pile: str, *values: int) -> Iterator[tuple]:  # type: ignore[type-arg]
        with _room():
            # not `yield from`: that would close the cursor, perhaps after the database
            for row in self._database.execute(statement.format(self._table(pile)), values):  # noqa: UP028
                yield row

    def _table(self, pile: str) -> str:
        """The table of *pile*; its name is no part of the pile's."""
        name = self._piles.get(pile)
        if name is None:
            name = self._piles[pile] = f"pile_{len(self._piles)}"
            self._database.execute(f"CREATE TABLE {name} (n INTEGER PRIMARY KEY, key, said TEXT)")
        return name


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unavailable(
            f"there is no room on the disk to sort what was read: {error}", "disk",
            hint="set TMPDIR to a folder with more room",
            zh=f"磁盘空间不足，无法对读入的内容排序：{error}",
        ) from None  # fmt: skip
