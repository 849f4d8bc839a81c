"""A digest as HTML: a table with a row for each item, readable in any mail program, in Chinese, with nothing from outside."""

import html
import json
from collections.abc import Mapping
from typing import Any

from engine.rows import NoticeRow

COLUMNS = (("事项", "title"), ("要求", "what"), ("期限", "date"), ("情况", "note"), ("编号", "ref"), ("依据", "basis"))
"""The headings and what stands under them."""

CELL = "border:1px solid #999;padding:.3em .5em;vertical-align:top;text-align:left"
OVERDUE = "color:#b00020;font-weight:bold"
"""Red and heavy: what is over must be seen on paper without colour too."""


def table(notice: NoticeRow) -> tuple[str, str, str]:
    """The words before the table, the table, and those after it; the lists of what is about no matter follow the table."""
    items = json.loads(notice.items or "[]")
    lines = notice.text.rstrip("\n").split("\n")
    first = next((at for at, line in enumerate(lines) if line.startswith("1. ")), len(lines))
    last = max((at for at, line in enumerate(lines) if line.startswith(("   ", f"{len(items)}. "))), default=first)
    rows = "".join(_row(number, item) for number, item in enumerate(items, 1))
    heads = "".join(f'<th style="{CELL};background:#f0f0f0;white-space:nowrap">{name}</th>' for name in _heads())
    notes = "".join(_own_words(number, item) for number, item in enumerate(items, 1) if item["text"])
    body = (
        f'<table style="border-collapse:collapse;font-size:.95em"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{notes}"
    )
    return "\n".join(lines[:first]), body, "\n".join(lines[last + 1 :])


def _heads() -> list[str]:
    return ["序号", "类别", *(name for name, _ in COLUMNS)]


def _row(number: int, item: Mapping[str, Any]) -> str:
    cells = [_cell(str(number)), _cell(item["rung"])]
    for _, key in COLUMNS:
        style = OVERDUE if key == "note" and item["over"] else "white-space:nowrap" if key == "date" else ""
        cells.append(_cell(item[key] or ("见下" if key == "title" and item["text"] else "—"), style))
    return f"<tr>{''.join(cells)}</tr>"


def _cell(text: str, style: str = "") -> str:
    return f'<td style="{CELL}{";" + style if style else ""}">{html.escape(text)}</td>'


def _own_words(number: int, item: Mapping[str, Any]) -> str:
    words = "<br>".join(html.escape(line) for line in item["text"].rstrip().split("\n"))
    return (
        f'<p style="border-left:3px solid #999;padding-left:.6em">{number}. {html.escape(item["what"])}<br>{words}</p>'
    )
