"""What strangers send to a running server: slow, huge, endless, broken, and clocks that are set back; nobody else is held up."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from doorway import Served, served
from house import GOOD, OTHER, House
from production import producing, watch

from engine.second_factor import code_at, new_secret, step_of
from web import server
from web.console import request
from workflows.workspace import Workspace

FORM = "Host: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n"


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Workspace]:
    with producing(sqlite_url) as found:
        yield found


@pytest.fixture
def here(office: Workspace) -> Iterator[Served]:
    with served(office) as found:
        yield found


def raw(here: Served, sent: bytes) -> bytes:
    """The first line that comes back."""
    parts = urlsplit(here.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as line:
        with suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(sent)
        with suppress(ConnectionResetError):
            return line.recv(4096).split(b"\r\n")[0]
    return b""


def posted(body: bytes, kind: str = "application/x-www-form-urlencoded", path: str = "/login") -> bytes:
    return f"POST {path} HTTP/1.1\r\n{FORM.format(kind, len(body))}".encode() + body


MULTI = "multipart/form-data; boundary=e"
PART = b'--e\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'

SENT = {
    "a huge header": (b"GET /login HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", (b"431", b"400")),
    "many headers": (b"GET /login HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 120 + b"\r\n", (b"431",)),
    "ten thousand parts": (posted(PART * 10_000 + b"--e--\r\n", MULTI), (b"400", b"413")),
    "a hundred thousand fields": (posted(b"&".join(b"f=x" for _ in range(100_000))), (b"400",)),
    "no boundary": (posted(b"x", "multipart/form-data"), (b"400",)),
    "headers of a part": (posted(b"--e\r\n" + b"X: a\r\n" * 50_000 + PART[5:], MULTI), (b"400",)),
    "chunks without an end": (
        b"POST /login HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        (b"413",),
    ),
    "two lengths": (
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        (b"400",),
    ),
    "a way up": (b"GET /static/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n", (b"404",)),
    "a NUL in a path": (b"GET /static/a%00b HTTP/1.1\r\nHost: x\r\n\r\n", (b"400",)),
    "a NUL in a query": (b"GET /login?next=%00 HTTP/1.1\r\nHost: x\r\n\r\n", (b"400",)),
    "NULs in a form": (posted(b"login=%00&secret.password=%00&secret.code=%00"), (b"400",)),
    "a NUL in a field's name": (posted(b"%00=1"), (b"400",)),
    "a form in another tongue": (posted(PART + b"--e--\r\n", MULTI + "; charset=undefined"), (b"400",)),
    "half characters by a charset": (
        posted(PART.replace(b"\r\nx\r\n", b"\r\n\\ud800\r\n") + b"--e--\r\n", MULTI + "; charset=unicode_escape"),
        (b"400",),
    ),
    "a form that says it is in UTF-8": (posted(PART + b"--e--\r\n", MULTI + "; charset=UTF-8"), (b"403",)),
    "half characters": (posted(b"login=%ed%a0%80&secret.password=%ed%a0%80&secret.code=%ed%a0%80"), (b"403",)),
    "a junk cookie": (
        b"GET /work HTTP/1.1\r\nHost: x\r\nCookie: __Host-duban=\xff; duban-said=%%; __Host-duban-known=\xff.\r\n\r\n",
        (b"303",),
    ),
}


@pytest.mark.parametrize("what", SENT)
def test_what_nobody_sends_is_answered_at_once_and_costs_little(what: str, here: Served) -> None:
    sent, codes = SENT[what]
    began = time.process_time()

    assert any(code in raw(here, sent) for code in codes)

    assert time.process_time() - began < 3
    assert here.visitor().ask("/login")[0] == 200


@pytest.mark.parametrize(
    ("asked", "led"), [("/matters/?a=1", (307, "/matters?a=1")), ("//evil.example/matters/", (404, None))]
)
def test_nobody_is_led_to_a_host_that_the_one_who_asks_has_named(
    asked: str, led: tuple[int, str | None], here: Served
) -> None:
    visitor = here.visitor()

    code, _ = visitor.ask(asked, Host="evil.example")

    assert (code, visitor.headers.get("location")) == led


def test_a_body_that_trickles_is_cut_and_one_that_comes_is_not(here: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LIFE_S", 0.3)
    parts = urlsplit(here.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as slow:
        slow.sendall(f"POST /login HTTP/1.1\r\n{FORM.format('application/x-www-form-urlencoded', 900)}a".encode())
        with suppress(ConnectionResetError):
            assert slow.recv(1) == b""
    here.house.settle("li", "alpha.head")
    here.inside("li")


def test_a_stranger_brings_no_documents(here: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request, "STRANGERS_FORM", 1000)
    body = b'--e\r\nContent-Disposition: form-data; name="f"; filename="a.pdf"\r\n\r\n' + b"x" * 5000 + b"\r\n--e--\r\n"
    here.house.settle("li", "alpha.head")
    inside = here.inside("li")

    assert b"413" in raw(here, posted(body, MULTI, "/do/errand/alpha"))
    cookie = f"Cookie: __Host-duban={inside.cookies['__Host-duban']}\r\n".encode()
    assert b"413" not in raw(
        here, posted(body, MULTI, "/do/errand/alpha").replace(b"Host: x\r\n", b"Host: x\r\n" + cookie)
    )


def test_a_login_that_looks_like_another_is_another(office: Workspace) -> None:
    house = House(office)
    house.settle("li", "alpha.head")
    for alike in ("ｌi", "lі", "Li", "li\u200b", "l\u0131", " li", "li\x00"):
        assert house.attempt(alike, address=alike.encode("utf-8", "replace").hex()) == "sign_in_failed", alike
    assert house.attempt("li").startswith("ds_")


def test_a_clock_that_is_set_back_keeps_nobody_out_and_nobody_in(office: Workspace) -> None:
    house = House(office)
    secret = str(house.settle("shen", "bgs.admin"))
    house.settle("li", "alpha.head")
    watch(office).later(days=2)  # the clock was wrong
    early = house.attempt("shen", code=house.now_code(secret))
    for number in range(6):
        house.attempt("li", OTHER, address=f"a{number}")
        house.attempt(f"n{number}", OTHER, address="b")
    watch(office).at -= timedelta(days=2)

    assert house.attempt("shen", code=house.now_code(secret)).startswith("ds_")
    assert house.attempt("li", GOOD, address="b").startswith("ds_")
    with pytest.raises(Exception, match="signed out"):
        house.sessions.resolve(early)


def test_a_code_of_the_moment_works_once_whatever_the_clock_said_before() -> None:
    secret = new_secret()
    used = step_of(secret, code_at(secret, 3000), 3000, 0)

    assert used == 100 and step_of(secret, code_at(secret, 3000), 3000, used) is None
    assert step_of(secret, code_at(secret, 3000), 3000, 101) is None, "a step ahead may be a telephone's clock"
    assert step_of(secret, code_at(secret, 3000), 3000, 5000) == 100
