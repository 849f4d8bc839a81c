"""What a process alone with its database has written and not sent yet: gathered statement by statement, to be sent at once.

One statement for many rows takes a fraction of the time of many statements for a row each. What was written may be sent
in another order than it was written in, as long as nobody could tell: a row is never overtaken by what was written to it
later, and a new row overtakes no change that may have freed the place that it takes. Nothing is sent before somebody asks
for the table that it was written to.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Column, Select, Table, UniqueConstraint
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.elements import ClauseElement

from engine.dialect import Batch

MOST = 20_000
"""Writes that wait before they are sent though nobody has asked for them: some tens of megabytes. PLACEHOLDER"""


IN_ORDER = frozenset({"entry"})
"""The tables whose rows the database itself numbers as they come: the log takes entries in that order."""

FILLED_BY = {"log_pending": "entry"}
"""The tables that the database itself fills, each with the table whose new rows make it do so."""


class Reach(NamedTuple):
    """Which rows a statement changes: those of *table* with the key that *key_of* takes from its parameters, or *adds* them.

    Without a *table* it looks at others too, and without *key_of* at any row of its own. It may make room for a new row
    only if it *frees* a place.
    """

    table: str | None
    key_of: Callable[[Any], Any] | None = None
    adds: bool = False
    frees: bool = True


ANY = Reach(None)
"""The reach of a statement of which nothing is known."""


def reach_of(expression: ClauseElement, order: Sequence[str]) -> Reach:
    """The reach of a writing statement whose parameters stand in *order*."""
    table, parts = getattr(expression, "table", None), list(visitors.iterate(expression))
    named = {each if isinstance(each, Table) else each.table for each in parts if isinstance(each, (Table, Column))}
    if not isinstance(table, Table) or named - {table}:
        return ANY
    if any(isinstance(each, Select) for each in parts):
        return Reach(table.name)
    adds = isinstance(expression, Insert)
    places = [_place(column.name, order, adds=adds) for column in table.primary_key]
    key_of = None if None in places else _taker([each for each in places if each is not None])
    adds = adds and getattr(expression, "_post_values_clause", None) is None
    return Reach(table.name, key_of, adds, _frees(expression, table))


def _frees(expression: ClauseElement, table: Table) -> bool:
    """Whether a statement can free a place that only one row may have: not if it sets nothing by which rows must differ."""
    if not isinstance(expression, Update):
        return True
    sets = getattr(expression, "_values", None) or {}
    return not sets or not {getattr(each, "name", each) for each in sets}.isdisjoint(_distinct(table))


def _distinct(table: Table) -> set[str]:
    """The columns by which rows must differ, and those that say which rows must."""
    names = {column.name for column in table.primary_key}
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            names |= {column.name for column in constraint.columns}
    for index in table.indexes:
        if index.unique:
            names |= {column.name for column in index.columns}
            names |= words_of(str(index.dialect_options["sqlite"]["where"]))
    return names


@lru_cache(maxsize=4096)
def words_of(sql: str) -> frozenset[str]:
    """Every word of a statement's text, the tables that it looks at among them, with those by which they are filled."""
    words = set(_WORD.findall(sql))
    return frozenset(words | {source for table, source in FILLED_BY.items() if table in words})


_WORD = re.compile(r"\w+")


def _place(column: str, order: Sequence[str], *, adds: bool) -> int | None:
    name = column if adds else f"b_{column}"
    return order.index(name) if name in order else None


def _taker(places: list[int]) -> Callable[[Any], Any]:
    return operator.itemgetter(*places)


@dataclass(slots=True)
class Group:
    """The rows of one statement, in the order in which they were written."""

    sql: str
    reach: Reach
    rows: list[Any]
    _keys: set[Any] = field(default_factory=set)
    _read: int = 0

    def keys(self) -> set[Any] | None:
        """The keys of its rows, taken out of them when somebody asks; None if they may be any."""
        key_of = self.reach.key_of
        if key_of is None:
            return None
        if self._read < len(self.rows):
            self._keys.update(map(key_of, self.rows[self._read :]))
            self._read = len(self.rows)
        return self._keys


