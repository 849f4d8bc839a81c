"""A showing of `duban up`: in a process of its own, its lines, and the record it leaves."""

import re
import signal
import subprocess
import sys

from commandline import ROOT, Ended, Office
from world import sql

from scheduler.ledger import Ledger
from workflows.workspace import Workspace

UNTIL = "2010-12-09"
SHORT = ("--speed", "0", "--cases", "6", "--until", UNTIL)
LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d)  (..)  ")
PIPE_BYTES = 4096
"""So little of what is shown fits into the pipe that a showing which is not read stands still after some lines."""


class Showing:
    """A showing in a process of its own, read line by line."""

    def __init__(self, office: Office, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "cli.py"), "up", "--no-web", *(words or SHORT)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**office.environment(), "TZ": "America/New_York"},
            pipesize=PIPE_BYTES,
            bufsize=0,
        )

    def until(self, beginning: str) -> None:
        """Read up to the first line that begins so."""
        assert self.process.stdout
        for line in self.process.stdout:
            if line.decode().startswith(beginning):
                return
        raise AssertionError(f"no line begins with {beginning}: {self.process.communicate()}")

    def end(self, number: signal.Signals | None = None) -> str:
        """Send a signal if one is given, read the rest, and return it."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate()
        assert err == b""
        return out.decode()


ENTRIES = "select stream, seq, kind, trigger, src, dst, actor, occurred_at, recorded_at, request_id from entry"
NOTICES = (
    "select ref, kind, level, recipient, planned_at, effective_at, subject, text from notice where kind <> 'digest'"
)


def record(workspace: Workspace) -> list[tuple]:
    """Everything that happened and everybody who was told, in an order that does not hang on ids."""
    return [row for query in (ENTRIES, NOTICES) for row in sorted(sql(workspace.database, query), key=repr)]


def events(out: str) -> list[tuple[str, str]]:
    """The lines that tell an event: when, and of what kind."""
    return [found.groups() for found in map(LINE.match, out.splitlines()) if found]  # type: ignore[misc]


def summed_up(ended: Ended) -> list[str]:
    """The table of the summary and the lines above it."""
    return [line for line in ended.out.splitlines() if line.startswith(("| ", "- "))]


def summed_up_of(workspace: Workspace) -> list[str]:
    pages = Ledger(workspace)
    orders = sql(workspace.database, "select count(*) from entry where request_id like 'people:%'")[0][0]
    about = {"people": "typical", "seed": 1, "cases": 6}
    page = pages.page(pages.draw(about, (orders, []), workspace.clock.now())[0])
    return [line for line in page.splitlines() if line.startswith(("| ", "- "))]
