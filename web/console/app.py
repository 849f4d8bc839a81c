"""The console: its pages put together behind one fence."""

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from web.console.house import House
from web.console.pages import (
    board,
    calendars,
    campaign,
    door,
    drafts,
    machines,
    migrations,
    proofs,
    pulse,
    rehearsal,
    work,
)
from web.console.refusals import answer_refusals
from web.console.shell import STATIC

ROUTERS = (
    door.router, pulse.router, work.router, board.router, rehearsal.router, campaign.router, machines.router,
    proofs.router, drafts.router, calendars.router, migrations.router,
)  # fmt: skip
"""The pages, room by room."""

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
    answer_refusals(app)
    app.mount("/static", Kept(directory=STATIC))
    for router in ROUTERS:
        app.include_router(router, include_in_schema=False)
