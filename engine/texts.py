"""The words of notices: templates with fixed placeholders only, filled without any template language."""

import re
from collections.abc import Mapping
from typing import Any

from engine.errors import Invalid

PLACEHOLDERS = frozenset(
    [
        "ref",
        "title",
        "label",
        "last_day",
        "breach_at",
        "basis",
        "mark",
        "owner",
        "body",
        "level",
        "rung",
        "days_left",
        "days_over",
        "state",
        "campaign",
        "list",
    ]
)
"""Everything a template may ask for."""

LONGEST_VALUE = 200
"""Characters of one filled-in value; a list may be longer."""

LONGEST_LIST = 20_000

_SLOT = re.compile(r"\{\{([^{}]*)\}\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Piece = tuple[str, str]


def _pieces(template: str, place: str) -> list[Piece]:
    parts = _SLOT.split(template)
    unknown = {name.strip() for name in parts[1::2]} - PLACEHOLDERS
    if unknown:
        raise Invalid(f"{place}: unknown placeholder {sorted(unknown)[0]!r}; known: {', '.join(sorted(PLACEHOLDERS))}")
    return [(text, parts[at * 2 + 1].strip() if at * 2 + 1 < len(parts) else "") for at, text in enumerate(parts[::2])]


def clean(value: Any, *, one_line: bool = True, longest: int = LONGEST_VALUE) -> str:
    """Make *value* safe to put into a message: no control characters, no line breaks in a subject, not endless."""
    text = str(value)
    if len(text) <= longest and text.isprintable():
        return text
    text = _CONTROL.sub(" ", text)
    if one_line:
        text = text.replace("\n", " ").replace("\t", " ")
    return text if len(text) <= longest else text[: longest - 1] + "…"


class Texts:
    """The templates of a campaign: kind of notice → language → subject and text."""

    def __init__(self, templates: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
        self._pieces = {
            (kind, lang, part): _pieces(text, f"{kind}.{lang}.{part}")
            for kind, langs in templates.items()
            for lang, parts in langs.items()
            for part, text in parts.items()
        }

    def render(self, kind: str, lang: str, values: Mapping[str, Any]) -> tuple[str, str]:
        """Return subject and text of a notice; a kind without a template falls back to that of a reminder."""
        if (kind, lang, "subject") not in self._pieces:
            kind = "reminder"
        subject = self._fill((kind, lang, "subject"), values, one_line=True)
        return subject, self._fill((kind, lang, "text"), values, one_line=False)

    def _fill(self, key: tuple[str, str, str], values: Mapping[str, Any], *, one_line: bool) -> str:
        out = []
        for text, slot in self._pieces[key]:
            out.append(text)
            if slot:
                value = values.get(slot, "")
                if type(value) is str and len(value) <= LONGEST_VALUE and value.isprintable():
                    out.append(value)  # by far the most; what `clean` would give back as it is
                    continue
                longest = LONGEST_LIST if slot == "list" else LONGEST_VALUE
                out.append(clean(value, one_line=one_line or slot != "list", longest=longest))
        return "".join(out)
