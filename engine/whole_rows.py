"""Rows of many values handed over by the driver in one piece.

SQLite's driver takes longer over a value, and over describing its column, than SQLite itself over writing it as JSON.
"""

from typing import Any

from sqlalchemy import LargeBinary, cast, func, null

from engine.canonical import parsed
from engine.errors import Unavailable


def packed(expression: Any, apart: int | None) -> Any:
    """The same rows, each as one JSON array, and the text that stands at the place *apart* behind it as it is."""
    columns = list(expression.selected_columns)
    texts = [] if apart is None else [columns[apart]]
    row = func.json_array(*(null() if number == apart else column for number, column in enumerate(columns)))
    return expression.with_only_columns(*(cast(each, LargeBinary) for each in (row, *texts)))


def unpacked(rows: list[Any], apart: int | None) -> list[Any]:
    """The values of rows that were `packed`; what stands *apart* as the bytes of its text. Raises Unavailable for no text."""
    try:
        if apart is None:
            return [parsed(said) for (said,) in rows]
        found = []
        for said, text in rows:
            row = parsed(said)
            row[apart] = text
            found.append(row)
        return found
    except ValueError as error:
        raise Unavailable("a row of the database is damaged and cannot be read; run audit verify", "damaged") from error


def as_it_is(given: Any, _: int | None) -> Any:
    """What was given, where the driver has no such trouble."""
    return given
