"""The rooms themselves: what is wrong with a page is found and named, what is right passes, a browser is looked for."""

import hashlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from commandline import ROOT
from playwright.sync_api import Browser, Page

from browser import conftest, looking
from browser.chromium import program, visitor
from browser.looking import AXE, misnamed, nameless, serious, too_wide, unreachable
from browser.sites import Site
from browser.stages import CROWD, STAGES
from browser.watching import Watch

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http://elsewhere.example"

FILES = {
    "/complains.js": "console.error('that went wrong')",
    "/stumbles.js": "nothing.there()",
    "/plain.css": "button:focus-visible { outline: 2px solid #000 }",
    "/blind.css": "*:focus { outline: none } .wide { width: 3000px; height: 1px }",
}

PAGE = '<!doctype html><html lang="en"><head><title>t</title>%s</head><body><main>%s</main>'


class Pages(BaseHTTPRequestHandler):
    """Whatever a test wants to be served."""

    bodies: dict[str, str] = {}  # noqa: RUF012 - filled anew for each test

    def do_GET(self) -> None:
        body = self.bodies.get(self.path) or FILES.get(self.path)
        code = 500 if self.path == "/broken" else 200 if body else 404
        kind = {"js": "text/javascript", "css": "text/css"}.get(self.path.rpartition(".")[2], "text/html")
        said = (body or PAGE % ("", "no")).encode()
        self.send_response(code)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    Pages.bodies.clear()


@pytest.fixture
def warden(served: str) -> Watch:
    return Watch(served)


@pytest.fixture
def guest(chromium: Browser, served: str, warden: Watch) -> Iterator[Page]:
    with visitor(chromium, served) as context:
        warden.over(context)
        yield context.new_page()


def show(page: Page, body: str, head: str = '<link rel="stylesheet" href="/plain.css">', path: str = "/") -> Page:
    Pages.bodies[path] = PAGE % (head, body)
    page.goto(path)
    return page


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('<script src="/complains.js"></script>', "console error: that went wrong"),
        ('<script src="/stumbles.js"></script>', "nothing is not defined"),
        ('<p style="color: red">x</p>', "Content Security Policy"),
        ("<script>1</script>", "Content Security Policy"),
        ('<img alt="x" src="http://elsewhere.example/x.png">', "another host: GET http://elsewhere.example/x.png"),
        ('<img alt="x" src="/missing.png">', "404: GET "),
    ],
)
def test_what_the_browser_complains_about_is_named(guest: Page, warden: Watch, body: str, named: str) -> None:
    show(guest, body)

    with pytest.raises(AssertionError) as caught:
        warden.check()
    assert named in str(caught.value)


def test_a_style_against_the_policy_is_named_without_javascript_too(
    chromium: Browser, served: str, warden: Watch
) -> None:
    with visitor(chromium, served, javascript=False) as context:
        warden.over(context)
        show(context.new_page(), '<p style="color: red">x</p>')

    assert [each for each in warden.findings() if "Content Security Policy" in each]


def test_a_fault_of_the_server_is_named_and_a_page_that_does_not_exist_is_none(guest: Page, warden: Watch) -> None:
    guest.goto("/nowhere")
    assert warden.findings() == []

    guest.goto("/broken")
    assert [each.partition(" http")[0] for each in warden.findings()] == ["500: GET"]


def test_what_must_be_wrong_is_expected_beforehand_and_not_in_vain(guest: Page, warden: Watch) -> None:
    warden.expect(r"500: GET \S+/broken")
    assert warden.findings() == [r"expected in vain: 500: GET \S+/broken"]

    guest.goto("/broken")

    assert warden.findings() == []


