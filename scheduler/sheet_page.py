"""A sheet of plain text as HTML: its heading in the middle, its paragraphs set in, who signs and the date to the right."""

import html
from collections.abc import Iterator

FAR_IN = 4
"""So many ideographic spaces before a line: it is heading or number at the top, signature or date at the end."""

HEADING = "text-align:center;font-size:1.6em;font-weight:bold;letter-spacing:.1em;margin:.6em 0 .2em"
NUMBER = "text-align:center;margin:0 0 1em;padding-bottom:.6em;border-bottom:2px solid #c00"
SIGNED = "text-align:right;margin:.2em 2em .2em 0"
PARAGRAPH = "text-indent:2em;margin:.2em 0"
LINE = "margin:.2em 0"


def sheet(text: str, *, ending: bool = False) -> str:
    """Set each line of *text* as a paragraph in its place; no character of it is left unescaped. *ending*: it has no heading."""
    return "".join(_paragraphs(text.rstrip("\n").split("\n"), begun=ending))


def _paragraphs(lines: list[str], *, begun: bool) -> Iterator[str]:
    above = 0
    for line in lines:
        words = line.lstrip("\u3000")
        far = len(line) - len(words)
        if not words.strip():
            yield '<p style="margin:.4em 0"></p>'
            continue
        if far >= FAR_IN and not begun:
            style, above = (NUMBER if above else HEADING), above + 1
        else:
            begun = True
            style = SIGNED if far >= FAR_IN else PARAGRAPH if far else LINE
        yield f'<p style="{style}">{html.escape(words)}</p>'
