"""Rows of a list become cards on a telephone: each cell carries the head of its column, so that no script is needed for it."""

import re
from collections.abc import Callable, Sequence

_TABLE = re.compile(r'<table class="rows[ "].*?</table>', re.DOTALL)
_HEAD = re.compile(r"<thead>.*?</thead>", re.DOTALL)
_HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_ROW = re.compile(r"<tr\b[^>]*>.*?</tr>", re.DOTALL)
_CELL = re.compile(r"<(td|th)\b([^>]*)>(.*?)</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SHOWN = re.compile(r"<(input|select|button|svg|img)\b")
_CLASS = re.compile(r'\bclass="')

Matched = re.Match[str]


def named(page: str) -> str:
    """The *page* with ``data-label`` on the cells of its lists, from the third on, and the class ``void`` on empty ones.

    The first two are the title of a card. A cell with a form says itself what it is. Tables in tables are not among our lists.
    """
    return _TABLE.sub(_table, page) if '<table class="rows' in page else page


def _table(found: Matched) -> str:
    table = found[0]
    head = _HEAD.search(table)
    if head is None:
        return table
    names = [_text(each) for each in _HEADING.findall(head[0])]
    return table[: head.end()] + _ROW.sub(_rows(names), table[head.end() :])


def _rows(names: Sequence[str]) -> Callable[[Matched], str]:
    def row(found: Matched) -> str:
        left = iter(["", "", *names[2:]])
        return _CELL.sub(lambda cell: _cell(next(left, ""), *cell.groups()), found[0])

    return row


def _cell(name: str, kind: str, attributes: str, content: str) -> str:
    if not _text(content) and not _SHOWN.search(content):
        found = _CLASS.search(attributes)
        more = f"{attributes[: found.end()]}void {attributes[found.end() :]}" if found else f'{attributes} class="void"'
        return f"<{kind}{more}>{content}</{kind}>"
    if name and "<form" not in content:
        attributes += f' data-label="{name}"'
    return f"<{kind}{attributes}>{content}</{kind}>"


def _text(content: str) -> str:
    """What one reads of a piece of a page, fit for an attribute."""
    return _TAG.sub("", content).strip().replace('"', "&#34;")