def test_a_complaint_fails_the_test_in_which_it_came_and_stands_beside_other_failures(
    guest: Page, warden: Watch
) -> None:
    guest.goto("/broken")
    item: Any = SimpleNamespace(funcargs={"watch": warden})

    call = conftest.pytest_runtest_call(item)
    next(call)
    with pytest.raises(AssertionError, match="500: GET"):
        call.send(None)
    call = conftest.pytest_runtest_call(item)
    next(call)
    with pytest.raises(ValueError, match="x") as caught:
        call.throw(ValueError("x"))
    assert "500: GET" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("check", "body", "named"),
    [
        (serious, '<img src="data:,">', "image-alt"),
        (nameless, "<button></button>", "button without a name: <button>"),
        (nameless, '<form action="/"><input name="amount"></form>', "textbox without a name"),
        (nameless, '<a href="/x"><svg></svg></a>', "link without a name"),
        (misnamed, '<button aria-label="Acknowledge it">Received</button>', "lacks its own words: <button"),
        (unreachable, '<button tabindex="-1">out</button>', "Tab does not reach: <button"),
        (unreachable, '<div role="button">out</div>', "Tab does not reach: <div"),
        (unreachable, '<button>a</button><button tabindex="1">b</button>', "tabindex above 0"),
        (unreachable, '<button>a</button><button tabindex="1">b</button>', "Tab goes another way"),
        (unreachable, '<form action="/"><label>a<input name="a"></label></form>', "no button of it is reached"),
    ],
)
def test_a_flaw_of_a_page_is_found(guest: Page, check: Callable[[Page], list[str]], body: str, named: str) -> None:
    assert [each for each in check(show(guest, body)) if named in each]


@pytest.mark.parametrize(
    ("check", "body", "named"),
    [
        (unreachable, "<button>a</button>", "its focus is not seen: <button>"),
        (too_wide, '<p class="wide">x</p>', "the page is 3008 px wide"),
    ],
)
def test_a_flaw_of_a_style_is_found(guest: Page, check: Callable[[Page], list[str]], body: str, named: str) -> None:
    assert [each for each in check(show(guest, body, '<link rel="stylesheet" href="/blind.css">')) if named in each]


def test_a_page_without_flaws_passes(guest: Page, warden: Watch) -> None:
    show(
        guest,
        '<h1>t</h1><form action="/"><label>a <input name="a"></label><fieldset><legend>r</legend><label><input type="radio" '
        'name="r" value="1">1</label><label><input type="radio" name="r" value="2">2</label></fieldset><button>go</button>'
        '</form><details><summary>more</summary><a href="/x">hidden until it is opened</a></details>',
    )

    assert [
        serious(guest),
        nameless(guest),
        misnamed(guest),
        unreachable(guest),
        too_wide(guest),
        warden.findings(),
    ] == [
        [],
        [],
        [],
        [],
        [],
        [],
    ]


def test_a_page_with_thousands_of_controls_is_walked_through_in_part(
    guest: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "MOST_TABS", 20)
    rows = [f'<form action="/x"><button>{n}</button></form>' for n in range(60)]

    assert unreachable(show(guest, "".join(rows))) == []
    rows[19] = '<button tabindex="-1">out</button>'
    assert len(unreachable(show(guest, "".join(rows)))) == 1


def test_the_browser_is_the_one_that_is_named_or_the_first_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DUBAN_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program() is None

    browser = tmp_path / "chromium-browser"
    browser.touch(mode=0o755)
    assert program() == str(browser)

    monkeypatch.setenv("DUBAN_CHROMIUM", "/opt/browser")
    assert program() == "/opt/browser"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_copied_and_what_a_test_does_stays_in_its_copy(wardrobe: Any, stage: str, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for each in folders:
        each.mkdir()
    first = wardrobe.copy(stage, folders[0])
    before = (folders[0] / "duban.db").read_bytes()
    (folders[0] / "duban.db").write_bytes(b"spoilt")

    second = wardrobe.copy(stage, folders[1])

    assert (folders[1] / "duban.db").read_bytes() == before
    assert first != second


@pytest.mark.stage("crowded")
def test_the_crowded_stage_has_a_crowd(site: Site) -> None:
    assert len(site.workspace.reader.listed(kind="case")["items"]) == CROWD


def test_axe_is_the_published_one() -> None:
    digest = hashlib.sha256(AXE.read_bytes()).hexdigest()

    assert digest == "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"  # 4.14.1
    assert "Mozilla Public License" in AXE.with_name("axe.LICENSE.txt").read_text("utf-8")


def test_pictures_are_taken_of_every_page_that_the_router_has(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.shots", str(tmp_path), "--stage", "small", "--as", "nobody", "--check"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    taken = sorted(each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*.png"))
    assert {"sheet-nobody-desk-1.png", "sheet-nobody-phone-1.png"} < set(taken)
    assert [each for size in ("desk", "phone") for each in taken if each.startswith(f"nobody/{size}/ack_")]
    said = (tmp_path / "findings.txt").read_text("utf-8")
    assert "nobody desk /healthz: answered 200 application/json" in said
