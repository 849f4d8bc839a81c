"""Matters that an order names in its facts: they must be there for whoever states them."""

from collections.abc import Mapping
from typing import Any

from engine.campaign import Campaign
from engine.errors import Invalid, NotFound
from engine.machine import Compiled
from engine.orders import SYSTEM, Actor
from engine.sight import PLACE, sight_of
from engine.store import Tx


def refuse_foreign(
    tx: Tx, campaign: Campaign, actor: Actor, machine: Compiled, stated: Mapping[str, Any], own: str | None = None
) -> None:
    """Raise NotFound for a matter named in *stated* that is not there, or that *actor* does not see.

    Raises Invalid for the matter *own* of which it is stated: none goes into itself, none comes from itself.
    """
    if actor.person == SYSTEM.person:
        return
    for name, value in stated.items():
        spec = machine.doc.facts.get(name)
        if spec is None or not spec.matter or not isinstance(value, str):
            continue
        if value == own:
            raise Invalid(f"{name}: {own} is this very matter; name another", "itself")
        sight = sight_of(campaign, actor)
        sight.must_be_there(tx, value)
        if sight.everything and not tx.rows(PLACE, campaign_id=campaign.id, ref=value):
            raise NotFound(f"no matter {value!r} in {campaign.code}", "no_matter")
