"""An order works on the clocks that run: what those that ended still say of their matter is not lost."""

import random
from dataclasses import replace
from types import SimpleNamespace as Simple
from typing import Any

from world import correct, papers

from engine.ended_clocks import ClockReads
from engine.ids import new_id
from engine.in_hand import hold, look
from engine.orders import Do
from engine.outlook import ended_by, set_outlook
from engine.rows import INSERT_DEADLINE, DeadlineRow, clocks_of
from engine.store import Tx
from engine.tables import UNLIT
from workflows.workspace import Workspace

REF = "errand/alpha"
OPEN, ENDED = (
    ("running", "running", "breached", "paused", "watching"),
    ("met", "late", "cancelled", "breached", "cleared"),
)


def clock(dice: random.Random) -> Any:
    status = dice.choice(OPEN + ENDED)
    stopped_at = 1 if status in ENDED and (status not in OPEN or dice.random() < 0.5) else None
    return Simple(
        definition_id=1, code=dice.choice("abct"), status=status, stopped_at=stopped_at, breach_at=dice.randrange(1, 40),
        yellow_at=dice.randrange(1, 40),
    )  # fmt: skip


def changed(dice: random.Random, clocks: list[Any]) -> None:
    """Let some of what has not ended end, be put off, rest or go on."""
    for each in clocks:
        if each.stopped_at is not None or dice.random() < 0.5:
            continue
        each.status = dice.choice(("met", "late", "cancelled", "breached", "paused", "running"))
        each.stopped_at = None if each.status in OPEN and dice.random() < 0.8 else 1
        each.breach_at += dice.randrange(20)


def test_the_outlook_is_that_of_all_clocks_or_says_that_it_needs_them() -> None:
    dice, machine = random.Random(7), Simple(id=1, timers=frozenset("t"), standing={("awaits", "s", "b"): ""})
    machines: Any = {1: machine}
    enough = 0

    def outlook(row: Any, *given: Any) -> tuple[bool, Any]:
        told = set_outlook(row, machine, machines, *given)  # type: ignore[arg-type]
        return told, (row.red_at, row.yellow_at, row.due_at)

    for _ in range(4000):
        clocks = [clock(dice) for _ in range(dice.randrange(6))]
        row: Any = Simple(
            closed=dice.random() < 0.05, updated_at=dice.randrange(1, 40), state="s", body="b", red_at=UNLIT
        )
        outlook(row, clocks, {}, {})
        hand = [each for each in clocks if each.stopped_at is None or dice.random() < 0.2]
        ended = ended_by(row, machine, machines, hand)  # type: ignore[arg-type]
        changed(dice, hand)
        row.updated_at, row.closed = row.updated_at + dice.randrange(20), dice.random() < 0.05
        begun = [clock(dice) for _ in range(dice.randrange(2))]
        told, found = outlook(row, hand + begun, {}, {}, ended)
        enough += told
        assert not told or found == outlook(row, clocks + begun, {}, {})[1]

    assert enough > 2500


def aged(tx: Tx, workspace: Workspace, *statuses: str) -> list[DeadlineRow]:
    """Give the errand clocks that ended so, one after the other, and return all it has, in their order."""
    held = look(tx, workspace.campaign, REF, workspace.clock.now())
    (pattern,) = (row for row in held.clocks.rows if row.stopped_at is None)
    began = pattern.started_at
    ended: dict[str, Any] = {"breach_at": began - 1, "stopped_at": began, "closed_seq": 1, "next_fire_at": None}
    more = [replace(pattern, id=new_id(), status=status, **ended) for status in statuses]
    tx.put(INSERT_DEADLINE, more)
    return sorted([*held.clocks.rows, *more], key=lambda row: row.id)


def test_an_order_reads_what_runs_and_the_last_of_what_its_definition_asks_for(workspace: Workspace) -> None:
    correct(workspace, REF, "alpha.head", reason="漏填", urgent=False)
    with workspace.database.tx() as tx:
        rows = aged(tx, workspace, *["met"] * 5, "late")
        code, last = rows[-1].code, rows[-1].id
        running = [row for row in rows if row.stopped_at is None]
        held, _ = hold(tx, workspace.campaign, REF, workspace.clock.now())
        asking = ClockReads(frozenset({code, "another"}))
        by_ref = {"campaign_id": workspace.campaign.id, "ref": REF}
        for found in (tx.rows(asking.by_id, id=held.row.id), tx.rows(asking.by_ref, **by_ref)):
            assert [row.id for row in clocks_of(held.row, found)] == sorted([*(row.id for row in running), last])

        assert held.clocks.rows == running

        held.all_clocks(tx)
        assert sorted(held.clocks.rows, key=lambda row: row.id) == rows


def test_a_matter_that_was_late_once_stays_red_when_its_old_clocks_are_not_read(workspace: Workspace) -> None:
    correct(workspace, REF, "alpha.head", reason="漏填", urgent=False)
    with workspace.database.tx() as tx:
        rows = aged(tx, workspace, "late", "met")
        held = look(tx, workspace.campaign, REF, workspace.clock.now())
        held.save(tx, held.row.seq)
    late = next(row for row in rows if row.status == "late")
    assert held.row.red_at == late.breach_at < held.row.updated_at

    order = Do(ref=REF, trigger="take", documents=papers(workspace, ""))
    done = workspace.engine.execute(order, workspace.actor("alpha.liaison"))

    assert len(done.deadlines) < len(rows)
    with workspace.database.snapshot() as tx:
        after = look(tx, workspace.campaign, REF, workspace.clock.now())
    kept = after.row.red_at
    set_outlook(after.row, after.machine, after.clocks.machines, after.clocks.rows, after.facts, after.marks.handed)
    assert kept == after.row.red_at
    assert done.matter.red_at == kept
