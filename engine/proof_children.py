"""The matters that a machine opens below it, bounded by their own definitions: what they may be sent, send, and whether they end."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.campaign import parts_of
from engine.campaign_schema import CampaignDoc
from engine.check_campaign import to_day
from engine.definition import Definition
from engine.definition_schema import ArrowSpec, DefinitionDoc, FactSpec, Label
from engine.effort import TooLarge
from engine.exploring import Explorer, Way
from engine.expr_partly import ANY_KIND, YES, Partly, Var, vars_of
from engine.forgetting import looking
from engine.kin_schema import SignalSpec, SpawnSpec
from engine.machine import Arrow, Compiled
from engine.names import SYSTEM
from engine.places import Place
from engine.proof_finding import Finding, joined
from engine.proof_words import Words
from engine.source import Path, Source
from engine.states import flatten
from engine.steps import Steps
from engine.surroundings import Surroundings, surroundings_of


@dataclass(frozen=True)
class Bounds:
    """What the children of a machine can do: the triggers they really *send* it, and those kinds that may never close.

    Of the kinds that are heard or waited for *bounded* were explored; of the others nothing is known but what they declare.
    """

    sent: frozenset[str]
    unsent: frozenset[str]
    endless: Mapping[str, Way]
    bounded: frozenset[str]
    unbounded: frozenset[str]


@dataclass(frozen=True)
class Children:
    """The kinds that *machine* opens, each to be explored as this machine opens it, in at most *limit* situations."""

    machine: Compiled
    others: Mapping[str, DefinitionDoc]
    campaign: CampaignDoc
    limit: int
    explorers: dict[str, Explorer | None] = field(default_factory=dict)
    machines: dict[str, Compiled] = field(default_factory=dict)

    def bounds(self, around: Surroundings) -> Bounds:
        """Explore every child kind that this machine hears from or waits for."""
        declared, sent = self._declared(around), set[str]()
        for trigger, kinds in declared.items():
            if any(self._sends(kind, trigger) for kind in kinds):
                sent.add(trigger)
        opened = {
            trigger for opening in self.campaign.opens if opening.kind == self.machine.kind for trigger in opening.then
        }
        unsent = frozenset(declared.keys() - sent - opened - around.from_above)
        endless = {kind: way for kind in self._waited(around) if (way := self._endless(kind)) is not None}
        bounded = frozenset(kind for kind, explorer in self.explorers.items() if explorer is not None)
        return Bounds(around.sent - unsent, unsent, endless, bounded, frozenset(self.explorers) - bounded)

    def _declared(self, around: Surroundings) -> dict[str, list[str]]:
        """The triggers that acts of the system take here and children declare to send, with those children's kinds."""
        taken = {arrow.trigger for arrow in self.machine.doc.transitions if SYSTEM in arrow.role}
        found: dict[str, list[str]] = {}
        for kind in sorted(around.children):
            child = self.others.get(kind)
            for arrow in child.transitions if child else ():
                for signal in arrow.signals:
                    if (
                        signal.to is None
                        and signal.trigger in taken
                        and kind not in found.setdefault(signal.trigger, [])
                    ):
                        found[signal.trigger].append(kind)
        return found

    def _waited(self, around: Surroundings) -> set[str]:
        return {
            kind for arrow in _arrows(self.machine) for kind in waits_for_children(self.machine, arrow, around.children)
        }

    def explorer(self, kind: str) -> Explorer | None:
        """An exploration of a child *kind* as this machine opens it; None if it is unknown or too large."""
        if kind not in self.explorers:
            self.explorers[kind] = self._explorer(kind)
        return self.explorers[kind]

    def machine_of(self, kind: str) -> Compiled | None:
        """The machine of a child *kind*; None if it is unknown."""
        if kind not in self.machines and kind in self.others:
            self.machines[kind] = compiled(self.others[kind], self.campaign)
        return self.machines.get(kind)

    def _explorer(self, kind: str) -> Explorer | None:
        machine = self.machine_of(kind)
        if machine is None:
            return None
        around = surroundings_of(machine.doc, self.others, self.campaign)
        births = tuple(birth for birth in around.births if birth.by == self.machine.kind)
        try:
            return Explorer(machine, replace(around, births=births), limit=self.limit)
        except TooLarge:
            return None

    def _sends(self, kind: str, trigger: str) -> bool:
        """Say whether a child can ever send *trigger*; also if that could not be found out."""
        explorer = self.explorer(kind)
        if explorer is None:
            return True
        try:
            return any(
                signal.to is None and signal.trigger == trigger and _sent(explorer, index, signal)
                for index, arrow in enumerate(explorer.machine.doc.transitions) for signal in arrow.signals
            )  # fmt: skip
        except TooLarge:
            self.explorers[kind] = None
            return True

    def _endless(self, kind: str) -> Way | None:
        """The shortest way to where a child can be closed no more, if there is one."""
        explorer = self.explorer(kind)
        if explorer is None:
            return None
        leaves = explorer.machine.tree.leaves
        try:
            return explorer.stuck(lambda leaf: leaves[leaf].final or leaves[leaf].closed)
        except TooLarge:
            self.explorers[kind] = None
            return None


