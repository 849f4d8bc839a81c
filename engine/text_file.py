"""Files of texts that a campaign brings: read strictly, every flaw told at once with its place."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.errors import Invalid, Problem
from engine.form_errors import read_form
from engine.source import Findings, Path, Place, Source, Span, invalid
from engine.strictyaml import Bounds, decode, parse
from engine.suggest import did_you_mean
from engine.text_schema import TextsDoc, TextSpec
from engine.texts import CONTROL, PLACEHOLDERS, SLOT

BOUNDS = Bounds(256 * 1024, nodes=4_000)
"""Bytes and values of one file of texts. PLACEHOLDER"""

LONGEST = {"subject": 200, "text": 4_000}
"""Characters of a template: a subject is one line of a list, a text one sheet. PLACEHOLDER"""

LANGUAGES = ("zh", "en")

ALWAYS = frozenset({"owner", "head"})
"""The circles of a ladder that every campaign has."""

_BRACES = re.compile(r"\{\{|\}\}")
_NAME = re.compile(r"(?P<key>[^.]+)\.(?P<lang>[^.]+)\.txt")


@dataclass(frozen=True)
class Choices:
    """What the keys of a file of texts may name: kinds of notice, circles and roles, rungs (by ``at``), kinds of document."""

    kinds: frozenset[str]
    circles: frozenset[str]
    rungs: frozenset[str]
    documents: frozenset[str]


Words = dict[str, TextSpec]


def read_texts(files: Iterable[tuple[str, bytes]], choices: Choices) -> Words:
    """Read the *files*, by name and content: ``.yaml``, or ``KIND.LANG.txt``. Raises Invalid with every problem of all."""
    problems: list[Problem] = []
    words: Words = {}
    sheets: dict[str, dict[str, Source]] = {}
    for name, content in files:
        try:
            if name.endswith(".txt"):
                key, lang = _named(name)
                _once(name, key, {*words, *(each for each in sheets if lang in sheets[each])})
                sheets.setdefault(key, {})[lang] = _sheet(name, content)
            else:
                read = _of_yaml(name, content, choices)
                for key in read:
                    _once(name, key, {*words, *sheets})
                words |= read
        except Invalid as error:
            problems += error.problems
    for key, langs in sheets.items():
        problems += _of_sheets(key, langs, choices, words)
    if problems:
        raise invalid(problems[0].file, problems)
    return words


def _of_yaml(name: str, content: bytes, choices: Choices) -> Words:
    source = parse(content, name, BOUNDS)
    form = read_form(TextsDoc, source, {"schema": "texts/1"})
    found = Findings(form.source)
    for key, spec in form.doc.texts.items() if form.doc else ():
        _check_key(key, found, ("texts", key), choices)
        found.expect(("texts", key, "attach"), "kind of document", spec.attach, choices.documents)
        for lang in LANGUAGES:
            for part, text in getattr(spec, lang).model_dump().items():
                _check(text, part, found, ("texts", key, lang, part))
    problems = [*form.problems, *form.telling(found.problems)]
    if problems or form.doc is None:
        raise invalid(name, problems)
    return form.doc.texts


def _of_sheets(key: str, langs: Mapping[str, Source], choices: Choices, words: Words) -> list[Problem]:
    """Check the sheets of one key and add them to *words* if they are sound; return what is wrong with them."""
    first = next(iter(langs.values()))
    start = Findings(first)
    _check_key(key, start, (), choices)
    for lang in LANGUAGES:
        if lang not in langs:
            start.add((), "missing_key", f"the language '{lang}' is missing", f"put {key}.{lang}.txt beside it")
    problems = start.problems
    for source in langs.values():
        found = Findings(source)
        for part in LONGEST:
            _check(str(source.data[part]), part, found, (part,))
        problems += found.problems
    if not problems:
        words[key] = TextSpec.model_validate({lang: source.data for lang, source in langs.items()})
    return problems


def _named(name: str) -> tuple[str, str]:
    """What a sheet's name says: its key and its language. Raises Invalid."""
    shown = name.rpartition("/")[2]
    said = _NAME.fullmatch(shown)
    if said is None or said["lang"] not in LANGUAGES:
        message, hint = f"'{shown}' does not say its kind and language", "name it KIND.zh.txt or KIND.en.txt"
        raise invalid(name, [Problem(name, 1, 1, "file_name", message, hint)])
    return said["key"], said["lang"]


def _sheet(name: str, content: bytes) -> Source:
    """A plain text: the subject on the first line, an empty line, the text."""
    whole = decode(content, name, BOUNDS)
    text = whole.replace("\r\n", "\n").replace("\r", "\n")
    subject, _, rest = text.partition("\n")
    body = rest.lstrip("\n")
    if not body.strip():
        message = "there is no text: the subject is the first line, then an empty line, then the text"
        raise invalid(name, [Problem(name, 1, 1, "empty", message)])
    start = len(text) - len(body)
    spans: dict[Path, Span] = {
        ("subject",): Span(0, len(subject), ""),
        ("text",): Span(start, len(text), ""),
    }
    places: dict[Path, Place] = {("subject",): Place(1, 1), ("text",): Place(text[:start].count("\n") + 1, 1)}
    return Source(name, text, {"subject": subject, "text": body}, places, {}, spans)


def _once(name: str, key: str, known: Iterable[str]) -> None:
    if key in known:
        raise invalid(name, [Problem(name, 1, 1, "duplicate_text", f"the text '{key}' is in another file as well")])


def _check_key(key: str, found: Findings, path: Path, choices: Choices) -> None:
    """Report a key that names no kind of notice, or none of its recipients."""
    kind, at, which = key.partition("@")
    if kind not in choices.kinds:
        hint = did_you_mean(kind, choices.kinds)
        found.add(path, "unknown_kind", f"there is no kind of notice '{kind[:60]}'", hint, key=True)
    elif at and which not in choices.circles | choices.rungs | ALWAYS:
        hint = did_you_mean(which, choices.circles | ALWAYS)
        message = f"'{which[:60]}' after @ is neither a circle nor a rung of this campaign"
        found.add(path, "unknown_circle", message, hint, key=True)


def _check(text: str, part: str, found: Findings, path: Path) -> None:
    """Report what may not stand in a template."""
    if not text.strip():
        found.add(path, "empty", f"the {part} is empty")
    if len(text) > LONGEST[part]:
        found.add(path, "too_long", f"the {part} has {len(text)} characters; at most {LONGEST[part]} are allowed")
    bad = CONTROL.search(text)
    if bad is not None:
        message = f"character U+{ord(bad[0]):04X} is not allowed in a text"
        found.add(path, "control_character", message, offset=bad.start())
    if part == "subject" and "\n" in text.strip():
        found.add(path, "line_break", "a subject is one line", offset=text.strip().index("\n"))
    for offset, name in _unknown(text):
        hint = did_you_mean(name, PLACEHOLDERS)
        found.add(path, "unknown_placeholder", f"there is no placeholder '{name[:60]}'", hint, offset=offset)
    rest = SLOT.sub(lambda slot: " " * len(slot[0]), text)
    stray = _BRACES.search(rest)
    if stray is not None:
        message = f"a placeholder that is not whole: '{stray[0]}'"
        found.add(path, "placeholder", message, "write {{ref}}", offset=stray.start())


def _unknown(text: str) -> Iterator[tuple[int, str]]:
    for slot in SLOT.finditer(text):
        if slot[1].strip() not in PLACEHOLDERS:
            yield slot.start(), slot[1].strip()
