"""Everything that will be sent by an instant if nobody acts, as one person sees it: the rungs, the repetitions, what waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.forecasting import Foreseen, foresee, foresee_owed, together
from engine.lists import rows_of
from engine.parties import EVERYBODY, X
from engine.people import People
from engine.repeating import foresee_insisting
from engine.rows import D, M
from engine.store import Tx
from engine.viewing import View

TOLD_BEFORE = timedelta(days=2)
"""How long before its end a deadline can have been told of as overdue, so that a repetition may follow. PLACEHOLDER"""


@dataclass(frozen=True, slots=True)
class Foresight:
    """What is foreseen, in the order of time; not *complete* if there were more matters than were to be reckoned with."""

    items: list[Foreseen]
    complete: bool = True


def what_is_foreseen(
    tx: Tx, view: View, people: People, now: datetime, until: datetime, body: str | None = None, most: int | None = None
) -> Foresight:
    """What will go by *until*, of the matters and to the bodies that *view* sees, to *body* alone if one is named.

    With *most*, no more matters than that are reckoned with, those first that have something to say first.
    """
    campaign, sight = view.campaign, view.sight
    idents = _with_something_to_say(tx, view, until, body, most)
    complete = most is None or len(idents) <= most
    matters = rows_of(tx, idents[:most])
    found = foresee(tx, campaign, people, matters, now, until)
    found += [
        *foresee_insisting(tx, campaign, people, matters, found, now, until),
        *foresee_owed(tx, campaign, people, now, until),
    ]
    found = sorted(together(campaign, found), key=lambda each: (each.at, each.recipient, each.ref, each.level))
    if body is not None:
        found = [each for each in found if each.body == body]
    if sight is None or sight.everything:
        return Foresight(found, complete)
    seen = view.among(tx, {each.ref for each in found})
    return Foresight([each for each in found if each.ref in seen or each.body in sight.bodies], complete)


def _with_something_to_say(tx: Tx, view: View, until: datetime, body: str | None, most: int | None) -> list[int]:
    """The open matters that are seen and have a clock that says something by *until*, or has said that it is over.

    One more than *most* if there are more.
    """
    by, campaign = to_us(until), view.campaign
    says = or_(D.c.next_fire_at <= by, D.c.breach_at <= to_us(until + TOLD_BEFORE))
    statement = (
        select(M.c.id)
        .join(D, D.c.matter_id == M.c.id)
        .where(D.c.campaign_id == campaign.id, D.c.stopped_at.is_(None), says, M.c.closed == 0, *view.within())
        .group_by(M.c.id)
    )
    if body is not None and body not in _reached_everywhere(campaign):
        parties = select(X.c.matter_id).where(X.c.campaign_id == campaign.id, X.c.body.in_((body, EVERYBODY)))
        statement = statement.where(M.c.id.in_(parties))
    if most is not None:
        first = func.min(func.coalesce(D.c.next_fire_at, 2**62))
        statement = statement.order_by(first, M.c.id).limit(most + 1)
    return [row[0] for row in tx.select(statement)]


def _reached_everywhere(campaign: Campaign) -> set[str]:
    """The bodies that a ladder reaches by the part they play, whoever is a party to the matter."""
    parts = {circle.part for circle in campaign.doc.circles.values()}
    for ident in campaign.machines.newest.values():
        for role in campaign.machines[ident].doc.roles.values():
            parts |= {source.removeprefix("part:") for source in role.of.split("|") if source.startswith("part:")}
    return {campaign.parts[part] for part in parts if part in campaign.parts}
