"""The log over all entries: every entry gets its place once, whoever dies, and what is sealed can be proved."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import world
from commandline import ROOT
from sqlalchemy import text

from engine.clock import to_us
from engine.errors import Conflict
from engine.hashes import hash_of
from engine.merkle import Frontier
from engine.sequencing import head_of, sequence, waiting
from engine.verifying import verify
from workflows.workspace import Workspace

LEAVES = "select idx, stream, seq, hash from log_leaf order by idx"


def sequenced(workspace: Workspace, limit: int = 500) -> int:
    campaign = workspace.campaign
    return sequence(workspace.database, campaign.id, campaign.log, to_us(workspace.clock.now()), limit)


def wait(workspace: Workspace) -> int:
    with workspace.database.snapshot() as tx:
        return waiting(tx, workspace.campaign.id)


def flaws(workspace: Workspace) -> list[str]:
    """What is wrong with the log: entries without a place or with two, another order within a stream, another root."""
    rows = world.sql(workspace.database, LEAVES)
    entries = world.sql(workspace.database, "select stream, seq, hash from entry")
    placed = {(stream, seq): bytes(leaf).hex() for _, stream, seq, leaf in rows}
    pending = world.sql(workspace.database, "select stream, seq, hash from log_pending")
    known = {**placed, **{(stream, seq): leaf for stream, seq, leaf in pending}}
    found = [f"{each[:2]}" for each in entries if known.get(each[:2]) != each[2]]
    found += [f"too many: {len(known)} of {len(entries)}"] * (len(known) != len(entries))
    found += [f"twice: {len(rows)}"] * (len(placed) != len(rows))
    found += [f"gap at {at}" for at, row in enumerate(rows) if row[0] != at]
    last: dict[str, int] = {}
    for _, stream, seq, _ in rows:
        found += [f"{stream} {seq} out of order"] * (seq != last.get(stream, 0) + 1)
        last[stream] = seq
    tree = Frontier(hash_of(workspace.campaign.log))
    for row in rows:
        tree.append(bytes(row[3]))
    with workspace.database.snapshot() as tx:
        head = head_of(tx, workspace.campaign.id, workspace.campaign.log)
    return found + ["another root"] * ((head.size, head.frontier.root()) != (tree.size, tree.root()))


def test_every_entry_waits_for_its_place_from_the_moment_it_is_written(rich: Workspace) -> None:
    before = wait(rich)

    world.open_one(rich, "probe", "alpha.liaison", size=3)

    assert before == len(world.sql(rich.database, "select 1 from entry")) - 1
    assert wait(rich) == before + 1
    assert flaws(rich) == []


def test_an_order_that_is_refused_leaves_nothing_waiting(rich: Workspace) -> None:
    before = wait(rich)

    with pytest.raises(Conflict):
        world.open_one(rich, "errand", "bgs.admin", "alpha", ref="errand/alpha")

    assert wait(rich) == before


@pytest.mark.parametrize("limit", [1, 7, 500])
def test_what_waits_gets_its_place_in_the_order_of_its_stream(limit: int, rich: Workspace) -> None:
    ref = world.open_one(rich, "probe", "alpha.liaison", size=3).ref
    for size in range(20):
        world.correct(rich, ref, "alpha.head", reason="更正", size=size)
    count = wait(rich)

    assert sequenced(rich, limit) == count
    assert (wait(rich), sequenced(rich)) == (0, 0)
    assert flaws(rich) == []


def test_whoever_else_sequences_is_left_alone(pg_url: str) -> None:
    workspace = world.begin(pg_url, "rich")
    sequenced(workspace)
    world.open_one(workspace, "probe", "alpha.liaison", size=3)
    with world.others(workspace, 1) as (other,), other.database.schema() as connection:
        connection.execute(text("select 1 from log_state for update"))

        assert sequenced(workspace) == 0

    assert sequenced(workspace) == 1
    workspace.close()


def test_an_entry_committed_later_than_it_began_is_not_passed_over(pg_url: str) -> None:
    workspace = world.begin(pg_url, "rich")
    first = world.open_one(workspace, "probe", "alpha.liaison", size=1).ref
    second = world.open_one(workspace, "probe", "alpha.liaison", size=1).ref
    sequenced(workspace)
    with world.others(workspace, 1) as (slow,):
        with slow.database.tx() as tx:
            slow.engine.run(tx, world.Correct(ref=first, facts={"size": 2}, reason="慢"), slow.actor("alpha.head"))
            tx.flush()
            world.correct(workspace, second, "alpha.head", reason="快", size=2)
            assert sequenced(workspace) == 1

        assert sequenced(workspace) == 1
    assert flaws(workspace) == []
    workspace.close()


SEQUENCER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from engine.clock import to_us
from engine.sequencing import sequence
from workflows.workspace import open_workspace
workspace = open_workspace(sys.argv[1])
sequence(workspace.database, workspace.campaign.id, workspace.campaign.log, to_us(workspace.clock.now()), 3)
"""


@pytest.mark.parametrize(
    "place", ["begun", "sequenced", "sequenced:2", "before_commit", "after_commit", "after_commit:3"]
)
def test_a_sequencer_that_is_killed_loses_nothing_and_does_nothing_twice(place: str, rich: Workspace) -> None:
    ref = world.open_one(rich, "probe", "alpha.liaison", size=3).ref
    for size in range(10):
        world.correct(rich, ref, "alpha.head", reason="更正", size=size)
    url = rich.database.url.render_as_string(hide_password=False)

    ended = subprocess.run(
        [sys.executable, "-c", SEQUENCER, url], cwd=ROOT, env={**os.environ, "DUBAN_FAILPOINT": place}, check=False
    )

    assert ended.returncode == -signal.SIGKILL
    assert flaws(rich) == []
    sequenced(rich)
    assert (flaws(rich), wait(rich)) == ([], 0)


def test_writers_and_sequencers_at_once_leave_a_whole_log(db_url: str) -> None:
    workspace = world.begin(db_url, "rich")
    refs = [world.open_one(workspace, "probe", "alpha.liaison", size=1).ref for _ in range(3)]

    with world.others(workspace, 5) as crew, ThreadPoolExecutor(5) as pool:

        def write(space: Workspace, ref: str) -> None:
            for size in range(12):
                world.correct(space, ref, "alpha.head", reason="更正", size=size)

        def place(space: Workspace) -> None:
            for _ in range(12):
                sequenced(space, 3)

        done = [pool.submit(write, space, ref) for space, ref in zip(crew, refs, strict=False)]
        done += [pool.submit(place, space) for space in crew[3:]]
        for each in done:
            each.result()

    sequenced(workspace)
    assert (flaws(workspace), wait(workspace)) == ([], 0)
    with workspace.database.snapshot() as tx:
        assert verify(tx, workspace.campaign)["findings"] == []
    workspace.close()
