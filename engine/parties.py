"""Who is a party to a matter: whose it is, who may act in it now, who was sent it, who owns a clock of it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, cast, exists, insert, select

from engine.campaign import Campaign
from engine.machine import Compiled
from engine.party_tables import Party
from engine.rows import D, DeadlineRow, M, MatterRow
from engine.store import Statement, Tx
from engine.tables import table_of

X = table_of(Party)

EVERYBODY = "*"
"""Stands for every body, where a role may be held at any."""

_WHICH = cast(bindparam("matter_id"), BigInteger), cast(bindparam("body"), Text)
ADD_PARTY = Statement(
    insert(X).from_select(
        ["matter_id", "body", "campaign_id"],
        select(*_WHICH, cast(bindparam("campaign_id"), BigInteger)).where(
            ~exists(select(X.c.body).where(X.c.matter_id == _WHICH[0], X.c.body == _WHICH[1]))
        ),
    )
)
"""Adds a party that is not there yet; the matter is locked, so nobody else can add it meanwhile."""


def parties_of(
    campaign: Campaign, machine: Compiled, row: MatterRow, facts: Mapping[str, Any], clocks: Iterable[DeadlineRow]
) -> frozenset[str]:
    """The bodies that are parties as the matter stands."""
    own, state = row.body, row.state
    always: frozenset[str] | None = machine.standing.get(("parties", state, own))
    fixed, named = machine.acting[state]
    if always is None:
        always = frozenset({own, *(EVERYBODY if body is None else body for body in fixed)} - {""})
        machine.standing["parties", state, own] = always
    more = [clock.owner_body for clock in clocks if clock.owner_body not in always]
    for seat in named:
        body = seat.body(campaign.parts, own, facts)
        more.append(EVERYBODY if body is None else body)
    more += [
        campaign.parts.get(flag.part, "")
        for flag in campaign.access.flags(machine.kind)
        if any(facts.get(fact) is True for fact in flag.facts)
    ]
    return always.union(more) - {""} if more else always


def enter_all_parties(tx: Tx, campaign: Campaign) -> None:
    """Write down the parties of every matter as it stands: after other bodies or other rights have come into force."""
    clocks: dict[int, list[DeadlineRow]] = {}
    for values in tx.select(select(D).where(D.c.campaign_id == campaign.id)):
        row = DeadlineRow(*values)
        clocks.setdefault(row.matter_id, []).append(row)
    for values in tx.select(select(M).where(M.c.campaign_id == campaign.id)):
        matter = MatterRow(*values)
        machine, facts = campaign.machines[matter.definition_id], json.loads(matter.data)["facts"]
        enter_parties(tx, matter, parties_of(campaign, machine, matter, facts, clocks.get(matter.id, ())))


def enter_parties(tx: Tx, row: MatterRow, bodies: Iterable[str]) -> None:
    """Write down *bodies* as parties to the matter."""
    values = {"matter_id": row.id, "campaign_id": row.campaign_id}
    tx.write_many(ADD_PARTY, [{**values, "body": body} for body in sorted(bodies)])
