"""What a transaction has saved it need not read again; nothing that was refused or undone is kept."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select
from world import begin, correct, flaws, papers, sql

from engine.clock import to_us
from engine.errors import Refused
from engine.history import Line, append, chain_at
from engine.in_hand import hold, kept
from engine.orders import SYSTEM, Do
from engine.rows import DEADLINES_OF_REF, LOCK_MATTER, MATTER_BY_REF, D, DeadlineRow, MatterRow
from engine.sight import Place
from engine.stamp import move_stamp
from engine.store import Tx
from workflows.workspace import Workspace

REF = "errand/alpha"


@pytest.fixture
def alone() -> Iterator[Workspace]:
    """Give a rehearsal in memory that nobody else can reach, and that keeps what it has saved."""
    workspace = begin("sqlite://")
    workspace.database.keep()
    yield workspace
    workspace.close()


def order(workspace: Workspace, trigger: str, docs: str = "") -> Do:
    return Do(ref=REF, trigger=trigger, documents=papers(workspace, docs))


def test_orders_of_one_transaction_go_on_from_one_another_and_the_record_says_the_same(workspace: Workspace) -> None:
    correct(workspace, REF, "alpha.head", reason="漏填", urgent=False)
    actor = workspace.actor("alpha.liaison")

    def work(tx: Tx) -> int:
        workspace.engine.run(tx, order(workspace, "take"), actor)
        with pytest.raises(Refused):
            workspace.engine.run(tx, order(workspace, "submit"), actor)
        return workspace.engine.run(tx, order(workspace, "submit", "report"), actor).matter.version

    version = workspace.engine.in_transaction(work)

    assert workspace.reader.show(REF)["version"] == version
    assert [each["trigger"] for each in workspace.reader.history(REF)["items"]][-2:] == ["take", "submit"]
    assert flaws(workspace) == []


def test_a_matter_that_was_saved_is_not_read_again(alone: Workspace) -> None:
    correct(alone, REF, "alpha.head", reason="漏填", urgent=False)
    sql(alone.database, "update matter set data = '' where ref = 'errand/alpha'")  # who reads this gets no further

    alone.engine.execute(order(alone, "take"), alone.actor("alpha.liaison"))

    assert flaws(alone) == []


def test_what_is_undone_is_not_kept(alone: Workspace) -> None:
    correct(alone, REF, "alpha.head", reason="漏填", urgent=False)
    actor = alone.actor("alpha.liaison")
    with pytest.raises(KeyError), alone.database.tx() as tx:
        alone.engine.run(tx, order(alone, "take"), actor)
        raise KeyError("after it was saved")

    alone.engine.execute(order(alone, "take"), actor)

    assert alone.reader.show(REF)["version"] == 3
    assert flaws(alone) == []


def test_work_on_a_kept_matter_leaves_it_alone_until_it_is_saved(alone: Workspace) -> None:
    correct(alone, REF, "alpha.head", reason="漏填", urgent=False)
    with alone.database.tx() as tx:
        held = kept(tx, (alone.campaign.id, REF))
        assert held is not None
        before = held.pack(), [(row.code, row.status) for row in held.clocks.rows]

        ours = held.again(alone.campaign, alone.clock.now())
        ours.facts["urgent"] = True
        ours.documents["report"] = ["", "", 0]
        ours.marks.note("take", "somebody", "new", ("elsewhere",), {"urgent": True})
        for row in ours.clocks.rows:
            row.status = "cancelled"

        assert (held.pack(), [(row.code, row.status) for row in held.clocks.rows]) == before


def test_entries_of_one_transaction_follow_one_another_in_their_stream(workspace: Workspace) -> None:
    campaign = workspace.campaign

    def work(tx: Tx) -> None:
        for _ in range(3):
            line = Line("comment", SYSTEM, 0, to_us(workspace.clock.now()))
            append(tx, chain_at(tx, campaign.id, campaign.log, f"campaign/{campaign.code}"), line)

    workspace.engine.in_transaction(work)
    workspace.engine.in_transaction(work)

    seqs = sql(workspace.database, "select seq from entry where stream like 'campaign/%' order by seq")
    assert [seq for (seq,) in seqs][-6:] == list(range(len(seqs) - 5, len(seqs) + 1))
    assert flaws(workspace) == []


def test_a_row_that_is_handed_over_whole_says_what_its_columns_say(workspace: Workspace) -> None:
    sql(
        workspace.database,
        """update matter set title = '引号"、\\ 与
换行' where ref = 'errand/alpha'""",
    )
    where = {"campaign_id": workspace.campaign.id, "ref": REF}
    with workspace.database.tx() as tx:
        whole, clocks = tx.fetch((LOCK_MATTER, where), (DEADLINES_OF_REF, where))
        plain = tx.rows(MATTER_BY_REF, **where)
        each = tx.select(select(D).where(D.c.matter_id == plain[0][0]).order_by(D.c.id))

    read, said = MatterRow(*whole[0]), MatterRow(*plain[0])
    assert (read.text, replace(read, data="")) == (said.text, replace(said, data=""))
    assert clocks
    assert [tuple(row) for row in clocks] == [tuple(row) for row in each]

    with workspace.database.tx() as tx:
        held, _ = hold(tx, workspace.campaign, REF, workspace.clock.now())
        held.all_clocks(tx)
        held.look_ahead(tx)
    assert replace(held.row, data=held.row.text) == replace(said, data=said.text)
    assert held.clocks.rows == [DeadlineRow(*row) for row in each]


def test_an_order_by_what_was_known_yesterday_looks_again_before_it_is_carried_out(workspace: Workspace) -> None:
    engine, looked = workspace.engine, []
    refresh = engine.refresh
    assert refresh is not None
    engine.refresh = lambda: looked.append(refresh())
    with workspace.database.tx() as tx:
        move_stamp(tx)

    engine.execute(order(workspace, "take"), workspace.actor("alpha.liaison"))

    assert len(looked) == 1


def test_a_number_that_is_remembered_from_what_was_undone_keeps_no_order_away(workspace: Workspace) -> None:
    correct(workspace, REF, "alpha.head", reason="漏填", urgent=False)
    workspace.campaign.places[REF] = Place(1, "errand", "alpha")

    outcome = workspace.engine.execute(order(workspace, "take"), workspace.actor("alpha.liaison"))

    assert outcome.matter.ref == REF
    assert REF not in workspace.campaign.places
