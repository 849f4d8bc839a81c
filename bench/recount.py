"""A date worked out, and all running dates worked out again after a new notice of holidays.

python -m bench.recount [--quick] [--only sqlite|postgresql]
"""

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from statistics import median

from bench.contest import say
from bench.laps import furnish
from bench.places import flush_ms, folder, server
from engine.recounting import recount_batch
from engine.stamp import state_of
from engine.terms import due
from engine.workdays import Festival, YearNotice
from workflows import calendar_import
from workflows.calendar_import import import_calendar, plan_import
from workflows.workspace import Workspace, open_workspace

MATTERS = 100_000
"""Each with one running deadline that moves by a day."""

NOTICE = YearNotice(2010, "PLACEHOLDER", (Festival("试", "Trial", (date(2010, 11, 5),)),))
"""Makes a Friday of the first week a holiday: every deadline of five working days moves."""


def timed(work: Callable[[], object]) -> float:
    """Seconds that *work* takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def dates(workspace: Workspace, times: int) -> tuple[float, float]:
    """Microseconds of one date, known already (warm) and counted anew on a warm calendar."""
    work, spec = workspace.campaign.work, workspace.campaign.kind("lap").deadline("stay_near")
    began = datetime.fromisoformat("2010-11-01T01:00:00+00:00")

    def known() -> None:
        for _ in range(times):
            due(spec.term, began, work, roll=None, facts={})

    def anew() -> None:
        for _ in range(times):
            work.memo.clear()
            due(spec.term, began, work, roll=None, facts={})

    return tuple(median(timed(each) for _ in range(5)) / times * 1e6 for each in (known, anew))  # type: ignore[return-value]


def recounted(workspace: Workspace) -> tuple[float, float, int]:
    """Seconds of the batches, and of the last one that owes the notices; how many batches."""
    engine, spans = workspace.engine, []

    def settle(_engine: object) -> int:
        while True:
            begun = time.perf_counter()
            done = engine.in_transaction(partial(recount_batch, engine))
            if done is None:
                return len(spans)
            spans.append(time.perf_counter() - begun)

    calendar_import.settle = settle
    import_calendar(workspace, NOTICE, workspace.actor("bgs.admin"))
    return sum(spans[:-1]), spans[-1], len(spans) - 1


def measure(url: str, matters: int) -> None:
    spent = timed(lambda: furnish(url, matters))
    workspace = open_workspace(url)
    known, anew = dates(workspace, 20_000)
    seen: list[int] = []
    preview = timed(lambda: seen.append(sum(each.moves for each in plan_import(workspace, NOTICE).changes)))
    batches, last, count = recounted(workspace)
    state = state_of(workspace.campaign)
    with workspace.database.snapshot() as tx:
        stamp = timed(lambda: [tx.fetch(state) for _ in range(1000)]) * 1000
    rows = (
        ("a date worked out before (warm)", known, "µs"),
        ("a date counted anew on a warm calendar", anew, "µs"),
        ("looking whether calendar and campaign are current", stamp, "µs"),
        ("opening a matter with its deadline", spent / matters * 1e6, "µs"),
        ("preview of a deadline", preview / matters * 1e6, "µs"),
        ("counting a deadline again, entry and commit included", batches / matters * 1e6, "µs"),
        ("the notices of it all", last, "s"),
        (f"all in all, {count} transactions, {seen[0]:,} dates moved", batches + last, "s"),
    )
    for name, value, unit in rows:
        say(f"  {name:<62}{value:>12,.2f} {unit}")
    workspace.close()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.recount")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the matters")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args(arguments)
    matters = MATTERS // 20 if options.quick else MATTERS
    say("# dates counted again after a new notice of holidays")
    with folder() as path:
        if options.only != "postgresql":
            say(
                f"\nSQLite, WAL, synchronous FULL; a flush takes {flush_ms(path):.2f} ms here; {matters:,} running deadlines"
            )
            measure(f"sqlite:///{path / 'recount.db'}", matters)
        if options.only != "sqlite":
            with server() as running:
                some = matters // 5
                say(f"\nPostgreSQL, fsync and synchronous_commit on; {some:,} running deadlines")
                measure(running.new_url(), some)


if __name__ == "__main__":
    main()
