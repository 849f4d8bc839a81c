"""Ways through a case of a foreign log: a matter in memory that moves as an order would move it, and can go two ways at once."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.campaign import Campaign
from engine.canonical import ZERO_HASH
from engine.clock import to_us
from engine.deadlines import Clocks
from engine.errors import DubanError, Invalid, Reason
from engine.held import Held
from engine.machine import Arrow, Compiled
from engine.orders import SYSTEM, Actor, Do, Document
from engine.rows import MatterRow
from engine.situation import Marks, Situation
from workflows.happenings import Case, Happening


@dataclass(slots=True)
class Trail:
    """One way in which a case may have come where it is; *stays* are its stages, each with the instant it was reached.

    *broken* are the invariants that it breaks already.
    """

    held: Held
    taken: list[tuple[Happening, Arrow | None]] = field(default_factory=list)
    stays: list[tuple[str, datetime]] = field(default_factory=list)
    broken: list[Reason] = field(default_factory=list)

    @property
    def state(self) -> str:
        return self.held.row.state


class Trails:
    """Begin and prolong ways through cases of one kind."""

    def __init__(self, campaign: Campaign, machine: Compiled) -> None:
        self.campaign, self.machine = campaign, machine
        self._posts = frozenset(post for role in machine.doc.roles.values() for post in role.posts)

    def begin(self, case: Case, opening: Happening | None, body: str, at: datetime) -> Trail:
        """The case as it was opened at *at*; *opening* is the event that says so, if there is one."""
        machine, campaign = self.machine, self.campaign
        leaf = machine.tree.leaves[machine.initial]
        at_us = to_us(at)
        row = MatterRow(
            id=0, campaign_id=campaign.id, definition_id=machine.id, kind=machine.kind, ref=case.name, year=None, number=0,
            body=body, title=case.name, parent_id=None, state=leaf.code, stage=leaf.stage, closed=0, version=0, seq=0,
            head=ZERO_HASH, data="", opened_at=at_us, updated_at=at_us,
        )  # fmt: skip
        facts = self.facts(opening) if opening is not None else {}
        held = Held(row, machine, facts, {}, Marks(), Clocks(machine, [], campaign.work, campaign.ladders, at))
        trigger = machine.doc.open.trigger
        held.marks.note(trigger, (opening and opening.resource) or "", "", leaf.scopes, facts)
        situation = held.after(campaign, SYSTEM, leaf.code, facts, at)
        ops = campaign.plans[machine.id].opening(leaf.code, trigger)
        _as_far_as_said(held, lambda: held.clocks.apply(ops, situation, at, 1))
        return Trail(held, [], [(leaf.stage, at)])

    def situation(self, trail: Trail, event: Happening, arrow: Arrow | None = None) -> Situation:
        """What the guard of *arrow* sees when *event* happens at the end of *trail*.

        A log has the facts of an act together: what the arrow sets by itself is no statement. Personal facts are in no log.
        """
        trail.held.clocks.move_to(event.at)
        papers = tuple(Document(kind, kind, "", 0) for kind in event.documents or ())
        order = Do(ref=trail.held.row.ref, trigger="", documents=papers, reason="-")
        stated = self._stated(event, arrow) if arrow is not None else {}
        return trail.held.situation(self.campaign, self.actor(event), order, stated, event.at)

    def _stated(self, event: Happening, arrow: Arrow) -> dict[str, Any]:
        known = self.machine.doc.facts
        stated = {name: value for name, value in self.facts(event).items() if name in arrow.takes}
        return {**{name: "" for name in arrow.spec.asks if known[name].personal}, **stated}

    def actor(self, event: Happening) -> Actor:
        """Who acted, with every post of his body: a log names the body at most."""
        if event.resource == "system":
            return SYSTEM
        return Actor(event.resource or "?", "log", frozenset((event.group or "", post) for post in self._posts))

    def facts(self, event: Happening) -> dict[str, Any]:
        """The facts that the event states and the definition knows. Raises Invalid for a value that a fact cannot have."""
        known = self.machine.doc.facts
        said = {name: _fact(known[name].type, value) for name, value in (event.facts or {}).items() if name in known}
        try:
            return self.campaign.facts[self.machine.id].read(said)
        except Invalid as error:
            raise Invalid(f"{event.where}: {error.message}", error.code) from None

    def moved(self, trail: Trail, arrow: Arrow, event: Happening) -> Trail:
        """The trail after *arrow*: facts, documents, marks and clocks as an order would leave them."""
        held = _another(trail.held)
        facts = {**self.facts(event), **arrow.spec.sets}
        _take(held, facts, event)
        leaf = self.machine.tree.leaves[arrow.dst]
        held.marks.note(arrow.spec.trigger, event.resource or "?", held.row.state, leaf.scopes, facts)
        after = held.after(self.campaign, self.actor(event), arrow.dst, facts, event.at)
        seq, ops = held.row.seq + 1, self.campaign.plans[self.machine.id].of(arrow)
        _as_far_as_said(held, lambda: held.clocks.apply(ops, after, event.at, seq))
        _as_far_as_said(held, lambda: held.clocks.documents_in(set(event.documents or ()), event.at, seq))
        _as_far_as_said(held, lambda: _put_off(held, arrow, after))
        stays = trail.stays if leaf.stage == held.row.stage else [*trail.stays, (leaf.stage, event.at)]
        held.row.state, held.row.stage, held.row.seq = leaf.code, leaf.stage, seq
        held.row.closed = int(leaf.final or leaf.closed)
        return Trail(held, [*trail.taken, (event, arrow)], stays, list(trail.broken))

    def supplemented(self, trail: Trail, event: Happening) -> Trail:
        """The trail after a document or a correction without a move."""
        held = _another(trail.held)
        facts = self.facts(event)
        _take(held, facts, event)
        held.marks.note_facts(facts)
        _as_far_as_said(held, lambda: held.clocks.documents_in(set(event.documents or ()), event.at, held.row.seq))
        return Trail(held, [*trail.taken, (event, None)], trail.stays, trail.broken)


def _take(held: Held, facts: Mapping[str, Any], event: Happening) -> None:
    held.clocks.move_to(event.at)
    held.facts.update(facts)
    held.documents.update({kind: ["", kind, 0] for kind in event.documents or ()})


def _another(held: Held) -> Held:
    """The same matter once more, with rows and marks of its own, so that it can go another way."""
    old = held.clocks
    clocks = Clocks(held.machine, deepcopy(old.rows), old.work, old.ladders, old.now)
    marks = Marks(deepcopy(held.marks.as_json()))
    return Held(deepcopy(held.row), held.machine, dict(held.facts), dict(held.documents), marks, clocks)


def _put_off(held: Held, arrow: Arrow, after: Situation) -> None:
    said = after.stated.get("extended_until")
    wanted = after.stated.get("extended_deadline")
    for code in [wanted] if wanted else arrow.spec.extends:
        if held.clocks.open_row(code) is not None:
            held.clocks.extend(code, date.fromisoformat(said) if said else None, after)


def _as_far_as_said(held: Held, act: Callable[[], None]) -> None:
    """Let clocks run as far as the log says enough: one whose date it does not state is left out."""
    try:
        act()
    except DubanError:
        held.clocks.effects.clear()


def _fact(kind: str, value: Any) -> Any:
    """A fact as orders have it: a list comes from a log as one text."""
    return value.split(";") if kind == "enums" and isinstance(value, str) else value
