"""Everything that will be sent by an instant if nobody acts, as one person sees it: the rungs, the repetitions, what waits."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select

from engine.clock import to_us
from engine.forecasting import Foreseen, foresee, foresee_owed, together
from engine.lists import rows_of
from engine.people import People
from engine.repeating import foresee_insisting
from engine.rows import D, M
from engine.store import Tx
from engine.viewing import View

TOLD_BEFORE = timedelta(days=2)
"""How long before its end a deadline can have been told of as overdue, so that a repetition may follow. PLACEHOLDER"""


def what_is_foreseen(tx: Tx, view: View, people: People, now: datetime, until: datetime) -> list[Foreseen]:
    """List what will go by *until*, in the order of time, of the matters and to the bodies that *view* sees."""
    campaign, sight = view.campaign, view.sight
    matters = rows_of(tx, _with_something_to_say(tx, view, until))
    found = foresee(tx, campaign, people, matters, now, until)
    found += [
        *foresee_insisting(tx, campaign, people, matters, found, now, until),
        *foresee_owed(tx, campaign, people, now, until),
    ]
    found = sorted(together(campaign, found), key=lambda each: (each.at, each.recipient, each.ref, each.level))
    if sight is None or sight.everything:
        return found
    seen = view.among(tx, {each.ref for each in found})
    return [each for each in found if each.ref in seen or each.body in sight.bodies]


def _with_something_to_say(tx: Tx, view: View, until: datetime) -> list[int]:
    """The open matters that are seen and have a clock that says something by *until*, or has said that it is over."""
    says = or_(D.c.next_fire_at <= to_us(until), D.c.breach_at <= to_us(until + TOLD_BEFORE))
    clocks = select(D.c.matter_id).where(D.c.campaign_id == view.campaign.id, D.c.stopped_at.is_(None), says)
    statement = select(M.c.id).where(
        M.c.campaign_id == view.campaign.id, M.c.closed == 0, M.c.id.in_(clocks), *view.within()
    )
    return [row[0] for row in tx.select(statement.order_by(M.c.ref))]
