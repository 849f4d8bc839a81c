"""Serving the console and the links in a process, and the machinery that its pages reach."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.call import Call

if TYPE_CHECKING:
    from engine.ack_desk import AckDesk
    from scheduler.heart import Heart
    from scheduler.performance import Performance
    from web.machinery import Machinery
    from workflows.workspace import Workspace

USUAL = "127.0.0.1:8000"
"""Where a showing is served if nothing else is said."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Showing:
    """The machinery of a rehearsal that is being shown."""

    def __init__(self, performance: "Performance") -> None:
        self._performance = performance

    def status(self) -> dict[str, Any]:
        return {"showing": True, "heart": True, "late_s": self._performance.late_s(), **self._performance.status()}

    def play(self, days_per_s: float) -> None:
        self._performance.play(days_per_s)

    def pause(self) -> None:
        self._performance.pause()

    def advance(self, to: datetime) -> dict[str, Any]:
        self._performance.advance(to)
        return {}


class Lateness:
    """How late the heart of this process beats, once there is one."""

    def __init__(self) -> None:
        self._heart: Heart | None = None

    def follow(self, heart: "Heart") -> None:
        """Tell of *heart* from now on."""
        self._heart = heart

    def __call__(self) -> float | None:
        return None if self._heart is None else self._heart.late_s()


class Standing:
    """The machinery of a database that is served: a rehearsal's clock is moved by hand."""

    def __init__(self, workspace: "Workspace", *, heart: bool, late: Lateness | None = None) -> None:
        self._workspace = workspace
        self._heart = heart
        self._late = late or Lateness()

    def status(self) -> dict[str, Any]:
        from web.machinery import NoMachinery

        return {**NoMachinery().status(), "heart": self._heart, "late_s": self._late()}

    def play(self, days_per_s: float) -> None:
        from web.machinery import NoMachinery

        NoMachinery().play(days_per_s)

    def pause(self) -> None:
        from web.machinery import NoMachinery

        NoMachinery().pause()

    def advance(self, to: datetime) -> dict[str, Any]:
        from scheduler.turn import Turn

        return Turn(self._workspace).advance(to)


@contextmanager
def listening(call: Call, listen: str | None, late: Lateness, *, heart: bool) -> Iterator[None]:
    """Serve meanwhile, if an address is said; else nothing listens. *heart*: whether a scheduler runs here, *late* its beats."""
    if listen is None:
        yield
        return
    from web.server import address_of

    workspace = call.workspace
    desk = _desk(workspace)
    if desk is None:
        call.note(
            "渠道文件没有 links：没有签收链接",
            "the channels file has no links: no acknowledgement by a link",
        )
    host, port = address_of(listen)
    with serving_console(workspace, Standing(workspace, heart=heart, late=late), host, port, desk) as url:
        call.note(f"控制台已监听 {url}", f"listening on {url} (console, links)")
        yield


@contextmanager
def showing(call: Call, listen: str | None, workspace: "Workspace", performance: "Performance | None") -> Iterator[str]:
    """Serve a rehearsal that is being shown, at *listen*, else at the usual place or any free one; give its address."""
    from engine.errors import Unavailable
    from web.server import address_of

    machinery: Machinery = Standing(workspace, heart=False) if performance is None else Showing(performance)
    host, port = address_of(listen or USUAL)
    try:
        with serving_console(workspace, machinery, host, port, _desk(workspace)) as url:
            call.tell(call.word(f"控制台：{url}（用浏览器打开）", f"Console: {url} (open it in a browser)"))
            yield url
    except Unavailable as error:
        if listen is not None or error.code != "listen":
            raise
        with serving_console(workspace, machinery, host, 0, _desk(workspace)) as url:
            call.tell(call.word(f"控制台：{url}（{USUAL} 已被占用）", f"Console: {url} ({USUAL} is taken)"))
            yield url


@contextmanager
def serving_console(
    workspace: "Workspace", machinery: "Machinery", host: str, port: int, desk: "AckDesk | None" = None
) -> Iterator[str]:
    """Serve the console of a workspace; give its address. Raises Unavailable."""
    from commands.programs import fronted
    from commands.standalone import verify_bundle
    from web.app import app_of
    from web.console.doors import Doors
    from web.console.house import House
    from web.server import serving

    plain = workspace.mode == "rehearsal" and host in LOOPBACK
    house = House(workspace, Doors(workspace), machinery, secure=not plain)
    house.bundle_program = Path(verify_bundle.__file__).read_bytes()
    site = fronted(workspace, app_of(workspace, desk, house=house), lambda: machinery.status()["late_s"], house)
    with serving(site, host, port) as url:
        try:
            yield url
        finally:
            site.end()


def _desk(workspace: "Workspace") -> "AckDesk | None":
    """The desk behind the links, if the channels file has any."""
    from engine.ack_desk import AckDesk
    from scheduler.turn import channel_file_of

    read = channel_file_of(workspace)
    return (
        AckDesk(workspace.engine, read.links.links_of(workspace.campaign)) if read is not None and read.links else None
    )
