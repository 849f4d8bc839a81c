"""A thousand deadlines that fall due among a million, and the look that finds nothing due.

python -m bench.due [--quick] [--only sqlite|postgresql]

The floor runs hand-written SQL on a copy of the database: the same reads, and the very rows that the engine wrote.
"""

import argparse
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.contest import say
from bench.floor import CAMPAIGN_ID, ENTER, MOVE, OWE, SQLITE_PRAGMAS, STOP
from bench.laps import furnish
from bench.places import flush_ms, folder, server
from engine.clock import from_us, to_us
from engine.dialect import parse_url, sqlite3
from engine.firing import BATCH, fire_due, next_due
from engine.store import Database
from workflows.workspace import Workspace, open_workspace

DUE = 1000
"""Deadlines that fall due at one moment."""

FAR_US = 10 * 365 * 86_400_000_000
"""How much later the others are due, in microseconds."""

LOOKS = 300
"""Looks that find nothing, of which the median counts."""

MATTERS = (
    "INSERT INTO matter SELECT -(row_number() OVER (ORDER BY id) + {skip}), campaign_id, definition_id, kind, "
    "ref || '/{copy}', year, number, body, title, parent_id, state, stage, closed, version, seq, head, data, opened_at, "
    "updated_at, red_at, yellow_at, due_at, awaits FROM matter WHERE id > 0"
)
DEADLINES = (
    "INSERT INTO deadline SELECT -(row_number() OVER (ORDER BY matter_id) + {skip}), campaign_id, definition_id, "
    "-(row_number() OVER (ORDER BY matter_id) + {skip}), code, owner_body, status, started_at, armed_at, last_day, "
    "breach_at + {far}, yellow_at, provisional, paused_at, stopped_at, breached_at, extensions, epoch, rung, "
    "next_fire_at + {far}, moves, opened_seq, closed_seq, counted FROM deadline WHERE matter_id > 0"
)
LOOK = (
    "SELECT id, matter_id FROM deadline WHERE next_fire_at <= ? AND campaign_id = ? ORDER BY next_fire_at, id LIMIT ?"
)
FIRE = "INSERT INTO firing (deadline_id, epoch, rung, planned_at, fired_at, merged) VALUES (?, ?, ?, ?, ?, ?)"
WRITES = (MOVE, ENTER, STOP, FIRE, OWE)

Rows = list[list[tuple[Any, ...]]]
"""The rows that one matter's deadline writes, for each of the statements."""


