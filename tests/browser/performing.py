"""A rehearsal that is being shown: people play it on a thread, and its console plays and pauses them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from commands.serving import Showing
from scheduler.performance import Performance
from scheduler.rehearse import end_of, stage_of
from workflows.workspace import Workspace


@contextmanager
def performed(workspace: Workspace) -> Iterator[Showing]:
    """Let typical people stand ready on the stage of *workspace*, until somebody presses play."""
    performance = Performance(stage_of(workspace, "typical", 1, 5), end_of(workspace), 1.0)
    performance.pause()
    called = threading.Event()
    performance.poke = called.set

    def perform() -> None:
        while not performance.over.is_set():
            called.clear()
            called.wait(performance.beat())

    thread = threading.Thread(target=perform, daemon=True)
    thread.start()
    try:
        yield Showing(performance)
    finally:
        performance.over.set()
        called.set()
        thread.join(10)
        if performance.failed is not None:
            raise performance.failed
