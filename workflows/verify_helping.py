"""Helping to verify: a process of its own that checks parts of a record, on the same view of the same database.

It is fed and answered in JSON, a line each, and is gone when whoever began it is.
"""

import contextlib
import gc
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from array import array
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from engine.errors import DubanError, Unavailable
from engine.publishing import choose
from engine.store import Database, Tx
from engine.unreadable_text import all_borne
from engine.verify_bounds import Bounds
from engine.verify_entries import EntryCheck
from engine.verify_findings import Findings
from engine.verify_pages import Part, size_of
from engine.verify_sharing import Checked, as_json, checked, from_json
from engine.verifying import Scope
from workflows.workspace import Workspace, assembled

LARGE = 50_000
"""Entries from which on a second process is worth its beginning. PLACEHOLDER"""

USUAL = 2
"""Processes that verify a large record, where there are so many processors. PLACEHOLDER"""

ROOT = Path(__file__).resolve().parent.parent


def processes_for(workspace: Workspace, scope: Scope, asked: int | None) -> int:
    """How many processes verify: as many as were *asked* for, else more than one where the record is large. Of a part, one."""
    if scope.matter is not None or scope.since is not None or workspace.database.in_memory:
        return 1
    if asked is not None or processors() < USUAL:
        return asked or 1
    with workspace.database.snapshot() as tx:
        return USUAL if size_of(tx, workspace.campaign.id) > LARGE else 1


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def helped(workspace: Workspace, count: int) -> Iterator[tuple[Tx, list["HelperProcess"]]]:
    """One view of the database, with *count* processes that have the same; they end with it, however it ends.

    Raises Unavailable if a process cannot begin.
    """
    with contextlib.ExitStack() as stack:
        helpers = [HelperProcess(workspace) for _ in range(count)]
        for each in helpers:
            stack.callback(each.end)
        for each in helpers:
            each.ready()
        stack.enter_context(all_borne(workspace.database.wire))
        tx = stack.enter_context(workspace.database.snapshot())
        if helpers:
            with workspace.database.still():
                view = tx.name_view()
                tx.unhurried()
                for each in helpers:
                    each.join(view)
            tx.hold_less()
        yield tx, helpers


class HelperProcess:
    """A helper, seen from the process that began it."""

    def __init__(self, workspace: Workspace) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}
        command = [sys.executable, "-c", "from workflows.verify_helping import main; main()"]
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter with our own words
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
            )  # fmt: skip
        except OSError as error:
            raise Unavailable(f"no second process can be begun: {error.strerror}", "helper", hint=ALONE) from error
        url = workspace.database.url.render_as_string(
            hide_password=False
        )  # not among its arguments: those all can read
        self._say({"url": url, "campaign": workspace.campaign.code})

    def ready(self) -> None:
        """Wait until it is there."""
        self._hear()

    def join(self, view: str) -> None:
        """Let it take the view of that name."""
        self._say({"view": view})
        self._hear()

    def begin(self, bounds: Bounds | None) -> None:
        """Tell it between which instants entries can have been recorded."""
        if bounds is None:
            self._say({"timed": False})
            return
        said = {"timed": True, "earliest": list(bounds.earliest), "latest": list(bounds.latest)}
        self._say({**said, "bytes": 2 * len(bounds.firsts) * bounds.firsts.itemsize}, bounds.firsts, bounds.times)

    def check(self, part: Part) -> Checked:
        """Let it check a part."""
        self._say({"part": [part.after, part.upto, part.rest]})
        return from_json(self._hear())

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                _open(pipe).close()
        self.process.wait()

    def _say(self, said: dict[str, Any], *more: "array[int]") -> None:
        pipe = _open(self.process.stdin)
        try:
            pipe.write(json.dumps(said).encode() + b"\n")
            for each in more:
                pipe.write(memoryview(each).cast("B") if each else b"")
            pipe.flush()
        except OSError:
            raise self._gone() from None

    def _hear(self) -> dict[str, Any]:
        line = _open(self.process.stdout).readline()
        if not line.endswith(b"\n"):
            raise self._gone()
        said: dict[str, Any] = json.loads(line)
        if "failed" in said:
            raise Unavailable(f"the second process could not verify: {said['failed']}", "helper", hint=ALONE)
        return said

    def _gone(self) -> Unavailable:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        how = self.process.returncode
        return Unavailable(
            f"the second process ended before its work was done ({how}): nothing is verified", "helper", hint=ALONE
        )


ALONE = "try again, or let one process do all of it: --processes 1"


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("the process was begun without pipes")
    return pipe


def main() -> None:
    """Be a helper: say that one is there, take the view, check parts until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began it ends it
    heard: queue.SimpleQueue[tuple[dict[str, Any], bytes]] = queue.SimpleQueue()
    said = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # the way out is for answers alone
    threading.Thread(target=_listen, args=(sys.stdin.buffer, heard), daemon=True).start()
    try:
        for answer in _answers(heard):
            said.write(json.dumps(answer).encode() + b"\n")
            said.flush()
    except Exception as error:  # noqa: BLE001 - told to whoever waits for the answer
        words = error.message if isinstance(error, DubanError) else f"{type(error).__name__}: {error}"
        said.write(json.dumps({"failed": words}).encode() + b"\n")
        said.flush()


def _listen(hear: IO[bytes], heard: "queue.SimpleQueue[tuple[dict[str, Any], bytes]]") -> None:
    """Take in what is said; when nobody is there any more to say anything, end at once."""
    while line := hear.readline():
        said = json.loads(line)
        heard.put((said, hear.read(said.get("bytes", 0))))
    os._exit(0)


def _answers(heard: "queue.SimpleQueue[tuple[dict[str, Any], bytes]]") -> Iterator[dict[str, Any]]:
    job, _ = heard.get()
    database = Database(job["url"])
    yield {"ready": True}
    view, _ = heard.get()
    with all_borne(database.wire), database.snapshot() as tx:
        tx.take_view(view["view"])
        tx.unhurried()
        tx.hold_less()
        yield {"joined": True}
        gc.disable()
        campaign = assembled(tx, *choose(tx, job["campaign"]))
        check = EntryCheck(tx, campaign, Findings(), _bounds(*heard.get()))
        while True:
            said, _ = heard.get()
            yield as_json(checked(check, Part(*said["part"])))


def _bounds(said: dict[str, Any], more: bytes) -> Bounds | None:
    if not said["timed"]:
        return None
    half = len(more) // 2
    firsts, times = array("q", more[:half]), array("q", more[half:])
    return Bounds(firsts, times, *([(size, at) for size, at in said[name]] for name in ("earliest", "latest")))
