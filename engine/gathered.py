"""What a process alone with its database has written and not sent yet: gathered statement by statement, to be sent at once.

One statement for many rows takes a fraction of the time of many statements for a row each. What was written may be sent
in another order than it was written in, as long as nobody could tell: a row is never overtaken by what was written to it
later, and a new row overtakes no change, which may have freed the place that it takes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Column, Select, Table
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.elements import ClauseElement

from engine.dialect import Batch

MOST = 20_000
"""Writes that wait before they are sent though nobody has asked for them: some tens of megabytes. PLACEHOLDER"""


IN_ORDER = frozenset({"entry"})
"""The tables whose rows the database itself numbers as they come: the log takes entries in that order."""


class Reach(NamedTuple):
    """Which rows a statement changes: those of *table* with the key that *key_of* takes from its parameters, or *adds* them.

    Without a *table* it looks at others too, and without *key_of* at any row of its own.
    """

    table: str | None
    key_of: Callable[[Any], Any] | None = None
    adds: bool = False


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
    return Reach(table.name, key_of, adds and getattr(expression, "_post_values_clause", None) is None)


def _place(column: str, order: Sequence[str], *, adds: bool) -> int | None:
    name = column if adds else f"b_{column}"
    return order.index(name) if name in order else None


def _taker(places: list[int]) -> Callable[[Any], Any]:
    return lambda bound: tuple([bound[at] for at in places])


@dataclass(slots=True)
class Group:
    """The rows of one statement, in the order in which they were written; *keys* is None if they may be any."""

    sql: str
    reach: Reach
    rows: list[Any] = field(default_factory=list)
    keys: set[Any] | None = field(default_factory=set)


class Gathered:
    """The groups of what waits, in the order in which they are to be sent. *reaches* tells of each statement by its text."""

    def __init__(self, reaches: dict[str, Reach]) -> None:
        self._reaches = reaches
        self.clear()

    def clear(self) -> None:
        """Have nothing to send any more."""
        self._all: list[Group] = []
        self._by_table: dict[str, list[Group]] = {}
        self.waiting = 0

    def add(self, batch: Batch) -> None:
        """Let *batch* wait."""
        for sql, bound, many in batch:
            reach = self._reaches.get(sql, ANY)
            rows = bound if many else (bound,)
            self.waiting += len(rows)
            if reach.table is None:
                self._by_table.clear()
                self._all.append(Group(sql, reach, list(rows)))
            else:
                self._join(sql, reach, rows)

    def _join(self, sql: str, reach: Reach, rows: Sequence[Any]) -> None:
        """Put *rows* to those of the same statement, unless they would overtake what they must not."""
        key_of = reach.key_of
        keys = None if key_of is None else {key_of(row) for row in rows}
        groups = self._by_table.setdefault(reach.table or "", [])
        for group in reversed(groups):
            if group.sql == sql:
                group.rows += rows
                group.keys = None if keys is None or group.keys is None else group.keys | keys
                return
            if _meets(group, reach, keys):
                break
        group = Group(sql, reach, list(rows), keys)
        groups.append(group)
        self._all.append(group)

    def batch(self) -> Batch:
        """What is to be sent, in order."""
        return [
            (each.sql, each.rows, True) if len(each.rows) > 1 else (each.sql, each.rows[0], False) for each in self._all
        ]


def _meets(group: Group, reach: Reach, keys: set[Any] | None) -> bool:
    """Say whether what *group* writes must not be overtaken by what has this reach and these *keys*."""
    if reach.adds:
        return reach.table in IN_ORDER or not group.reach.adds
    return keys is None or group.keys is None or not group.keys.isdisjoint(keys)
