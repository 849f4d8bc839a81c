"""Who opens many connections and sends little on them shuts the door for nobody, and an address is a network of IPv6."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest
from test_heads import site_of
from visitor import Visitor
from world import begin

from engine.log import logger
from engine.neighbourhoods import neighbourhood
from engine.throttle import PER_ADDRESS, address_waits, fail_address
from web import server
from web.bounds import Bounds, Crowd, Limits
from workflows.workspace import Workspace

HEAD = b"GET /login HTTP/1.1\r\nHost: x\r\nX-Slow: "
BODY = (
    b"POST /login HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: 10.0.0.%d\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\na"
)


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Workspace]:
    found = begin(sqlite_url)
    yield found
    found.close()


@pytest.mark.parametrize("kind", ["heads", "bodies"])
def test_slow_connections_make_room_for_whoever_sends_a_request_whole(
    kind: str, office: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CROWDED", 6)
    with site_of(office) as url, ExitStack() as open_lines:
        where = urlsplit(url)
        slow = []
        for number in range(12):
            line = open_lines.enter_context(socket.create_connection((where.hostname, where.port), timeout=10))
            line.sendall(HEAD if kind == "heads" else BODY % number)
            slow.append(line)

        assert [Visitor(url).ask("/login")[0] for _ in range(3)] == [200] * 3

        for line in slow[:6]:  # the oldest
            with suppress(ConnectionResetError):
                assert line.recv(1) == b""


def test_whoever_is_gone_before_all_has_come_is_no_fault_of_ours(office: Workspace) -> None:
    """Else many such would fill the log, each with a page of a trace."""
    told: list[str] = []
    sink = logger.add(lambda message: told.append(str(message)), level="ERROR")
    with site_of(office) as url:
        where = urlsplit(url)
        for number in range(3):
            with socket.create_connection((where.hostname, where.port), timeout=10) as line:
                line.sendall(BODY % number)
        assert Visitor(url).ask("/login")[0] == 200
    logger.remove(sink)

    assert told == []


@pytest.mark.parametrize(
    ("address", "place"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2::", "2001:db8:1:2::/64"),
     ("fe80::1%eth0", "fe80::/64"), ("::ffff:192.0.2.7", "192.0.2.7"), ("::1", "::1"), ("", ""), ("a:b", "a:b")],
)  # fmt: skip
def test_of_ipv6_an_address_is_its_network(address: str, place: str) -> None:
    assert neighbourhood(address) == place


def test_neighbours_in_a_network_of_ipv6_share_their_turns() -> None:
    asked: list[int] = []

    async def answered(_scope: object, _receive: object, _send: object) -> None:
        asked.append(0)

    async def sent(message: dict[str, int]) -> None:
        if "status" in message:
            asked.append(message["status"])

    app = Bounds(Crowd(answered, 1), Limits(each=2))
    for number in range(4):
        scope = {"type": "http", "path": "/ack/x", "headers": [], "client": (f"2001:db8::{number}", 1), "method": "GET"}
        asyncio.run(app(scope, None, sent))

    assert asked == [0, 0, 429, 429]


def test_who_guesses_from_many_addresses_of_a_network_waits_for_all_of_them(office: Workspace) -> None:
    with office.database.tx() as tx:
        for number in range(PER_ADDRESS):
            fail_address(tx, f"2001:db8::{number:x}", 1_000)

        assert address_waits(tx, "2001:db8::ffff", 1_000)
        assert not address_waits(tx, "2001:db8:0:1::1", 1_000)
