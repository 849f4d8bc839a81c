"""What hangs on a matter's state and body alone is worked out once, and that of no other state, body or fact."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from officewalk import PARTS, machine_of

from engine.access import NOTHING, Access
from engine.campaign import Campaign
from engine.machine import Compiled
from engine.notices import to_be_told, told_of_move
from engine.outlook import awaits_of
from engine.parties import parties_of
from engine.rows import MatterRow, new_deadline


class Around:
    """As much of a campaign as says who is a party."""

    parts, access = PARTS, Access(NOTHING, [])


def matters(machine: Compiled) -> Iterator[tuple[MatterRow, dict[str, Any]]]:
    """Every state with two bodies, the facts unsaid, then naming one body, then another."""
    named = {name for seat in machine.seats.values() for kind, name in seat.sources if kind == "fact"}
    row = MatterRow.__new__(MatterRow)
    for facts in ({}, dict.fromkeys(named, "wujia"), dict.fromkeys(named, "yunlu")):
        for row.state in machine.tree.leaves:
            for row.body in ("wujia", "xinan"):
                yield row, facts


def said(machine: Compiled, row: MatterRow, facts: dict[str, Any]) -> Any:
    """Who is waited for, and who are parties without and with a clock of another body."""
    around, clock = cast(Campaign, Around), new_deadline(1, "x", "elsewhere", 0, 1)
    parties = [parties_of(around, machine, row, facts, clocks) for clocks in ([], [clock])]
    return awaits_of(machine, row, facts, {}), parties


@pytest.mark.parametrize("kind", ["case", "penalty"])
def test_it_is_as_if_it_were_worked_out_for_each(kind: str) -> None:
    machine, _ = machine_of(kind)
    machine.standing.clear()
    kept = [said(machine, *each) for each in matters(machine)]
    assert machine.standing

    for (row, facts), was in zip(matters(machine), kept, strict=True):
        machine.standing.clear()
        assert said(machine, row, facts) == was, (row.state, row.body, facts)


@pytest.mark.parametrize("kind", ["case", "penalty"])
def test_who_is_told_of_a_move_is_as_if_it_were_asked_for_each(kind: str) -> None:
    machine, _ = machine_of(kind)
    around = cast(Campaign, SimpleNamespace(parts=PARTS, circles={}, said={}, seat_body=body_of))
    arrows = {arrow.index: arrow for found in machine.arrows.values() for each in found.values() for arrow in each}
    seen = 0
    for row, facts in matters(machine):
        for arrow in arrows.values():
            wanted = (("handover", arrow.act.handover), ("copy", arrow.act.copy_to))
            told = told_of_move(around, machine, row, facts, arrow)
            assert told == to_be_told(around, machine, row, facts, wanted)
            seen += len(told)
    assert seen
    assert around.said


def body_of(machine: Compiled, role: str, body: str, facts: dict[str, Any]) -> str:
    """The body of a role, as a campaign without circles says it."""
    return machine.seats[role].body(PARTS, body, facts) or "" if role in machine.seats else ""