class Gathered:
    """The groups of what waits, in the order in which they are to be sent. *reaches* tells of each statement by its text."""

    def __init__(self, reaches: dict[str, Reach]) -> None:
        self._reaches = reaches
        self.clear()

    def clear(self) -> None:
        """Have nothing to send any more."""
        self._all: list[Group] = []
        self._by_table: dict[str, list[Group]] = {}
        self._mixed = False
        self.waiting = 0

    def add(self, batch: Batch) -> None:
        """Let *batch* wait."""
        for sql, bound, many in batch:
            reach = self._reaches.get(sql, ANY)
            rows = bound if many else (bound,)
            self.waiting += len(rows)
            if reach.table is None:
                self._by_table.clear()
                self._mixed = True
                self._all.append(Group(sql, reach, list(rows)))
            else:
                self._join(sql, reach, rows)

    def _join(self, sql: str, reach: Reach, rows: Sequence[Any]) -> None:
        """Put *rows* to those of the same statement, unless they would overtake what they must not."""
        groups = self._by_table.setdefault(reach.table or "", [])
        for group in reversed(groups):
            if group.sql == sql:
                group.rows += rows
                return
            if _meets(group, reach, rows):
                break
        group = Group(sql, reach, list(rows))
        groups.append(group)
        self._all.append(group)

    def take(self, tables: Collection[str | None] | None) -> list[Group]:
        """Take out what must be sent before *tables* are looked at, in order: all of it if they are not known."""
        if tables is None or self._mixed:
            taken = self._all
            self.clear()
            return taken
        taken = [group for group in self._all if group.reach.table in tables]
        if taken:
            self._all = [group for group in self._all if group.reach.table not in tables]
            for group in taken:
                self._by_table.pop(group.reach.table or "", None)
                self.waiting -= len(group.rows)
        return taken

    def give_back(self, groups: list[Group]) -> None:
        """Let wait again what was taken out and undone; nothing joins it."""
        self._all = groups + self._all
        self._mixed = self._mixed or any(group.reach.table is None for group in groups)
        self.waiting += sum(len(group.rows) for group in groups)

    def parted(self, batch: Batch, tables: frozenset[str] | None) -> tuple[Batch, Batch]:
        """Of the writes *batch*, those that must be sent before *tables* are looked at, and the others."""
        reaches = [self._reaches.get(sql, ANY).table for sql, _, _ in batch]
        if tables is None or None in reaches:
            return batch, []
        mine = [each for each, table in zip(batch, reaches, strict=True) if table in tables]
        return mine, [
            each for each, table in zip(batch, reaches, strict=True) if table not in tables
        ] if mine else batch

    def tables_of(self, batch: Batch) -> frozenset[str] | None:
        """The tables that *batch* is written to; None if they are not known."""
        found = {self._reaches.get(sql, ANY).table for sql, _, _ in batch}
        return None if None in found else frozenset(each for each in found if each)

    def batch(self) -> Batch:
        """What is to be sent, in order."""
        return batch_of(self._all)


def batch_of(groups: Iterable[Group]) -> Batch:
    """What is sent of *groups*."""
    return [(each.sql, each.rows, True) if len(each.rows) > 1 else (each.sql, each.rows[0], False) for each in groups]


def _meets(group: Group, reach: Reach, rows: Sequence[Any]) -> bool:
    """Say whether what *group* writes must not be overtaken by *rows* of this reach."""
    if reach.adds:
        return reach.table in IN_ORDER or (group.reach.frees and not group.reach.adds)
    keys = None if reach.key_of is None else group.keys()
    return keys is None or reach.key_of is None or not keys.isdisjoint(map(reach.key_of, rows))
