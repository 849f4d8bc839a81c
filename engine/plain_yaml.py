"""The quick way through a file of which nothing is to be said: its data alone, without the place of each part.

A file against which there might be anything to say is read once more with all places; so what is refused, and in which
words, stands in one room only (engine/strictyaml.py).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import yaml

INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.inf|\.nan")
LONGEST_INT = 15
"""Characters of an integer that is small enough in any case."""

WORDS = {"true": True, "false": False, "null": None, "~": None}

_NO_KEY = object()


class _Doubt(Exception):
    """There may be something to say against the file."""


def plain_data(text: str, depth: int, nodes: int, forbidden: re.Pattern[str]) -> dict[str, Any] | None:
    """The data of a file in *text*; None if anything might be refused, *forbidden* characters that escapes bring in too.

    It has at most *nodes* values, nested at most *depth* levels deep.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(depth, nodes, forbidden)
    acts: dict[type, Callable[[Any], None]] = {
        yaml.ScalarEvent: builder.scalar,
        yaml.MappingStartEvent: builder.mapping,
        yaml.SequenceStartEvent: builder.sequence,
        yaml.MappingEndEvent: builder.end,
        yaml.SequenceEndEvent: builder.end,
        yaml.DocumentStartEvent: builder.document,
        yaml.AliasEvent: builder.doubt,
    }
    try:
        for event in yaml.parse(text, Loader=loader):
            act = acts.get(type(event))
            if act is not None:
                act(event)
    except (_Doubt, yaml.YAMLError):
        return None
    return builder.root if isinstance(builder.root, dict) else None


class _Builder:
    """Builds the data from the parser's events, as long as there is nothing to say against them."""

    __slots__ = ("_depth", "_documents", "_forbidden", "_key", "_left", "_stack", "_top", "root")

    def __init__(self, depth: int, nodes: int, forbidden: re.Pattern[str]) -> None:
        self.root: Any = None
        self._depth, self._left, self._forbidden = depth, nodes, forbidden
        self._top: Any = None
        self._key: Any = _NO_KEY
        self._stack: list[Any] = []
        self._documents = 0

    def doubt(self, _event: Any) -> None:
        raise _Doubt

    def document(self, _event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _Doubt

    def scalar(self, event: Any) -> None:
        self._count(event)
        text, plain = event.value, event.implicit[0]
        if not plain and self._forbidden.search(text):
            raise _Doubt
        if type(self._top) is dict and self._key is _NO_KEY:
            if not text or text == "<<" or text in self._top:
                raise _Doubt
            self._key = text
        else:
            self._put(_typed(text) if plain else text)

    def mapping(self, event: Any) -> None:
        self._begin(event, {})

    def sequence(self, event: Any) -> None:
        self._begin(event, [])

    def end(self, _event: Any) -> None:
        self._top = self._stack.pop()

    def _begin(self, event: Any, items: Any) -> None:
        self._count(event)
        if len(self._stack) >= self._depth or (type(self._top) is dict and self._key is _NO_KEY):
            raise _Doubt
        self._put(items)
        self._stack.append(self._top)
        self._top = items

    def _count(self, event: Any) -> None:
        self._left -= 1
        if self._left < 0 or event.anchor is not None or event.tag is not None:
            raise _Doubt

    def _put(self, value: Any) -> None:
        if type(self._top) is dict:
            self._top[self._key] = value
            self._key = _NO_KEY
        elif self._top is None:
            self.root = value
        else:
            self._top.append(value)


def _typed(text: str) -> Any:
    """The value of a plain scalar, if it is no number that might be refused."""
    if text in WORDS:
        return WORDS[text]
    if not text:
        raise _Doubt
    if not INT.fullmatch(text):
        if FLOAT.fullmatch(text):
            raise _Doubt
        return text
    if len(text) > LONGEST_INT:
        raise _Doubt
    return int(text)


K = TypeVar("K")
V = TypeVar("V")


class Later(Mapping[K, V]):
    """A mapping that is read only when somebody looks into it."""

    def __init__(self, read: Callable[[], Mapping[K, V]]) -> None:
        self._read = read

    def __getitem__(self, key: K) -> V:
        return self._read()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())
