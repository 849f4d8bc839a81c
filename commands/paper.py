"""What is put on paper for people: tables that align Chinese on a terminal, tab-separated lines when piped."""

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from workflows.words import LIGHTS

if TYPE_CHECKING:
    from datetime import tzinfo

    from commands.call import Call

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What could move the cursor, forge a line or turn the reading direction of a terminal."""

TYPED = frozenset({"id", "ref"})
"""Columns whose texts are copied to be typed again: they are not broken, if the terminal is wide enough."""

NARROWEST = 8
"""Columns of a terminal that any other column must be left."""

STYLES = {"red": "bold red", "yellow": "yellow", "green": "green"}


class Column(NamedTuple):
    """A column: its name when piped, its heading on a terminal."""

    code: str
    zh: str
    en: str


class Cell(NamedTuple):
    """A text with the look it has on a terminal and the plain word it is when piped."""

    shown: str
    style: str
    piped: str


def on_terminal() -> bool:
    """Whether somebody looks at stdout."""
    return sys.stdout.isatty()


def plain(text: str, *, lines: bool = False) -> str:
    """Make *text* safe to print: no control characters, on one line unless *lines* are wanted."""
    text = _CONTROL.sub(" ", text)
    return text if lines else text.replace("\n", " ").replace("\t", " ")


def light_cell(light: str | None, lang: str) -> Cell:
    """A light: a coloured dot with its word; the word alone when piped."""
    if light is None:
        return Cell("–", "", "")
    zh, en = LIGHTS[light]
    return Cell(f"● {zh if lang == 'zh' else en}", STYLES[light], light)


def local(text: str | None, zone: "tzinfo", *, seconds: bool = False) -> str:
    """An instant of the JSON, in *zone*, to the minute."""
    if not text:
        return ""
    from datetime import datetime

    at = datetime.fromisoformat(text).astimezone(zone)
    return at.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def table(columns: Sequence[Column], rows: Iterable[Sequence[str | Cell]], lang: str) -> None:
    """Print *rows*: a table on a terminal, else a header and lines whose fields are divided by tabs."""
    if on_terminal():
        _draw(columns, rows, lang)
        return
    sys.stdout.write("\t".join(column.code for column in columns) + "\n")
    for row in rows:
        sys.stdout.write("\t".join(plain(cell.piped if isinstance(cell, Cell) else cell) for cell in row) + "\n")


def listing(call: "Call", columns: Sequence[Column], found: Iterable[Mapping[str, Any]]) -> None:
    """Print the values that *columns* name; instants (``…_at``) in the campaign's zone, what is not there as a dash."""

    def said(code: str, value: Any) -> str:
        return "-" if value is None else local(value, call.zone) if code.endswith("_at") else str(value)

    table(columns, [[said(column.code, each[column.code]) for column in columns] for each in found], call.lang)


def _draw(columns: Sequence[Column], rows: Iterable[Sequence[str | Cell]], lang: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console, drawn = Console(file=sys.stdout, highlight=False), Table(box=box.SIMPLE_HEAD, pad_edge=False)
    cells_of = [[cell if isinstance(cell, Cell) else Cell(cell, "", "") for cell in row] for row in rows]
    whole = _whole(columns, cells_of, console.width)
    for column in columns:
        drawn.add_column(column.zh if lang == "zh" else column.en, overflow="fold", no_wrap=column.code in whole)
    for cells in cells_of:
        drawn.add_row(*(Text(plain(cell.shown), style=cell.style, overflow="fold") for cell in cells))
    console.print(drawn)


def _whole(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], across: int) -> set[str]:
    """The columns that need not be broken: what is typed again, if enough room is left for the others."""
    whole: set[str] = set()
    left = across - (NARROWEST + 3) * len(columns)
    for at, column in enumerate(columns):
        longest = max((width(row[at].shown) for row in rows), default=0)
        if column.code in TYPED and longest - NARROWEST <= left:
            whole.add(column.code)
            left -= max(longest - NARROWEST, 0)
    return whole


def line(text: str = "", style: str = "") -> None:
    """Print one line of a page, in its look on a terminal."""
    said = plain(text, lines=True)
    if style and on_terminal():
        from rich.console import Console
        from rich.text import Text

        Console(file=sys.stdout, highlight=False, soft_wrap=True).print(Text(said, style=style))
    else:
        sys.stdout.write(said + "\n")


def width(text: str) -> int:
    """How many columns of a terminal *text* takes; Chinese characters take two."""
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text if not unicodedata.combining(char)
    )


def entry(name: str, value: str, across: int = 10) -> None:
    """Print a name and a value, the values one below the other."""
    line(f"{name}{' ' * max(across - width(name), 1)}{value}")
