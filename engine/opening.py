"""A matter begins: opened by a person or the campaign, or as the child of another matter's move."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine import reasons as because
from engine.campaign import Campaign
from engine.canonical import ZERO_HASH, nfc
from engine.clock import to_us
from engine.deadlines import Clocks
from engine.desk import Desk
from engine.dialect_errors import Clash
from engine.errors import Conflict, Forbidden, Invalid, Refused
from engine.evaluating import Occasion, Weighed, weigh
from engine.held import Held
from engine.history import Line
from engine.ids import new_id
from engine.machine import Compiled
from engine.orders import SYSTEM, Actor, Open
from engine.outcome import Outcome
from engine.rows import INSERT_MATTER, LAST_NUMBER, MATTER_BY_REF, MatterRow
from engine.saying import says_something
from engine.situation import Marks
from engine.stamp import waiting
from engine.start_events import refuse_future_starts
from engine.watches import review

REF = re.compile(r"[a-z][a-z0-9_]{0,47}/[A-Za-z0-9][A-Za-z0-9._/-]{0,95}")
"""The form of a reference: the kind, a slash, then whatever names the matter."""

LONGEST_TITLE = 400
"""Characters of a title. PLACEHOLDER"""


def open_matter(desk: Desk, order: Open) -> Outcome:
    """Carry out an Open order. Raises NotFound for an unknown kind, Forbidden, Refused, Invalid or Conflict (ref taken)."""
    answer = desk.seen(order)
    if answer is not None:
        return answer
    machine = desk.campaign.kind(order.kind)
    body = _body(desk, machine, order.body)
    _refuse_role(desk, machine, body)
    desk.refuse_unknown_documents(machine.doc.documents, order.documents, machine.kind)
    stated = desk.read_facts(machine.id, order.facts)
    _refuse_incomplete(machine, order, stated)
    refuse_future_starts(machine, stated, desk.now)
    weighed = _weigh(desk, machine, order, stated)
    held = _begin(desk, machine, order, body, weighed, None)
    held.told.add(desk.actor.body or body)
    return _write(desk, held, order, weighed, stated, {})


def open_child(
    desk: Desk, kind: str, body: str, facts: Mapping[str, Any], title: str, parent: MatterRow, occurred: datetime
) -> Outcome:
    """Open a matter that another one's move or rung calls for."""
    order = Open(kind=kind, body=body, title=title, facts=dict(facts), occurred_at=occurred)
    return open_by_policy(desk.deeper(desk.actor), order, parent)


def open_by_policy(desk: Desk, order: Open, parent: MatterRow | None = None) -> Outcome:
    """Open what the definition or the campaign file itself calls for: the file has decided, so no role is asked."""
    answer = desk.seen(order)
    if answer is not None:
        return answer
    machine = desk.campaign.kind(order.kind)
    stated = desk.read_facts(machine.id, order.facts)
    weighed = _weigh(desk, machine, order, stated, by_policy=True)
    held = _begin(desk, machine, order, _body(desk, machine, order.body), weighed, parent)
    return _write(desk, held, order, weighed, stated, {"parent": parent.ref} if parent else {})


def _weigh(desk: Desk, machine: Compiled, order: Open, stated: dict[str, Any], *, by_policy: bool = False) -> Weighed:
    today = (order.occurred_at or desk.now).astimezone(desk.campaign.zone).date()
    return weigh(desk.campaign.standards, machine, {}, {}, Occasion(stated, {}, today, today, by_policy))


def _body(desk: Desk, machine: Compiled, wanted: str | None) -> str:
    body = wanted or desk.actor.body
    if body is None:
        raise Invalid(f"for which body is this {machine.kind}? say --body CODE", "no_body")
    if body not in desk.campaign.bodies:
        known = ", ".join(sorted(desk.campaign.bodies))
        raise Invalid(f"no body {body!r} in this campaign; there are: {known}", "no_body")
    return body


def _refuse_role(desk: Desk, machine: Compiled, body: str) -> None:
    roles = machine.doc.open.role
    actor = desk.actor
    if actor is SYSTEM and "system" in roles:
        return
    parts = desk.campaign.parts
    if any(machine.seats[role].held_by(actor, parts, body, {}) for role in roles if role != "system"):
        return
    reason = because.only_for(machine.seat_labels(role for role in roles if role != "system"))
    raise Forbidden(f"{actor.login} may not open a {machine.kind} for {body}: {reason.en}", "forbidden", [reason])


def _refuse_incomplete(machine: Compiled, order: Open, stated: Mapping[str, Any]) -> None:
    spec = machine.doc.open
    extra = set(stated) - {*spec.asks, *spec.optional}
    if extra:
        takes = ", ".join((*spec.asks, *spec.optional)) or "none"
        raise Invalid(
            f"opening a {machine.kind} does not take the fact {sorted(extra)[0]!r}; it takes: {takes}", "fact_not_asked"
        )
    brought = {paper.kind for paper in order.documents}
    reasons = [because.state_it(machine.doc.facts[code].label, code) for code in spec.asks if code not in stated]
    reasons += [
        because.document_missing(machine.doc.documents[code].label, code) for code in spec.needs if code not in brought
    ]
    if reasons:
        words = "; ".join(reason.en for reason in reasons)
        raise Refused(f"a {machine.kind} cannot be opened so: {words}", "guard", reasons)


