"""Processes of one machine that begin at one moment do not get in each other's way."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from production import producing
from racing import beside, once_called
from world import begin, others, sql

from engine import publishing
from engine.clock import SystemClock
from engine.timekeeping import Timekeeper
from scheduler import playbill
from scheduler.up import Showing


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


def test_of_two_that_begin_to_play_one_rehearsal_at_one_moment_the_later_plays(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, shown = publishing.get_meta, []

    def together(tx: Any, key: str) -> str | None:
        """Let the other begin, too, before the first has written that he plays."""
        found = known(tx, key)
        if key == playbill.KEY:
            monkeypatch.undo()
            shown.append(Showing(other, pg_url, print, "duban").begin("typical", 1, 5))
        return found

    workspace = begin(pg_url)
    with others(workspace, 1) as (other,):
        monkeypatch.setattr(publishing, "get_meta", together)
        ours = Showing(workspace, pg_url, print, "duban").begin("typical", 1, 5)

        with workspace.database.snapshot() as tx:
            assert playbill.read_playbill(tx) == ours != shown[0]
    workspace.close()


def test_who_begins_to_play_while_another_is_in_the_middle_of_an_act_plays_from_then_on(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = begin(pg_url)
    older = Showing(workspace, pg_url, print, "duban").begin("typical", 1, 5)

    with others(workspace, 1) as (other,), beside(workspace) as second:
        newer = Showing(other, pg_url, print, "duban")
        once_called(monkeypatch, playbill, "hold_meta", lambda: second.begin(lambda: newer.begin("typical", 1, 5)))
        with workspace.database.tx() as tx:
            older.must_be_ours(tx)
            older.orders += 1
            older.write(tx)

    with workspace.database.snapshot() as tx:
        stands = playbill.read_playbill(tx)
    assert stands is not None and (stands.player != older.player, stands.orders) == (True, older.orders)
    workspace.close()
