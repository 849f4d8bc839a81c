"""Bounds on what a stranger may ask of us: how often, how much, and with which headers the answer goes out."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from fastapi.responses import HTMLResponse

from web.ack_pages import SECURITY, problem_page

LARGEST_BODY = 1024
"""Bytes of a request's body; a link's button sends none. PLACEHOLDER"""

WINDOW_S = 60.0

MOST_CALLERS = 10_000
"""Addresses that are remembered; of more the longest silent one is forgotten. PLACEHOLDER"""

ASGI = Callable[..., Any]


@dataclass(frozen=True)
class Limits:
    """Requests a minute: of one address, and of all together. PLACEHOLDER"""

    each: int = 60
    together: int = 1200
    seconds: Callable[[], float] = monotonic


class Turns:
    """Count who asked how often within the window."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque()
        self._lock = threading.Lock()

    def free(self, caller: str) -> bool:
        """Take a turn for *caller*; False if there is none."""
        with self._lock:
            now = self._limits.seconds()
            own = self._asked.setdefault(caller, deque())
            self._asked.move_to_end(caller)
            if len(self._asked) > MOST_CALLERS:
                self._asked.popitem(last=False)
            for asked in (own, self._all):
                while asked and asked[0] <= now - WINDOW_S:
                    asked.popleft()
            if len(own) >= self._limits.each or len(self._all) >= self._limits.together:
                return False
            own.append(now)
            self._all.append(now)
            return True


class Bounds:
    """The application behind its bounds; ``/healthz`` is not counted, since a proxy asks for it all the time."""

    def __init__(self, app: ASGI, limits: Limits) -> None:
        self._app = app
        self._turns = Turns(limits)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer at once what is too often or too large, else let it through."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        code = self._refusal(scope)
        if code is not None:
            headers = {**SECURITY, **({"Retry-After": "60"} if code == 429 else {}), "Connection": "close"}
            await HTMLResponse(problem_page(code), status_code=code, headers=headers)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Any) -> int | None:
        if scope["path"] != "/healthz" and not self._turns.free(_caller(scope)):
            return 429
        headers = dict(scope["headers"])
        size = headers.get(b"content-length", b"0")
        if b"transfer-encoding" in headers or not size.isdigit() or int(size[:10]) > LARGEST_BODY:
            return 413
        return None


def _caller(scope: Any) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
