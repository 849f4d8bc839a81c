"""What the proof costs an advance: the same engine with less and less of it, by turns; and what of it costs what.

An act carries a fact and a reason, which goes in as a salted commitment. Every step has a database of its own. What is
counted is time at work, of this process and of the server's; the sequencer's share is counted with the acts it places.

python -m bench.log [--quick] [--only sqlite|postgresql] [--acts STEP --times N --url URL]
"""

import argparse
import os
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from sqlalchemy import func, select, text

from bench.contest import say
from bench.laps import EngineLaps, Run, Share, furnish
from bench.places import folder, server
from engine import history, owed_record, owing, rows
from engine.clock import to_us
from engine.sequencing import sequence
from engine.store import Database
from workflows.workspace import Workspace

MATTERS = 401

HASH = "5e" * 32
"""Stands for every hash that is not made."""

GOAL = 0.35
"""The most that the proof may add to an advance without it."""

Fake = tuple[Any, str, Any]

UNMARKED: Sequence[Fake] = (
    (rows.DeadlineRow, "mark", lambda _: HASH[:32]),
    (owed_record, "mark_of_notice", lambda _: HASH[:32]),
)
UNOWED: Sequence[Fake] = (*UNMARKED, (owing, "record_owed", lambda *_: None))
UNCHAINED: Sequence[Fake] = (
    *UNOWED,
    (history, "leaf_hash", lambda *_: HASH),
    (history, "new_salt", lambda: HASH),
    (history, "commitment", lambda *_: HASH),
)


@dataclass
class Step:
    """An engine with so much of the proof: *fakes* stand for what is left out; *placed* if its entries get a leaf."""

    name: str
    fakes: Sequence[Fake]
    placed: bool
    spent: list[tuple[float, float]] = field(default_factory=list)


def steps() -> list[Step]:
    """From nothing to all."""
    return [
        Step("history without any proof", UNCHAINED, placed=False),
        Step("chained, and private words committed to", UNOWED, placed=False),
        Step("and each entry with its leaf in the log", UNOWED, placed=True),
        Step("and an entry that proves what was owed", UNMARKED, placed=True),
        Step("and rows marked: the engine as it is", (), placed=True),
    ]


def without_log(url: str) -> None:
    """Take the log's trigger out of a database: entries are chained, and none waits for a place."""
    database = Database(url)
    on = "" if database.wire.name == "sqlite" else " ON entry"
    with database.schema() as connection:
        connection.execute(text(f"DROP TRIGGER entry_pending{on}"))
    database.close()


@contextmanager
def faked(step: Step) -> Iterator[None]:
    """Leave out what *step* is without."""
    with ExitStack() as stack:
        for where, name, stand_in in step.fakes:
            if hasattr(where, name):
                stack.enter_context(patch.object(where, name, stand_in))
        yield


class Acts:
    """The acts of one step, one after the other in this thread."""

    def __init__(self, step: Step, url: str) -> None:
        furnish(url, MATTERS)
        if not step.placed:
            without_log(url)
        laps = EngineLaps(url, reason="情况属实，同意办理。")
        self.step, self.workspace = step, laps.open()
        self._run: Run = laps.worker(self.workspace, Share(1, MATTERS - 1))
        self._server = _server_of(self.workspace)

    def microseconds(self, times: int) -> tuple[float, float]:
        """Do *times* acts; return the microseconds of work of one, the server's with them: all, and without the kernel's."""
        begun = self._worked()
        with faked(self.step):
            self._run(times)
        if self.step.placed:
            campaign = self.workspace.campaign
            sequence(self.workspace.database, campaign.id, campaign.log, to_us(self.workspace.clock.now()))
        whole, own = ((now - then) / times * 1e6 for now, then in zip(self._worked(), begun, strict=True))
        return whole, own

    def _worked(self) -> tuple[float, float]:
        """Seconds of work, of this process and the server's: with the kernel's part in them, and without."""
        ours, theirs = resource.getrusage(resource.RUSAGE_SELF), self._server()
        return ours.ru_utime + ours.ru_stime + sum(theirs), ours.ru_utime + theirs[0]


def _server_of(workspace: Workspace) -> Callable[[], tuple[float, float]]:
    """What tells the seconds of the server's process for this thread, its own and the kernel's; 0 without a server."""
    with workspace.database.snapshot() as tx:
        if tx.wall_us() is None:
            return lambda: (0.0, 0.0)
        pid = tx.select(select(func.pg_backend_pid()))[0][0]
    return partial(_served, Path(f"/proc/{pid}/stat"))


def _served(stat: Path) -> tuple[float, float]:
    fields, a_second = stat.read_text(encoding="ascii").rpartition(")")[2].split(), os.sysconf("SC_CLK_TCK")
    return int(fields[11]) / a_second, int(fields[12]) / a_second


def race(title: str, url: Callable[[], str], rounds: int, times: int) -> None:
    """Let the steps take turns and print the medians."""
    found = [Acts(step, url()) for step in steps()]
    for number in range(rounds + 1):
        for each in found:
            spent = each.microseconds(times)
            if number:
                each.step.spent.append(spent)
    say(f"\n{title}, medians of {rounds} rounds of {times} acts")
    say(f"  {'microseconds of work an act, and over the first':<50}{'all':>14}{'without the kernel':>22}")
    for each in found:
        line = f"  {each.step.name:<50}"
        for which, width in ((0, 8), (1, 16)):
            mine, bare = ([spent[which] for spent in one.step.spent] for one in (each, found[0]))
            more = median(ours / theirs for ours, theirs in zip(mine, bare, strict=True)) - 1
            line += f"{median(mine):>{width},.0f}{more:>+6.0%}"
        say(line)
        each.workspace.close()
    say(f"  the goal: at most {GOAL:+.0%}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.log")
    parser.add_argument("--quick", action="store_true", help="short rounds")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument(
        "--acts", type=int, metavar="STEP", help="only the acts of this step, for a profiler to look at"
    )
    parser.add_argument("--times", type=int, default=1000, help="how many of them")
    parser.add_argument("--url", help="in a database that is not there yet")
    options = parser.parse_args(arguments)
    if options.acts is not None:
        say(f"{Acts(steps()[options.acts], options.url).microseconds(options.times)[0]:.0f} µs an act")
        return
    rounds, times = (7, 200) if options.quick else (15, 800)
    say("# what the proof costs an advance")
    if options.only != "postgresql":
        with folder() as path:
            numbers = iter(range(9))
            race("SQLite", lambda: f"sqlite:///{path / f'{next(numbers)}.db'}", rounds, times)
    if options.only != "sqlite":
        with server() as running:
            race("PostgreSQL", running.new_url, rounds, times)


if __name__ == "__main__":
    main()