def fill(url: str, deadlines: int) -> None:
    """Make a thousand matters through the engine and copies of them that fall due in ten years."""
    furnish(url, DUE)
    database = Database(url)
    for copy in range(1, deadlines // DUE):
        with database.schema() as connection:
            for sql in (MATTERS, DEADLINES):
                connection.exec_driver_sql(sql.format(skip=copy * DUE, copy=copy, far=FAR_US))
    with database.glance() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    database.close()


class Floor:
    """A raw connection that fires by hand what the engine has fired on its own database."""

    def __init__(self, connection: Any, mark: str, begin: str, lock: str) -> None:
        self._connection = connection
        self._mark, self._begin, self._lock = mark, begin, lock
        self._campaign = self._run(CAMPAIGN_ID).fetchone()[0]

    def _run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        return self._connection.execute(sql.replace("?", self._mark), values)

    def look(self, now_us: int) -> list[Any]:
        found: list[Any] = self._run(LOOK, (now_us, self._campaign, BATCH)).fetchall()
        return found

    def fire(self, now_us: int, written: dict[int, Rows]) -> None:
        while True:
            self._run(self._begin)
            due = self.look(now_us)
            matters = ",".join(str(matter) for _, matter in due) or "0"
            self._run(f"SELECT * FROM matter WHERE id IN ({matters}) ORDER BY id{self._lock}").fetchall()
            self._run(f"SELECT * FROM deadline WHERE matter_id IN ({matters}) ORDER BY matter_id, id").fetchall()
            cursor = self._connection.cursor()
            for number, sql in enumerate(WRITES):
                rows = [row for _, matter in due for row in written[matter][number]]
                if rows:
                    cursor.executemany(sql.replace("?", self._mark), rows)
            self._run("COMMIT")
            if len(due) < BATCH:
                return


def written(workspace: Workspace, now_us: int) -> dict[int, Rows]:
    """What the engine wrote at that moment, by matter."""
    from sqlalchemy import text

    found: dict[int, Rows] = defaultdict(lambda: [[] for _ in WRITES])
    with workspace.database.snapshot() as tx:
        matters = [tuple(row) for row in tx.select(text("SELECT * FROM matter WHERE id > 0"))]
        clocks = [tuple(row) for row in tx.select(text("SELECT * FROM deadline WHERE id > 0"))]
        entries = tx.select(text(f"SELECT * FROM entry WHERE kind = 'deadline' AND recorded_at = {now_us}"))
        firings = tx.select(text(f"SELECT * FROM firing WHERE fired_at = {now_us}"))
        notices = tx.select(text(f"SELECT * FROM notice WHERE effective_at = {now_us}"))
    by_ref, by_clock = {row[4]: row[0] for row in matters}, {row[0]: row[3] for row in clocks}
    for row in entries:
        found[by_ref[row[1].removeprefix("matter/")]][1].append(tuple(row))
    before: dict[int, int] = {ident: min(row[2] for row in rows[1]) - 1 for ident, rows in found.items()}
    for row in matters:
        if row[0] in before:
            found[row[0]][0].append((*row[10:14], row[14], row[15], row[16], row[18], row[0], before[row[0]]))
    for row in clocks:
        found[row[3]][2].append((*row[6:21], row[22], row[23], row[0]))
    for row in firings:
        found[by_clock[row[0]]][3].append(tuple(row))
    for row in notices:
        found[by_clock[row[3]]][4].append(tuple(row))
    return found


def measure(url: str, floor: Floor, deadlines: int) -> None:
    workspace = open_workspace(url)
    ours: list[float] = []
    theirs: list[float] = []
    while (at := next_due(workspace.engine)) is not None and at < workspace.clock.now() + (
        from_us(FAR_US) - from_us(0)
    ) / 2:
        with workspace.database.tx() as tx:
            workspace.move_clock(tx, at)
        begun = time.perf_counter()
        fired = fire_due(workspace.engine)
        ours.append(time.perf_counter() - begun)
        assert fired == DUE, fired
        rows = written(workspace, to_us(at))
        begun = time.perf_counter()
        floor.fire(to_us(at), rows)
        theirs.append(time.perf_counter() - begun)
    say(f"\n{DUE:,} due among {deadlines:,}, median of {len(ours) - 1} moments")
    _told(ours[1:], theirs[1:], 1000, "ms")
    now_us = to_us(workspace.clock.now())
    looks = [(_timed(lambda: fire_due(workspace.engine)), _timed(lambda: floor.look(now_us))) for _ in range(LOOKS)]
    say(f"nothing due among {deadlines:,}, median of {LOOKS} looks")
    _told([our for our, _ in looks], [their for _, their in looks], 1_000_000, "µs")
    workspace.close()


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _told(ours: Sequence[float], theirs: Sequence[float], unit: int, name: str) -> None:
    for who, spans in (("hand-written SQL", theirs), ("duban, fire_due", ours)):
        say(f"  {who:<58}{median(spans) * unit:>9,.1f} {name}  (best {min(spans) * unit:,.1f})")


@contextmanager
def sqlite(path: Path, deadlines: int) -> Iterator[tuple[str, Floor]]:
    fill(f"sqlite:///{path / 'ours.db'}", deadlines)
    shutil.copy(path / "ours.db", path / "floor.db")
    connection = sqlite3.connect(path / "floor.db", isolation_level=None)
    for pragma in SQLITE_PRAGMAS:
        connection.execute("PRAGMA " + pragma)
    yield f"sqlite:///{path / 'ours.db'}", Floor(connection, "?", "BEGIN IMMEDIATE", "")
    connection.close()


@contextmanager
def postgresql(deadlines: int) -> Iterator[tuple[str, Floor]]:
    import psycopg

    with server() as running:
        ours = running.new_url()
        fill(ours, deadlines)
        url = parse_url(running.copy_of(ours))
        with psycopg.connect(
            host=str(url.query["host"]), user="postgres", dbname=url.database, autocommit=True
        ) as connection:
            yield ours, Floor(connection, "%s", "BEGIN", " FOR NO KEY UPDATE SKIP LOCKED")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.due")
    parser.add_argument("--quick", action="store_true", help="a hundred thousand instead of a million")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args(arguments)
    deadlines = 100_000 if options.quick else 1_000_000
    say("# deadlines that fall due: lower is better")
    if options.only != "postgresql":
        with folder() as path:
            say(f"\nSQLite, WAL, synchronous FULL; a flush takes {flush_ms(path):.2f} ms here")
            with sqlite(path, deadlines) as (url, floor):
                measure(url, floor, deadlines)
    if options.only != "sqlite":
        with folder() as path:
            say(f"\nPostgreSQL, fsync and synchronous_commit on; a flush takes {flush_ms(path):.2f} ms here")
        with postgresql(deadlines) as (url, floor):
            measure(url, floor, deadlines)


if __name__ == "__main__":
    main()
