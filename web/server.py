"""The HTTP server in a thread beside the scheduler: bound first, so that what stands against it is told, and ended cleanly.

Whom a request came from is believed of a proxy on this machine, or of those in ``FORWARDED_ALLOW_IPS`` (uvicorn's variable).
"""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from engine.errors import Unavailable, Usage
from engine.log import logger
from engine.neighbourhoods import neighbourhood
from web.bounds import ASGI, Crowd

CONNECTIONS = 1000
"""Connections at once; whoever comes beyond that is told to come again. PLACEHOLDER"""

CROWDED = 800
"""Connections at once from which on each new one takes the place of one on which nothing is being answered. PLACEHOLDER

So nobody shuts the door for others by opening connections and sending little, or nothing, on them: who sends a request whole
is answered.
"""

CONNECTIONS_EACH = 100
"""Connections at once of one address, or network of IPv6; more are cut. PLACEHOLDER

This machine's own may have any number, for there a proxy speaks for all; but behind one, by what it says of where they come
from, an address has no more requests than these under way.
"""

LIFE_S = 20.0
"""Seconds after which a connection on which nothing is being answered is cut: a page takes milliseconds. PLACEHOLDER"""

LONGEST_S = 300.0
"""Seconds after which a connection is cut whatever it is about: a large document on a slow line. PLACEHOLDER"""

SLOWEST = 32 * 1024
"""Bytes of a body that must have come between two looks, `LIFE_S` apart: slower is nobody's line. PLACEHOLDER"""

LASTING = ("/events", "/api/v1/events")
"""What goes on for as long as somebody looks; it is cut after `LONGEST_STREAM_S`, and a browser comes again by itself."""

LONGEST_STREAM_S = 3600.0
"""Seconds. PLACEHOLDER"""

LOOPBACK = ("127.0.0.1", "::1", "")

LARGEST_HEAD = 8 * 1024
"""Bytes of a request's head. PLACEHOLDER"""

GOODBYE_S = 5
"""Seconds that requests under way have when the server ends. PLACEHOLDER"""


class ShortLived(H11Protocol):
    """A connection that is cut in the end, so that slow ones cannot hold all places.

    Where no request has come whole it has `LIFE_S`, one that is answered has `LONGEST_S`, a stream `LONGEST_STREAM_S`.
    """

    open_by: ClassVar[Counter[str]] = Counter()
    open_now: ClassVar[dict["ShortLived", None]] = {}

    def connection_made(self, transport: Any) -> None:
        """Begin, and arm the end; an address that has too many open already gets none."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self._peer = neighbourhood(str(peer[0])) if peer else ""
        self.open_by[self._peer] += 1
        if self.open_by[self._peer] > CONNECTIONS_EACH and self._peer not in LOOPBACK:
            transport.abort()
        self._lived, self._taken = 0.0, 0
        self._end = asyncio.get_running_loop().call_later(LIFE_S, self._look)
        self.open_now[self] = None
        if len(self.open_now) > CROWDED:
            self._make_room()

    def _make_room(self) -> None:
        """Cut the connection that has waited longest for the rest of a request, or for the next one, where most are from."""
        waiting = [each for each in self.open_now if each is not self and each.waits()]
        if waiting:
            longest = max(
                waiting, key=lambda each: each.open_by[each._peer]
            )  # of equals the first, which is the oldest
            del self.open_now[longest]
            longest.transport.abort()

    def waits(self) -> bool:
        """Whether nothing is being answered on it: no request has come whole."""
        cycle: Any = self.cycle  # none before the first request, whatever the types say
        return cycle is None or cycle.response_complete or cycle.more_body

    def data_received(self, data: bytes) -> None:
        """Count what came, and take it."""
        self._taken += len(data)
        super().data_received(data)

    def _look(self) -> None:
        """Cut the connection unless something is being answered on it that may last longer, or sent fast enough."""
        self._lived += LIFE_S
        cycle: Any = self.cycle  # none before the first request, whatever the types say
        slow = cycle is not None and cycle.more_body and self._taken < SLOWEST and not self.flow.read_paused
        self._taken = 0
        if cycle is None or cycle.response_complete or slow:
            self.transport.abort()
            return
        most = LONGEST_STREAM_S if cycle.scope["path"] in LASTING else LONGEST_S
        if self._lived >= most:
            self.transport.abort()
            return
        self._end = asyncio.get_running_loop().call_later(LIFE_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._end.cancel()
        self.open_now.pop(self, None)
        self.open_by[self._peer] -= 1
        if self.open_by[self._peer] <= 0:
            del self.open_by[self._peer]
        super().connection_lost(exc)


def address_of(text: str) -> tuple[str, int]:
    """Read ``HOST:PORT`` or ``[IPv6]:PORT``. Raises Usage."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise Usage(f"not an address to listen on: {text!r}; write 127.0.0.1:8080 or [::1]:8080", "listen")
    return host, int(port)


@contextmanager
def serving(app: ASGI, host: str, port: int) -> Iterator[str]:
    """Serve *app* on *host* and *port* (0: any free one) in a thread; give its address. Raises Unavailable."""
    listener = _bound(host, port)
    config = uvicorn.Config(
        Crowd(app, CONNECTIONS_EACH), http=ShortLived,
        ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
        limit_concurrency=CONNECTIONS, timeout_keep_alive=5, timeout_graceful_shutdown=GOODBYE_S, backlog=128,
        h11_max_incomplete_event_size=LARGEST_HEAD,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="duban-web", daemon=True)
    thread.start()
    try:
        yield f"http://{_shown(listener.getsockname())}"
    finally:
        server.should_exit = True
        thread.join(GOODBYE_S + 5)
        listener.close()
        if thread.is_alive():
            logger.warning("the web server did not end in time")


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named as TCP, for only then asyncio lets small answers go at once: else each waits 40 ms for the other side's receipt
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise Unavailable(f"cannot listen on {host}:{port}: {error.strerror or error}", "listen") from None
    return listener


def _shown(name: Any) -> str:
    return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"
