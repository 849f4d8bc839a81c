"""How the API answers: JSON with an entity tag, not at all if the caller has it already, and lists a page at a time."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from engine.errors import Conflict, Invalid
from web.api.acknowledging import acknowledged
from web.api.problems import Problem

MEDIA = "application/json"

UNTAGGED = ("as_of", "now")
"""What changes with every second and is no change of what is shown."""

Key = tuple[Any, ...]


class Paged(BaseModel):
    """How much of a list, and from where."""

    model_config = ConfigDict(extra="forbid")
    limit: Annotated[int, Field(ge=1, le=200, description="每页条数 · entries of a page")] = 50
    cursor: Annotated[str, Field(max_length=600, description="上一页的 next · `next` of the page before")] | None = None

    def filters(self) -> dict[str, Any]:
        """What was asked for beside the page."""
        return {name: value for name, value in self if name not in ("limit", "cursor") and value is not None}


def answered(
    request: Request,
    value: Any,
    version: int | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """*value* as JSON with its tag; 304 if the caller has it. *version* is a matter's, which ``If-Match`` asks for.

    The answer to an act has its receipt beside what is told.
    """
    value = acknowledged(request, value) if request.method != "GET" and isinstance(value, dict) else value
    more = {"ETag": tag_of(value, version), **(headers or {})}
    tag = more["ETag"]
    if status == 200 and request.method == "GET" and _has(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=more)
    return Response(_encoded(value), status, more, MEDIA)


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def tag_of(value: Any, version: int | None = None) -> str:
    """The entity tag: of a matter its version and a digest of what is shown, else the digest alone."""
    shown = {name: each for name, each in value.items() if name not in UNTAGGED} if isinstance(value, dict) else value
    digest = hashlib.sha256(_encoded(shown)).hexdigest()[:20]
    return f'"{digest}"' if version is None else f'"{version}.{digest}"'


def _has(if_none_match: str | None, tag: str) -> bool:
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in [each.strip().removeprefix("W/") for each in if_none_match.split(",")]


def wanted_version(if_match: str | None, current: Callable[[], int]) -> int | None:
    """The version that ``If-Match`` asks for; of several the one that the matter has. Raises Problem 400, Conflict."""
    if if_match is None or if_match.strip() == "*":
        return None
    tags = [each.strip().removeprefix("W/") for each in if_match.split(",")]
    numbers = [each[1:-1].partition(".")[0] for each in tags if len(each) > 2 and each[0] == each[-1] == '"']
    if len(numbers) < len(tags) or not all(each.isascii() and each.isdigit() and len(each) < 10 for each in numbers):
        raise Problem(400, "if_match", 'If-Match takes the ETag of a matter, as in "12.3f…" or "12"', {"exit_code": 2})
    if len(numbers) == 1:
        return int(numbers[0])
    version = current()
    if str(version) not in numbers:
        raise Conflict(f"it is at version {version}: somebody was faster; look again", "stale_version")
    return version


def request_id(idempotency_key: str | None) -> str | None:
    """The request id that an ``Idempotency-Key`` is: a text in quotes (RFC 8941) or a bare word. Raises Invalid."""
    if idempotency_key is None:
        return None
    said = idempotency_key.strip()
    plain = said[1:-1] if len(said) > 1 and said[0] == said[-1] == '"' else said
    if not 1 <= len(plain) <= 200 or not plain.isascii() or not plain.isprintable():
        raise Invalid("Idempotency-Key has 1 to 200 printable ASCII characters", "request_id")
    return plain


def paged(items: Iterable[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], Key], asked: Paged) -> dict[str, Any]:
    """The page of *items*, which are in the order of *key*, behind the cursor; ``next`` is None at the end.

    A place is told by the key of the last entry: whatever comes or goes meanwhile, nothing else is doubled or left out.
    """
    mark = _mark(asked)
    after = _place(asked.cursor, mark)
    rest = [each for each in items if after is None or _behind(key(each), after)]
    page = rest[: asked.limit]
    following = _cursor(key(page[-1]), mark) if len(rest) > len(page) else None
    return {"items": page, "next": following}


def turned(asked: Paged, page: Callable[[str | None], dict[str, Any]]) -> dict[str, Any]:
    """The page that *page* gives behind the cursor of the engine's own; ours says of which list it is. Raises Invalid."""
    mark = _mark(asked)
    behind = _place(asked.cursor, mark)
    if behind is not None and (len(behind) != 1 or not isinstance(behind[0], str)):
        raise _bad_cursor()
    found = page(behind[0] if behind else None)
    return {**found, "next": _cursor((found["next"],), mark) if found.get("next") else None}


def _mark(asked: Paged) -> str:
    """What stands for the filters of a list in its cursors."""
    return hashlib.sha256(json.dumps(asked.filters(), sort_keys=True).encode()).hexdigest()[:8]


def _behind(key: Key, after: Key) -> bool:
    try:
        return key > after
    except TypeError:
        raise _bad_cursor() from None


def _cursor(key: Key, mark: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([mark, *key]).encode()).decode().rstrip("=")


def _place(cursor: str | None, mark: str) -> Key | None:
    if cursor is None:
        return None
    try:
        read = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise _bad_cursor() from None
    if (
        not isinstance(read, list)
        or len(read) < 2
        or read[0] != mark
        or not all(isinstance(each, (str, int)) for each in read)
    ):
        raise _bad_cursor()
    return tuple(read[1:])


def _bad_cursor() -> Invalid:
    return Invalid(
        "this cursor is not of this list, or the list was asked for otherwise; begin again without it", "cursor"
    )
