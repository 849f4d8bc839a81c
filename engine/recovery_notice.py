"""A recovery code was used: on record, and told to its holder, who knows best whether it was he."""

from engine import recovery_codes
from engine.account_record import enter_account
from engine.clock import to_us
from engine.credentials import Held
from engine.notices import compose
from engine.orders import Actor
from engine.owing import owe
from engine.service import Engine
from engine.store import Tx

KIND = "recovery_used"


def enter_recovery(tx: Tx, engine: Engine, held: Held, ident: str) -> None:
    """Enter that the recovery code *ident* was used up, and owe its holder word of it."""
    campaign, now, left = engine.campaign, engine.clock.now(), recovery_codes.left(tx, held.login)
    actor = Actor(held.login, f"recovery:{ident}", key=held.activated_by or "")
    enter_account(
        tx, campaign, actor, now, KIND, {"login": held.login, "recovery_id": ident, "left": left}
    )  # fmt: skip
    body = min(engine.people.posts_of(tx, held.login, now), default=(campaign.parts.get("office", ""), ""))[0]
    values = {
        "campaign": campaign.doc.name.zh, "title": campaign.doc.name.zh, "owner": held.login, "label": held.login,
        "list": str(left),
    }  # fmt: skip
    engine.people.directory(tx, now)
    notice = compose(
        campaign, kind=KIND, recipient=held.login, body=body, planned_us=to_us(now), now_us=to_us(now),
        dedup=f"{campaign.id}:{KIND}:{ident}", values=values, urgent=True,
    )  # fmt: skip
    owe(tx, campaign, [notice])
