"""The second person: a correction after which a duty would vanish is approved by somebody else, and copied."""

from typing import Any

from engine import reasons as because
from engine.desk import Desk
from engine.errors import Forbidden, Refused
from engine.evaluating import Weighed
from engine.held import Held
from engine.notices import of_move, to_be_told
from engine.orders import Correct
from engine.rows import NoticeRow

COPY_LABEL = "更正后不再达到标准"
"""What the copy of such a correction says was done."""


def lowers(held: Held, weighed: Weighed) -> list[str]:
    """The duties that the order would take away: rows met until now, and a duty that stands as a fact."""
    duties = [spec.duty for spec in held.machine.doc.evaluates.values() if spec.duty is not None]
    dropped = [name for name in duties if held.facts.get(name) is True and weighed.changed.get(name) is False]
    return [*weighed.lost, *dropped]


def needs_approval(held: Held, lowered: list[str], what: str) -> Refused:
    """Make the refusal that says how it can be done: a correction with its reason and a second person."""
    doc = held.machine.doc
    reason = because.approver_needed(held.machine.seat_labels(doc.correct_approved_by))
    message = f"{held.row.ref}: {what} would take away {', '.join(lowered)}: {reason.en}"
    hint = f"duban correct {held.row.ref} --fact … --reason … --approve-by LOGIN"
    return Refused(message, "needs_approval", [reason], hint=hint)


def refuse_unapproved(desk: Desk, held: Held, order: Correct, lowered: list[str]) -> None:
    """Raise Refused if an approver is needed and none is named, Forbidden if the one named may not or corrects himself."""
    approver, machine = order.approved_by, held.machine
    if approver is None:
        if lowered:
            raise needs_approval(held, lowered, "the correction")
        return
    roles, parts, row = machine.doc.correct_approved_by, desk.campaign.parts, held.row
    if not any(machine.seats[role].held_by(approver, parts, row.body, held.facts) for role in roles):
        reason = because.only_for(machine.seat_labels(roles))
        raise Forbidden(f"{approver.login} may not approve a correction of {row.ref}", "forbidden", [reason])
    if approver.had_a_hand_in(desk.actor.trace):
        reason = because.approver_is_corrector()
        raise Forbidden(f"{approver.login} may not approve the correction: {reason.en}", "same_person", [reason])


def approval(order: Correct) -> dict[str, Any]:
    """What the entry says of the approver."""
    approver = order.approved_by
    if approver is None:
        return {}
    said = {"login": approver.login, "person": approver.person, "auth": approver.auth, "body": approver.body}
    return {"approved_by": {name: value for name, value in said.items() if value is not None}}


def copies(desk: Desk, held: Held) -> list[NoticeRow]:
    """The copies of such a correction that its definition owes."""
    directory = desk.people.directory(desk.tx, desk.now)
    told = to_be_told(desk.campaign, held.machine, held.row, held.facts, (("copy", held.machine.doc.correct_copy),))
    recorded = desk.recorded_us(held)
    return of_move(desk.campaign, directory, held.machine, held.row, told, COPY_LABEL, recorded)
