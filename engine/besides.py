"""What somebody may do with a matter besides its machine's own acts: correct, attach, put a deadline off, urge."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.clock import to_us
from engine.held import Held
from engine.orders import Actor
from engine.rows import DeadlineRow
from engine.urging import administers


def may_in(campaign: Campaign, held: Held, actor: Actor, roles: Iterable[str]) -> bool:
    """Say whether *actor* holds one of *roles*; if there are none, a post at the matter's body or the office."""
    named, row = list(roles), held.row
    if not named:
        return any(body in (row.body, campaign.parts.get("office")) for body, _ in actor.posts)
    seats = [held.machine.seats[role] for role in named]
    return any(seat.held_by(actor, campaign.parts, row.body, held.facts) for seat in seats)


def may_copy(campaign: Campaign, held: Held, actor: Actor) -> bool:
    """Say whether *actor* may send copies of a matter: the head of its body, or the office. PLACEHOLDER: our own rule."""
    office = campaign.parts.get("office")
    return (held.row.body, "head") in actor.posts or any(body == office for body, _ in actor.posts)


def besides_json(campaign: Campaign, held: Held, actor: Actor, now: datetime) -> dict[str, Any]:
    """What *actor* may do now: ``correct`` facts, ``attach`` kinds of documents, ``extend`` deadlines, ``urge``,

    ``comment``, and ``copy`` a comment to other bodies.
    ``approved_by`` are the roles of the second person whom a correction may need.
    """
    doc, closed = held.machine.doc, bool(held.row.closed)
    corrects = may_in(campaign, held, actor, doc.correct_by)
    kinds = [] if closed else [code for code, spec in doc.documents.items() if may_in(campaign, held, actor, spec.by)]
    by_arrow = {code for arrow in doc.transitions for code in arrow.extends}
    extends = [
        row.code
        for row in held.clocks.rows
        if row.code in doc.deadlines and row.code not in by_arrow and _may_extend(campaign, held, actor, row, now)
    ]
    return {
        "correct": corrects, "approved_by": [held.machine.doc.roles[role].label.model_dump() for role in doc.correct_approved_by],
        "attach": kinds, "extend": extends, "urge": administers(campaign, actor) and not closed,
        "comment": bool(actor.posts), "copy": may_copy(campaign, held, actor),
    }  # fmt: skip


def _may_extend(campaign: Campaign, held: Held, actor: Actor, row: DeadlineRow, now: datetime) -> bool:
    if row.status != "running" or row.breach_at <= to_us(now):
        return False
    rule = held.clocks.ruled(row).extension
    return rule is not None and row.extensions < rule.max and may_in(campaign, held, actor, rule.role)
