"""What taking live matters over to another version would do: to states, deadlines and dates, and what stands against it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine.campaign import Campaign
from engine.canonical import canonical
from engine.carrying import Carried, Kin, carry
from engine.desk import Desk
from engine.errors import Reason, Refused
from engine.held import Held
from engine.machine import Compiled
from engine.migrating import LOOK, Follower, followers, kin_of
from engine.recount_preview import Change, changes
from engine.recounting import BATCH, held_of
from engine.translating import Translation, translation
from engine.ways_out import Explorer, what_is_lost

SHOWN = 5
"""Matters that a problem names; the others are counted. PLACEHOLDER"""


@dataclass(slots=True)
class Obstacle:
    """Something against the plan, with the matters it concerns."""

    reason: Reason
    version: int
    refs: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The problem as the contract has it."""
        said = {"code": self.reason.kind, "zh": self.reason.zh, "en": self.reason.en, "from": self.version}
        return {**said, "count": len(self.refs), "refs": self.refs[:SHOWN]}


@dataclass(slots=True)
class Survey:
    """What a migration of *kind* to *target* would do."""

    kind: str
    target: Compiled
    states: dict[tuple[int, str, str], int] = field(default_factory=dict)
    clocks: dict[tuple[str, str, str], int] = field(default_factory=dict)
    obstacles: dict[tuple[int, str, str], Obstacle] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    matters: int = 0
    situations: int = 0
    refs: list[str] = field(default_factory=list)

    def against(self, version: int, reason: Reason, ref: str) -> None:
        """Take down a problem of one matter."""
        found = self.obstacles.setdefault((version, reason.kind, reason.en), Obstacle(reason, version))
        if ref not in found.refs[-1:]:
            found.refs.append(ref)

    def as_json(self) -> dict[str, Any]:
        """The survey as the contract has it, without the dates."""
        return {
            "kind": self.kind,
            "to": self.target.doc.version,
            "hash": self.target.definition.digest,
            "matters": self.matters,
            "situations": self.situations,
            "states": [
                {"from": version, "state": was, "to": will or None, "count": count}
                for (version, was, will), count in sorted(self.states.items())
            ],
            "deadlines": [
                {"op": op, "code": code, "was": was or None, "count": count}
                for (op, code, was), count in sorted(self.clocks.items())
            ],
            "problems": [each.as_json() for _, each in sorted(self.obstacles.items())],
        }


class Ways:
    """The ways from every version to one, found when first asked for."""

    def __init__(self, campaign: Campaign, target: Compiled) -> None:
        self._campaign, self._target = campaign, target
        self._found: dict[int, Translation | Refused] = {}

    def of(self, definition_id: int) -> Translation:
        """The way from one version. Raises Refused if there is none back."""
        if definition_id not in self._found:
            try:
                found: Translation | Refused = translation(self._campaign.machines[definition_id].doc, self._target.doc)
            except Refused as error:
                found = error
            self._found[definition_id] = found
        way = self._found[definition_id]
        if isinstance(way, Refused):
            raise way
        return way


def survey(
    desk: Desk, kind: str, target: Compiled, refs: Iterable[str] = (), explore: Explorer = what_is_lost
) -> Survey:
    """Look at every live matter as it would be; nothing is locked, nothing is written."""
    campaign, found = desk.campaign, Survey(kind, target)
    live = followers(desk.tx, campaign, kind, target.id, refs)
    ways = Ways(campaign, target)
    found.matters, found.refs = len(live), [each.ref for each in live]
    samples: dict[str, tuple[Held, list[tuple[int, str]]]] = {}
    for first in range(0, len(live), BATCH):
        _look(desk, found, live[first : first + BATCH], ways, samples)
    found.situations = len(samples)
    kept = list(samples.values())
    for at, reasons in explore(target, campaign, [held for held, _ in kept]).items():
        for reason in reasons:
            for version, ref in kept[at][1]:
                found.against(version, reason, ref)
    return found


def _look(
    desk: Desk,
    found: Survey,
    live: Sequence[Follower],
    ways: Ways,
    samples: dict[str, tuple[Held, list[tuple[int, str]]]],
) -> None:
    campaign, matters = desk.campaign, desk.tx.among(LOOK, [each.id for each in live])
    kin = kin_of(desk.tx, campaign, matters)
    pairs = zip(held_of(desk, campaign, matters), held_of(desk, campaign, matters), strict=True)
    for was, will in pairs:
        version, state, ref = was.machine.doc.version, was.row.state, was.row.ref
        try:
            way = ways.of(was.row.definition_id)
        except Refused as error:
            for reason in error.reasons:
                found.against(version, reason, ref)
            continue
        carried = carry(will, way, found.target, campaign, kin.get(was.row.id, Kin()))
        place = (version, state, way.states.get(state, ""))
        found.states[place] = found.states.get(place, 0) + 1
        for reason in carried.problems:
            found.against(version, reason, ref)
        if state in way.states:
            found.changes += changes(was, will, campaign, campaign)
            _count(found, carried)
            samples.setdefault(_situation(will), (will, []))[1].append((version, ref))


def _count(found: Survey, carried: Carried) -> None:
    for effect in carried.held.clocks.effects:
        if effect["op"] in COUNTED:
            key = (effect["op"], effect["code"], effect.get("was", ""))
            found.clocks[key] = found.clocks.get(key, 0) + 1


COUNTED = ("carried", "started", "stopped", "recounted")
"""What a plan counts of deadlines."""


def _situation(held: Held) -> str:
    """What decides what can still happen to a matter: state, documents, marks, clocks, and the facts that are read."""
    read, marks = _read(held.machine), held.marks
    facts = {name: value for name, value in held.facts.items() if name in read}
    been = [marks.came_from, sorted(marks.visited), sorted(marks.ever), marks.counts]
    return canonical(
        [held.row.state, facts, sorted(held.documents), *been, held.clocks.statuses(), dict(held.children)]
    )


@lru_cache(maxsize=64)
def _read(machine: Compiled) -> frozenset[str]:
    """The facts that decide in a machine."""
    arrows = [arrow for triggers in machine.arrows.values() for each in triggers.values() for arrow in each]
    guards = {fact for arrow in arrows if arrow.when for fact in arrow.when.facts}
    return frozenset(guards | {fact for _, expr in machine.invariants.values() for fact in expr.facts})
