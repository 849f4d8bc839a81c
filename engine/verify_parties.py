"""Checking who is written down as a party to a matter: whoever was added sees what is not his, whoever is missing sees nothing."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.campaign import Campaign
from engine.machine import Compiled
from engine.parties import X, parties_of
from engine.rows import DeadlineRow, MatterRow
from engine.states import StateTree
from engine.store import IDS, Statement

PARTIES = Statement(select(X.c.matter_id, X.c.body).where(X.c.matter_id.in_(IDS)))

Lines = Iterable[tuple[Mapping[str, Any], str, Mapping[str, Any]]]


def party_flaws(
    campaign: Campaign, matter: MatterRow, rows: Sequence[DeadlineRow], lines: Lines, there: set[str]
) -> Iterator[str]:
    """Who must be a party and is not, and who is one without ever having been: by the states, facts, clocks, hand-overs and
    copies of the matter's whole history. What a policy of access may flag for a body is believed to have been so once.
    """
    machine, facts = campaign.machines[matter.definition_id], json.loads(matter.data)["facts"]
    now, ever = parties_of(campaign, machine, matter, facts, rows), set()
    for found in _ever(campaign, matter, lines):
        ever |= found
    flagged = {campaign.parts.get(flag.part, "") for flag in campaign.access.flags(machine.kind)}
    for body in sorted(now - there):
        yield f"{body} is a party to it, and is not written down"
    for body in sorted(there - now - ever - flagged - {row.owner_body for row in rows}):
        yield f"{body} is written down as a party to it, and never was one"


def _ever(campaign: Campaign, matter: MatterRow, lines: Lines) -> Iterator[set[str]]:
    """Entry by entry, the bodies that were parties then or were told of it."""
    facts: dict[str, Any] = {}
    machine = campaign.machines[matter.definition_id]
    seen: dict[tuple[int, str, str], set[str]] = {}
    for body, _, private in lines:
        ident = campaign.machines.by_digest.get(body.get("definition", ""))
        machine = campaign.machines[ident] if ident is not None else machine
        facts.update(body.get("facts", {}))
        facts.update({name[5:]: value for name, value in private.items() if name.startswith("fact:")})
        if body["kind"] == "opened":
            yield {str(body.get("body") or ""), matter.body}
        yield {*body.get("copied", ()), *(each.get("to", "") for each in body.get("handovers", ()))}
        yield {str(each["owner"]) for each in body.get("clocks", ()) if each.get("owner")}
        yield _told(campaign, machine, matter, body, facts)
        key = machine.id, body["to"], json.dumps(facts, sort_keys=True, default=str)
        if body["to"] and key not in seen:
            seen[key] = _of_state(campaign, machine, matter, body["to"], facts)
            yield seen[key]


def _told(
    campaign: Campaign, machine: Compiled, matter: MatterRow, body: Mapping[str, Any], facts: Mapping[str, Any]
) -> set[str]:
    """To whom a move goes: by hand-over and as a copy, of whichever arrow of its trigger it was."""
    arrows = machine.arrows.get(body["from"], {}).get(body["trigger"], ())
    roles = {role for arrow in arrows for role in (*arrow.spec.copy_to, *arrow.spec.handover)}
    return {campaign.seat_body(machine, role, matter.body, facts) for role in roles}


def _of_state(
    campaign: Campaign, machine: Compiled, matter: MatterRow, state: str, facts: Mapping[str, Any]
) -> set[str]:
    tree: StateTree = machine.tree
    if state not in tree.leaves:
        return set()
    before, matter.state = matter.state, state
    try:
        return set(parties_of(campaign, machine, matter, facts, ()))
    finally:
        matter.state = before
