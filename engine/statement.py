"""Statements written once as expressions and compiled once for the driver at hand."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy.sql.elements import ClauseElement

from engine.gathered import Reach, reach_of

WHO_TABLES = frozenset({"person", "post_grant", "delegation", "contact"})
"""The tables that say who is who and how they are reached."""

if TYPE_CHECKING:
    from engine.store import Database


REACHES: dict[str, Reach] = {}
"""Which rows each writing statement that was made ready can change, by its text."""


class Ready(NamedTuple):
    """A statement as driver SQL, with what takes its parameters in order out of a mapping and out of a row object."""

    sql: str
    of_mapping: Callable[[Mapping[str, Any]], Any]
    of_row: Callable[[Any], Any]
    constants: dict[str, Any]


class Statement:
    """A SQLAlchemy Core expression, compiled once per dialect to driver SQL. *lock* asks for the matter's row lock.

    *ready* has what was made ready, by the name of the wire; *stirs* says whether it changes who is who.
    A *whole* one reads rows of many values, to be handed over in one piece where the driver takes long over each of them;
    the JSON text at the place *apart* goes beside it, and may come as bytes.
    A parameter ``b_id`` is the attribute ``id`` of a row object: the name alone belongs to the column that is set.
    """

    __slots__ = ("_keys", "_lock", "apart", "expression", "ready", "stirs", "whole", "writes_to")

    def __init__(
        self,
        expression: ClauseElement,
        keys: Sequence[str] | None = None,
        lock: str = "",
        *,
        whole: bool = False,
        apart: int | None = None,
    ) -> None:
        self.expression = expression
        self.writes_to: str | None = getattr(getattr(expression, "table", None), "name", None)
        self.stirs = self.writes_to in WHO_TABLES
        self._keys = list(keys) if keys is not None else None
        self._lock = lock
        self.whole, self.apart = whole, apart
        self.ready: dict[str, Ready] = {}

    def on(self, database: "Database") -> Ready:
        """Return the statement made ready for the database's driver."""
        ready = self.ready.get(database.wire.name)
        if ready is None:
            asked: dict[str, Any] = {"column_keys": self._keys, "compile_kwargs": {"render_postcompile": True}}
            expression = database.wire.whole(self.expression, self.apart) if self.whole else self.expression
            compiled: Any = expression.compile(dialect=database.engine.dialect, **asked)
            order = tuple(compiled.positiontup)
            constants = {key: value for key, value in compiled.params.items() if value is not None}
            sql = str(compiled) + (getattr(database.wire, self._lock) if self._lock else "")
            attributes = [name.removeprefix("b_") for name in order]
            ready = Ready(sql, _taker(operator.itemgetter, order), _taker(operator.attrgetter, attributes), constants)
            self.ready[database.wire.name] = ready
            if self.writes_to is not None and database.in_memory:
                REACHES[sql] = reach_of(self.expression, order)
        return ready


def _taker(getter: Callable[..., Callable[[Any], Any]], names: Sequence[str]) -> Callable[[Any], Any]:
    """What takes *names* out of something, always as a tuple."""
    if not names:
        return lambda _: ()
    take = getter(*names)
    return take if len(names) > 1 else lambda source: (take(source),)
