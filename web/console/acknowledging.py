"""What acknowledges an act on the pages: which entries a request has made, so that the way to their receipts can be shown."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from engine.history import watch_entries
from engine.receipts import acts_among, committed
from web.console.said import MOST, Place
from workflows.workspace import Workspace

RECEIPTS = "/receipts"
"""Where receipts are."""


class Watching:
    """The pages, with what each request puts on record taken down meanwhile: acts, and what is taken out of the house."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let a request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with watch_entries() as entered:
            scope.setdefault("state", {})["entered"] = entered
            await self._app(scope, receive, send)


def made_by(request: Request, workspace: Workspace) -> list[Place]:
    """The entries that this request has made for the person who sent it; who came in or went is not among them."""
    acts = acts_among(getattr(request.state, "entered", {}))
    some = dict(list(acts.items())[:MOST])
    made = committed(workspace.database, workspace.campaign, some) if some else []
    return [(each["stream"], each["seq"]) for each in made]


def receipt_url(places: Iterable[Place], *, file: bool = False) -> str:
    """The address of the receipts of these entries: the page, or the file that holds them."""
    asked = urlencode([("of", f"{stream}/{seq}") for stream, seq in places])
    return f"{RECEIPTS}{'/file' if file else ''}?{asked}"