def compiled(doc: DefinitionDoc, campaign: CampaignDoc) -> Compiled:
    """The machine of a kind around, of which no file is told."""
    source = Source(f"{doc.kind}@{doc.version}", "", {}, {}, {}, {})
    return Compiled(Definition(doc, "", "", flatten(doc), source), 0, parts_of(campaign))


def _arrows(machine: Compiled) -> Iterator[Arrow]:
    return (arrow for found in machine.arrows.values() for each in found.values() for arrow in each)


def waits_for_children(machine: Compiled, arrow: Arrow, children: Iterable[str]) -> list[str]:
    """The kinds of *children* that must all be closed before *arrow* may be fired."""
    if arrow.when is None or not any(what == "children" for what, _ in vars_of(arrow.when.node)):
        return []
    scopes, asked = (
        machine.tree.leaves[arrow.src].scopes,
        {code for what, code in vars_of(arrow.when.node) if what == "children"},
    )
    found = []
    for kind in sorted(children):
        known = {("children", code): True for code in asked & {kind, ANY_KIND}}
        if known and not Partly(scopes, known).outcomes(arrow.when.node) & YES:
            found.append(kind)
    return found


def _sent(explorer: Explorer, index: int, signal: SignalSpec) -> bool:
    """Say whether the arrow *index* of a child can be fired so that *signal* is sent."""
    machine = explorer.machine
    when = machine.condition(signal.when)
    if when is None and index in explorer.fired:
        return True
    asked = vars_of(when.node) if when is not None else frozenset()

    def judge(scene: Steps, place: Place) -> tuple[bool, frozenset[Var]]:
        best: frozenset[Var] | None = None
        for move in scene.fires(place, index):
            if move.step.arrow is None or move.step.arrow.index != index:
                continue
            for there in move.places:
                bits = (
                    YES
                    if when is None
                    else Partly(machine.tree.leaves[there[0]].scopes, scene.known(there)).outcomes(when.node)
                )
                doubts = move.doubts | (asked - frozenset(scene.followed) if bits != YES else frozenset())
                if bits & YES and (best is None or len(doubts) < len(best)):
                    best = doubts
        return best is not None, best or frozenset()

    read = [*explorer.memory.looked_at(index)]
    read += [(arrow.dst, asked) for arrow in _arrows(machine) if arrow.index == index]
    return explorer.find(judge, (), looking(machine, read)) is not None


