"""What a process alone with its database knows of it without asking is what the database says; a failure makes it forget."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from world import begin, do, papers, sql

from engine.errors import Conflict
from engine.firing import due_in
from engine.mirror import Mirror
from engine.orders import Do
from engine.store import Tx
from scheduler.rehearse import play, stage_of
from workflows.workspace import Workspace

REF = "errand/alpha"


@pytest.fixture
def alone() -> Iterator[Workspace]:
    """Give a rehearsal in memory that nobody else can reach, with a mirror."""
    workspace = begin("sqlite://")
    workspace.database.keep(Mirror())
    yield workspace
    workspace.close()


def said(workspace: Workspace, mirror: Mirror) -> tuple[int | None, dict[int, list[Any]], set[str]]:
    """What *mirror* says: when something is due, who is whose child, which of the request ids on record have come."""
    idents = [int(ident) for (ident,) in sql(workspace.database, "select id from matter")]
    requests = [str(each) for (each,) in sql(workspace.database, "select request_id from entry where request_id <> ''")]
    campaign_id = workspace.campaign.id
    with workspace.database.snapshot() as tx:
        families = {ident: sorted(mirror.children(tx, ident)) for ident in idents}
        come = {each for each in requests if mirror.has_come(tx, campaign_id, each)}
        assert come == set(requests)
        assert not mirror.has_come(tx, campaign_id, "never")
        return mirror.next_due(tx, campaign_id), families, come


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
