"""Everything that will be sent by an instant if nobody acts, as one person sees it: the rungs, the repetitions, what waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, union_all

from engine.campaign import Campaign
from engine.clock import from_us, to_us
from engine.forecasting import Foreseen, foresee, foresee_owed, together
from engine.lists import cursor_of, read_cursor, rows_of
from engine.outlook import NEVER
from engine.parties import EVERYBODY, X
from engine.people import People
from engine.repeating import foresee_insisting
from engine.rows import D, M
from engine.store import Tx
from engine.viewing import View

TOLD_BEFORE = timedelta(days=2)
"""How long before its end a deadline can have been told of as overdue, so that a repetition may follow. PLACEHOLDER"""


ORDER = "foresight"
"""What the cursor of a page says it is of."""


@dataclass(frozen=True, slots=True)
class Foresight:
    """What is foreseen of some matters, in the order of time; *next* goes on with the matters after them, if there are more.

    Before *sure* nothing else goes than what the first page has: the first of the others says something then. Of the *damaged*
    matters nothing can be foreseen, and nothing will go before their rows are mended.
    """

    items: list[Foreseen]
    next: str | None = None
    sure: datetime | None = None
    damaged: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether no matter is left."""
        return self.next is None


def what_is_foreseen(
    tx: Tx,
    view: View,
    people: People,
    now: datetime,
    until: datetime,
    body: str | None = None,
    most: int | None = None,
    cursor: str | None = None,
) -> Foresight:
    """What will go by *until*, of the matters and to the bodies that *view* sees, to *body* alone if one is named.

    With *most*, no more matters than that are reckoned with, those first that have something to say first; *cursor* goes on
    after those of another page. Raises Invalid for a cursor that no page gave out.
    """
    campaign, sight = view.campaign, view.sight
    idents = _with_something_to_say(tx, view, until, body, most, cursor)
    left = most is not None and len(idents) > most
    after, first_left = (cursor_of(ORDER, idents[most - 1][::-1]), idents[most][1]) if left and most else (None, NEVER)
    matters = rows_of(tx, [ident for ident, _ in idents[:most]])
    damaged: list[str] = []
    found = foresee(tx, campaign, people, matters, now, until, damaged)
    matters = [each for each in matters if each[0].ref not in damaged]
    found += foresee_insisting(tx, campaign, people, matters, found, now, until)
    found += foresee_owed(tx, campaign, people, now, until) if cursor is None else []
    found = sorted(together(campaign, found), key=lambda each: (each.at, each.recipient, each.ref, each.level))
    if body is not None:
        found = [each for each in found if each.body == body]
    if sight is not None and not sight.everything:
        seen = view.among(tx, {each.ref for each in found})
        found = [each for each in found if each.ref in seen or each.body in sight.bodies]
    sure = from_us(first_left) if first_left < NEVER and cursor is None else None
    return Foresight(found, after, sure, tuple(damaged))


def _with_something_to_say(
    tx: Tx, view: View, until: datetime, body: str | None, most: int | None, cursor: str | None
) -> list[tuple[int, int]]:
    """The matters that are seen and have an open clock that says something by *until*, or has said that it is over.

    Each with when that is first, ``NEVER`` for a repetition; one more than *most* if there are more.
    """
    campaign, says = view.campaign, D.c.next_fire_at.label("says")
    still = (D.c.campaign_id == campaign.id, D.c.stopped_at.is_(None))
    due = select(D.c.matter_id, says).where(D.c.next_fire_at.is_not(None), D.c.next_fire_at <= to_us(until), *still)
    over = select(D.c.matter_id, func.coalesce(says, NEVER)).where(D.c.breach_at <= to_us(until + TOLD_BEFORE), *still)
    each = union_all(due, over).subquery()  # each half by its own index
    matter, first = each.c.matter_id, func.min(each.c.says)
    statement = select(matter, first).group_by(matter)
    if view.within():
        statement = statement.join(M, M.c.id == matter).where(*view.within(few=True))
    if body is not None and body not in _reached_everywhere(campaign):
        parties = select(X.c.matter_id).where(X.c.campaign_id == campaign.id, X.c.body.in_((body, EVERYBODY)))
        statement = statement.where(matter.in_(parties))
    if cursor is not None:
        at, ident = read_cursor(cursor, ORDER)
        statement = statement.having(or_(first > at, and_(first == at, matter > ident)))
    if most is not None:
        statement = statement.order_by(first, matter).limit(most + 1)
    return [(row[0], row[1]) for row in tx.select(statement)]


def _reached_everywhere(campaign: Campaign) -> set[str]:
    """The bodies that a ladder reaches by the part they play, whoever is a party to the matter."""
    parts = {circle.part for circle in campaign.doc.circles.values()}
    for ident in campaign.machines.newest.values():
        for role in campaign.machines[ident].doc.roles.values():
            parts |= {source.removeprefix("part:") for source in role.of.split("|") if source.startswith("part:")}
    return {campaign.parts[part] for part in parts if part in campaign.parts}
