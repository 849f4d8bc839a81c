"""What somebody may do with a matter now, and why not the rest."""

from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.held import Held
from engine.orders import Actor, Order


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
        needs = [code for code in spec.needs if code not in held.documents] + list(spec.needs_new)
        possible.append(
            {
                "trigger": trigger, "label": label, "to": arrow.dst, "asks": list(spec.asks), "optional": list(spec.optional),
                "needs": needs, "reason": spec.reason, "basis": spec.basis, "mark": spec.mark,
            }
        )  # fmt: skip
    return {
        "ref": held.row.ref,
        "state": held.row.state,
        "actor": actor.login,
        "possible": possible,
        "refused": refused,
    }
