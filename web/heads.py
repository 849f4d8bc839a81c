"""HEAD (RFC 9110, section 9.3.2): whatever can be had with GET, told without its content."""

from collections.abc import Iterable
from typing import Any

from web.bounds import ASGI


class Headed:
    """The application, which knows no HEAD: asked so, it answers as to GET, and what it sends stays behind.

    The answer is over with its head, so that what would go on for as long as somebody looks ends at once.
    """

    def __init__(self, app: ASGI) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def head(message: Any) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})

        await self._app({**scope, "method": "GET"}, receive, head)


def methods_of(routes: Iterable[Any], path: str) -> list[str]:
    """The methods in which the address *path* of *routes* can be asked for, HEAD wherever GET can."""
    found = {
        method
        for route in routes
        if getattr(route, "path_regex", None) and route.path_regex.match(path)
        for method in getattr(route, "methods", None) or ()
    }
    return sorted(found | {"HEAD"} if "GET" in found else found)
