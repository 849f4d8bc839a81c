"""The console: its pages put together behind one fence."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from web.console import pages as rooms
from web.console.acknowledging import Watching
from web.console.house import House
from web.console.refusals import answer_refusals
from web.console.shell import STATIC

KEPT_S = 365 * 86_400


class Kept(StaticFiles):
    """Files of ours; their addresses change with their content, so a browser may keep them for a year."""

    def file_response(self, *said: object, **more: object) -> object:  # type: ignore[override]
        """The file, to be kept."""
        answer = super().file_response(*said, **more)  # type: ignore[arg-type]
        answer.headers["Cache-Control"] = f"public, max-age={KEPT_S}, immutable"
        return answer


def open_console(app: FastAPI, house: House) -> None:
    """Add the console's pages to *app*."""
    app.state.house = house
    pages = together()
    answer_refusals(app, pages.routes)
    app.add_middleware(Watching)
    app.mount("/static", Kept(directory=STATIC))
    app.include_router(pages, include_in_schema=False)


def together() -> APIRouter:
    """The pages of all rooms; an address that is written out stands before one with a part left open, whoever has it."""
    found = APIRouter()
    found.routes = sorted(
        (route for router in routers() for route in router.routes), key=lambda route: "{" in getattr(route, "path", "")
    )
    return found


def routers() -> Iterator[APIRouter]:
    """The pages, room by room: every module of `web.console.pages` has its own."""
    for found in sorted(iter_modules(rooms.__path__), key=lambda each: each.name):
        router = getattr(import_module(f"{rooms.__name__}.{found.name}"), "router", None)
        if isinstance(router, APIRouter):
            yield router
