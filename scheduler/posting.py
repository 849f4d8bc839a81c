"""One HTTP POST of JSON to a configured address: no redirects, no proxy, one look-up, bounded in time and in size."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from scheduler.patience import CONNECT_S, WHOLE_S, within
from scheduler.resolving import RESOLVER, Resolver, connect

LONGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read; a provider's answer has a hundred."""


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    content: bytes


def post(
    url: str, content: bytes, headers: Mapping[str, str], *, trusted: str | None = None, internal: bool = False,
    whole_s: float = WHOLE_S, resolver: Resolver = RESOLVER,
) -> Answer:  # fmt: skip
    """Post *content* to *url*. Raises OSError, HTTPException or TimeoutError if no answer can be had in time and size.

    *internal*: the host is in the house's own network; else it must have a public address.
    """
    parts = urlsplit(url)
    connection = _connection(parts, trusted)
    addresses = resolver.addresses(connection.host, connection.port, internal=internal)
    connection._create_connection = (  # type: ignore[attr-defined]  # the name is not looked up again
        lambda _address, timeout, _source: connect(addresses, connection.port, timeout)
    )
    wires: list[socket.socket] = []
    try:
        with within(whole_s, lambda: _cut(wires, connection)):
            connection.connect()
            wires.append(connection.sock)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, content, {"User-Agent": "duban", "Connection": "close", **headers})
            answer = connection.getresponse()
            read = answer.read(LONGEST_ANSWER + 1)
    finally:
        connection.close()
    if len(read) > LONGEST_ANSWER:
        raise http.client.HTTPException(f"the answer is longer than {LONGEST_ANSWER} bytes")
    return Answer(answer.status, read)


def _connection(parts: SplitResult, trusted: str | None) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=trusted)
        return http.client.HTTPSConnection(host, parts.port, timeout=CONNECT_S, context=context)
    return http.client.HTTPConnection(host, parts.port, timeout=CONNECT_S)


def _cut(wires: list[socket.socket], connection: http.client.HTTPConnection) -> None:
    """Shut the wire: the connection forgets it as soon as the head of an answer is read, or has it before it is encrypted."""
    for wire in wires or [connection.sock]:
        wire.shutdown(socket.SHUT_RDWR)
