"""An HTTP server in the process that answers what a test tells it, and keeps what it was asked."""

import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Site:
    """A server's address, its *answer* (status, headers, body, or what writes to the wire itself), and what it was asked."""

    url: str = ""
    answer: Any = (200, {}, b'{"errcode": 0, "code": 0}')
    asked: list[Asked] = field(default_factory=list)


def free_port() -> int:
    """A free port below those that the system gives out by itself: nobody else is given it before it is used."""
    while True:
        port = random.randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def website(answer: Any = None) -> Iterator[Site]:
    """Serve on a free port of this machine."""
    site = Site()
    if answer is not None:
        site.answer = answer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            site.asked.append(Asked(self.path, {name.lower(): said for name, said in self.headers.items()}, body))
            if callable(site.answer):
                site.answer(self)
                return
            status, headers, content = site.answer
            self.send_response(status)
            for name, said in headers.items():
                self.send_header(name, said)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def dripping(over: threading.Event) -> Callable[[Any], None]:
    """An answer that comes byte by byte and never ends, until *over*."""

    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not over.wait(0.05):
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                return

    return drip