def _begin(desk: Desk, machine: Compiled, order: Open, body: str, weighed: Weighed, parent: MatterRow | None) -> Held:
    """Make the new matter in memory, with its reference, and check that its reference is free."""
    occurred = order.occurred_at or desk.now
    ref, year, number = _reference(desk, machine, order, body)
    taken = _taken(desk, ref)
    while (
        taken and number is not None and MatterRow(*taken[0]).number is None
    ):  # named by hand, so no number is counted
        number += 1
        ref = _numbered(machine, body, year, number)
        taken = desk.tx.rows(MATTER_BY_REF, campaign_id=desk.campaign.id, ref=ref)
    if taken:
        if number is not None:
            raise Clash(ref)  # somebody took this number since the last one was read; the next try reads again
        raise Conflict(f"the reference {ref} is taken", "ref_taken")
    title = nfc((order.title or machine.doc.open.title or f"{machine.doc.label.zh} {ref}").strip())
    if not says_something(title) or len(title) > LONGEST_TITLE or any(ord(char) < 32 for char in title):
        raise Invalid(f"a title has 1 to {LONGEST_TITLE} characters and is one line", "title")
    leaf = machine.tree.leaves[machine.initial]
    now_us = to_us(desk.now)
    row = MatterRow(
        id=new_id(), campaign_id=desk.campaign.id, definition_id=machine.id, kind=machine.kind, ref=ref, year=year,
        number=number, body=body, title=title, parent_id=parent.id if parent else None, state=leaf.code, stage=leaf.stage,
        closed=0, version=0, seq=0, head=ZERO_HASH, data="", opened_at=to_us(occurred), updated_at=now_us,
    )  # fmt: skip
    marks = Marks()
    marks.note(machine.doc.open.trigger, desk.actor.trace, "", leaf.scopes, weighed.changed)
    marks.note_evaluations(weighed.evaluations)
    clocks = Clocks(machine, [], desk.campaign.work, desk.campaign.ladders, desk.now)
    held = Held(row, machine, dict(weighed.changed), {}, marks, clocks, campaign=desk.campaign)
    for paper in order.documents:
        held.documents[paper.kind] = [paper.sha256, paper.name, paper.size]
    return held


def _taken(desk: Desk, ref: str) -> list[Any]:
    """The matter that has the reference already, if there is one. Raises Stale if the campaign is of yesterday."""
    tx, campaign = desk.tx, desk.campaign
    if tx.mirror is not None and tx.mirror.names.is_free(tx, campaign.id, ref):
        waiting(tx, campaign, [])
        return []
    _, (taken,) = waiting(tx, campaign, [(MATTER_BY_REF, {"campaign_id": campaign.id, "ref": ref})])
    return taken


def _last_number(desk: Desk, kind: str, year: int) -> int:
    """The last number that was counted for matters of *kind* in that *year*; 0 if none was."""
    tx, ident = desk.tx, desk.campaign.id
    if tx.mirror is not None:
        return int(tx.mirror.names.last_number(tx, ident, kind, year))
    last = tx.row(LAST_NUMBER, campaign_id=ident, kind=kind, year=year)
    return int(last[0]) if last else 0


def _reference(desk: Desk, machine: Compiled, order: Open, body: str) -> tuple[str, int | None, int | None]:
    """The new matter's reference: as ordered, or by the definition's template with the next number of the year."""
    if order.ref is not None:
        if not REF.fullmatch(order.ref) or not order.ref.startswith(machine.kind + "/"):
            raise Invalid(
                f"not a reference for a {machine.kind}: {order.ref!r}; it looks like {machine.kind}/2010-0001", "ref"
            )
        return order.ref, None, None
    template = machine.doc.open.ref
    if "{number}" not in template:
        return template.format_map({"kind": machine.kind, "body": body}), None, None
    year = (order.occurred_at or desk.now).astimezone(desk.campaign.zone).year
    number = _last_number(desk, machine.kind, year) + 1
    return _numbered(machine, body, year, number), year, number


def _numbered(machine: Compiled, body: str, year: int | None, number: int) -> str:
    names = {"kind": machine.kind, "body": body, "year": year, "number": f"{number:04d}"}
    return machine.doc.open.ref.format_map(names)


def _write(
    desk: Desk, held: Held, order: Open, weighed: Weighed, stated: dict[str, Any], more: dict[str, Any]
) -> Outcome:
    row, machine, occurred = held.row, held.machine, order.occurred_at or desk.now
    situation = held.after(desk.campaign, desk.actor, row.state, stated, occurred)
    desk.refuse_violations(held, situation, "opening it")
    trigger = machine.doc.open.trigger
    held.clocks.apply(desk.campaign.plans[machine.id].opening(row.state, trigger), situation, occurred, 1)
    review(held.clocks, situation, occurred, 1)
    line = Line("opened", desk.actor, to_us(occurred), desk.recorded_us(held), trigger, "", row.state)
    said = {
        "matter": {"kind": row.kind, "body": row.body, "year": row.year, "number": row.number},
        **weighed.more(),
        **more,
    }
    entry = desk.enter(held, order, line, weighed.changed, more=said, private={"title": row.title})
    row.data = held.pack()
    held.look_ahead(desk.tx)
    desk.tx.put(INSERT_MATTER, [row])
    held.describe(desk.tx, new=True)
    desk.tx.changed.append(row.id)
    held.save_parties(desk.tx)
    held.save_clocks(desk.tx)
    desk.attach(held, order.documents, row.seq)
    return desk.outcome(held, entry, [])


def may_open_for(campaign: Campaign, kind: str, actor: Actor) -> list[str]:
    """The bodies for which *actor* may open a matter of *kind*, his own first. Raises NotFound for an unknown kind."""
    machine = campaign.kind(kind)
    seats = [machine.seats[role] for role in machine.doc.open.role if role != "system"]
    own = {body for body, _ in actor.posts}
    found = [body for body in campaign.bodies if any(seat.held_by(actor, campaign.parts, body, {}) for seat in seats)]
    return sorted(found, key=lambda body: body not in own)
