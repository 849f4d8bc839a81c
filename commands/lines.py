"""Lines of an ``apply`` file: read one at a time, held against their form, made into orders."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from engine.canonical import canonical
from engine.errors import DubanError, Invalid
from engine.suggest import did_you_mean

LONGEST_LINE = 1024 * 1024
"""Bytes of a line; a longer one is refused without being kept."""

LONGEST_TEXT = 20_000
"""Characters of one text in a line. PLACEHOLDER"""

LONGEST_NUMBER = 40
"""Characters of a number in a line; what a fact may hold is narrower, and told by the fact."""

DEEPEST = 4
"""Levels of a line: the line, its facts, a fact's list."""

TYPES: dict[str, type] = {
    "order": str,
    "ref": str,
    "kind": str,
    "body": str,
    "title": str,
    "trigger": str,
    "deadline": str,
    "until": str,
    "notice": str,
    "as": str,
    "on_behalf": str,
    "facts": dict,
    "documents": dict,
    "reason": str,
    "occurred": str,
    "if_version": int,
    "request_id": str,
    "now": str,
    "approve_by": str,
}
"""Every key of a line with the type of its value."""

NAMES = {str: "a text", dict: "an object", int: "a whole number"}

ALWAYS = {"order", "as", "on_behalf", "reason", "occurred", "request_id", "now"}

FORMS: dict[str, tuple[set[str], set[str]]] = {
    "open": ({"kind"}, {"body", "title", "ref", "facts", "documents"}),
    "do": ({"ref", "trigger"}, {"facts", "documents", "if_version"}),
    "correct": ({"ref", "facts"}, {"if_version", "approve_by"}),
    "attach": ({"ref", "documents"}, {"if_version"}),
    "extend": ({"ref", "deadline"}, {"until", "documents", "if_version"}),
    "pause": ({"ref", "deadline"}, {"facts", "documents", "if_version"}),
    "resume": ({"ref", "deadline"}, {"facts", "documents", "if_version"}),
    "ack": ({"notice"}, set()),
    "urge": ({"ref", "reason"}, set()),
    "comment": ({"ref", "reason"}, set()),
}
"""What each order needs, and what else it takes besides the keys that every order takes."""


@dataclass(slots=True)
class Line:
    """One line of the file: what it says, or why it cannot be read."""

    number: int
    said: dict[str, Any] = field(default_factory=dict)
    request_id: str = ""
    problem: DubanError | None = None


class Lines:
    """Read the lines of a file; a line without a request id is given one by its content and its occurrence."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._seen: Counter[bytes] = Counter()

    def __iter__(self) -> Iterator[Line]:
        for number, raw in enumerate(_raw(self._file), start=1):
            if raw is not None and not raw.strip():
                continue
            line = Line(number)
            try:
                line.said = read(raw, first=number == 1)
                line.request_id = line.said.get("request_id") or self._derived(line.said)
            except DubanError as error:
                line.problem = error
            yield line

    def _derived(self, said: dict[str, Any]) -> str:
        """An id by the line's content and how often it came before, so that a rerun finds what it did."""
        digest = hashlib.sha256(canonical(said).encode())
        self._seen[digest.digest()] += 1
        return f"apply:{digest.hexdigest()[:40]}:{self._seen[digest.digest()]}"


def _raw(file: IO[bytes]) -> Iterator[bytes | None]:
    """The lines of *file*; None for one that is too long, which is skipped piece by piece."""
    while raw := file.readline(LONGEST_LINE + 1):
        too_long = len(raw) > LONGEST_LINE
        while not raw.endswith(b"\n") and len(raw) > LONGEST_LINE:
            raw = file.readline(LONGEST_LINE + 1)
        yield None if too_long else raw


def read(raw: bytes | None, *, first: bool = False) -> dict[str, Any]:
    """Read one line strictly. Raises Invalid with the reason."""
    if raw is None:
        raise Invalid(f"the line is longer than {LONGEST_LINE} bytes", "too_long")
    try:
        text = raw.decode("utf-8-sig" if first else "utf-8")
        said = json.loads(
            text, object_pairs_hook=_pairs, parse_constant=_no_constant, parse_float=_no_float, parse_int=_bounded
        )
    except UnicodeDecodeError as error:
        raise Invalid(f"not UTF-8 at byte {error.start}", "not_utf8") from None
    except json.JSONDecodeError as error:
        raise Invalid(f"not JSON: {error.msg} at column {error.colno}", "not_json") from None
    except RecursionError:
        raise Invalid("nested too deeply", "too_deep") from None
    except ValueError as error:
        raise Invalid(f"not a sound line: {str(error)[:200]}", "not_json") from None
    if not isinstance(said, dict):
        raise Invalid("a line is one JSON object", "not_an_object")
    said = {key: value for key, value in said.items() if value is not None}
    _refuse_unsound(said, 1)
    _refuse_keys(said)
    return said


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:80]!r} is there twice")
        found[key] = value
    return found


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no number of ours")


def _bounded(word: str) -> int:
    if len(word) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(word)} digits is too long")
    return int(word)


def _no_float(word: str) -> None:
    raise ValueError(f"{word[:80]} is no whole number; money is counted in fen")


def _refuse_unsound(value: Any, depth: int) -> None:
    """Raise Invalid for texts that no database can hold and for what lies too deep."""
    if depth > DEEPEST:
        raise Invalid("nested too deeply", "too_deep")
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise Invalid(f"a text of {len(value)} characters is too long (at most {LONGEST_TEXT})", "too_long")
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise Invalid("a NUL character or half a character cannot be kept", "bad_text")
    elif isinstance(value, dict):
        for key, each in value.items():
            _refuse_unsound(key, depth)
            _refuse_unsound(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _refuse_unsound(each, depth + 1)


def _refuse_keys(said: dict[str, Any]) -> None:
    """Raise Invalid for unknown keys, wrong types, an unknown order, and keys that the order needs or does not take."""
    for key, value in said.items():
        if key not in TYPES:
            raise Invalid(f"there is no key {key[:80]!r}", "unknown_key", hint=did_you_mean(key, TYPES))
        if type(value) is not TYPES[key]:
            raise Invalid(f"{key}: give {NAMES[TYPES[key]]}", "wrong_type")
    order = said.get("order")
    if order not in FORMS:
        wanted = "the key 'order' is missing" if order is None else f"there is no order {order[:80]!r}"
        raise Invalid(f"{wanted}; the orders are: {', '.join(FORMS)}", "unknown_order")
    needs, takes = FORMS[order]
    for key in sorted(needs - said.keys()):
        raise Invalid(f"{order} needs the key {key!r}", "missing_key")
    for key in sorted(said.keys() - needs - takes - ALWAYS):
        raise Invalid(f"{order} does not take the key {key!r}", "key_not_taken")
    for kind, path in said.get("documents", {}).items():
        if not isinstance(path, str):
            raise Invalid(f"documents: {kind[:80]!r}: give a path", "wrong_type")
