"""Read YAML strictly: no aliases, tags or duplicate keys, bounded, every value with its place.

The parser's events are walked with a stack of our own, so that no depth of nesting can exhaust the
interpreter's; every flaw is told, except behind a syntax error.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple, NoReturn

import yaml

from engine.errors import Problem
from engine.plain_yaml import FLOAT, INT, WORDS, Later, plain_data
from engine.source import Path, Place, Source, Span, invalid


class Bounds(NamedTuple):
    """How large a file may be."""

    size: int
    depth: int = 16
    nodes: int = 20_000


DEFINITION_BOUNDS = Bounds(512 * 1024, nodes=40_000)
"""Bytes, levels and values of a definition file; the largest of ours has a fifth. PLACEHOLDER"""

CAMPAIGN_BOUNDS = Bounds(1024 * 1024, nodes=40_000)
"""Bytes, levels and values of a campaign file. PLACEHOLDER"""

LARGEST_INT = 2**53 - 1
"""Largest integer that every JSON reader keeps exactly."""

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""Control characters, other line ends, marks that turn the reading direction, surrogates, non-characters."""

_DROPPED = object()
"""Stands for a value that was refused, until the file is."""

Event = Any
"""An event of the parser; the type stubs leave out what the C parser adds."""


def parse(content: str | bytes, name: str, bounds: Bounds = DEFINITION_BOUNDS) -> Source:
    """Read the file *name* from its *content*, a mapping. Raises Invalid with all its problems."""
    text = decode(content, name, bounds)
    data = plain_data(text, bounds.depth, bounds.nodes, FORBIDDEN)
    if data is None:
        return with_places(name, text, bounds)
    whole = cache(partial(with_places, name, text, bounds))
    values: Mapping[Path, Place] = Later(lambda: whole().values)
    keys: Mapping[Path, Place] = Later(lambda: whole().keys)
    spans: Mapping[Path, Span] = Later(lambda: whole().spans)
    return Source(name, text, data, values, keys, spans)


def with_places(name: str, text: str, bounds: Bounds) -> Source:
    """Read *text* with the place of each part. Raises Invalid with all its problems."""
    reader = _Reader(name, text, bounds)
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for event in yaml.parse(text, Loader=loader):
            if not reader.take(event):
                break
    except yaml.YAMLError as error:
        reader.fail_syntax(error)
    if not reader.problems and not isinstance(reader.root, dict):
        reader.refuse(Place(1, 1), "not_a_mapping", "the file must be a mapping of keys to values")
    if reader.problems:
        raise invalid(name, reader.problems)
    return Source(name, text, reader.root, reader.values, reader.keys, reader.spans)


def decode(content: str | bytes, name: str, bounds: Bounds) -> str:
    """Make text of *content* and check what no parser should see. Raises Invalid."""

    def refuse(place: Place, code: str, message: str) -> NoReturn:
        raise invalid(name, [Problem(name, place.line, place.column, code, message)])

    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if len(raw) > bounds.size:
        refuse(Place(0, 0), "too_large", f"the file has {len(raw)} bytes; at most {bounds.size} are allowed")
    try:
        text = raw.decode("utf-8", "surrogatepass" if isinstance(content, str) else "strict")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        refuse(_place(before, len(before)), "encoding", f"byte 0x{raw[error.start]:02x} is not UTF-8")
    text = text.removeprefix("\ufeff")
    if bad := FORBIDDEN.search(text):
        character = f"character U+{ord(bad[0]):04X} is not allowed in a file"
        refuse(_place(text, bad.start()), "control_character", character)
    if not text.strip():
        refuse(Place(1, 1), "empty", "the file is empty")
    return text


