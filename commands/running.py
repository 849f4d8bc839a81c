"""Running until a signal ends it: the scheduler, and the web server where it was told to listen."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from commands.call import Call
from commands.words import MODES


def run_and_listen(call: Call, listen: str | None, *, no_web: bool, no_scheduler: bool) -> None:
    """Run the scheduler, the web server, or both. Raises Usage if nothing is left to run."""
    from commands.begin import warn_of_unreachable
    from engine.errors import Usage
    from engine.log import start_log

    workspace = call.workspace
    if no_web and listen is not None:
        raise Usage("--no-web and --listen say opposite things", "both")
    if no_scheduler and listen is None:
        raise Usage(
            "without the scheduler there is nothing to run: say --listen HOST:PORT to serve links", "nothing_to_run"
        )
    start_log()
    if workspace.engine.guard is not None:
        workspace.engine.guard()
    from scheduler.node import run, signals

    over = threading.Event()
    with signals(over), _listening(call, listen):
        call.note(
            f"运行中：{workspace.campaign.code}（{MODES[workspace.mode][0]}），Ctrl-C 停止",
            f"running: {workspace.campaign.code} ({workspace.mode}), Ctrl-C ends it",
        )
        warn_of_unreachable(call)
        if no_scheduler:
            over.wait()
        else:
            run(workspace, over=over)


@contextmanager
def _listening(call: Call, listen: str | None) -> Iterator[None]:
    """Serve meanwhile, if an address is said; else nothing listens."""
    if listen is None:
        yield
        return
    from commands.programs import fronted
    from engine.ack_desk import AckDesk
    from scheduler.turn import channel_file_of
    from web.app import app_of
    from web.server import address_of, serving

    host, port = address_of(listen)
    workspace = call.workspace
    read = channel_file_of(workspace)
    desk = None
    if read is not None and read.links is not None:
        desk = AckDesk(workspace.engine, read.links.links_of(workspace.campaign))
    else:
        call.note(
            "渠道文件没有 links：没有签收链接，只提供 /api/v1 与 /healthz",
            "the channels file has no links: no acknowledgement, only /api/v1 and /healthz are served",
        )
    site = fronted(workspace, app_of(workspace, desk))
    with serving(site, host, port) as url:
        call.note(f"监听 {url}", f"listening on {url}")
        try:
            yield
        finally:
            site.end()
