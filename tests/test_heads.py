"""HEAD and what is not to be had: every page can be asked for its head, and an address says which methods it has."""

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from callers import token_of
from visitor import Visitor
from world import advance, begin

from commands.programs import fronted
from commands.serving import Standing
from web.app import app_of
from web.bounds import Limits
from web.console.app import together
from web.console.doors import Doors
from web.console.house import House
from web.server import serving
from workflows.workspace import Workspace

PLENTY = Limits(each=10**6, together=10**6, inside=10**6)


@contextmanager
def site_of(workspace: Workspace) -> Iterator[str]:
    """The whole site, as it is served."""
    house = House(workspace, Doors(workspace), Standing(workspace, heart=False), secure=False)
    with serving(fronted(workspace, app_of(workspace, None, PLENTY, house=house)), "127.0.0.1", 0) as url:
        yield url


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    workspace = begin(f"sqlite:///{tmp_path_factory.mktemp('heads') / 'duban.db'}")
    advance(workspace, "2010-11-16T09:30")
    token = token_of(workspace, "bgs.admin")
    with site_of(workspace) as url:
        yield f"{url} {token}"
    workspace.close()


def office(site: str) -> Visitor:
    visitor = Visitor(site.split(maxsplit=1)[0])
    visitor.enter("bgs.admin")
    return visitor


def test_every_page_and_file_can_be_asked_for_its_head(site: str) -> None:
    """As monitors, proxies and checkers of links ask; what stands in the head is what stands there with the page."""
    visitor = office(site)
    pages = {route.path for route in together().routes if "GET" in getattr(route, "methods", ())}
    known = {"kind": "errand", "version": "1", "ref:path": "errand/alpha", "ref": "errand/alpha"}
    pages = {re.sub(r"\{([^}]*)\}", lambda part: known.get(part[1], "1"), page) for page in pages}

    for page in sorted(pages | {"/static/duban.js", "/healthz", "/readyz", "/metrics", "/nowhere", "/ack/none"}):
        code, said = visitor.ask(page) if page != "/metrics" else visitor.fetch_page(page)
        headers = {name: each for name, each in visitor.headers.items() if name in ("content-type", "location")}
        bare, nothing = visitor.ask(page, method="HEAD")

        assert (bare, nothing) == (code, ""), page
        assert code < 500 and code != 405
        assert {name: visitor.headers[name] for name in headers} == headers, page
        assert said == "" or int(visitor.headers["content-length"]) > 0, page


def test_a_connection_goes_on_after_a_head(site: str) -> None:
    where = urlsplit(site.split(maxsplit=1)[0])
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    for method in ("HEAD", "GET", "HEAD", "GET"):
        connection.request(method, "/login")
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (200, method == "GET")
    connection.close()


def test_the_head_of_a_stream_ends_at_once_and_holds_no_place(site: str) -> None:
    url, token = site.split()
    visitor = Visitor(url)
    for _ in range(30):  # more than one caller may have open
        assert visitor.ask("/api/v1/events", method="HEAD", Authorization=f"Bearer {token}") == (200, "")
        assert visitor.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"])
def test_a_method_that_an_address_has_not_is_told_with_those_it_has(method: str, site: str) -> None:
    visitor = office(site)

    told = []
    for page in ("/login", "/work", "/logout"):
        code, _ = visitor.ask(page, method=method, Sec_Fetch_Site="same-origin")
        told.append((code, visitor.headers.get("allow")))

    assert told == [(405, "GET, HEAD, POST"), (405, "GET, HEAD"), (405, "POST")]


def test_a_head_changes_nothing_where_a_form_would(site: str) -> None:
    visitor = office(site)

    assert visitor.ask("/logout", method="HEAD")[0] == 405
    assert visitor.ask("/work")[0] == 200
