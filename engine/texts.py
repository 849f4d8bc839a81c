"""The words of notices: templates with fixed placeholders only, filled without any template language."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from engine.errors import Invalid
from engine.text_schema import TextSpec

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
        "date",
        "number",
        "until",
        "standing",
    ]
)
"""Everything a template may ask for."""

LONGEST_VALUE = 200
"""Characters of one filled-in value; a list may be longer."""

LONGEST_LIST = 20_000

SLOT = re.compile(r"\{\{([^{}]*)\}\}")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")

CONTROLLED = "\0"
"""Stands for values that are not all text."""

Piece = tuple[str, str]

Templates = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Kind of notice → language → ``subject`` and ``text``."""


def _pieces(template: str, place: str) -> list[Piece]:
    parts = SLOT.split(template)
    unknown = {name.strip() for name in parts[1::2]} - PLACEHOLDERS
    if unknown:
        raise Invalid(f"{place}: unknown placeholder {sorted(unknown)[0]!r}; known: {', '.join(sorted(PLACEHOLDERS))}")
    return [(text, parts[at * 2 + 1].strip() if at * 2 + 1 < len(parts) else "") for at, text in enumerate(parts[::2])]


def _form(pieces: Sequence[Piece]) -> tuple[str, tuple[str, ...]]:
    """The same as a form to be filled in by place, with the slots in order."""
    form = "".join(text.replace("%", "%%") + ("%s" if slot else "") for text, slot in pieces)
    return form, tuple(slot for _, slot in pieces if slot)


def clean(value: Any, *, one_line: bool = True, longest: int = LONGEST_VALUE) -> str:
    """Make *value* safe to put into a message: no control characters, no line breaks in a subject, not endless."""
    text = str(value)
    if len(text) <= longest and text.isprintable():
        return text
    text = CONTROL.sub(" ", text)
    if one_line:
        text = text.replace("\n", " ").replace("\t", " ")
    return text if len(text) <= longest else text[: longest - 1] + "…"


class Draft:
    """The words of a notice half filled in, for many that differ by a few *slots* only."""

    __slots__ = ("_subject", "_text")

    def __init__(self, subject: str, text: str) -> None:
        self._subject, self._text = subject, text

    def filled(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Subject and text with *values* in the slots that were left open, none of them a list."""
        whole = "".join(values.values())
        if len(whole) > LONGEST_VALUE or not whole.isprintable():
            values = {slot: clean(value) for slot, value in values.items()}
        return self._subject % values, self._text % values


class Texts:
    """The templates of a campaign: the *own* ones, and ours for the kinds it says nothing of."""

    def __init__(self, templates: Templates, own: Mapping[str, TextSpec] | None = None) -> None:
        self._ours = templates
        self.own = dict(own or {})
        said: dict[str, Any] = {
            kind: {lang: getattr(spec, lang).model_dump() for lang in ("zh", "en")} for kind, spec in self.own.items()
        }
        self._pieces = {
            (kind, lang, part): _pieces(text, f"{kind}.{lang}.{part}")
            for kind, langs in {**templates, **said}.items()
            for lang, parts in langs.items()
            for part, text in parts.items()
        }
        self._forms = {key: _form(pieces) for key, pieces in self._pieces.items()}

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of notice that have words of ours."""
        return frozenset(self._ours)

    def with_own(self, own: Mapping[str, TextSpec]) -> "Texts":
        """The same with the words that a campaign brings."""
        return Texts(self._ours, own) if own or self.own else self

    def chosen(self, kind: str, lang: str, which: Iterable[str] = ()) -> str:
        """The key of the words of a notice: those for one of *which* (rung, circle), the kind's, else a reminder's."""
        for each in which:
            if (key := f"{kind}@{each}", lang, "subject") in self._pieces:
                return key
        return kind if (kind, lang, "subject") in self._pieces else "reminder"

    def attached(self, kind: str, which: Iterable[str] = ()) -> Sequence[str]:
        """The kinds of document that a notice of *kind* encloses."""
        spec = self.own.get(self.chosen(kind, "zh", which))
        return spec.attach if spec else ()

    def render(self, kind: str, lang: str, values: Mapping[str, Any], which: Iterable[str] = ()) -> tuple[str, str]:
        """Return subject and text of a notice; a kind without a template falls back to that of a reminder."""
        key = self.chosen(kind, lang, which)
        subject = self._fill((key, lang, "subject"), values, one_line=True)
        return subject, self._fill((key, lang, "text"), values, one_line=False)

    def draft(
        self, kind: str, lang: str, values: Mapping[str, Any], slots: Collection[str], which: Iterable[str] = ()
    ) -> Draft:
        """The same with all but *slots* filled in."""
        key = self.chosen(kind, lang, which)
        subject = self._drafted((key, lang, "subject"), values, slots, one_line=True)
        return Draft(subject, self._drafted((key, lang, "text"), values, slots, one_line=False))

    def _drafted(
        self, key: tuple[str, str, str], values: Mapping[str, Any], slots: Collection[str], *, one_line: bool
    ) -> str:
        said = []
        for text, slot in self._pieces[key]:
            said.append(text.replace("%", "%%"))
            if slot:
                open_ = slot in slots
                said.append(f"%({slot})s" if open_ else _said(slot, values, one_line=one_line).replace("%", "%%"))
        return "".join(said)

    def _fill(self, key: tuple[str, str, str], values: Mapping[str, Any], *, one_line: bool) -> str:
        form, slots = self._forms[key]
        said = [values.get(slot, "") for slot in slots]
        try:
            whole = "".join(said)
        except TypeError:
            whole = CONTROLLED
        if whole.isprintable() and (len(whole) <= LONGEST_VALUE or max(map(len, said)) <= LONGEST_VALUE):
            return form % tuple(said)  # what `clean` would give back as it is, and mostly so
        filled: list[str] = []
        for text, slot in self._pieces[key]:
            filled.append(text)
            if slot:
                filled.append(_said(slot, values, one_line=one_line))
        return "".join(filled)


def _said(slot: str, values: Mapping[str, Any], *, one_line: bool) -> str:
    """What is filled into *slot*, made safe."""
    longest = LONGEST_LIST if slot == "list" else LONGEST_VALUE
    return clean(values.get(slot, ""), one_line=one_line or slot != "list", longest=longest)
