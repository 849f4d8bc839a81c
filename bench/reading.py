"""Boards, lists, work, searches and figures over a hundred thousand matters, beside reading all of them into memory.

python -m bench.reading [--quick] [--only sqlite|postgresql]
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.contest import say
from bench.filling import fill
from bench.places import folder, server
from engine.figures import Figures
from engine.lists import Page, line_json
from engine.work import WorkDesk
from workflows.workspace import Workspace, open_workspace

ROUNDS = 7
"""Times each is asked; the median counts."""


def in_memory(workspace: Workspace) -> None:
    """What was done before: every matter read with every deadline, then sifted."""
    now = workspace.clock.now()
    with workspace.database.snapshot() as tx:
        pairs = workspace.reader.matters(tx)
    for matter, rows in pairs:
        line_json(workspace.campaign, matter, rows, now)


def asked(workspace: Workspace) -> dict[str, Callable[[], Any]]:
    """What is asked, by name."""
    reader = workspace.reader
    figures, work = Figures(workspace.database, workspace.campaign, workspace.clock), WorkDesk(reader)
    officer, office = workspace.actor("gongshang.officer"), workspace.actor("bgs.admin")
    urgent = reader.listed(page=Page("urgency", 50))["next"]
    return {
        "board": reader.board,
        "board of kinds": reader.kinds,
        "list, most urgent": lambda: reader.listed(page=Page("urgency", 50)),
        "list, next page": lambda: reader.listed(page=Page("urgency", 50, urgent)),
        "list, by reference": lambda: reader.listed(page=Page("ref", 50)),
        "list, updated last": lambda: reader.listed(page=Page("updated", 50)),
        "list, red of one body": lambda: reader.listed("case", body="gongshang", light="red", page=Page("urgency", 50)),
        "list, waiting for": lambda: reader.listed(waiting_for="jianchayuan", page=Page("urgency", 50)),
        "work of an officer": lambda: work.of(officer),
        "work of the office": lambda: work.of(office),
        "search, two characters": lambda: reader.listed(text="种子", page=Page("urgency", 50)),
        "search, nothing found": lambda: reader.listed(text="不存在的词", page=Page("urgency", 50)),
        "search, product and amount": lambda: reader.listed(
            "case", facts=(("products", "seeds"),), amounts=(("goods_value", 1_000_000, 9_000_000),),
            page=Page("urgency", 50),
        ),
        "statistics by content": lambda: figures.by("content"),
        "statistics by body": lambda: figures.by("body"),
        "statistics by month": lambda: figures.by("month"),
        "kept deadlines": figures.kept,
    }  # fmt: skip


def timed(work: Callable[[], Any], rounds: int) -> float:
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return median(found)


def measure(url: str, title: str, rounds: int) -> None:
    workspace = open_workspace(url)
    with workspace.database.snapshot() as tx:
        from sqlalchemy import text

        counts = [tx.select(text(f"SELECT count(*) FROM {name}"))[0][0] for name in ("matter", "deadline")]
    say(f"\n{title}: {counts[0]:,} matters, {counts[1]:,} deadlines; median of {rounds}")
    for name, work in asked(workspace).items():
        say(f"  {name:<32}{timed(work, rounds):>10,.1f} ms")
    say(f"  {'all read into memory, once':<32}{timed(lambda: in_memory(workspace), 1):>10,.1f} ms")
    workspace.close()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reading")
    parser.add_argument("--quick", action="store_true", help="ten thousand matters")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args(arguments)
    matters, cases, rounds = (10_000, 40, 3) if options.quick else (100_000, 200, ROUNDS)
    if options.only != "postgresql":
        with folder() as path:
            url = f"sqlite:///{Path(path) / 'reading.db'}"
            fill(url, matters, cases)
            measure(url, "SQLite", rounds)
    if options.only != "sqlite":
        with server() as running:
            url = running.new_url()
            fill(url, matters, cases)
            measure(url, "PostgreSQL", rounds)


if __name__ == "__main__":
    main()
