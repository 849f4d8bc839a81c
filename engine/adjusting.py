"""A deadline put off, paused or resumed by name: the definition's own arrow does it, under the arrow's own guards."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from engine import reasons as because
from engine.clock import to_us
from engine.deadlines import Clocks
from engine.definition_schema import DeadlineSpec
from engine.desk import Desk
from engine.errors import NotFound, Reason, Refused
from engine.held import Held
from engine.machine import Arrow
from engine.moving import move, refuse_paused
from engine.orders import Do, Extend, Order, Pause, Resume
from engine.outcome import Outcome
from engine.rows import DeadlineRow
from engine.situation import Situation

UNTIL = "extended_until"
"""The fact by which an arrow is told the new day; see check_arrows."""


def pause(desk: Desk, order: Pause) -> Outcome:
    """Stop a running clock by the one arrow that leads where the definition lets it rest. Raises Refused or NotFound."""
    held = desk.take(order.ref, order, order.if_version)
    if isinstance(held, Outcome):
        return held
    spec, row = spec_of(held, order.deadline), open_row(held, order.deadline)
    rest = _rest(held, order.deadline, spec)
    if row.status == "paused":
        raise Refused(f"{order.ref}: {order.deadline} is paused already", "paused", [because.is_paused(spec.label)])
    if row.status != "running" or row.breach_at <= to_us(desk.now):
        raise Refused(
            f"{order.ref}: {order.deadline} has run out on {row.last_day} and cannot be paused", "too_late",
            [because.has_run_out(spec.label, row.last_day)],
        )  # fmt: skip
    return _by_arrow(desk, held, order, lambda arrow: arrow.src not in rest and arrow.dst in rest)


def resume(desk: Desk, order: Resume) -> Outcome:
    """Let a paused clock run on by the one arrow that leads out of where it rests. Raises Refused or NotFound."""
    held = desk.take(order.ref, order, order.if_version)
    if isinstance(held, Outcome):
        return held
    spec, row = spec_of(held, order.deadline), open_row(held, order.deadline)
    rest = _rest(held, order.deadline, spec)
    if row.status != "paused":
        raise Refused(f"{order.ref}: {order.deadline} is not paused", "not_paused", [because.is_not_paused(spec.label)])
    return _by_arrow(desk, held, order, lambda arrow: arrow.src in rest and arrow.dst not in rest)


def spec_of(held: Held, code: str) -> DeadlineSpec:
    """The deadline *code* of the matter's definition. Raises NotFound naming those there are."""
    spec = held.machine.doc.deadlines.get(code)
    if spec is None:
        known = ", ".join(sorted(held.machine.doc.deadlines)) or "none"
        raise NotFound(f"{held.machine.kind} has no deadline {code!r}; it has: {known}", "no_deadline")
    return spec


def open_row(held: Held, code: str) -> DeadlineRow:
    """The clock *code* of the matter that has not ended. Raises NotFound."""
    row = held.clocks.open_row(code)
    if row is None:
        raise NotFound(f"{held.row.ref} has no running deadline {code!r}", "no_deadline")
    return row


def _rest(held: Held, code: str, spec: DeadlineSpec) -> frozenset[str]:
    """The states in which the clock rests. Raises Refused if no rule lets it."""
    if not spec.pause_in:
        reason = because.no_rule(spec.label, spec.basis, "可以中止", "pause")
        raise Refused(f"{held.row.ref}: {code} cannot be paused: {reason.en}", "no_pause", [reason])
    return frozenset(held.machine.tree.expand(list(spec.pause_in)))


def _by_arrow(desk: Desk, held: Held, order: Pause | Resume, leads: Callable[[Arrow], bool]) -> Outcome:
    """Carry out the arrow that *leads* there, if the actor may take exactly one of them."""
    arrows = [arrow for found in held.machine.arrows[held.row.state].values() for arrow in found if leads(arrow)]
    known = dict.fromkeys(arrow.spec.trigger for arrow in arrows if set(arrow.spec.role) != {"system"})
    if not known:
        raise _not_here(held, order.deadline, "paused or resumed")
    stated = desk.read_facts(held.machine.id, order.facts, order.ref)
    fitting = dict.fromkeys(
        arrow.spec.trigger for arrow in arrows if not held.machine.against(arrow, _asked(desk, held, order, stated))
    )
    triggers = list(fitting or known)
    if len(triggers) > 1:
        words = ", ".join(triggers)
        raise Refused(
            f"{order.ref}: {order.deadline} is paused or resumed by {words}; say which: duban do {order.ref} TRIGGER",
            "several_ways", [because.several_ways(triggers)], triggers,
        )  # fmt: skip
    return move(desk, held, _do(order, triggers[0], order.facts), order)


def _asked(desk: Desk, held: Held, order: Order, stated: Mapping[str, Any]) -> Situation:
    return held.situation(desk.campaign, desk.actor, order, stated, order.occurred_at or desk.now)


def _do(order: Pause | Resume | Extend, trigger: str, facts: Mapping[str, Any]) -> Do:
    return Do(
        ref=order.ref, trigger=trigger, facts=dict(facts), documents=order.documents, reason=order.reason,
        occurred_at=order.occurred_at, request_id=order.request_id,
    )  # fmt: skip


def _not_here(held: Held, code: str, what: str) -> Refused:
    state = held.machine.tree.leaves[held.row.state].label
    reason = because.not_in_state(held.machine.deadline(code).label, state)
    return Refused(f"{held.row.ref} in '{held.row.state}': {code} cannot be {what} here", "not_possible_here", [reason])


def try_extension(held: Held, code: str, until: date | None, situation: Situation) -> None:
    """Raise what stands against putting the clock off, without doing it."""
    refuse_paused(held, code)
    clocks = held.clocks
    trial = Clocks(
        clocks.compiled,
        [replace(each) for each in clocks.rows],
        clocks.work,
        clocks.ladders,
        clocks.now,
        clocks.machines,
    )
    trial.extend(code, until, situation)


def extend_by_arrow(desk: Desk, held: Held, order: Extend) -> Outcome | None:
    """Put a deadline off as the definition's arrow has it; None if no arrow of the definition puts it off.

    Who may decide, how often and on which application is the arrow's to say; there is no way round its guards.
    """
    code = order.deadline
    if not any(code in spec.extends for spec in held.machine.doc.transitions):
        return None
    arrows = [arrow for found in held.machine.arrows[held.row.state].values() for arrow in found]
    fitting = [arrow for arrow in arrows if arrow.spec.extends == [code]]
    if not fitting:
        raise _not_here(held, code, "put off")
    facts = {UNTIL: order.until} if order.until and any(UNTIL in arrow.takes for arrow in fitting) else {}
    return move(desk, held, _do(order, fitting[0].spec.trigger, facts), order)


def no_documents(order: Order) -> list[Reason]:
    """Why documents cannot come with an extension that no arrow carries."""
    return [because.not_with_this(paper.kind) for paper in order.documents]
