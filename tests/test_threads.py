"""Threads come and go in a web server; the connections of those that have ended do not stay."""

import threading
from pathlib import Path

from sqlalchemy import text
from world import begin

from engine.dialect import SQLITE_MEMORY_BYTES
from engine.publishing import get_meta
from engine.store import Database

GENERATIONS = 120
"""More than PostgreSQL lets in at once."""


def test_all_connections_to_a_file_share_one_bound_of_memory(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'duban.db'}")

    with database.snapshot() as tx:
        assert tx.select(text("PRAGMA soft_heap_limit")) == [(SQLITE_MEMORY_BYTES,)]
    database.close()


def test_connections_end_with_their_threads(db_url: str) -> None:
    begin(db_url).close()
    database, seen = Database(db_url), []

    def look() -> None:
        with database.snapshot() as tx:
            seen.append(get_meta(tx, "mode"))

    for _ in range(GENERATIONS):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    assert seen == ["rehearsal"] * GENERATIONS
    assert len(database._all) <= 1
    database.close()
