"""The front of the site: programs go to the API and to the figures of the process, everybody else to the pages."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from web.api.app import api_of
from web.api.health import health_of
from web.api.parts import Parts
from web.heads import Headed

PREFIX = "/api/v1"

WATCHED = ("/readyz", "/metrics")


class Front:
    """One application of the API and the *pages*; `end` lets the streams of events end before the server does."""

    def __init__(self, parts: Parts, pages: Callable[..., Any]) -> None:
        self._parts = parts
        self._pages = pages
        self._api = api_of(parts)
        health = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        health.include_router(health_of(parts))
        self._health = Headed(health)

    def end(self) -> None:
        """Let the streams end."""
        self._parts.over.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand a request on."""
        path = scope.get("path", "") if scope["type"] == "http" else ""
        if path == PREFIX or path.startswith(PREFIX + "/"):
            await self._api({**scope, "root_path": scope.get("root_path", "") + PREFIX}, receive, send)
        elif path in WATCHED:
            await self._health(scope, receive, send)
        else:
            await self._pages(scope, receive, send)
