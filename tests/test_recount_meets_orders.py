"""A calendar that changes while orders are under way: nothing that they start keeps a date of the old one."""

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from racing import beside, once_called
from world import advance, again, begin, clock_of, flaws, local, notices, open_one, others, sql

from engine import recounting
from engine.in_hand import hold_id
from engine.orders import Open
from engine.recounting import Recounting, order_recounting, settle
from engine.stamp import Stale
from engine.store import Database, Tx
from scheduler.rehearse import play, stage_of
from scheduler.turn import Turn
from workflows import calendar_import
from workflows.calendar_import import import_calendar, read_calendar
from workflows.workspace import Workspace

NOTICE = read_calendar("cn-2011")
"""3 January 2011, a Monday, is off."""

LOOKS = 20_000
"""Most looks at the server until the import waits for the order, or has not waited."""


def office(url: str) -> Workspace:
    found = begin(url, at="2010-12-01T09:00", calendar="asof")
    advance(found, "2010-12-30T10:00")
    return found


@pytest.fixture
def served(pg_url: str) -> Iterator[Workspace]:
    found = office(pg_url)
    yield found
    found.close()


@pytest.fixture
def known(db_url: str) -> Iterator[Workspace]:
    found = office(db_url)
    yield found
    found.close()


def waits_for_a_table(database: Database) -> bool:
    asked = "select count(*) from pg_locks where not granted and locktype = 'relation' and relation = 'meta'::regclass"
    return bool(sql(database, asked)[0][0])


def test_a_matter_that_is_being_opened_while_the_calendar_changes_is_counted_by_the_new_one(served: Workspace) -> None:
    importing, looking = again(served), again(served)
    imports = threading.Thread(target=lambda: import_calendar(importing, NOTICE, importing.actor("bgs.admin")))
    order = Open(kind="errand", body="alpha", ref="errand/new")

    with served.database.tx() as tx:
        served.engine.run(tx, order, served.actor("bgs.admin"))
        tx.flush()
        imports.start()
        waited = any(waits_for_a_table(looking.database) or not imports.is_alive() for _ in range(LOOKS))
    imports.join()

    assert waited
    assert clock_of(served, "errand/new", "answer")["last_day"] == "2011-01-05"
    assert flaws(served) == []
    importing.close()
    looking.close()


def test_an_order_that_comes_while_the_calendar_changes_counts_by_the_new_one(
    served: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordering, looking = again(served), again(served)
    orders = threading.Thread(target=lambda: open_one(ordering, "errand", "bgs.admin", "alpha", ref="errand/new"))
    waited: list[bool] = []
    store = calendar_import._store

    def slow(workspace: Workspace, tx: Tx, *more: Any) -> bool:
        done = store(workspace, tx, *more)
        tx.flush()
        orders.start()
        waited.append(any(waits_for_a_table(looking.database) for _ in range(LOOKS)))
        return done

    monkeypatch.setattr(calendar_import, "_store", slow)
    import_calendar(served, NOTICE, served.actor("bgs.admin"))
    orders.join()

    assert waited == [True]
    assert clock_of(served, "errand/new", "answer")["last_day"] == "2011-01-05"
    ordering.close()
    looking.close()


def test_a_signal_waits_until_the_dates_of_its_matter_are_counted_again(db_url: str) -> None:
    workspace = office(db_url)
    ident = int(sql(workspace.database, "select id from matter where ref = 'errand/alpha'")[0][0])
    campaign, now = workspace.campaign, workspace.clock.now()
    for after, stale in ((ident - 1, True), (ident, False)):
        with workspace.database.tx() as tx:
            order_recounting(
                tx, [campaign.id], Recounting("calendar:9", "试", "bgs.admin", "rehearsal", "", 0, after=after)
            )

        with workspace.database.tx() as tx:
            if stale:
                with pytest.raises(Stale):
                    hold_id(tx, campaign, ident, now)
            else:
                assert hold_id(tx, campaign, ident, now).row.ref == "errand/alpha"
    workspace.close()


def test_a_scheduler_that_has_been_open_all_along_works_by_the_new_calendar_from_its_next_turn(
    known: Workspace,
) -> None:
    with others(known, 1) as (elsewhere,):
        turn = Turn(known)
        turn.run()
        chores = turn.chores

        import_calendar(elsewhere, NOTICE, elsewhere.actor("bgs.admin"))
        before = known.campaign.work.calendar.is_workday(date(2011, 1, 3))
        turn.run()

        assert before
        assert not known.campaign.work.calendar.is_workday(date(2011, 1, 3))
        assert known.engine.campaign is known.reader.campaign is turn.chores.campaign is known.campaign
        assert turn.chores is not chores


def test_a_rehearsal_that_is_being_shown_goes_on_by_the_new_calendar(known: Workspace) -> None:
    open_one(known, "errand", "bgs.admin", "alpha", ref="errand/new")
    stage = stage_of(known, "nobody", 1, 0)
    with others(known, 1) as (elsewhere,):
        import_calendar(elsewhere, NOTICE, elsewhere.actor("bgs.admin"))

        play(stage, local("2011-01-06T12:00"))

    assert not known.campaign.work.calendar.is_workday(date(2011, 1, 3))
    assert clock_of(known, "errand/new", "answer")["breached_at"] == "2011-01-05T16:00:00Z"
    assert stage.turn.chores.campaign is known.campaign


def to_be_counted(url: str, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An office whose calendar has changed, and nobody has counted again yet."""
    found = office(url)
    open_one(found, "errand", "bgs.admin", "alpha", ref="errand/new")
    with monkeypatch.context() as patch:
        patch.setattr(calendar_import, "settle", lambda engine: 0)
        import_calendar(found, NOTICE, found.actor("bgs.admin"))
    found.look_again()
    return found


def test_of_two_processes_that_count_again_at_one_moment_neither_begins_anew_what_the_other_ended(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = to_be_counted(pg_url, monkeypatch)

    with others(served, 1) as (other,), beside(served) as second:
        once_called(monkeypatch, recounting, "must_be_current", lambda: second.begin(lambda: settle(other.engine)))
        settle(served.engine)

    told_once_and_at_work(served)


def test_what_two_had_counted_at_once_is_brought_to_its_end(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stood where the second had written last: everybody was told, and all was still to be counted."""
    served = to_be_counted(sqlite_url, monkeypatch)
    with served.database.snapshot() as tx:
        ordered = recounting.pending(tx, served.campaign.id)
    assert ordered is not None
    settle(served.engine)
    with served.database.tx() as tx:
        order_recounting(tx, [served.campaign.id], ordered)

    served.refresh()

    told_once_and_at_work(served)


def told_once_and_at_work(served: Workspace) -> None:
    """Everybody was told once, nothing is left to be counted, and orders are taken."""
    with served.database.snapshot() as tx:
        assert recounting.pending(tx, served.campaign.id) is None
    told = [each["recipient"] for each in notices(served) if each["kind"] == "recounted"]
    assert told == ["alpha.liaison"]
    open_one(served, "errand", "bgs.admin", body="alpha", ref="errand/after")
    assert flaws(served) == []
    served.close()
