"""The whole record verified: a million entries in one pass, its time and its memory; and what sequencing a leaf costs.

python -m bench.verify [--entries N] [--quick] [--only sqlite|postgresql] [--url URL] [--processes N …]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bench.contest import say
from bench.laps import CAMPAIGN, REMARK, ref_of
from bench.places import server
from engine.canonical import ZERO_HASH, leaf_hash
from engine.clock import to_us
from engine.ids import new_id
from engine.orders import Do, Open
from engine.owed_record import mark_of_notice
from engine.particulars import P as ABOUT
from engine.particulars import V as AMOUNTS
from engine.party_tables import Party
from engine.rows import A, D, E, M, N, NoticeRow
from engine.sequencing import sequence
from engine.store import Statement, Tx
from engine.tables import EntryPrivate, table_of
from engine.verifying import verify
from workflows import launch
from workflows.verify_helping import helped
from workflows.workspace import Workspace, open_workspace

ACTS = 24
"""Acts in the life of each matter, beside its opening."""

AT_ONCE = 200
"""Matters written in one transaction."""


PRIVATE = table_of(EntryPrivate)

BESIDE = {"particulars": ABOUT, "amount": AMOUNTS, "party": table_of(Party)}
"""What is put down beside a matter's row, under its number."""


def pattern(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """One matter that lived through the engine, as rows."""
    actor = workspace.actor("alpha.liaison")
    workspace.engine.execute(Open(kind="lap", body="alpha", ref=ref_of(0), facts={"ready": True}), actor)
    for act in range(ACTS):
        workspace.engine.execute(
            Do(ref=ref_of(0), trigger=("go", "come_back")[act % 2], facts={"remark": REMARK}), actor
        )
    with workspace.database.glance() as connection:
        (matter,) = connection.execute(M.select().where(M.c.ref == ref_of(0)))
        stream = f"matter/{ref_of(0)}"
        found = {
            "matter": [matter],
            "entry": connection.execute(E.select().where(E.c.stream == stream).order_by(E.c.seq)).all(),
            "deadline": connection.execute(D.select().where(D.c.matter_id == matter.id)).all(),
            "private": connection.execute(PRIVATE.select().where(PRIVATE.c.stream == stream)).all(),
            "notice": connection.execute(N.select().where(N.c.ref == ref_of(0)).order_by(N.c.id)).all(),
            **{
                name: connection.execute(table.select().where(table.c.matter_id == matter.id)).all()
                for name, table in BESIDE.items()
            },
        }
        assert not connection.execute(A.select()).all()
    return {name: [dict(row._mapping) for row in rows] for name, rows in found.items()}


def copied(rows: dict[str, list[dict[str, Any]]], number: int) -> dict[str, list[dict[str, Any]]]:
    """The same life for another matter: its own name and numbers in every row, its own chain."""
    ref, ident = ref_of(number), new_id()
    stream = f"matter/{ref}"
    numbers = {str(row["id"]): str(new_id()) for row in rows["deadline"]}
    notices = [
        {**row, "id": new_id(), "ref": ref, "dedup": f"{row['dedup']}:{number}"}
        | ({"deadline_id": int(numbers[str(row["deadline_id"])])} if row["deadline_id"] else {})
        for row in rows["notice"]
    ]
    for old, new in zip(rows["notice"], notices, strict=True):
        numbers[str(old["id"])] = str(new["id"])
        numbers[_mark(old)] = _mark(new)
    entries, head = [], ZERO_HASH
    for row in rows["entry"]:
        record = row["record"].replace(ref_of(0), ref)
        for old, new in numbers.items():
            record = record.replace(old, new)
        if entries:
            record = record.replace(rows["entry"][len(entries) - 1]["hash"], head)
        head = leaf_hash(record)
        entries.append({**row, "stream": stream, "record": record, "hash": head})
    matter = {**rows["matter"][0], "id": ident, "ref": ref, "head": head}
    clocks = [{**row, "id": int(numbers[str(row["id"])]), "matter_id": ident} for row in rows["deadline"]]
    private = [{**row, "stream": stream} for row in rows["private"]]
    beside = {name: [{**row, "matter_id": ident} for row in rows[name]] for name in BESIDE}
    beside["particulars"] = [
        {**row, "words": row["words"].replace(f"\n{ref_of(0)}\n", f"\n{ref}\n")} for row in beside["particulars"]
    ]
    return {"matter": [matter], "entry": entries, "deadline": clocks, "private": private, "notice": notices, **beside}


def _mark(notice: dict[str, Any]) -> str:
    return mark_of_notice(
        NoticeRow(**{name: to_us(each) if isinstance(each, datetime) else each for name, each in notice.items()})
    )


def furnish(url: str, entries: int) -> int:
    """Begin a database with so many entries; return how many there are."""
    workspace, _ = launch.init(url, launch.Beginning(campaign=str(CAMPAIGN), rehearsal=True))
    rows = pattern(workspace)
    matters = entries // (ACTS + 1)
    tables = {"matter": M, "entry": E, "deadline": D, "private": PRIVATE, "notice": N, **BESIDE}
    for first in range(1, matters, AT_ONCE):
        made = [copied(rows, number) for number in range(first, min(first + AT_ONCE, matters))]
        with workspace.database.schema() as connection:
            for name, table in tables.items():
                values = [row for each in made for row in each[name]]
                if values:
                    connection.execute(insert(table), values)
    workspace.close()
    return matters * (ACTS + 1)


def sequenced(url: str) -> float:
    """Sequence all that waits; return the microseconds a leaf."""
    workspace = open_workspace(url)
    begun = time.perf_counter()
    count = sequence(workspace.database, workspace.campaign.id, workspace.campaign.log, to_us(workspace.clock.now()))
    spent = time.perf_counter() - begun
    workspace.close()
    return spent / max(count, 1) * 1e6


def served(tx: Tx) -> float:
    """Seconds of work that the server's process for *tx* has done, if it runs on this machine; 0 without a server."""
    if tx.wall_us() is None:
        return 0.0
    (pid,) = tx.rows(Statement(text("SELECT pg_backend_pid()")))[0]
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def checked(url: str, processes: int) -> None:
    """Verify by so many processes and say what it took; for a process of its own."""
    workspace = open_workspace(url)
    begun, busy = time.perf_counter(), time.process_time()
    with helped(workspace, processes - 1) as (tx, helpers):
        before = served(tx)
        said = verify(tx, workspace.campaign, helpers=helpers)
        server = served(tx) - before
    spent, others = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = time.process_time() - busy + others.ru_utime + others.ru_stime
    told = {name: said[name] for name in ("entries", "count", "first")}
    print(json.dumps({"s": spent, "cpu_s": busy, "server_s": server, **told}))


def held_kb(pid: int) -> int:
    """Memory of a process and of all that it has begun, each page shared among those that have it (PSS), in KB."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        begun = [each.read_text(encoding="ascii").split() for each in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return 0
    own = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return own + sum(held_kb(int(child)) for children in begun for child in children)


def watched(url: str, processes: int) -> dict[str, Any]:
    """Verify in a process of its own; what it says, and the most memory that it and its helpers had together."""
    command = [sys.executable, "-m", "bench.verify", "--check", url, "--processes", str(processes)]
    most = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            most = max(most, held_kb(process.pid))
            time.sleep(0.1)
        assert process.stdout is not None
        return {**json.loads(process.stdout.read()), "mb": most / 1024}


def measure(title: str, url: str, entries: int, processes: Sequence[int]) -> None:
    say(f"## {title}")
    begun = time.perf_counter()
    made = furnish(url, entries)
    say(f"{made} entries written in {time.perf_counter() - begun:.0f} s")
    say(f"sequencer: {sequenced(url):.1f} µs a leaf")
    for number in processes:
        said = watched(url, number)
        say(
            f"by {number}: {said['entries']} entries in {said['s']:.1f} s ({said['cpu_s']:.1f} s of them at work, "
            f"{said['cpu_s'] / said['entries'] * 1e6:.1f} µs an entry; {said['server_s']:.1f} s of the first one's server), "
            f"{said['mb']:.0f} MB in all; findings: {said['count']} {said['first'] or ''}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.verify")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="fifty thousand entries")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--url", help="a database of your own instead of one that is thrown away")
    parser.add_argument("--check", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument(
        "--processes", type=int, nargs="+", default=[1, 2], help="how many share the work, one after another"
    )
    options = parser.parse_args(arguments)
    if options.check:
        checked(options.check, *options.processes)
        return
    entries = 50_000 if options.quick else options.entries
    say("# the whole record verified")
    if options.url:
        measure(options.url.partition(":")[0], options.url, entries, options.processes)
        return
    if options.only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            measure("SQLite", f"sqlite:///{Path(folder) / 'duban.db'}", entries, options.processes)
    if options.only != "sqlite":
        with server() as running:
            measure(
                "PostgreSQL, freshly filled: it has counted nothing yet", running.new_url(), entries, options.processes
            )


if __name__ == "__main__":
    main()
