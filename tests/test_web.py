"""Over real HTTP: a liaison says “received” from the mail, scanners follow links in vain, strangers get nowhere."""

import asyncio
import http.client
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from commandline import ROOT, Office, small_office
from mailserver import Postman
from mailserver import serving as mail_server
from test_links import KEY, desk, token_for
from webserver import free_port
from world import advance, begin, clock_of, everything, notices

from engine.errors import Unavailable, Usage
from web import server
from web.app import app_of
from web.bounds import MOST_CALLERS, Limits, Turns
from web.server import address_of, serving
from workflows.workspace import Workspace, open_workspace

DUE = "2010-11-03T09:00"


@dataclass(frozen=True)
class Answer:
    code: int
    headers: dict[str, str]
    page: str


def ask(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(method, parts.path, body, {name.replace("_", "-"): said for name, said in headers.items()})
        said = connection.getresponse()
        found = {name.lower(): value for name, value in said.getheaders()}
        return Answer(said.status, found, said.read().decode())
    finally:
        connection.close()


@contextmanager
def site_of(workspace: Workspace, limits: Limits | None = None) -> Iterator[str]:
    with serving(app_of(workspace, desk(workspace), limits), "127.0.0.1", 0) as url:
        yield url


@pytest.fixture
def reminded(db_url: str) -> Iterator[Workspace]:
    found = begin(db_url)
    advance(found, DUE)
    yield found
    found.close()


def test_only_the_button_acknowledges_and_only_once(reminded: Workspace) -> None:
    token = token_for(reminded, "alpha.liaison")
    before = everything(reminded)
    with site_of(reminded) as site:
        for method in ("GET", "HEAD", "GET"):
            looked = ask(f"{site}/ack/{token}", method)
            assert looked.code == 200
        assert everything(reminded) == before
        assert all(
            words in looked.page
            for words in ('<form method="post">', "签收", "Received", "甲局的差事", "alpha.liaison")
        )
        assert "<script" not in looked.page and "http" not in looked.page.replace("http-equiv", "")

        first, again, look = (ask(f"{site}/ack/{token}", method) for method in ("POST", "POST", "GET"))

    assert (first.code, again.code, look.code) == (200, 410, 410)
    assert "已签收" in first.page and "此前已经签收" in again.page and "<form" not in again.page
    assert [each["recipient"] for each in notices(reminded) if each["status"] == "acknowledged"] == ["alpha.liaison"]


def test_every_page_goes_out_with_strict_headers(reminded: Workspace) -> None:
    token = token_for(reminded, "alpha.liaison")
    with site_of(reminded, Limits(each=6)) as site:
        answers = [ask(f"{site}/ack/{token}"), ask(f"{site}/ack/nonsense"), ask(f"{site}/docs"), ask(f"{site}/openapi.json"),
                   ask(f"{site}/ack/{token}", "DELETE"), ask(f"{site}/ack/{token}", "POST", b"x" * 2000),
                   ask(f"{site}/ack/{token}")]  # fmt: skip

    assert [each.code for each in answers] == [200, 404, 404, 404, 405, 413, 429]
    for each in answers:
        assert each.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert each.headers["cache-control"] == "no-store"
        assert each.headers["referrer-policy"] == "no-referrer"
        assert each.headers["x-content-type-options"] == "nosniff"
        assert "server" not in each.headers
    assert answers[-1].headers["retry-after"] == "60"


def test_what_is_wrong_with_a_token_cannot_be_told_from_the_answer(reminded: Workspace) -> None:
    token = token_for(reminded, "alpha.liaison")
    with site_of(reminded) as site:
        answers = [
            ask(f"{site}/ack/{bad}", method)
            for bad in ("x", token[:-2] + "AA", token_for(reminded, "beta.liaison", key=KEY[::-1]), "A" * 5000)
            for method in ("GET", "POST")
        ]

    assert {each.code for each in answers} == {404}
    assert len({each.page for each in answers}) == 1
    assert len({tuple(sorted(set(each.headers) - {"date"})) for each in answers}) == 1
    assert not [each for each in notices(reminded) if each["status"] == "acknowledged"]


def test_without_a_key_there_are_no_links_but_health(sqlite_url: str) -> None:
    workspace = begin(sqlite_url)
    with serving(app_of(workspace, None), "127.0.0.1", 0) as site:
        assert ask(f"{site}/ack/x").code == 404
        health = ask(f"{site}/healthz")
        assert (health.code, json.loads(health.page)) == (200, {"status": "ok"})
    workspace.close()


def test_a_slow_connection_is_cut_and_holds_up_nobody(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LIFE_S", 0.3)
    workspace = begin(sqlite_url)
    with serving(app_of(workspace, None), "127.0.0.1", 0) as site:
        parts = urlsplit(site)
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as slow:
            slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            assert ask(f"{site}/healthz").code == 200
            with suppress(ConnectionResetError):
                assert slow.recv(1) == b""
    workspace.close()


def test_turns_are_counted_for_each_caller_and_for_all_and_come_back() -> None:
    now = [0.0]
    turns = Turns(Limits(each=2, together=3, seconds=lambda: now[0]))

    assert [turns.free(each) for each in "aaabb"] == [True, True, False, True, False]
    now[0] = 61.0
    assert turns.free("a")
    many = Turns(Limits(each=1, together=10**9, seconds=lambda: 0.0))
    for number in range(MOST_CALLERS + 5):
        many.free(str(number))
    assert many.free("0") and not many.free(str(MOST_CALLERS + 4))


def test_a_small_answer_waits_for_no_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    seen = asyncio.selector_events._SelectorSocketTransport.__init__

    def noting(self: Any, loop: Any, sock: socket.socket, *more: Any, **named: Any) -> None:
        seen(self, loop, sock, *more, **named)
        made.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    async def hello(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})

    monkeypatch.setattr(asyncio.selector_events._SelectorSocketTransport, "__init__", noting)
    with serving(hello, "127.0.0.1", 0) as site, urlopen(site) as answer:
        assert answer.read() == b"hello"

    assert made and all(made)


def test_an_address_to_listen_on_is_read_or_refused(sqlite_url: str) -> None:
    assert (address_of("127.0.0.1:80"), address_of("[::1]:8080")) == (("127.0.0.1", 80), ("::1", 8080))
    for bad in ("80", "host:", ":80", "host:99999", "host:x", ""):
        with pytest.raises(Usage):
            address_of(bad)
    workspace = begin(sqlite_url)
    with serving(app_of(workspace, None), "127.0.0.1", 0) as site:
        taken = int(site.rpartition(":")[2])
        with pytest.raises(Unavailable, match="cannot listen"), serving(app_of(workspace, None), "127.0.0.1", taken):
            pass
    workspace.close()


CHANNELS = """\
schema: channels/1
default: mail
channels:
  mail: {type: smtp, host: 127.0.0.1, port: %d, security: none, sender: 领导小组办公室 <bgs@baodi.example>}
links: {base: "%s", key: {file: %s}, days: 20}
"""


def key_file(folder: Path) -> Path:
    path = folder / "links.key"
    path.write_bytes(KEY)
    path.chmod(0o600)
    return path


@contextmanager
def running(office: Office, port: int, channels: Path, until: str = "running") -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, str(ROOT / "cli.py"), "--lang", "en", "run", "--listen", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        command, env=office.environment(DUBAN_CHANNELS=str(channels)), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if line.startswith(until):
                break
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_a_liaison_says_received_from_the_mail(tmp_path: Path) -> None:
    office, postman, port = small_office(tmp_path), Postman(), free_port()
    channels = tmp_path / "channels.yaml"
    with mail_server(postman) as smtp:
        base = f"http://127.0.0.1:{port}"
        channels.write_text(CHANNELS % (smtp, base, key_file(tmp_path)), "utf-8")
        variables = {"DUBAN_CHANNELS": str(channels)}
        assert (
            office(
                "contact", "set", "alpha.liaison", "--channel", "mail", "--address", "li@alpha.example", **variables
            ).code
            == 0
        )
        assert office("clock", "advance", "--to", DUE, **variables).code == 0
        (mail,) = [each for each in postman.taken if each["To"] == "li@alpha.example"]
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None and html is not None
        (link,) = re.findall(rf"{base}/ack/\S+", plain.get_content())
        assert f'href="{link}"' in html.get_content()

        with running(office, port, channels) as process:
            looked = ask(link)
            assert looked.code == 200 and "alpha.liaison" in looked.page
            assert office.json("notice", "list", "--status", "acknowledged")["items"] == []
            assert ask(link, "POST").code == 200
            assert ask(link, "POST").code == 410
        assert process.returncode == 0

        (told,) = office.json("notice", "list", "--status", "acknowledged")["items"]
        assert (told["acknowledged_by"], told["acknowledged_auth"]) == ("alpha.liaison", "link")
        assert "alpha.liaison（链接） 2010-11-03 09:00" in office("notice", "list", terminal=True, columns=220).out
        before = len(postman.taken)
        assert office("clock", "advance", "--to", "2010-11-03T18:00", **variables).code == 0
        assert len(postman.taken) == before
        assert office("clock", "advance", "--to", "2010-11-04T10:00", **variables).code == 0
        assert len([each for each in postman.taken[before:] if each["To"] == "li@alpha.example"]) == 1
    workspace = open_workspace(str(office.url))
    assert clock_of(workspace, "errand/alpha", "answer")["status"] == "running"
    workspace.close()


def test_a_signal_while_it_starts_ends_it_as_cleanly_as_later(tmp_path: Path) -> None:
    office, port = small_office(tmp_path), free_port()
    channels = tmp_path / "channels.yaml"
    channels.write_text(CHANNELS % (1, "http://127.0.0.1", key_file(tmp_path)), "utf-8")

    with running(office, port, channels, until="listening") as process:
        pass

    assert process.returncode == 0


def test_run_listens_only_when_told_and_says_what_stands_against_it(tmp_path: Path) -> None:
    office = small_office(tmp_path)

    assert office("run", "--no-scheduler").code == 2
    assert office("run", "--no-web", "--listen", "127.0.0.1:0").code == 2
    assert office("run", "--listen", "nonsense").code == 2
    assert office("up", "--no-web", "--listen", "127.0.0.1:0").code == 2
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = office("run", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert ended.code == 8
    assert "无法监听" in ended.err
