"""Checking who is written down as a party to a matter: whoever was added sees what is not his, whoever is missing sees nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.campaign import Campaign
from engine.canonical import parsed
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
    machine, facts = campaign.machines[matter.definition_id], parsed(matter.data)["facts"]
    now, ever = parties_of(campaign, machine, matter, facts, rows), _ever(campaign, matter, lines)
    flagged = {campaign.parts.get(flag.part, "") for flag in campaign.access.flags(machine.kind)}
    for body in sorted(now - there):
        yield f"{body} is a party to it, and is not written down"
    for body in sorted(there - now - ever - flagged - {row.owner_body for row in rows}):
        yield f"{body} is written down as a party to it, and never was one"


def _ever(campaign: Campaign, matter: MatterRow, lines: Lines) -> set[str]:
    """The bodies that were parties after any of the entries, or were told of one.

    What follows from a move is asked once for all that went the same way while the facts that name a body were the same.
    """
    machine, by_digest = campaign.machines[matter.definition_id], campaign.machines.by_digest
    facts: dict[str, Any] = {}
    ever: set[str] = set()
    asked: set[tuple[Any, ...]] = set()
    naming = _naming(campaign, machine)
    named: list[str] | None = None
    for body, _, private in lines:
        ident = by_digest.get(body.get("definition", ""))
        if ident is not None and ident != machine.id:
            machine, named = campaign.machines[ident], None
            naming = _naming(campaign, machine)
        if private or "facts" in body:
            facts.update(body.get("facts", {}))
            facts.update({name[5:]: value for name, value in private.items() if name.startswith("fact:")})
            named = None
        if named is None:
            named = [repr(facts.get(name)) for name in naming]
        _by_name(ever, matter, body)
        way = machine.id, body["from"], body["trigger"], body["to"], *named
        if way not in asked:
            asked.add(way)
            ever |= _told(campaign, machine, matter, body, facts)
            ever |= _of_state(campaign, machine, matter, body["to"], facts) if body["to"] else set()
    return ever


def _by_name(ever: set[str], matter: MatterRow, body: Mapping[str, Any]) -> None:
    """Add the bodies that an entry itself names."""
    if body["kind"] == "opened":
        ever |= {str(body.get("body") or ""), matter.body}
    if "copied" in body:
        ever.update(body["copied"])
    if "handovers" in body:
        ever.update(each.get("to", "") for each in body["handovers"])
    for each in body.get("clocks", ()):
        if each.get("owner"):
            ever.add(str(each["owner"]))


def _naming(campaign: Campaign, machine: Compiled) -> list[str]:
    """The facts from which it follows who is a party: those that name the body of a role, and those that flag one."""
    seats = (*machine.seats.values(), *campaign.circles.values())
    names = {name for seat in seats for kind, name in seat.sources if kind == "fact"}
    return sorted(names.union(*(flag.facts for flag in campaign.access.flags(machine.kind))))


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
