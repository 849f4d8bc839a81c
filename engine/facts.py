"""Facts: typed values of a matter, read strictly from what people and files say."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.canonical import nfc
from engine.clock import rfc3339
from engine.definition_schema import FactSpec
from engine.errors import Invalid
from engine.saying import says_something

MAX_TEXT = 4_000
"""Longest text fact, in characters. PLACEHOLDER"""

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and new line, marks that turn the reading direction, halves of surrogate pairs."""

MAX_INT = 2**53 - 1
"""Largest integer that every JSON reader keeps exactly."""

YEARS = range(1000, 9000)
"""Years that are taken: far enough from the ends of the calendar for every zone and every term. PLACEHOLDER"""


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """Read RFC 3339; without an offset the zone's time, a bare date its midnight. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.year not in YEARS:
        raise ValueError(f"beyond the years {YEARS[0]} to {YEARS[-1]}")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    raise ValueError("say true or false")


def _int(value: Any) -> int:
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_INT:
        raise ValueError("give a whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("give a text")
    text = nfc(value)
    if text and not says_something(text):
        raise ValueError("nothing can be read in it: leave it empty, or say something")
    if len(text) > MAX_TEXT or not (text.isprintable() or _UNWRITABLE.search(text) is None):
        raise ValueError(
            f"give a text of at most {MAX_TEXT} characters without control characters or marks that turn the reading direction"
        )
    return text


def _date(value: Any) -> str:
    day = date.fromisoformat(_text(value))
    if day.year not in YEARS:
        raise ValueError(f"beyond the years {YEARS[0]} to {YEARS[-1]}")
    return day.isoformat()


_SIMPLE: dict[str, Callable[[Any], Any]] = {"bool": _bool, "text": _text, "date": _date}
"""How facts are read that need nothing but their value."""


class FactReader:
    """Read stated facts by a definition's declarations; *known* tells whether a body or taxonomy code exists."""

    def __init__(self, specs: Mapping[str, FactSpec], zone: ZoneInfo, known: Callable[[str, str], bool]) -> None:
        self._specs = specs
        self._zone = zone
        self._known = known

    def read(self, stated: Mapping[str, Any]) -> dict[str, Any]:
        """Return the typed facts. Raises Invalid naming the fact, what was given and what is wanted."""
        read = {}
        for name, value in stated.items():
            spec = self._specs.get(name)
            if spec is None:
                near = ", ".join(sorted(self._specs)) or "none"
                raise Invalid(f"there is no fact {name!r} here; the facts are: {near}", "unknown_fact")
            try:
                read[name] = self._value(spec, value)
            except (ValueError, TypeError, OverflowError) as error:
                raise Invalid(f"fact {name} = {str(value)[:80]!r}: {error}", "bad_fact") from None
        return read

    def _value(self, spec: FactSpec, value: Any) -> Any:
        if spec.type in ("int", "money"):
            number = _int(value)
            if number < (spec.minimum if spec.minimum is not None else 0 if spec.type == "money" else -MAX_INT):
                raise ValueError(f"not below {spec.minimum or 0}")
            return number
        if spec.type in _SIMPLE:
            return _SIMPLE[spec.type](value)
        if spec.type == "instant":
            return rfc3339(read_instant(_text(value), self._zone))
        if spec.type == "enums":
            many = value.split(",") if isinstance(value, str) else value
            if not isinstance(many, (list, tuple)):
                raise ValueError("give a list")
            return sorted({self._code(spec, item) for item in many})
        return self._code(spec, value)

    def _code(self, spec: FactSpec, value: Any) -> str:
        code = _text(value).strip()
        if spec.type == "body":
            if not self._known("body", code):
                raise ValueError("no such body in this campaign")
        elif spec.taxonomy is not None:
            if not self._known(spec.taxonomy, code):
                raise ValueError(f"not in the taxonomy {spec.taxonomy}")
        elif code not in spec.values:
            raise ValueError("one of: " + ", ".join(spec.values))
        return code
