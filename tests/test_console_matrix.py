"""The matrix of pages: each login × every page that the console has, against the table of tests/sightworld.py."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
import sightworld as at
from doorway import Served, served
from fastapi import FastAPI
from test_console_ground import Visitor

FREE = {"/", "/login", "/activate", "/password", "/logout", "/pulse", "/healthz", "/language"}
"""Pages of whoever comes, and where no person is meant."""

ELSEWHERE = ("/ack/", "/static", "/api/", "/metrics", "/readyz", "/ready", "/feed", "/calendar/feed")
"""What has keys of its own, or is for programs."""

OFFICE = {"bgs.admin", "bgs.head", "lxz.chair", "lxz.head"}

VAULT = {
    "gongshang.officer", "zhijian.officer", "gongan.officer", "fayuan.officer", "jianchayuan.officer", "auditor",
    *at.MAY["vault_approve"],
}  # fmt: skip

OPENS = VAULT - {"auditor"} | {"bgs.admin"}
"""Who may begin a case, a penalty or a lead: those who find, and the office."""

ONLY: dict[str, set[str]] = {
    "/audit": at.MAY["audit"],
    "/campaign/file": OFFICE,
    "/campaign/drafts": OFFICE,
    "/campaign/check": OFFICE,
    "/cases/new": OPENS,
    "/cases/supervision": OFFICE | {"auditor", "jianchayuan.officer"},
    "/notices/urge": at.MAY["urge"],
    "/people": {"bgs.admin"},
    "/people/p/{login}": {"bgs.admin"},
    "/people/proposals": {"bgs.admin", "lxz.chair", "lxz.head"},
    "/privacy": at.MAY["privacy"],
    "/privacy/ask": at.MAY["privacy"],
    "/privacy/find": at.MAY["privacy"],
    "/privacy/rights": at.MAY["privacy"],
    "/statistics": at.MAY["statistics"],
    "/vault": VAULT,
}
"""Who is let into a room that is not everybody's. In a rehearsal the office's administrator keeps the accounts."""

PARTS = ("/d/{ref:path}",)
"""Addresses that name more than a matter: which paper of it."""

STAMP = re.compile(r'data-stamp="[^"]*"')
"""At what pulse a page was read: the refusal itself is put on record, and moves it."""

REF = re.compile(r"\{ref(:path)?\}")


@dataclass
class Pages:
    """The console over the world of the table."""

    here: Served
    refs: dict[str, str]
    inside: dict[str, Visitor] = field(default_factory=dict)

    def of(self, login: str) -> Visitor:
        if login not in self.inside:
            self.inside[login] = self.here.visitor()
            self.inside[login].enter(login)
        return self.inside[login]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    workspace, refs = at.played(f"sqlite:///{tmp_path_factory.mktemp('pages') / 'duban.db'}")
    with served(workspace) as here:
        yield Pages(here, refs)
    workspace.close()


def gets(app: FastAPI) -> list[str]:
    """The addresses that the application answers to who looks, as they are written in it."""
    found = set()
    pending = list(app.router.routes)
    while pending:
        route = pending.pop()
        inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
        if inner:
            pending += inner
        if "GET" in (getattr(route, "methods", None) or ()):
            found.add(str(getattr(route, "path", "")))
    return sorted(path for path in found if path not in FREE and not path.startswith(ELSEWHERE))


def test_the_pages_are_found(pages: Pages) -> None:
    assert {"/work", "/board", "/account", "/people", "/people/p/{login}", "/vault"} <= set(gets(pages.here.app))


@pytest.mark.parametrize("login", at.SEES)
def test_a_login_opens_its_rooms_and_no_others(login: str, pages: Pages) -> None:
    visitor, there = pages.of(login), gets(pages.here.app)
    for path in ONLY.keys() & set(there):
        status, _ = visitor.ask(path.replace("{login}", "bgs.admin"))
        assert status == (200 if login in ONLY[path] else 403), (login, path)
    for path in there:
        if "{" not in path and path not in ONLY:
            status, page = visitor.ask(path)
            assert status in (200, 303, 403, 422), (login, path)
            assert status != 403 or "无权办理" in page, (login, path)


@pytest.mark.parametrize("login", at.SEES)
def test_a_foreign_matter_is_not_there_on_any_page_that_takes_one(login: str, pages: Pages) -> None:
    visitor = pages.of(login)
    for path in gets(pages.here.app):
        if not REF.search(path) or path in PARTS:
            continue
        for name, ref in pages.refs.items():
            status, page = visitor.ask(REF.sub(quote(ref, safe="/"), path))
            if name in at.SEES[login]:
                assert status in (200, 303), (login, path, name)
                continue
            assert status == 404, (login, path, name)
            _, nothing = visitor.ask(REF.sub("case/1999-0001", path))
            alike = [STAMP.sub("", each) for each in (page.replace(ref, "case/1999-0001"), nothing)]
            assert alike[0] == alike[1], (login, path, name)


@pytest.mark.parametrize("login", at.SEES)
def test_no_page_shows_a_matter_that_is_foreign(login: str, pages: Pages) -> None:
    visitor = pages.of(login)
    foreign = {pages.refs[name] for name in pages.refs.keys() - at.SEES[login]}
    for path in gets(pages.here.app):
        if "{" in path:
            continue
        status, page = visitor.ask(path)
        shown = {ref for ref in foreign if f'href="/m/{ref}"' in page}
        assert status != 200 or shown == set(), (login, path, shown)


def test_who_has_not_come_in_is_led_to_the_door_from_every_page(pages: Pages) -> None:
    stranger = pages.here.visitor()
    for path in gets(pages.here.app):
        wanted = re.sub(r"\{[^}]*\}", "case/2010-0001" if REF.search(path) else "1", path)
        assert stranger.ask(wanted)[0] == 303, path
        assert stranger.headers["location"].startswith("/login"), path
