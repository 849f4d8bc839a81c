"""What somebody may do with a matter now, and why not the rest."""

from datetime import datetime
from typing import Any

from engine.besides import besides_json
from engine.campaign import Campaign
from engine.held import Held
from engine.machine import Arrow
from engine.orders import Actor, Order
from engine.situation import Situation


def can_json(campaign: Campaign, held: Held, actor: Actor, now: datetime) -> dict[str, Any]:
    """The answer of ``can``."""
    machine = held.machine
    situation = held.situation(campaign, actor, Order(), {}, now)
    possible, refused = [], []
    for trigger, (arrow, reasons) in machine.survey(situation).items():
        label = (arrow.spec.label if arrow else machine.triggers[trigger]).model_dump()
        if arrow is None:
            refused.append({"trigger": trigger, "label": label, "reasons": [reason.as_json() for reason in reasons]})
            continue
        spec = arrow.spec
        needs = needs_of(held, arrow)
        possible.append(
            {
                "trigger": trigger, "label": label, "to": arrow.dst, "asks": list(spec.asks), "optional": list(spec.optional),
                "needs": needs, "reason": spec.reason, "basis": spec.basis, "mark": spec.mark, "ways": _ways(held, trigger, situation),
            }
        )  # fmt: skip
    return {
        "ref": held.row.ref,
        "state": held.row.state,
        "actor": actor.login,
        "possible": possible,
        "refused": refused,
        "besides": besides_json(campaign, held, actor, now),
    }


def _ways(held: Held, trigger: str, situation: Situation) -> list[dict[str, Any]]:
    """Every arrow that *trigger* could take here: where each leads and what it asks; what is stated decides among them."""
    situation.probing = True
    arrows = [
        arrow for arrow in held.machine.arrows[situation.state][trigger] if not held.machine.against(arrow, situation)
    ]
    situation.probing = False
    return [
        {"to": arrow.dst, "asks": list(arrow.spec.asks), "optional": list(arrow.spec.optional), "basis": arrow.spec.basis,
         "mark": arrow.spec.mark, "reason": arrow.spec.reason, "needs": needs_of(held, arrow)}
        for arrow in arrows
    ]  # fmt: skip


def needs_of(held: Held, arrow: Arrow) -> list[str]:
    """The documents that are still to be brought for *arrow*."""
    return [code for code in arrow.spec.needs if code not in held.documents] + list(arrow.spec.needs_new)
