"""What is said on the next page of what was done: a text, and which entries acknowledge it; carried there by a cookie."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi.responses import Response

SAID = "duban-said"
"""The cookie's name."""

LONGEST = 400
"""Characters of what is said on the next page. PLACEHOLDER"""

LARGEST = 2400
"""Bytes of it with the entries: with what is put round it, less than browsers keep."""

MOST = 20
"""Entries that are named. PLACEHOLDER"""

Place = tuple[str, int]
"""An entry: its stream, and its number there."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said, and the entries whose receipts are offered beside it."""

    text: str = ""
    places: tuple[Place, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.places)


def carry(answer: Response, text: str, places: Iterable[Place], *, secure: bool) -> None:
    """Let *answer* carry it to the next page; nothing is carried where nothing is said."""
    text, some = text[:LONGEST], list(places)[:MOST]
    while some and len(_written(text, some)) > LARGEST:
        some.pop()
    if text or some:
        packed = base64.urlsafe_b64encode(_written(text, some)).decode()
        answer.set_cookie(SAID, packed, max_age=60, httponly=True, samesite="strict", secure=secure)


def _written(text: str, places: list[Place]) -> bytes:
    return json.dumps([text, places], ensure_ascii=False, separators=(",", ":")).encode()


def carried(packed: str | None) -> Said:
    """What a cookie carried; nothing if it is none of ours."""
    try:
        text, places = json.loads(base64.urlsafe_b64decode(packed or ""))
        return Said(str(text)[:LONGEST], tuple((str(stream), int(seq)) for stream, seq in places[:MOST]))
    except (ValueError, TypeError, RecursionError):
        return Said()
