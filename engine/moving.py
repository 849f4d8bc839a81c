"""A trigger fired on a matter: asked of the machine, checked against the invariants, then written with all it brings."""

from datetime import date, datetime
from typing import Any

from engine import reasons as because
from engine.approving import needs_approval
from engine.clock import to_us
from engine.desk import Desk
from engine.errors import Forbidden, Refused, Usage
from engine.evaluating import Weighed
from engine.expr import Expr, Unstated
from engine.failpoints import reach
from engine.handing import Doing, hand_over
from engine.held import Held
from engine.history import Line
from engine.in_hand import hold_id
from engine.kin_schema import SignalSpec, SpawnSpec
from engine.machine import Arrow
from engine.notices import of_move, told_of_move
from engine.opening import open_child
from engine.orders import SYSTEM, Do, Extend, Order
from engine.outcome import Outcome
from engine.rows import CHILDREN_OF_KIND, NoticeRow
from engine.situation import Situation
from engine.start_events import refuse_impossible_starts
from engine.watches import review


def do(desk: Desk, order: Do) -> Outcome:
    """Carry out a Do order. Raises Usage, NotFound, Refused, Forbidden, Conflict or Invalid; nothing is written then."""
    taken = desk.take(order.ref, order, order.if_version)
    return taken if isinstance(taken, Outcome) else move(desk, taken, order)


def move(desk: Desk, held: Held, order: Do, asked: Order | None = None) -> Outcome:
    """Fire the order's trigger on a locked matter; *asked* is the order of another kind that comes to this act."""
    machine = held.machine
    if order.documents:
        desk.refuse_unknown_documents(machine.doc.documents, order.documents, machine.kind)
    stated = desk.read_facts(machine.id, order.facts, order.ref)
    occurred = order.occurred_at or desk.now
    situation = held.situation(desk.campaign, desk.actor, order, stated, occurred)
    arrow = machine.plan(order.trigger, situation, order.ref)
    refuse_impossible_starts(desk, held, arrow, stated, occurred)
    weighed = desk.weigh(held, stated, arrow.act.sets, occurred)
    if weighed.lost:
        raise needs_approval(held, weighed.lost, f"'{order.trigger}'")
    held.handed = _handed(desk, held, order, arrow, weighed, stated, occurred)
    after = _take_over(desk, held, order, arrow, weighed, situation)
    if held.handed:
        held.marks.hand(held.handed, held.row.seq + 1, desk.actor.trace)
    desk.refuse_violations(held, after, f"'{order.trigger}'")
    reach("planned")
    return _write(desk, held, asked or order, arrow, weighed, after, occurred)


def _handed(
    desk: Desk, held: Held, order: Do, arrow: Arrow, weighed: Weighed, stated: dict[str, Any], occurred: datetime
) -> list[dict[str, Any]]:
    """What the entry will say of hand-overs; nothing where the act means none and none is on its way."""
    if not (held.marks.handed or desk.campaign.handovers[held.machine.id].of(order.trigger)):
        return []
    return hand_over(Doing(desk, held, order, arrow, stated, {**held.facts, **weighed.changed}, occurred))


def _take_over(desk: Desk, held: Held, order: Do, arrow: Arrow, weighed: Weighed, asked: Situation) -> Situation:
    """Change the matter in memory and return the situation it would then be in; *asked* is the one before."""
    held.facts.update(weighed.changed)
    for paper in order.documents:
        held.documents[paper.kind] = [paper.sha256, paper.name, paper.size]
    scopes = held.machine.tree.leaves[arrow.dst].scopes
    held.marks.note(order.trigger, desk.actor.trace, held.row.state, scopes, weighed.changed)
    if weighed.evaluations:
        held.marks.note_evaluations(weighed.evaluations)
    return held.turned(asked, arrow.dst)


def _write(
    desk: Desk, held: Held, asked: Order, arrow: Arrow, weighed: Weighed, after: Situation, occurred: datetime
) -> Outcome:
    row, machine, src, seq = held.row, held.machine, held.row.state, held.row.seq
    ops = desk.campaign.plans[machine.id].of(arrow)
    if ops.pause and not asked.documents:
        held.clocks.rest_from = _today(desk)
    held.clocks.apply(ops, after, occurred, seq + 1)
    if asked.documents:
        held.clocks.documents_in({paper.kind for paper in asked.documents}, occurred, seq + 1)
    _extend(held, arrow, after)
    review(held.clocks, after, occurred, seq + 1)
    leaf = machine.tree.leaves[arrow.dst]
    row.state, row.stage, row.closed = leaf.code, leaf.stage, int(leaf.final or leaf.closed)
    children = _spawn(desk, held, arrow, after, occurred)
    recorded = desk.recorded_us(held)
    kind = "extension" if isinstance(asked, Extend) and arrow.dst == src else "moved"
    line = Line(kind, desk.actor, to_us(occurred), recorded, arrow.act.trigger, src, arrow.dst)
    more = weighed.more()
    if children:
        more["children"] = children
    if held.handed:
        more["handovers"] = held.handed
    notices = _notices(desk, held, arrow, recorded)
    body = desk.enter(held, asked, line, weighed.changed, more=more, notices=notices)
    desk.attach(held, asked.documents, row.seq)
    held.save(desk.tx, seq)
    _signal(desk, held, arrow, after, occurred, children)
    reach("written")
    return desk.outcome(held, body, notices, children)


