"""A sender that stood still, or whose database went away, between sending and marking: nothing twice that need not be."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from test_outbox import DUE, Told, by
from world import again, fire, flaws, local, notices, others, sql

from engine.errors import Unavailable
from engine.log import logger
from engine.rows import NoticeRow
from engine.store import Tx
from scheduler.claims import LEASE, Claim
from scheduler.dispatch import Dispatcher
from scheduler.marking import Marking, Sent
from scheduler.node import Outage
from workflows.workspace import Workspace


def sendings(workspace: Workspace) -> int:
    """How many sendings stand on record."""
    return int(sql(workspace.database, "select count(*) from entry where stream like 'notices/%'")[0][0])


def test_who_wakes_after_his_claim_sends_no_more_of_it_and_puts_nothing_on_record_twice(workspace: Workspace) -> None:
    fire(workspace, DUE)
    mine, theirs, passed = Told(), Told(), [0.0]
    sleeper = Dispatcher(workspace, by(mine))
    sleeper._claimed = Claim(workspace.clock, lambda: passed[0])
    with others(workspace, 1) as (other,):

        def stand_still(_notice: NoticeRow) -> None:
            with other.database.tx() as tx:
                other.move_clock(tx, local(DUE) + LEASE)
            passed[0] = LEASE.total_seconds()
            Dispatcher(other, by(theirs)).deliver()

        mine._first = stand_still
        sleeper.deliver()

        assert (len(mine.people), sorted(theirs.people)) == (1, ["alpha.liaison", "beta.liaison"])
        assert sendings(workspace) == 2
        assert flaws(other) == []


@pytest.mark.parametrize("taken", [False, True])
def test_what_the_database_did_not_answer_for_is_marked_when_it_can_be_asked_again_and_not_sent_twice(
    taken: bool, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fire(workspace, DUE)
    channel, calls, within = Told(), list[Any](), workspace.engine.in_transaction

    def fail_at_the_mark(work: Any) -> Any:
        calls.append(work)
        if len(calls) == 2:
            if taken:
                within(work)
            raise Unavailable("the server has gone", "database")
        return within(work)

    monkeypatch.setattr(workspace.engine, "in_transaction", fail_at_the_mark)
    sender = Dispatcher(workspace, by(channel))
    with pytest.raises(Unavailable):
        sender.deliver()
    sender.deliver()

    assert sorted(channel.people) == ["alpha.liaison", "beta.liaison"]
    assert {each["status"] for each in notices(workspace)} == {"sent"}
    assert sendings(workspace) == 2
    assert flaws(again(workspace)) == []


def test_a_database_that_goes_away_while_a_message_is_put_together_is_no_failure_of_the_message(
    workspace: Workspace,
) -> None:
    fire(workspace, DUE)

    def gone_at_the_second(_notice: NoticeRow) -> None:
        if channel.people:
            raise Unavailable("the server has gone", "database")

    channel = Told(gone_at_the_second)
    with pytest.raises(Unavailable):
        Dispatcher(workspace, by(channel)).deliver()

    assert sorted((each["status"], each["last_error"]) for each in notices(workspace)) == [
        ("owed", "the server has gone"),
        ("sent", None),
    ]
    assert sql(workspace.database, "select distinct attempts from notice where status = 'owed'") == [(0,)]
    assert flaws(workspace) == []


def test_what_meets_trouble_each_time_it_is_put_together_keeps_nothing_else_back(workspace: Workspace) -> None:
    fire(workspace, DUE)
    first = sql(workspace.database, "select recipient from notice order by next_try_at, id")[0][0]

    def unreadable(notice: NoticeRow) -> None:
        if notice.recipient == first:
            raise Unavailable("its matter cannot be read", "database")

    channel = Told(unreadable)
    for _ in range(2):
        with suppress(Unavailable):
            Dispatcher(workspace, by(channel)).deliver()

    assert channel.people == sorted({"alpha.liaison", "beta.liaison"} - {first})
    assert flaws(workspace) == []


@pytest.mark.parametrize("hand", [1, 4])
def test_what_can_never_be_marked_keeps_nothing_else_back_and_sends_nothing_else_twice(
    hand: int, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fire(workspace, DUE)
    first = sql(workspace.database, "select recipient from notice order by next_try_at, id")[0][0]
    attempts = Marking._attempts

    def fault(marking: Marking, tx: Tx, result: Sent, now_us: int) -> Any:
        if result.notice.recipient == first:
            raise ValueError("no entry can be made of it")
        return attempts(marking, tx, result, now_us)

    monkeypatch.setattr(Marking, "_attempts", fault)
    channel = Told()
    for _ in range(3):
        with suppress(ValueError):
            Dispatcher(workspace, by(channel), hand).deliver()
        with workspace.database.tx() as tx:
            workspace.move_clock(tx, workspace.clock.now() + timedelta(seconds=90))

    assert sorted(channel.people) == ["alpha.liaison", "beta.liaison"]
    assert [each["recipient"] for each in notices(workspace, status="owed")] == [first]
    assert flaws(workspace) == []


def test_an_outage_is_said_once_and_its_end_once() -> None:
    said: list[str] = []
    sink = logger.add(lambda line: said.append(str(line)), format="{message}")
    outage = Outage()
    for code in ("database", "database", "disk"):
        outage.note(Unavailable(f"trouble: {code}", code))
    outage.over()
    outage.over()
    logger.remove(sink)

    assert [("trouble: database" in line, "trouble: disk" in line, "again after" in line) for line in said] == [
        (True, False, False), (False, True, False), (False, False, True),
    ]  # fmt: skip


def test_who_is_told_to_end_sends_no_more_than_what_is_under_way_and_others_have_the_rest_at_once(
    workspace: Workspace,
) -> None:
    fire(workspace, DUE)
    mine, theirs = Told(), Told()

    assert Dispatcher(workspace, by(mine)).deliver(over=lambda: bool(mine.people)) == (1, 0)
    with others(workspace, 1) as (other,):
        assert Dispatcher(other, by(theirs)).deliver() == (1, 0)

    assert sorted(mine.people + theirs.people) == ["alpha.liaison", "beta.liaison"]
    assert sql(workspace.database, "select distinct attempts from notice") == [(1,)]
    assert flaws(workspace) == []
