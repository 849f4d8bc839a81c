"""The gate before the API: who calls, how much they send, what the head may hold, and one way out for whatever fails."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from fastapi.concurrency import run_in_threadpool

from engine.errors import DubanError
from engine.log import logger
from web.api.callers import Callers, address_of
from web.api.parts import Parts
from web.api.problems import Problem, answer, problem_of

ASGI = Callable[..., Any]

HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"cache-control": b"private, no-cache",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; sandbox",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"vary": b"Authorization, Accept-Language",
}
"""Headers of every answer, where the answer does not say otherwise."""

MOST_HEADERS = 64
LONGEST_HEADER = 4096
LONGEST_PATH = 2048
"""Of a head. PLACEHOLDER"""

KNOWN = ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS")
"""Methods that are counted by their names; anybody may invent more."""

UPLOADS = ("multipart/form-data",)
BULK = ("application/jsonl", "application/x-ndjson")


class Gate:
    """An application that only callers with a token reach."""

    def __init__(self, app: ASGI, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._callers = Callers(parts)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let a request through, or tell why not."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        passage = Passage(scope, send)
        try:
            await self._pass(scope, receive, passage)
        except Problem as problem:
            await self._tell(problem, scope, receive, passage)
        except DubanError as error:
            await self._tell(problem_of(error), scope, receive, passage)
        except Exception as error:  # noqa: BLE001 - whatever it was: logged under an id, of which alone is told
            await self._tell(fault(error), scope, receive, passage)
        finally:
            route = getattr(scope.get("route"), "path", "") or "none"
            method = scope["method"] if scope["method"] in KNOWN else "other"
            self._parts.meters.count(method, route, passage.status)

    async def _pass(self, scope: Any, receive: Any, passage: "Passage") -> None:
        head = head_of(scope)
        scope["state"] |= {"callers": self._callers, "parts": self._parts}
        caller = head.get("authorization")
        scope["state"]["actor"] = await run_in_threadpool(self._callers.caller, caller, address_of(scope))
        inside = dict(scope, method="GET") if scope["method"] == "HEAD" else scope
        try:
            await self._app(inside, self._measured(head, receive), passage.send)
        finally:
            scope["route"] = inside.get("route")

    def _measured(self, head: Mapping[str, str], receive: Any) -> Any:
        """*receive* that counts. Raises Problem 413 for more than this kind of content may have."""
        bound, media = self._parts.bound, media_of(head.get("content-type", ""))
        most = bound.upload_bytes if media in UPLOADS else bound.bulk_bytes if media in BULK else bound.json_bytes
        too_large = Problem(
            413, "too_large", f"at most {most} bytes of {media or 'content'}", headers={"Connection": "close"}
        )
        said = head.get("content-length", "0")
        if not said.isascii() or not said.isdigit() or len(said) > 12:
            raise Problem(400, "content_length", "Content-Length is no number")
        if int(said) > most:
            raise too_large
        taken = 0

        async def measured() -> Any:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise too_large
            return message

        return measured

    async def _tell(self, problem: Problem, scope: Any, receive: Any, passage: "Passage") -> None:
        if passage.status:
            return
        language = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        await answer(problem, language)(scope, receive, passage.send)


class Passage:
    """What goes out: with our headers, without a body for HEAD; *status* is 0 until it has begun."""

    def __init__(self, scope: Any, send: Any) -> None:
        self._send = send
        self._bare = scope["method"] == "HEAD"
        self.status = 0

    async def send(self, message: Any) -> None:
        """Send on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            there = {name.lower() for name, _ in message["headers"]}
            more = [(name, value) for name, value in HEADERS.items() if name not in there]
            message = {**message, "headers": [*message["headers"], *more]}
        elif self._bare:
            return
        await self._send(message)
        if self._bare:  # over, so that a stream that nobody gets to see ends at once
            await self._send({"type": "http.response.body", "body": b""})


def head_of(scope: Any) -> dict[str, str]:
    """The headers, each once. Raises Problem for a head that is a bomb or means two things."""
    found: dict[str, str] = {}
    path, query = scope["path"], scope.get("query_string", b"")
    if len(path) > LONGEST_PATH or len(query) > LONGEST_HEADER:
        raise Problem(400, "too_long", "the address is too long")
    if "\0" in path or b"%00" in query or any("\ud800" <= char <= "\udfff" for char in path):
        raise Problem(400, "bad_text", "a NUL character or half a character cannot be part of an address")
    if len(scope["headers"]) > MOST_HEADERS:
        raise Problem(431, "too_many_headers", f"at most {MOST_HEADERS} headers")
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        if len(value) > LONGEST_HEADER:
            raise Problem(431, "header_too_long", f"a header has at most {LONGEST_HEADER} bytes")
        if key in found and key in (
            "authorization",
            "content-type",
            "content-length",
            "idempotency-key",
            "host",
            "range",
        ):
            raise Problem(400, "header_twice", f"{key} is there twice")
        found[key] = f"{found[key]}, {value.decode('latin-1')}" if key in found else value.decode("latin-1")
    return found


def media_of(content_type: str) -> str:
    """The media type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def fault(error: BaseException) -> Problem:
    """A fault of ours: logged with an id, by which alone the caller knows it."""
    ident = secrets.token_hex(8)
    logger.bind(id=ident, error=str(error)[:300]).opt(exception=error).error(
        "a request failed: {}", type(error).__name__
    )
    return Problem(
        500, "fault", f"a fault of ours, logged as {ident}", {"exit_code": 1, "instance": f"urn:duban:fault:{ident}"}
    )
