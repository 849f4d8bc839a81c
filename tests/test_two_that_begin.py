"""Processes of one machine that begin at one moment do not get in each other's way."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from production import producing
from world import others, sql

from engine import publishing
from engine.clock import SystemClock
from engine.timekeeping import Timekeeper


def test_two_that_begin_at_one_moment_both_note_the_clock_and_neither_fails(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting, waited, known = threading.Barrier(2), threading.local(), publishing.get_meta

    def together(tx: Any, key: str) -> str | None:
        """Let both see that nothing is noted before one of them writes; SQLite lets in one at a time."""
        found = known(tx, key)
        if not getattr(waited, "once", False):
            waited.once = True
            meeting.wait(10)
        return found

    with producing(pg_url, at=SystemClock().now()) as office, others(office, 2) as nodes:
        keepers = [
            Timekeeper(node.database, lambda: office.campaign, office.clock, lambda: 0, "first") for node in nodes
        ]
        assert [keeper.doubt() for keeper in keepers] == [None, None]
        monkeypatch.setattr(publishing, "get_meta", together)
        with ThreadPoolExecutor(2) as pool:
            for each in [pool.submit(keeper.refuse) for keeper in keepers]:
                each.result()
        monkeypatch.undo()
        assert sql(office.database, "select count(*) from meta where key = 'clock:believed:first'") == [(1,)]
