"""What changes a matter without a move: an audited correction, a document, a deadline put off."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from engine import reasons as because
from engine import recount
from engine.adjusting import extend_by_arrow, no_documents, spec_of, try_extension
from engine.approving import approval, copies, lowers, refuse_unapproved
from engine.besides import may_in
from engine.clock import to_us
from engine.desk import Desk
from engine.errors import Forbidden, Invalid, Reason, Refused
from engine.held import Held
from engine.history import Line
from engine.in_hand import hold_id
from engine.machine import Compiled
from engine.moving import attempt
from engine.orders import Attach, Correct, Do, Extend
from engine.outcome import Outcome
from engine.saying import says_something
from engine.start_events import refuse_future_starts
from engine.watches import review


def correct(desk: Desk, order: Correct) -> Outcome:
    """Set facts right by a new entry, with a reason; the old entry stays. Invariants hold for corrections too."""
    held = desk.take(order.ref, order, order.if_version)
    if isinstance(held, Outcome):
        return held
    machine = held.machine
    _refuse_roles(desk, held, tuple(machine.doc.correct_by), "correct")
    if not says_something(order.reason):
        raise Refused(
            f"{order.ref}: a correction needs a reason",
            "guard",
            [because.say_why()],
        )
    stated = desk.read_facts(machine.id, order.facts, order.ref)
    if not stated:
        raise Invalid("a correction states at least one fact", "no_facts")
    refuse_future_starts(machine, stated, desk.now)
    return _set_right(desk, held, order, stated)


def _set_right(desk: Desk, held: Held, order: Correct, stated: dict[str, Any]) -> Outcome:
    """Hold the corrected facts against standards and invariants, then write them, with the copies they owe."""
    occurred = order.occurred_at or desk.now
    before = dict(held.facts)
    weighed = desk.weigh(held, stated, {}, occurred)
    lowered = lowers(held, weighed)
    refuse_unapproved(desk, held, order, lowered)
    held.facts.update(weighed.changed)
    held.marks.note_facts(weighed.changed)
    held.marks.note_evaluations(weighed.evaluations)
    situation = held.after(desk.campaign, desk.actor, held.row.state, stated, occurred)
    desk.refuse_violations(held, situation, "the correction")
    recount.correct(held.clocks, weighed.changed, before, held.facts)
    seq = held.row.seq
    review(held.clocks, situation, occurred, seq + 1)
    line = Line("corrected", desk.actor, to_us(occurred), desk.recorded_us(held), "", held.row.state, held.row.state)
    notices = copies(desk, held) if lowered else []
    body = desk.enter(held, order, line, weighed.changed, more={**weighed.more(), **approval(order)}, notices=notices)
    held.save(desk.tx, seq)
    return _followed(desk, held, desk.outcome(held, body, notices), weighed.changed.keys(), occurred)


def _followed(desk: Desk, held: Held, done: Outcome, changed: Collection[str], occurred: datetime) -> Outcome:
    """Do what follows from the facts just *changed* as orders of the system; the answer tells the matter as it is then."""
    for trigger, facts in held.machine.doc.correct_then.items():
        if set(facts).isdisjoint(changed):
            continue
        fresh = hold_id(desk.tx, desk.campaign, held.row.id, desk.now)
        order = Do(ref=held.row.ref, trigger=trigger, reason=f"{held.row.ref}: correct", occurred_at=occurred)
        then = attempt(desk, fresh, order)
        if then is not None:
            notices = (*done.notices, *then.notices)
            done = replace(done, matter=then.matter, deadlines=then.deadlines, facts=then.facts, notices=notices)
    return done


def attach(desk: Desk, order: Attach) -> Outcome:
    """Bring documents without a move; a deadline that waits for one of them is met."""
    held = desk.take(order.ref, order, order.if_version)
    if isinstance(held, Outcome):
        return held
    machine = held.machine
    if not order.documents:
        raise Invalid("bring at least one document: --doc kind=path", "no_documents")
    desk.refuse_unknown_documents(machine.doc.documents, order.documents, machine.kind)
    for paper in order.documents:
        _refuse_roles(desk, held, tuple(machine.doc.documents[paper.kind].by), f"attach {paper.kind} to")
    if held.row.closed:
        raise Refused(f"{order.ref} is closed; nothing can be attached to it", "closed")
    occurred, seq = order.occurred_at or desk.now, held.row.seq
    held.clocks.documents_in({paper.kind for paper in order.documents}, occurred, seq + 1)
    held.documents.update({paper.kind: [paper.sha256, paper.name, paper.size] for paper in order.documents})
    review(held.clocks, held.after(desk.campaign, desk.actor, held.row.state, {}, occurred), occurred, seq + 1)
    line = Line("document", desk.actor, to_us(occurred), desk.recorded_us(held), "", held.row.state, held.row.state)
    body = desk.enter(held, order, line, {})
    desk.attach(held, order.documents, held.row.seq)
    held.save(desk.tx, seq)
    return desk.outcome(held, body, [])


def extend(desk: Desk, order: Extend) -> Outcome:
    """Put a deadline off by the rule its definition has for that, with a reason, before it has run out."""
    held = desk.take(order.ref, order, order.if_version)
    if isinstance(held, Outcome):
        return held
    until = _day(order.until)
    spec_of(held, order.deadline)
    occurred, seq = order.occurred_at or desk.now, held.row.seq
    running = held.clocks.open_row(order.deadline)
    spec = held.clocks.ruled(running) if running else held.machine.definition.rules.some(order.deadline)
    if spec.extension is not None:
        _refuse_roles(desk, held, tuple(spec.extension.role), "extend a deadline of")
        if not says_something(order.reason):
            raise Refused(f"{order.ref}: an extension needs a reason", "guard", [because.say_why()])
    situation = held.after(desk.campaign, desk.actor, held.row.state, {}, occurred)
    try_extension(held, order.deadline, until, situation)
    outcome = extend_by_arrow(desk, held, order)
    if outcome is not None:
        return outcome
    if order.documents:
        raise Refused(f"{order.ref}: attach the documents by themselves", "guard", no_documents(order))
    held.clocks.extend(order.deadline, until, situation)
    line = Line("extension", desk.actor, to_us(occurred), desk.recorded_us(held), "", held.row.state, held.row.state)
    body = desk.enter(held, order, line, {})
    held.save(desk.tx, seq)
    return desk.outcome(held, body, [])


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(f"not a day: {text!r}; write YYYY-MM-DD", "day") from None


def _refuse_roles(desk: Desk, held: Held, roles: tuple[str, ...], what: str) -> None:
    """Raise Forbidden unless the actor holds one of *roles*; no roles named means a post at the matter's body or the office."""
    if not may_in(desk.campaign, held, desk.actor, roles):
        message = f"{desk.actor.login} may not {what} {held.row.ref}"
        raise Forbidden(message, "forbidden", [_reason(held.machine, roles)])


def _reason(machine: Compiled, roles: tuple[str, ...]) -> Reason:
    if not roles:
        return because.own_body_or_office()
    return because.only_for(machine.seat_labels(role for role in roles if role != "system"))
