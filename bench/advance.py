"""One durable advance: guard, versioned update, chained entry, a deadline stopped, one started, a notice, a commit.

python -m bench.advance [--quick] [--only sqlite|postgresql]
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bench.contest import Contender, Processes, Threads, Work, contest, say, shares
from bench.floor import PostgresFloor, SqliteFloor, patterns
from bench.laps import BULK, EngineLaps, furnish, ref_of
from bench.places import flush_ms, folder, server

MATTERS = 2001
"""The first is the pattern of the floor, the others are divided among the workers."""

MANY = 8
"""Workers at once in the crowded measurements."""


def database(url: str) -> str:
    furnish(url, MATTERS)
    return url


def pair(
    url: Callable[[], str],
    floor: Callable[[str], Work],
    crew: type[Threads] | type[Processes],
    workers: int,
    options: dict[str, Any],
) -> list[Contender]:
    """A floor and the engine, each with a database of its own; *options* are the engine's."""
    divided = shares(MATTERS, workers)
    below = Contender("hand-written SQL", crew(floor(database(url())), divided))
    ours = Contender("duban, Engine.execute", crew(EngineLaps(database(url()), **options), divided), below)
    return [below, ours]


def sqlite(rounds: int, times: int) -> None:
    with folder() as path:
        say(f"\nSQLite, WAL, synchronous FULL; a flush takes {flush_ms(path):.2f} ms here")
        numbers = iter(range(100))

        def url() -> str:
            return f"sqlite:///{path / f'{next(numbers)}.db'}"

        def floor(where: str) -> SqliteFloor:
            return SqliteFloor(where, patterns(where, ref_of(0)))

        found = pair(url, floor, Threads, 1, {})
        named = Contender(
            "duban, each order with a request id",
            Threads(EngineLaps(database(url()), named=True), shares(MATTERS, 1)),
            found[0],
        )
        _run("one worker", [*found, named], rounds, times)
        _run(f"{MANY} threads", pair(url, floor, Threads, MANY, {}), rounds, times)
        _run(f"{MANY} processes", pair(url, floor, Processes, MANY, {}), rounds, times)
        bulk = pair(url, lambda where: replace(floor(where), bulk=BULK), Threads, 1, {"bulk": BULK})
        _run(f"{BULK} orders a transaction", bulk, rounds, times)


def postgresql(rounds: int, times: int) -> None:
    with server() as running, folder() as path:
        say(f"\nPostgreSQL, fsync and synchronous_commit on; a flush takes {flush_ms(path):.2f} ms here")

        def floor(where: str) -> PostgresFloor:
            return PostgresFloor(where, patterns(where, ref_of(0)))

        def cte(where: str) -> PostgresFloor:
            return replace(floor(where), cte=True)

        for workers, crew in ((1, Threads), (MANY, Processes)):
            found = pair(running.new_url, floor, crew, workers, {})
            one = Contender(
                "hand-written, nothing read, one CTE",
                crew(cte(database(running.new_url())), shares(MATTERS, workers)),
                found[0],
            )
            _run(f"{workers} {'connection' if workers == 1 else 'processes'}", [*found, one], rounds, times)
        _run(f"{MANY} threads", pair(running.new_url, floor, Threads, MANY, {}), rounds, times)
        bulk = pair(running.new_url, lambda where: replace(floor(where), bulk=BULK), Threads, 1, {"bulk": BULK})
        _run(f"{BULK} orders a transaction", bulk, rounds, times)


def _run(title: str, contenders: Sequence[Contender], rounds: int, times: int) -> None:
    for each in contenders:
        each.times = times
    contest(title, contenders, rounds)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.advance")
    parser.add_argument("--quick", action="store_true", help="three short rounds")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args(arguments)
    rounds, times = (3, 400) if options.quick else (7, 1600)
    say("# one durable advance: acts a second, higher is better")
    if options.only != "postgresql":
        sqlite(rounds, times)
    if options.only != "sqlite":
        postgresql(rounds, times)


if __name__ == "__main__":
    main()
