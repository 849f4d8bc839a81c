"""SVG as text: elements, escaping, and how wide words are; no style, no script, no ids."""

import re
import unicodedata
from collections.abc import Iterable
from html import escape

FONT = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif"

NOT_XML = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""What XML does not allow, and marks that turn the direction of the text after them."""

NARROW = frozenset("iljtfrI.,:;'|!()[]1 ")

LONGEST_TIP = 2_000
"""Characters of a tooltip; the rest is left out."""

LOOKS: dict[str, dict[str, str]] = {
    "p-paper": {"fill": "#ffffff"},
    "p-band": {"fill": "#f4f5f7"},
    "p-band2": {"fill": "#ffffff"},
    "p-edge": {"stroke": "#c3c8d0", "fill": "none"},
    "p-faint": {"fill": "#e9ebef"},
    "p-words": {"fill": "#1d2129"},
    "p-quiet": {"fill": "#4d5562"},
    "p-strong": {"fill": "#1d2129", "font-weight": "700"},
    "p-light-words": {"fill": "#ffffff", "font-weight": "700"},
    "p-state": {"fill": "#ffffff", "stroke": "#5b6472", "stroke-width": "1.2"},
    "p-visited": {"fill": "#e3ebf7", "stroke": "#1f4e8c", "stroke-width": "2"},
    "p-current": {"fill": "#1f4e8c", "stroke": "#0d2a52", "stroke-width": "3"},
    "p-next": {"fill": "#ffffff", "stroke": "#1d6b3a", "stroke-width": "2.2", "stroke-dasharray": "6 3"},
    "p-gather": {"fill": "#f4f5f7", "stroke": "#5b6472", "stroke-width": "1", "stroke-dasharray": "2 2"},
    "p-arrow": {"fill": "none", "stroke": "#8a93a0", "stroke-width": "1.2"},
    "p-arrow-back": {"fill": "none", "stroke": "#9a6a2f", "stroke-width": "1.4", "stroke-dasharray": "3 3"},
    "p-arrow-way": {"fill": "none", "stroke": "#1f4e8c", "stroke-width": "3"},
    "p-arrow-next": {"fill": "none", "stroke": "#1d6b3a", "stroke-width": "2.4", "stroke-dasharray": "9 3"},
    "p-head": {"fill": "#8a93a0"},
    "p-head-back": {"fill": "#9a6a2f"},
    "p-head-way": {"fill": "#1f4e8c"},
    "p-head-next": {"fill": "#1d6b3a"},
    "p-green": {"fill": "#1d7a3e", "stroke": "#0f4a24"},
    "p-yellow": {"fill": "#f2b705", "stroke": "#7a5b00"},
    "p-red": {"fill": "#c0271d", "stroke": "#6e110b"},
    "p-none": {"fill": "#ffffff", "stroke": "#5b6472"},
    "p-now": {"stroke": "#c0271d", "stroke-width": "2", "fill": "none"},
    "p-line": {"stroke": "#5b6472", "stroke-width": "1.2", "fill": "none"},
    "p-hatch": {"stroke": "#5b6472", "stroke-width": "1", "fill": "none"},
    "p-series0": {"fill": "#1f4e8c", "stroke": "#0d2a52"},
    "p-series1": {"fill": "#9db8dd", "stroke": "#1f4e8c"},
    "p-series2": {"fill": "#ffffff", "stroke": "#1f4e8c"},
    "p-series3": {"fill": "#5b6472", "stroke": "#1d2129"},
    "p-series4": {"fill": "#d9dde3", "stroke": "#1d2129"},
    "p-trend": {"stroke": "#1f4e8c", "stroke-width": "2", "fill": "none"},
}  # fmt: skip
"""How each class looks where no style sheet is (a file of its own); `static/pictures.css` may say otherwise."""


def clean(words: object) -> str:
    """Words on one line without what XML or the direction of reading could not bear."""
    return " ".join(NOT_XML.sub("", str(words)).split())


def tag(name: str, attributes: dict[str, object], *inside: str) -> str:
    """An element; numbers are written short, None is left out. *inside* is SVG already."""
    said = "".join(f' {key}="{_value(value)}"' for key, value in attributes.items() if value is not None)
    body = "".join(inside)
    return f"<{name}{said}>{body}</{name}>" if body else f"<{name}{said}/>"


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return escape(NOT_XML.sub("", str(value)), quote=True)


def shape(name: str, look: str, attributes: dict[str, object], *inside: str) -> str:
    """An element of the class *look* (several may be named), with what it looks like by itself."""
    drawn: dict[str, object] = {}
    for each in look.split():
        drawn |= LOOKS.get(each, {})
    return tag(name, {"class": look, **drawn, **attributes}, *inside)


def tip(*lines: str) -> str:
    """A tooltip: what a pointer resting on the element, or a reader of the screen, is told."""
    said = "\n".join(clean(line) for line in lines if line)
    return f"<title>{escape(said[:LONGEST_TIP])}</title>"


def words(text: str, x: float, y: float, size: int = 12, look: str = "p-words", anchor: str = "middle") -> str:
    """One line of text with its base line at *y*."""
    at: dict[str, object] = {"x": x, "y": y, "font-size": size, "text-anchor": anchor}
    return shape("text", look, at, escape(clean(text)))


def lines_of_words(rows: Iterable[str], x: float, top: float, size: int = 12, look: str = "p-words") -> str:
    """Lines of text under one another, centred at *x*."""
    return "".join(words(row, x, top + size + index * (size + 4), size, look) for index, row in enumerate(rows))


def linked(href: str | None, inside: str, label: str = "") -> str:
    """*inside* as a link if there is an address inside this site or a plain web address; else as it is."""
    if href is None or not re.match(r"(?:https?://|/(?!/)|[?#])", href):
        return inside
    return tag("a", {"href": href, "aria-label": clean(label) or None, "class": "p-link"}, inside)


def width_of(text: str, size: float = 12) -> float:
    """About how wide *text* is, in pixels at font *size*; rather too wide than too narrow."""
    total = 0.0
    for char in text:
        if unicodedata.combining(char):
            continue
        wide = unicodedata.east_asian_width(char) in "WFA" and ord(char) > 0xFF
        total += 1.0 if wide else 0.36 if char in NARROW else 0.74 if char.isupper() or char in "mw%@" else 0.58
    return total * size


def clipped(text: str, width: float, size: float = 12) -> str:
    """*text* as far as it fits into *width*, with … where something is left out."""
    text = clean(text)
    if width_of(text, size) <= width:
        return text
    kept, room = [], width - size
    for char in text:
        room -= width_of(char, size)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def wrapped(text: str, width: float, size: float = 12, most: int = 3) -> list[str]:
    """*text* in at most *most* lines of *width*; broken between words, or between Chinese characters."""
    rows: list[str] = [""]
    for piece in re.findall(r"[\u0000-\u2e7f]+?(?:\s+|(?=[\u2e80-\uffff])|$)|[\u2e80-\U0010ffff]", clean(text)):
        if rows[-1] and width_of((rows[-1] + piece).rstrip(), size) > width:
            rows.append("")
        rows[-1] += piece
    if len(rows) > most:
        rest = "".join(rows[most - 1 :])
        rows = [*rows[: most - 1], rest]
    return [clipped(row.strip(), width, size) for row in rows]


def picture(width: float, height: float, name: str, told: str, *inside: str, kind: str = "") -> str:
    """A whole picture: *name* is its title, *told* says in words what it shows.

    It is an image to a reader of the screen, or a group where it holds links (those of an image would be lost).
    """
    body = "".join(inside)
    said = clean(name)[:300] or "—"
    attributes: dict[str, object] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": f"picture {kind}".strip(),
        "role": "group" if "<a " in body else "img",
        "aria-label": said,
        "viewBox": f"0 0 {width:.0f} {height:.0f}",
        "width": f"{width:.0f}",
        "height": f"{height:.0f}",
        "font-family": FONT,
        "font-size": 12,
    }
    paper = shape("rect", "p-paper", {"width": f"{width:.0f}", "height": f"{height:.0f}"})
    return tag("svg", attributes, tip(said), f"<desc>{escape(clean(told)[:LONGEST_TIP])}</desc>", paper, body)
