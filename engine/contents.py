"""What the row of a matter holds as JSON, for whoever looks at many: of a damaged row nothing, and that is said in its title."""

from dataclasses import replace
from typing import Any

from engine.canonical import canonical, parsed
from engine.rows import MatterRow

PARTS = ("facts", "documents", "marks")

MARK = "【数据损坏，请核验】"
"""Stands before the title of a matter whose row cannot be read, in every list; audit verify tells more."""


def contents(text: str | bytes) -> dict[str, Any]:
    """Facts, documents and marks; each empty if the row cannot be read, so that it does not hide the others of a list."""
    try:
        data = parsed(text)
    except (ValueError, TypeError, RecursionError):
        data = None
    if isinstance(data, dict) and all(isinstance(data.get(part), dict) for part in PARTS):
        return data
    return {part: {} for part in PARTS} | {"damaged": True}


def without(matter: MatterRow) -> MatterRow:
    """A matter whose row is damaged as one of which nothing is known but what its other columns say; its title says so."""
    nothing = canonical({part: {} for part in PARTS})
    return replace(matter, data=nothing, title=MARK + matter.title)


def titled(title: str, data: dict[str, Any]) -> str:
    """The title as a list has it, with the word that the row is damaged if it is."""
    return MARK + title if "damaged" in data else title
