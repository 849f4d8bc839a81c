"""What a process alone with its database knows of it without asking is what the database says; a failure makes it forget."""

import dataclasses
import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from world import begin, do, papers, sql

from engine.errors import Conflict
from engine.firing import due_in
from engine.mirror import Mirror
from engine.notices import compose
from engine.orders import Do
from engine.outbox import CLAIM, MARK_FAILED, MARK_NEEDLESS
from engine.owing import owe
from engine.rows import E, M, NoticeRow
from engine.store import Tx
from scheduler.rehearse import play, stage_of
from workflows.workspace import Workspace

REF = "errand/alpha"

NUMBERS = itertools.count()


@pytest.fixture
def alone() -> Iterator[Workspace]:
    """Give a rehearsal in memory that nobody else can reach, with a mirror."""
    workspace = begin("sqlite://")
    workspace.database.keep(Mirror())
    yield workspace
    workspace.close()


def said(workspace: Workspace, mirror: Mirror) -> tuple[Any, ...]:
    """All that *mirror* says; first when something is due, then who is whose child."""
    idents = [int(ident) for (ident,) in sql(workspace.database, "select id from matter")]
    requests = [str(each) for (each,) in sql(workspace.database, "select request_id from entry where request_id <> ''")]
    campaign_id = workspace.campaign.id
    with workspace.database.snapshot() as tx:
        families = {ident: sorted(mirror.children(tx, ident)) for ident in idents}
        come = {each for each in requests if mirror.has_come(tx, campaign_id, each)}
        assert come == set(requests)
        assert not mirror.has_come(tx, campaign_id, "never")
        refs = [str(ref) for (ref,) in tx.select(select(M.c.ref).order_by(M.c.ref))]
        assert not any(mirror.names.is_free(tx, campaign_id, ref) for ref in refs)
        assert mirror.names.is_free(tx, campaign_id, "case/9999-0001")
        streams = [str(each) for (each,) in tx.select(select(E.c.stream).distinct())]
        assert not any(mirror.streams.is_new(tx, campaign_id, each) for each in streams)
        assert mirror.streams.is_new(tx, campaign_id, "matter/nothing")
        return (
            mirror.next_due(tx, campaign_id),
            families,
            come,
            mirror.due(tx, campaign_id, 2**61, 50),
            [mirror.streams.times(tx, campaign_id, f"matter/{ref}") for ref in refs],
            [mirror.names.last_number(tx, campaign_id, *of) for of in tx.select(select(M.c.kind, M.c.year).distinct())],
            mirror.properties.among(tx, ["clock", "stamp", "mode", "nothing"]),
        )


def test_after_weeks_of_a_campaign_the_mirror_says_what_the_database_says() -> None:
    workspace = begin("sqlite://", "baodi-2010")
    workspace.database.keep(Mirror())
    stage = stage_of(workspace, "typical", 1, 8)
    said(workspace, workspace.database.mirror)

    play(stage, workspace.clock.now() + timedelta(days=45))

    kept = said(workspace, workspace.database.mirror)
    assert kept == said(workspace, Mirror())
    assert any(kept[1].values())
    workspace.close()


def test_what_it_cannot_follow_it_reads_again(alone: Workspace) -> None:
    said(alone, alone.database.mirror)

    with alone.database.tx() as tx:
        alone.database.mirror.written("deadline", [{"b_id": 1}])
        alone.database.mirror.written("matter", [{"b_id": 1}])
        tx.flush()

    assert said(alone, alone.database.mirror) == said(alone, Mirror())


def test_a_request_that_was_undone_has_not_come(alone: Workspace) -> None:
    order = Do(ref=REF, trigger="take", documents=papers(alone, ""), request_id="once")

    def fail(tx: Tx) -> None:
        alone.engine.run(tx, order, alone.actor("alpha.liaison"))
        due_in(tx, alone.campaign.id)
        raise Conflict("no", "no")

    with pytest.raises(Conflict):
        alone.engine.in_transaction(fail)

    assert not alone.engine.execute(order, alone.actor("alpha.liaison")).replayed
    assert said(alone, alone.database.mirror) == said(alone, Mirror())


def test_a_request_that_has_come_is_answered_again(alone: Workspace) -> None:
    first = do(alone, REF, "take", "alpha.liaison", request_id="once")

    again = do(alone, REF, "take", "alpha.liaison", request_id="once")

    assert (first.replayed, again.replayed) == (False, True)


def claimed(workspace: Workspace, *, mirrored: bool) -> list[NoticeRow]:
    """What a claim of everything that is owed takes, by the mirror or by the database; undone afterwards."""
    far, campaign_id = 2**61, workspace.campaign.id
    found: list[NoticeRow] = []
    with pytest.raises(KeyError), workspace.database.tx() as tx:
        if mirrored:
            found = tx.mirror.outbox.claim(tx, campaign_id, (far, far), "me", 1000)
        else:
            rows = tx.rows(CLAIM, campaign_id=campaign_id, now=far, until=far, who="me", limit=1000)
            found = sorted((NoticeRow(*row) for row in rows), key=lambda each: (each.next_try_at, each.id))
        raise KeyError("undone")
    return found


def test_the_mirror_claims_what_the_database_would(alone: Workspace) -> None:
    def work(tx: Tx) -> None:
        tx.mirror.outbox.claim(tx, alone.campaign.id, (0, 0), "nobody", 1)  # from here on it follows
        for at in (5, 3, 3, 4):
            owe(tx, alone.campaign, [letter(alone, at)])
        gone = letter(alone, 1)
        owe(tx, alone.campaign, [gone])
        tx.write(MARK_NEEDLESS, {"b_id": gone.id, "new_status": "cancelled"})

    alone.engine.in_transaction(work)
    first = [dataclasses.replace(each) for each in claimed(alone, mirrored=True)]

    assert first == claimed(alone, mirrored=False)
    assert [each.next_try_at for each in first][:4] == [3, 3, 4, 5]
    assert all(each.attempts == 1 and each.worker == "me" for each in first)


def test_what_is_to_be_tried_again_is_in_the_mirrors_outbox_again(alone: Workspace) -> None:
    def work(tx: Tx) -> None:
        tx.mirror.outbox.claim(tx, alone.campaign.id, (0, 0), "nobody", 1)
        owe(tx, alone.campaign, [letter(alone, 1)])
        (once,) = tx.mirror.outbox.claim(tx, alone.campaign.id, (1, 9), "me", 10)
        again = {"b_id": once.id, "b_worker": "me", "new_status": "owed", "again": 7, "error": "busy"}
        tx.write(MARK_FAILED, again)

    alone.engine.in_transaction(work)
    found = [dataclasses.replace(each) for each in claimed(alone, mirrored=True)]

    assert [(each.next_try_at, each.attempts, each.last_error) for each in found] == [(7, 2, "busy")]
    assert found == claimed(alone, mirrored=False)


def letter(workspace: Workspace, at_us: int) -> NoticeRow:
    """Give an urgent notice that is to go at *at_us*, so that no window puts it off."""
    values = {"campaign": "", "title": "", "list": "", "label": "", "level": 0}
    number = next(NUMBERS)
    return compose(
        workspace.campaign, kind="late_load", recipient="alpha.head", body="alpha", planned_us=at_us, now_us=at_us,
        dedup=f"letter:{number}", values=values, urgent=True,
    )  # fmt: skip
