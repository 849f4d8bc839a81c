"""A matter taken over to another version of its definition, in memory: what becomes of it, and everything against it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.campaign import Campaign
from engine.carried_clocks import Carriage, carry_clocks
from engine.errors import Invalid, Reason
from engine.held import Held
from engine.machine import Compiled
from engine.orders import SYSTEM
from engine.translating import Translation, moved_marks, moved_places
from engine.watches import review


@dataclass(frozen=True, slots=True)
class Kin:
    """The matters that a matter hears from and speaks to: its *parent*'s machine, and those of its open *children*."""

    parent: Compiled | None = None
    children: tuple[Compiled, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Carried:
    """A matter as it would be: *held* is in the new version, *problems* stand against it.

    *stated* are the facts set now, *unset* those taken away.
    """

    held: Held
    stated: dict[str, Any]
    problems: list[Reason]
    clocks: Carriage
    unset: dict[str, None] = field(default_factory=dict)


def carry(held: Held, way: Translation, new: Compiled, campaign: Campaign, kin: Kin) -> Carried:
    """Take *held*, read for this, over to *new*. It is to be written only if there are no problems."""
    old, seq = held.machine, held.row.seq + 1
    target = way.states.get(held.row.state)
    if target is None:
        label = old.tree.leaves[held.row.state].label
        lost = Reason(
            "state",
            f"状态“{label.zh}”（{held.row.state}）在新版本中没有位置",
            f"the state {held.row.state} has no place",
        )
        return Carried(held, {}, [lost], Carriage(held.clocks))
    problems = [
        *_facts(held, way, new, campaign),
        *_documents(held, way),
        *_handovers(held, way),
        *signals_lost(held.machine, new, kin),
        *_hands(held, way),
    ]
    if new.tree.leaves[target].final:
        problems.append(
            Reason(
                "final",
                f"在办状态不能变为终结状态“{target}”",
                f"the live state {held.row.state} would become final: {target}",
            )
        )
    unset = left_behind(way, held.facts)
    stated = _restate(held, way, new, old)
    done = carry_clocks(held, way, new, target, campaign)
    held.machine, held.clocks, held.children = new, done.clocks, kin.counts
    leaf = new.tree.leaves[target]
    held.row.state, held.row.stage, held.row.closed = leaf.code, leaf.stage, int(leaf.final or leaf.closed)
    after = held.after(campaign, SYSTEM, target, stated, held.clocks.now)
    problems += done.problems
    problems += [
        Reason("invariant", f"已违反：{each.zh}", f"it is broken already: {each.en}") for each in new.violated(after)
    ]
    if not problems:
        problems += done.start(after, seq)
        review(held.clocks, after, held.clocks.now, seq)
    return Carried(held, stated, problems, done, unset)


def _restate(held: Held, way: Translation, new: Compiled, old: Compiled) -> dict[str, Any]:
    """Give facts, documents and marks their new codes, and state what is set."""
    facts = {name: value for name, value in held.facts.items() if not _as_set(way, name, value)}
    held.facts = {**moved_places(facts, way.facts), **way.sets}
    held.documents = moved_places(held.documents, way.documents)
    held.marks = moved_marks(held.marks, way.as_json(), old.tree, new.tree)
    held.marks.note_facts(way.sets)
    return dict(way.sets)


def _as_set(way: Translation, name: str, value: Any) -> bool:
    """Say whether a way back takes this fact away: it came with the way there, and is still what was set."""
    return name in way.unset and name not in way.facts and value == way.unset[name]


def left_behind(way: Translation, facts: Mapping[str, Any]) -> dict[str, None]:
    """The facts that the record says are gone, besides those that the way names."""
    return {name: None for name, value in facts.items() if _as_set(way, name, value)}


def _facts(held: Held, way: Translation, new: Compiled, campaign: Campaign) -> Iterator[Reason]:
    for name, value in held.facts.items():
        if name not in way.facts:
            if not _as_set(way, name, value):
                yield Reason("fact", f"事实“{name}”在新版本中没有位置", f"the fact {name} has no place")
            continue
        place = way.facts[name]
        if place is None:
            continue
        was, will = held.machine.doc.facts[name], new.doc.facts[place]
        if was.type != will.type:
            yield Reason(
                "fact_type",
                f"事实“{name}”是{was.type}，“{place}”是{will.type}",
                f"the fact {name} is of type {was.type}, {place} of type {will.type}",
            )
        elif was.personal and not will.personal:
            yield Reason(
                "personal",
                f"个人信息“{name}”不得变为公开",
                f"the personal fact {name} would no longer be kept out of the record",
            )
        elif not _fits(campaign, new, place, value):
            yield Reason(
                "fact_value",
                f"事实“{name}”的值{value}在新版本中不可能",
                f"the fact {name} is {value}, which {place} cannot be",
            )


def _fits(campaign: Campaign, new: Compiled, name: str, value: Any) -> bool:
    spec = new.doc.facts[name]
    if spec.minimum is not None and isinstance(value, int) and value < spec.minimum:
        return False
    if spec.values:
        return set(value if isinstance(value, list) else [value]) <= set(spec.values)
    return _read(campaign, new, name, value) if spec.taxonomy else True


def _read(campaign: Campaign, new: Compiled, name: str, value: Any) -> bool:
    try:
        campaign.facts[new.id].read({name: value})
    except Invalid:
        return False
    return True


def _documents(held: Held, way: Translation) -> Iterator[Reason]:
    for kind in held.documents:
        if kind not in way.documents:
            yield Reason("document", f"材料“{kind}”在新版本中没有位置", f"the document {kind} has no place")
        elif way.documents[kind] is None:
            yield Reason(
                "document_lost",
                f"在办事项已有材料“{kind}”，而迁移将其舍去（null）：材料不得丢失，请为其指定位置",
                f"the document {kind} is held and would be left behind (null): no document is lost, give it a place",
            )


def _handovers(held: Held, way: Translation) -> Iterator[Reason]:
    for code, handed in held.marks.handed.items():
        if handed["status"] == "sent" and way.handovers.get(code) is None:
            yield Reason(
                "handover",
                f"移送“{code}”尚未签收，在新版本中没有位置",
                f"the hand-over {code} is sent and not received, and has no place",
            )


def _hands(held: Held, way: Translation) -> Iterator[Reason]:
    """Acts whose doers may not do another one: the new version must say what they are in it, or that they are left behind."""
    apart = {each for arrow in held.machine.doc.transitions for each in arrow.distinct_from}
    for trigger in sorted(apart & held.marks.last.keys() - way.triggers.keys()):
        yield Reason(
            "trigger",
            f"动作“{trigger}”在新版本中没有位置，回避无从判断",
            f"the act {trigger} has no place, so nobody could tell whom it keeps from others",
        )


def signals_lost(old: Compiled, new: Compiled, kin: Kin) -> Iterator[Reason]:
    """What parent or children wait for and would no longer hear, or say and would no longer be heard."""
    for child in kin.children:
        up, down = signals_of(child), signals_of(old, child.kind) - signals_of(new, child.kind)
        for trigger in sorted((up & old.triggers.keys()) - new.triggers.keys()):
            yield Reason(
                "signal",
                f"子事项{child.kind}的信号“{trigger}”将无人接收",
                f"the signal {trigger} of its {child.kind} would not be understood",
            )
        for trigger in sorted(down & child.triggers.keys()):
            yield Reason(
                "signal",
                f"不再向子事项{child.kind}发出信号“{trigger}”",
                f"its {child.kind} would no longer hear the signal {trigger}",
            )
    if kin.parent is not None:
        for trigger in sorted((signals_of(old) - signals_of(new)) & kin.parent.triggers.keys()):
            yield Reason(
                "signal",
                f"不再向上级事项发出信号“{trigger}”",
                f"its {kin.parent.kind} would no longer hear the signal {trigger}",
            )
        down = signals_of(kin.parent, old.kind)
        for trigger in sorted((down & old.triggers.keys()) - new.triggers.keys()):
            yield Reason(
                "signal",
                f"上级事项{kin.parent.kind}的信号“{trigger}”将无人接收",
                f"the signal {trigger} of its {kin.parent.kind} would not be understood",
            )


def signals_of(machine: Compiled, to: str | None = None) -> set[str]:
    """The triggers that a machine sends to the matter above, or to its children of the kind *to*."""
    every = (signal for arrow in machine.doc.transitions for signal in arrow.signals)
    return {signal.trigger for signal in every if signal.to == to}
