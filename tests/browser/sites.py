"""duban's own server over a stage, in this process, on a free port of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Page

from commands.serving import Standing
from engine.ack_desk import AckDesk
from engine.ack_links import Links
from web.app import app_of
from web.bounds import Bounds, Limits
from web.console.doors import Doors
from web.console.house import House
from web.machinery import Machinery
from web.server import serving
from workflows.workspace import Workspace, open_workspace

KEY = b"0123456789abcdef0123456789abcdef"
"""Signs the links of a test."""

PLENTY = Limits(each=1_000_000, together=1_000_000, inside=1_000_000)
"""A browser that hurries through all pages is no attack."""


@dataclass(frozen=True)
class Site:
    """Where it is served, and what is served there: look into *workspace* to see what a page has done."""

    url: str
    workspace: Workspace
    app: Bounds

    def link(self, recipient: str, count: int = 1) -> str:
        """The path of the link by which *recipient* says “received”, for the last *count* notices that were sent to him."""
        sent = [
            each
            for each in self.workspace.reader.notices()["items"]
            if each["recipient"] == recipient and each["status"] == "sent"
        ]
        owed = [(int(each["id"]), recipient) for each in sent[-count:]]
        return f"/ack/{_links(self.workspace).url(owed, self.workspace.clock.now()).rpartition('/')[2]}"


@contextmanager
def site_of(url: str, machinery: Machinery | None = None) -> Iterator[Site]:
    """Serve the database *url*."""
    workspace = open_workspace(url)
    app = application(workspace, machinery)
    try:
        with serving(app, "127.0.0.1", 0) as address:
            yield Site(address, workspace, app)
    finally:
        workspace.close()


def application(workspace: Workspace, machinery: Machinery | None = None) -> Bounds:
    """The application as `duban run` puts it together, with bounds wide enough for a browser in a hurry."""
    house = House(workspace, Doors(workspace), machinery or Standing(workspace, heart=False), secure=False)
    return app_of(workspace, AckDesk(workspace.engine, _links(workspace)), PLENTY, house=house)


def enter(page: Page, login: str) -> None:
    """Come into the rehearsal as *login*, by its door."""
    page.goto("/login")
    page.locator(f'button[name="login"][value="{login}"]').click()
    page.wait_for_url(lambda url: "/login" not in url)


def _links(workspace: Workspace) -> Links:
    return Links("https://duban.example/", KEY, workspace.campaign.log)