def _place(text: str, index: int) -> Place:
    before = re.split(r"\r\n|\r|\n", text[:index])
    return Place(len(before), len(before[-1]) + 1)


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read. *key* is set while a mapping waits for its value."""

    path: Path
    items: dict[str, Any] | list[Any]
    key: str | None = None
    waiting: bool = False


class _Reader:
    """Builds the data from the parser's events; `take` says whether to go on."""

    def __init__(self, name: str, text: str, bounds: Bounds) -> None:
        self._name, self._text, self._bounds = name, text, bounds
        self.root: Any = None
        self.problems: list[Problem] = []
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.spans: dict[Path, Span] = {}
        self._stack: list[_Open] = []
        self._skipping = 0
        self._nodes = 0
        self._documents = 0

    def refuse(self, place: Place, code: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self._name, place.line, place.column, code, message, hint))

    def fail_syntax(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None)
        place = _place(self._text, mark.index) if mark else Place(0, 0)
        said = getattr(error, "problem", None) or "this is not YAML"
        hint = "a text with ': ' or '#' in it needs quotes" if "mapping values" in said else ""
        if "cannot start any token" in said:
            hint = "indent with spaces, not tabs; quote a text that begins with @, %, ` or a tab"
        self.refuse(place, "yaml", str(said), hint)

    def take(self, event: Event) -> bool:
        place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.DocumentStartEvent):
            return self._document(place)
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end()
        elif isinstance(event, yaml.NodeEvent):
            self._nodes += 1
            if self._nodes > self._bounds.nodes:
                self.refuse(place, "too_many", f"more than {self._bounds.nodes} values")
                return False
            if len(self._stack) + self._skipping >= self._bounds.depth and not isinstance(event, yaml.ScalarEvent):
                self.refuse(place, "too_deep", f"nested more than {self._bounds.depth} levels deep")
                return False
            return self._node(event, place)
        return True

    def _document(self, place: Place) -> bool:
        self._documents += 1
        if self._documents > 1:
            self.refuse(place, "several_documents", "a second document begins here; a file holds one")
        return self._documents == 1

    def _node(self, event: Event, place: Place) -> bool:
        if isinstance(event, yaml.AliasEvent):
            self.refuse(place, "alias", f"aliases (*{str(event.anchor)[:40]}) are not allowed")
        elif event.anchor is not None:
            self.refuse(place, "anchor", f"anchors (&{str(event.anchor)[:40]}) are not allowed")
        elif event.tag is not None:
            self.refuse(place, "tag", f"tags ({event.tag[:40]}) are not allowed")
        scalar = isinstance(event, yaml.ScalarEvent)
        if self._skipping:
            self._skipping += not scalar and not isinstance(event, yaml.AliasEvent)
        elif self._stack and isinstance(self._stack[-1].items, dict) and not self._stack[-1].waiting:
            self._take_key(event, place)
        elif isinstance(event, yaml.AliasEvent):
            self._put(_DROPPED, place)
        elif scalar:
            self._scalar(event, place)
        else:
            self._begin({} if isinstance(event, yaml.MappingStartEvent) else [], place)
        return True

    def _take_key(self, event: Event, place: Place) -> None:
        mapping = self._stack[-1]
        mapping.waiting, mapping.key = True, None
        if isinstance(event, yaml.AliasEvent):
            return
        if not isinstance(event, yaml.ScalarEvent):
            self._skipping = 1
            self.refuse(place, "key", "a key must be a word, not a list or mapping")
        elif not event.value:
            self.refuse(place, "key", "a key is missing here")
        elif event.value == "<<":
            self.refuse(place, "merge_key", "merge keys (<<) are not allowed")
        elif event.value in mapping.items:
            first = self.keys[(*mapping.path, event.value)]
            message = f"the key '{event.value[:60]}' is here twice, first on line {first.line}"
            self.refuse(place, "duplicate_key", message)
        else:
            mapping.key = self._quoted(event.value, place)
            self.keys[(*mapping.path, event.value)] = place

    def _path(self) -> Path | None:
        """Say where the next value belongs; None if its key was refused."""
        if not self._stack:
            return ()
        top = self._stack[-1]
        if isinstance(top.items, list):
            return (*top.path, len(top.items))
        return None if top.key is None else (*top.path, top.key)

    def _put(self, value: Any, place: Place) -> None:
        path = self._path()
        if path is not None:
            self.values[path] = place
        if not self._stack:
            self.root = value
            return
        top = self._stack[-1]
        if isinstance(top.items, list):
            top.items.append(value)
        else:
            if top.key is not None:
                top.items[top.key] = value
            top.key, top.waiting = None, False

    def _begin(self, items: dict[str, Any] | list[Any], place: Place) -> None:
        path = self._path()
        self._put(items, place)
        self._stack.append(_Open(path if path is not None else ("",), items))

    def _end(self) -> None:
        if self._skipping:
            self._skipping -= 1
        else:
            self._stack.pop()

    def _scalar(self, event: Event, place: Place) -> None:
        path = self._path()
        if path is not None:
            style = event.style or ""
            self.spans[path] = Span(event.start_mark.index, event.end_mark.index, style)
        plain = event.implicit[0]
        self._put(self._resolve(event.value, place) if plain else self._quoted(event.value, place), place)

    def _quoted(self, text: str, place: Place) -> str:
        """Check what escapes may have brought in."""
        if bad := FORBIDDEN.search(text):
            self.refuse(place, "control_character", f"character U+{ord(bad[0]):04X} is not allowed in a text")
        return text

    def _resolve(self, text: str, place: Place) -> Any:
        """Give a plain scalar its type; dates, octal and sexagesimal numbers, yes and no stay texts."""
        if text in WORDS:
            return WORDS[text]
        if not text:
            self.refuse(place, "no_value", "a value is missing here", "write null if none is meant")
        elif INT.fullmatch(text):
            if len(text) > len(str(LARGEST_INT)) + 1 or abs(int(text)) > LARGEST_INT:
                self.refuse(place, "number", "the number is too large")
                return 0
            return int(text)
        elif FLOAT.fullmatch(text):
            hint = "count in the smallest unit, or quote it if it is a text"
            self.refuse(place, "number", f"decimal fractions ({text[:40]}) are not allowed", hint)
        return text
