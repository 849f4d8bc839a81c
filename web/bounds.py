"""Bounds on what a stranger may ask of us: how often, how much, and with which headers the answer goes out."""

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from fastapi.responses import HTMLResponse

from engine.neighbourhoods import neighbourhood
from web.ack_pages import SECURITY, problem_page

LARGEST_BODY = 1024
"""Bytes of a request's body at a link; its button sends none. PLACEHOLDER"""

LARGEST_FORM = 25 * 1024 * 1024
"""Bytes of a form of the console or a request of the API: a document of 20 MB and what stands around it. PLACEHOLDER"""

MOST_HEADERS = 100
LARGEST_HEAD = 32 * 1024
"""Headers of a request, and bytes of its head: cookies and a long address included. PLACEHOLDER"""

FEEDS = "/feed/"
"""Where calendars come for feeds; they are counted apart, so that a calendar keeps nobody from acknowledging."""

LINKS = ("/ack/", FEEDS)
"""Where strangers knock with a link in their hand, on the narrowest terms."""

WINDOW_S = 60.0

MOST_CALLERS = 10_000
"""Addresses that are remembered; of more the longest silent one is forgotten. PLACEHOLDER"""

UNCOUNTED = ("/healthz", "/readyz", "/metrics")
"""What a proxy or a monitor asks for all the time."""

ASGI = Callable[..., Any]


@dataclass(frozen=True)
class Limits:
    """Requests a minute: of one address, and of all together. PLACEHOLDER"""

    each: int = 60
    together: int = 1200
    inside: int = 1200
    """Of one address at the console and the API, where a page brings its files along and a house may share one."""
    seconds: Callable[[], float] = monotonic


class Turns:
    """Count who asked how often within the window."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque()
        self._lock = threading.Lock()

    def free(self, caller: str, *, inside: bool = False) -> bool:
        """Take a turn for *caller*; False if there is none. *inside*: at the console, which is counted apart."""
        with self._lock:
            now = self._limits.seconds()
            most = self._limits.inside if inside else self._limits.each
            name = f"{caller} inside" if inside else caller
            own = self._asked.setdefault(name, deque())
            self._asked.move_to_end(name)
            if len(self._asked) > MOST_CALLERS:
                self._asked.popitem(last=False)
            for asked in (own, self._all):
                while asked and asked[0] <= now - WINDOW_S:
                    asked.popleft()
            if len(own) >= most or (not inside and len(self._all) >= self._limits.together):
                return False
            own.append(now)
            if not inside:
                self._all.append(now)
            return True


class Bounds:
    """The application behind its bounds; ``/healthz`` is not counted, since a proxy asks for it all the time."""

    def __init__(self, app: ASGI, limits: Limits, *, console: bool = False) -> None:
        self._app = app
        self._console = console
        self._turns = Turns(limits)
        self._feeds = Turns(limits)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer at once what is too often or too large, or has a NUL in its address, else let it through."""
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
        path = scope["path"]
        inside = self._console and not path.startswith(LINKS)
        if (
            path not in UNCOUNTED
            and not path.startswith("/static/")
            and not (self._feeds if path.startswith(FEEDS) else self._turns).free(_caller(scope), inside=inside)
        ):
            return 429
        headers = dict(scope["headers"])
        largest = LARGEST_FORM if inside else LARGEST_BODY
        if b"transfer-encoding" in headers or not _within(headers.get(b"content-length", b"0"), largest):
            return 413
        if "\0" in path or b"%00" in scope.get("query_string", b""):
            return 400
        return None


class Crowd:
    """The application with so many requests of one address under way at once, and no more; whoever comes beyond is sent away.

    The address is the one that a trusted proxy tells of: connections are counted where they arrive, and behind a proxy all of
    them are the proxy's. Streams of events count for as long as they last.
    """

    def __init__(self, app: ASGI, most: int) -> None:
        self._app = app
        self._most = most
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let it through, or answer 429 at once."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope["headers"]) > MOST_HEADERS or _head_of(scope) > LARGEST_HEAD:
            headers = {**SECURITY, "Connection": "close"}
            await HTMLResponse(problem_page(431), status_code=431, headers=headers)(scope, receive, send)
            return
        caller = _caller(scope)
        if self._under_way[caller] >= self._most:
            headers = {**SECURITY, "Retry-After": "10", "Connection": "close"}
            await HTMLResponse(problem_page(429), status_code=429, headers=headers)(scope, receive, send)
            return
        self._under_way[caller] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[caller] -= 1
            if self._under_way[caller] <= 0:
                del self._under_way[caller]


def _head_of(scope: Any) -> int:
    """Bytes of a request's head."""
    return (
        len(scope.get("raw_path") or b"")
        + len(scope.get("query_string") or b"")
        + sum(len(a) + len(b) for a, b in scope["headers"])
    )


def _within(size: bytes, largest: int) -> bool:
    """Whether a Content-Length is at most so many bytes; zeros before it do not make it smaller."""
    told = size.lstrip(b"0")
    return size.isdigit() and len(told) <= len(str(largest)) and int(told or b"0") <= largest


def _caller(scope: Any) -> str:
    client = scope.get("client")
    return neighbourhood(str(client[0])) if client else ""
