"""The headers with which every answer of the console goes out, and the check of where a change was asked from."""

from typing import Any
from urllib.parse import urlsplit

from fastapi.responses import PlainTextResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
"""The content security policy: nothing inline, nothing from elsewhere."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""Of every answer, unless the answer says otherwise itself."""

STRICT_TRANSPORT = "max-age=31536000"
"""A year of TLS only, said where cookies are for TLS only."""

SAFE = ("GET", "HEAD", "OPTIONS")

FREE = ("/ack/", "/api/")
"""Where no session is used: a link is its own key, and an API token is in no cookie."""


class Fenced:
    """The application behind its fence: changes are asked from our own pages only, and every answer has its headers."""

    def __init__(self, app: Any, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let through what may pass, with headers on the way out."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def out(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._with_headers(_to_ours(message.get("headers", [])))
                renewed = scope.get("state", {}).get("session_cookie")
                if renewed is not None:
                    message["headers"].append((b"set-cookie", renewed.encode("latin-1")))
            await send(message)

        if scope["method"] not in SAFE and not scope["path"].startswith(FREE) and not _from_here(scope):
            answer = PlainTextResponse(
                "此请求不是从本系统页面发出的 · not asked from a page of ours\n", status_code=403
            )
            await answer(scope, receive, out)
            return
        await self._app(scope, receive, out)

    def _with_headers(self, said: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        there = {name.lower() for name, _ in said}
        more = [(name.encode(), text.encode()) for name, text in HEADERS.items() if name.encode() not in there]
        if self._secure:
            more.append((b"strict-transport-security", STRICT_TRANSPORT.encode()))
        return [*said, *more]


def _to_ours(said: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """*said*, where it leads on without a host: who asked names the host, and behind a proxy it would be one without TLS.

    No page of ours leads to another host.
    """
    return [(name, _bare(value) if name.lower() == b"location" else value) for name, value in said]


def _bare(location: bytes) -> bytes:
    """A *location* without its host; one slash at its beginning, since two would name a host again."""
    if not location.startswith((b"http://", b"https://")):
        return location
    return b"/" + location.partition(b"://")[2].partition(b"/")[2].lstrip(b"/\\")


def _from_here(scope: Any) -> bool:
    """Whether a browser says that a page of ours asked; one that says neither where nor how is not believed."""
    headers = {name.lower(): text.decode("latin-1") for name, text in scope["headers"]}
    fetched = headers.get(b"sec-fetch-site")
    if fetched is not None:
        return bool(fetched == "same-origin")
    try:
        origin = urlsplit(headers.get(b"origin", "")).netloc
    except ValueError:  # an origin that is no address, "http://[": it is not ours
        return False
    return bool(origin and origin == headers.get(b"host"))