class ChildrenProof:
    """The questions about what a machine hands to its children, and what it waits for from them."""

    def __init__(self, machine: Compiled, children: Children, bounds: Bounds, around: Surroundings) -> None:
        self.machine, self.doc, self.children, self.bounds, self.around = machine, machine.doc, children, bounds, around

    def run(self) -> Iterator[Finding]:
        """Every finding."""
        yield from self._waiting()
        yield from self._signals()
        for index, arrow in enumerate(self.doc.transitions):
            for at, spawn in enumerate(arrow.spawn):
                yield from self._handed(("transitions", index, "spawn", at), arrow, spawn)

    def _waiting(self) -> Iterator[Finding]:
        told = set()
        for arrow in _arrows(self.machine):
            for kind in waits_for_children(self.machine, arrow, self.around.children):
                way = self.bounds.endless.get(kind)
                if way is None or (arrow.index, kind) in told:
                    continue
                told.add((arrow.index, kind))
                state = way.scene.machine.tree.leaves[way.place[0]].label
                words: Words = {
                    "trigger": arrow.spec.label,
                    "child": self._kind(kind),
                    "state": state,
                    "steps": len(way.steps),
                }
                yield Finding("children_never_close", ("transitions", arrow.index, "when"), words, way)

    def _signals(self) -> Iterator[Finding]:
        for index, arrow in enumerate(self.doc.transitions):
            if SYSTEM in arrow.role and arrow.trigger in self.bounds.unsent:
                kinds = joined(
                    self._kind(kind) for kind in sorted(self.around.children) if kind in self.children.others
                )
                yield Finding(
                    "signal_never_sent", ("transitions", index, "trigger"), {"trigger": arrow.label, "kinds": kinds}
                )

    def _kind(self, kind: str) -> Label:
        return self.children.others[kind].label

    # --- what is handed over ----------------------------------------------------------------------------------

    def _handed(self, path: Path, arrow: ArrowSpec, spawn: SpawnSpec) -> Iterator[Finding]:
        child = self.children.others.get(spawn.kind)
        if child is None:
            return
        words: dict[str, str | int | Label] = {"trigger": arrow.label, "child": child.label}
        for code, value in spawn.sets.items():
            if code not in child.facts:
                yield Finding("spawn_unknown_fact", (*path, "sets", code), {**words, "fact": code}, key=True)
            elif not self._may_be(child.facts[code], value):
                yield Finding(
                    "spawn_out_of_range", (*path, "sets", code), {**words, "fact": code, "values": str(value)}
                )
        for code, ours in spawn.facts.items():
            if code not in child.facts:
                yield Finding("spawn_unknown_fact", (*path, "facts", code), {**words, "fact": code}, key=True)
                continue
            mine, theirs = self.doc.facts[ours], child.facts[code]
            outside = self._outside(mine, theirs)
            if outside:
                yield Finding("spawn_out_of_range", (*path, "facts", code), {**words, "fact": code, "values": outside})
            if (mine.personal and not theirs.personal) or (mine.vault and not theirs.vault):
                yield Finding("spawn_unveils", (*path, "facts", code), {**words, "fact": mine.label})

    def _may_be(self, spec: FactSpec, value: Any) -> bool:
        """Say whether a fact may have the constant *value*."""
        if spec.type in ("bool", "int", "money"):
            wanted = bool if spec.type == "bool" else int
            return type(value) is wanted and (spec.minimum is None or value >= spec.minimum)
        if not isinstance(value, str) or spec.type in ("enums", "instant"):
            return False
        if spec.type == "enum":
            return value in self._values(spec)
        if spec.type == "body":
            return any(body.code == value for body in self.children.campaign.bodies)
        return spec.type != "date" or to_day(value) is not None

    def _values(self, spec: FactSpec) -> set[str]:
        return set(spec.values) or {
            taxon.code for taxon in self.children.campaign.taxonomies.get(spec.taxonomy or "", ())
        }

    def _outside(self, mine: FactSpec, theirs: FactSpec) -> str:
        """What the fact *mine* may be and *theirs* may not; empty if nothing."""
        if mine.type in ("enum", "enums") and theirs.type == mine.type:
            return ", ".join(sorted(self._values(mine) - self._values(theirs)))
        if theirs.minimum is not None and (mine.minimum is None or mine.minimum < theirs.minimum):
            return f"< {theirs.minimum}"
        return ""
