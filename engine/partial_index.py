"""Indexes of only some rows, made alike on both databases without reading what the dialect of the absent one is made of."""

from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex

WHERE = "where"
"""Under which name an index keeps which rows it is of."""


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of the rows for which *where* holds.

    For PostgreSQL that is said only when the index is made there: to say it here would read all that its dialect is made of.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where), info={WHERE: where})


@compiles(CreateIndex, "postgresql")
def _create_partial(element: CreateIndex, compiler: Any, **said: Any) -> str:
    where = element.element.info.get(WHERE)
    if where is not None:
        element.element.dialect_options["postgresql"]["where"] = text(where)
    made: str = compiler.visit_create_index(element, **said)
    return made
