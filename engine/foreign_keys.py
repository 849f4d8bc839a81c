"""Matters that an order names in its facts: they must be there for whoever states them."""

from collections.abc import Mapping
from typing import Any

from engine.campaign import Campaign
from engine.errors import NotFound
from engine.machine import Compiled
from engine.orders import SYSTEM, Actor
from engine.rows import MATTER_BY_REF, MatterRow
from engine.sight import sight_of
from engine.store import Tx


def refuse_foreign(tx: Tx, campaign: Campaign, actor: Actor, machine: Compiled, stated: Mapping[str, Any]) -> None:
    """Raise NotFound for a matter named in *stated* that is not there, or that *actor* does not see."""
    if actor.person == SYSTEM.person:
        return
    for name, value in stated.items():
        spec = machine.doc.facts.get(name)
        if spec is None or not spec.matter or not isinstance(value, str):
            continue
        row = tx.row(MATTER_BY_REF, campaign_id=campaign.id, ref=value)
        if row is None:
            raise NotFound(f"no matter {value!r} in {campaign.code}", "no_matter")
        sight_of(campaign, actor).must_see(tx, MatterRow(*row))
