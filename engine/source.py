"""A parsed file together with the place of each of its parts, and the list of what is wrong with it."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.canonical import canonical, digest
from engine.errors import Invalid, Problem
from engine.suggest import did_you_mean

Path = tuple[str | int, ...]
"""The way from the root of a file to one of its parts: keys and list positions."""

MOST_PROBLEMS = 200
"""Beyond so many a list helps nobody; the last line says how many more there are. PLACEHOLDER"""

_PIECES = {
    "'": re.compile(r"''|.", re.DOTALL),
    '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|.)|.", re.DOTALL),
    "": re.compile(r".", re.DOTALL),
}
"""How the characters of a scalar are written, by its quotation mark."""

_BLANKS = {"\\" + char for char in " \t\n\rtnr_"}
"""Escapes that stand for white space."""


class Place(NamedTuple):
    """A place in a file; both count from 1."""

    line: int
    column: int


class Span(NamedTuple):
    """A scalar as written: its beginning and end in the text, and its style (``'``, ``"``, ``|``, ``>``)."""

    start: int
    end: int
    style: str


@dataclass(frozen=True)
class Source:
    """A file's *text* and *data*, with the places of its values and keys and the spans of its scalars."""

    name: str
    text: str
    data: dict[str, Any]
    values: Mapping[Path, Place]
    keys: Mapping[Path, Place]
    spans: Mapping[Path, Span] = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of the data: comments, order of keys and layout do not count."""
        return digest(canonical(self.data))

    def at(self, path: Path) -> Place:
        """Find the value at *path*, or the nearest part that holds it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))

    def at_key(self, path: Path) -> Place:
        """Find the key that *path* ends in; a list element has none and is found itself."""
        return self.keys.get(path) or self.at(path)

    def inside(self, path: Path, offset: int) -> Place:
        """Find the character *offset* (from 0) of the text at *path*, through quotes, escapes and folding."""
        span = self.spans.get(path)
        if span is None:
            return self.at(path)
        index = self._index(span, str(self.part(path)), offset)
        before = re.split(r"\r\n|\r|\n", self.text[:index])
        return Place(len(before), len(before[-1]) + 1)

    def without(self, paths: Collection[Path]) -> "Source":
        """Leave out the parts at *paths* and what they hold; all others keep their places in the file."""
        kept: list[tuple[Path, Path]] = []

        def copy(value: Any, old: Path, new: Path) -> Any:
            kept.append((old, new))
            if isinstance(value, dict):
                left = [(key, each) for key, each in value.items() if (*old, key) not in paths]
                return {key: copy(each, (*old, key), (*new, key)) for key, each in left}
            if isinstance(value, list):
                stays = [(was, each) for was, each in enumerate(value) if (*old, was) not in paths]
                return [copy(each, (*old, was), (*new, now)) for now, (was, each) in enumerate(stays)]
            return value

        data = copy(self.data, (), ())
        values = {new: self.values[old] for old, new in kept if old in self.values}
        keys = {new: self.keys[old] for old, new in kept if old in self.keys}
        spans = {new: self.spans[old] for old, new in kept if old in self.spans}
        return Source(self.name, self.text, data, values, keys, spans)

    def part(self, path: Path) -> Any:
        """Return the value at *path*."""
        value: Any = self.data
        for part in path:
            value = value[part]
        return value

    def _index(self, span: Span, value: str, offset: int) -> int:
        """Count what is no white space: folding changes nothing else."""
        wanted = sum(not char.isspace() for char in value[:offset])
        raw, skip = self.text[span.start : span.end], 0
        if span.style in ("|", ">"):
            skip = len(raw.splitlines(keepends=True)[0]) if raw else 0
        elif span.style:
            skip = 1
        pieces = _PIECES.get(span.style, _PIECES[""]).finditer(raw, skip)
        solid = [piece.start() for piece in pieces if not piece[0].isspace() and piece[0] not in _BLANKS]
        return span.start + (solid[wanted] if wanted < len(solid) else skip)


class Findings:
    """What is wrong with a file, gathered to be told at once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def add(
        self,
        path: Path,
        code: str,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        offset: int | None = None,
        zh: str = "",
    ) -> None:
        """Take down a problem with the value at *path*, with its *key*, or with the character at *offset*."""
        place = self.source.at_key(path) if key else self.source.at(path)
        if offset is not None:
            place = self.source.inside(path, offset)
        self.problems.append(Problem(self.source.name, place.line, place.column, code, message, hint, zh))

    def expect(self, path: Path, what: str, words: str | Iterable[str], known: Iterable[str]) -> bool:
        """Report each of *words* at *path* that is not among the *known* ones; say whether all are."""
        known = known if isinstance(known, set | frozenset | dict) else set(known)
        single = isinstance(words, str)
        sound = True
        for position, word in enumerate([words] if isinstance(words, str) else words):
            if word not in known:
                sound = False
                where = path if single else (*path, position)
                code = "unknown_" + what.replace(" ", "_")
                hint = did_you_mean(word, known) if len(self.problems) < MOST_PROBLEMS else ""
                self.add(where, code, f"there is no {what} '{word}'", hint)
        return sound

    def unique(self, path: Path, what: str, words: Iterable[str], below: Path = ()) -> None:
        """Report each word that came before; the words are at *path*, position, *below*."""
        seen: set[str] = set()
        for position, word in enumerate(words):
            if word in seen:
                where = (*path, position, *below)
                self.add(where, "duplicate_" + what.replace(" ", "_"), f"the {what} '{word}' is here twice")
            seen.add(word)

    def raise_if_any(self) -> None:
        """Raise Invalid with all that was found, in the order of the files' lines."""
        if self.problems:
            raise invalid(self.source.name, self.problems)


def invalid(name: str, problems: Iterable[Problem]) -> Invalid:
    """Make the refusal of the file *name*: its problems sorted, each once, no more than a person can read."""
    unique = dict.fromkeys(problems)
    ordered = sorted(unique, key=lambda each: (each.file != name, each.file, each.line, each.column))
    more = len(ordered) - MOST_PROBLEMS
    if more > 0:
        ordered = [*ordered[:MOST_PROBLEMS], Problem(name, 0, 0, "more", f"and {more} more problems")]
    count = "1 problem" if len(ordered) == 1 else f"{len(ordered)} problems"
    return Invalid(f"{name}: {count}: {ordered[0]}" if ordered else name, problems=ordered)
