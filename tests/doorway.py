"""A console served with cheap passwords, and a visitor who comes in through its door."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from house import CHEAPLY, GOOD, House
from test_console_ground import Visitor

from web.app import app_of
from web.bounds import Limits
from web.console import house as console
from web.console.doors import Doors
from web.server import serving
from workflows.workspace import Workspace

PLENTY = Limits(each=1_000_000, together=1_000_000, inside=1_000_000)


@dataclass
class Served:
    """Where the console is, the application behind its fence, and the people of the house."""

    url: str
    app: FastAPI
    house: House

    def visitor(self) -> Visitor:
        return Visitor(self.url)

    def inside(self, login: str, secret: str | None = None, password: str = GOOD) -> Visitor:
        """Somebody who has signed in."""
        visitor = self.visitor()
        code = self.house.now_code(secret) if secret else ""
        form = {"login": login, "secret.password": password, "secret.code": code, "next": "/work"}
        assert visitor.ask("/login", form)[0] == 303, visitor.ask("/login", form)[1]
        return visitor


@contextmanager
def served(office: Workspace) -> Iterator[Served]:
    """Serve *office*; a test may add pages of its own to the application."""
    house = console.House(office, Doors(office, CHEAPLY), secure=True)
    bounds: Any = app_of(office, None, PLENTY, house=house)
    with serving(bounds, "127.0.0.1", 0) as url:
        yield Served(url, bounds._app._app._app, House(office))


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    found = {}
    for part in page.split('<input type="hidden" name="')[1:]:
        name, _, rest = part.partition('"')
        found[name] = rest.split('value="')[1].split('"')[0]
    return found
