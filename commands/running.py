"""Running until a signal ends it: the scheduler, and the web server where it was told to listen."""

import threading

from commands.call import Call
from commands.serving import Lateness, listening
from workflows.words import MODES


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
            "without the scheduler there is nothing to run: say --listen HOST:PORT to serve the console and links",
            "nothing_to_run",
        )
    start_log()
    if workspace.engine.timekeeper is not None:
        workspace.engine.timekeeper.loud = True
    if workspace.engine.guard is not None:
        workspace.engine.guard()
    from scheduler.node import run, signals

    over, late = threading.Event(), Lateness()
    with signals(over), listening(call, listen, late, heart=not no_scheduler):
        call.note(
            f"运行中：{workspace.campaign.code}（{MODES[workspace.mode][0]}），Ctrl-C 停止",
            f"running: {workspace.campaign.code} ({workspace.mode}), Ctrl-C ends it",
        )
        warn_of_unreachable(call)
        _warn_of_unscrubbed(call)
        if no_scheduler:
            over.wait()
        else:
            run(workspace, over=over, beating=late.follow)


def _warn_of_unscrubbed(call: Call) -> None:
    """Say that something was erased and the database's files are not written anew."""
    from commands.privacy import unscrubbed_words
    from engine.unscrubbed import unscrubbed

    with call.workspace.database.snapshot() as tx:
        count = unscrubbed(tx, call.workspace.campaign)
    if count:
        call.note(*unscrubbed_words(count))