def _extend(held: Held, arrow: Arrow, after: Situation) -> None:
    """An arrow that extends puts off those of its deadlines that are running; one at least must be."""
    if not arrow.act.extends:
        return
    said = after.stated.get("extended_until")
    wanted = after.stated.get("extended_deadline")
    codes = [wanted] if wanted else [code for code in arrow.spec.extends if held.clocks.open_row(code) is not None]
    if not codes or any(code not in arrow.spec.extends for code in codes):
        raise Refused(
            f"{held.row.ref}: no running deadline of {', '.join(arrow.spec.extends)} to put off", "no_deadline"
        )
    for code in codes:
        refuse_paused(held, code)
        held.clocks.extend(code, date.fromisoformat(said) if said else None, after)


def refuse_paused(held: Held, code: str) -> None:
    """Raise Refused for putting off a clock that rests."""
    row = held.clocks.open_row(code)
    if row is not None and row.status == "paused":
        reason = because.is_paused(held.machine.deadline(code).label)
        raise Refused(f"{held.row.ref}: {code} is paused; resume it first", "paused", [reason])


def _today(desk: Desk) -> datetime:
    """When the day began on which an act is entered: a pause dated further back gives no time without a document of it."""
    return desk.now.astimezone(desk.campaign.zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _spawn(desk: Desk, held: Held, arrow: Arrow, after: Situation, occurred: datetime) -> list[str]:
    children = []
    for spec in arrow.act.spawn:
        if _holds(held.machine.condition(spec.when), after):
            facts = {child: held.facts[name] for child, name in spec.facts.items() if name in held.facts}
            body = _child_body(desk, held, spec)
            children.append(
                open_child(desk, spec.kind, body, {**facts, **spec.sets}, held.row.title, held.row, occurred).ref
            )
    return children


def _child_body(desk: Desk, held: Held, spec: SpawnSpec) -> str:
    kind, _, name = spec.body.partition(":")
    if kind == "part":
        return desk.campaign.parts.get(name, held.row.body)
    if kind == "fact":
        return str(held.facts.get(name) or held.row.body)
    return held.row.body


def _notices(desk: Desk, held: Held, arrow: Arrow, recorded: int) -> list[NoticeRow]:
    spec = arrow.act
    if not (spec.copy_to or spec.handover):
        return []
    told = told_of_move(desk.campaign, held.machine, held.row, held.facts, arrow)
    held.told.update([body for _, _, body in told])
    directory = desk.people.directory(desk.tx, desk.now)
    return of_move(desk.campaign, directory, held.machine, held.row, told, spec.label.zh, recorded)


def _signal(desk: Desk, held: Held, arrow: Arrow, after: Situation, occurred: datetime, opened: list[str]) -> None:
    """Tell the parent, or the children that were open before: a trigger they can take is fired as the system's order."""
    for signal in arrow.act.signals:
        idents = _receivers(desk, held, signal, opened)
        if not idents or not _holds(held.machine.condition(signal.when), after):
            continue
        for ident in idents:
            receiver = hold_id(desk.tx, desk.campaign, ident, desk.now)
            order = Do(
                ref=receiver.row.ref,
                trigger=signal.trigger,
                reason=f"{held.row.ref}: {arrow.spec.trigger}",
                occurred_at=occurred,
            )
            attempt(desk, receiver, order)


def _receivers(desk: Desk, held: Held, signal: SignalSpec, opened: list[str]) -> list[int]:
    if signal.to is None:
        return [] if held.row.parent_id is None else [held.row.parent_id]
    tx, ident, kind = desk.tx, held.row.id, signal.to
    below = (
        tx.rows(CHILDREN_OF_KIND, id=ident, kind=kind)
        if tx.mirror is None
        else tx.mirror.open_children(tx, ident, kind)
    )
    return [ident for ident, ref in below if ref not in opened]


def attempt(desk: Desk, held: Held, order: Do) -> Outcome | None:
    """Fire a trigger as the system if the machine lets it happen; a refusal is an answer, not a fault."""
    try:
        return move(desk.deeper(SYSTEM), held, order)
    except (Refused, Forbidden, Usage):
        return None


def _holds(condition: Expr | None, situation: Situation) -> bool:
    if condition is None:
        return True
    try:
        return bool(condition.test(situation))
    except Unstated:
        return False
