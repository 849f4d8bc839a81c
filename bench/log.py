"""What the log costs an advance: the engine with the log's trigger against the same engine without it, by turns.

python -m bench.log [--quick] [--only sqlite|postgresql]
"""

import argparse
from collections.abc import Callable, Sequence

from sqlalchemy import text

from bench.contest import Contender, Threads, contest, say, shares
from bench.laps import EngineLaps, furnish
from bench.places import folder, server
from engine.store import Database

MATTERS = 401


def without_log(url: str) -> str:
    """Take the log's trigger out of a database: entries are chained, and none waits for a place."""
    database = Database(url)
    on = "" if database.wire.name == "sqlite" else " ON entry"
    with database.schema() as connection:
        connection.execute(text(f"DROP TRIGGER entry_pending{on}"))
    database.close()
    return url


def race(title: str, url: Callable[[], str], rounds: int, times: int) -> None:
    urls = []
    for _ in range(2):
        urls.append(url())
        furnish(urls[-1], MATTERS)
    bare = Contender("without the log", Threads(EngineLaps(without_log(urls[0])), shares(MATTERS, 1)))
    ours = Contender("with the log", Threads(EngineLaps(urls[1]), shares(MATTERS, 1)), bare)
    for each in (bare, ours):
        each.times = times
    contest(title, [bare, ours], rounds)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.log")
    parser.add_argument("--quick", action="store_true", help="short rounds")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args(arguments)
    rounds, times = (7, 200) if options.quick else (15, 800)
    say("# the log's share of an advance: acts a second, higher is better")
    if options.only != "postgresql":
        with folder() as path:
            numbers = iter(range(9))
            race("SQLite, one worker", lambda: f"sqlite:///{path / f'{next(numbers)}.db'}", rounds, times)
    if options.only != "sqlite":
        with server() as running:
            race("PostgreSQL, one worker", running.new_url, rounds, times)


if __name__ == "__main__":
    main()
