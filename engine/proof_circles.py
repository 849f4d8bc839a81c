"""Waits and signals between kin that could go in a circle, and holds that are not renewed, read from their arrows.

Signals go to the matter above and to the open ones below, and only those below are waited for: whoever waits stands next to
whom it waits for. Kin form a tree, so of matters that wait for each other in a circle, at whatever depth, two that stand next
to each other wait for each other: it is enough to look at each pair.
"""

from collections.abc import Iterator, Mapping

from engine.definition_schema import DefinitionDoc, Label
from engine.expr_partly import ANY_KIND, YES, Partly
from engine.expr_written import conjuncts
from engine.kin import ABOVE, BELOW, Pair, arrows_of, leading_to
from engine.machine import Arrow, Compiled
from engine.names import SYSTEM
from engine.proof_finding import Finding, joined, state_path
from engine.proof_words import Words
from engine.surroundings import only_system

Act = tuple[str, str]
"""A kind, and a trigger that acts of the system take in it."""


def mute(pair: Pair, side: int, kept: str) -> frozenset[str]:
    """The states of the matter on *side* from which, while the other is on hold in *kept*, it can never let it go.

    It moves on without what waits for the other to be closed, and without signals that only the other sends.
    """
    machine, other = pair.machines[side], pair.machines[BELOW if side == ABOVE else ABOVE]
    out = {trigger for trigger, arrows in other.arrows[kept].items() if any(arrow.dst != kept for arrow in arrows)}
    moves = [arrow for arrow in arrows_of(machine) if _may(pair, side, arrow)]
    found = {arrow.src for arrow in moves if any(each.trigger in out for each in pair.sent(side, arrow))}
    return frozenset(machine.tree.leaves) - leading_to(found, moves)


def _may(pair: Pair, side: int, arrow: Arrow) -> bool:
    """Say whether an act may be done while the other matter stands still."""
    spec, doc = arrow.spec, pair.machines[side].doc
    timers = {each for clock in doc.deadlines.values() for each in (clock.on_expire, clock.on_breach)}
    if only_system(spec.role) and spec.trigger in pair.signals(side) - timers - _elsewhere(pair, side):
        return False
    if side == BELOW or arrow.when is None:
        return True
    known = {("children", pair.below.kind): True, ("children", ANY_KIND): True}
    return bool(Partly(pair.above.tree.leaves[arrow.src].scopes, known).outcomes(arrow.when.node) & YES)


def _elsewhere(pair: Pair, side: int) -> set[str]:
    """The triggers that the matter on *side* may be sent by others than the other one of the pair."""
    mine, other = pair.machines[side].kind, pair.machines[BELOW if side == ABOVE else ABOVE].kind
    below = {spawn.kind for arrow in pair.machines[side].doc.transitions for spawn in arrow.spawn}
    return {
        signal.trigger for doc in pair.others.values() if doc.kind != other
        for arrow in doc.transitions for signal in arrow.signals
        if signal.to == mine or (signal.to is None and doc.kind in below)
    }  # fmt: skip


# --- holds that are not renewed ---------------------------------------------------------------------------------------


def forgotten(pair: Pair, side: int, mine: int) -> Iterator[Finding]:
    """Acts of the keeper on *side* by which it goes on again after it has let the other go, and does not halt it once more."""
    keeper, kept = pair.machines[side], pair.machines[BELOW if side == ABOVE else ABOVE]
    holds = pair.holds(BELOW if side == ABOVE else ABOVE)
    goes, halts = _triggers(kept, holds, out=True), _triggers(kept, holds, out=False)
    if not goes or not halts:
        return
    let = [(arrow, each) for arrow in arrows_of(keeper) for each in pair.sent(side, arrow) if each.trigger in goes]
    free = {arrow.dst for arrow, _ in let if not _over(keeper, arrow.dst)}
    told: set[int] = set()
    for arrow in arrows_of(keeper):
        if arrow.src not in free or arrow.dst in free or arrow.index in told or _over(keeper, arrow.dst):
            continue
        asked = [_asked(keeper, each.when) for each in pair.sent(side, arrow) if each.trigger in halts]
        before = [_asked(keeper, each.when) for act, each in let if act.dst == arrow.src]
        if all(any(one <= other for one in asked) for other in before):
            continue
        told.add(arrow.index)
        words: Words = {
            "trigger": arrow.spec.label, "state": keeper.tree.leaves[arrow.src].label, "keeper": keeper.doc.label,
            "kept": kept.doc.label,
        }  # fmt: skip
        if mine == side:
            yield Finding("hold_forgotten", ("transitions", arrow.index, "trigger"), words)
        else:
            yield Finding("hold_forgotten", state_path(kept.tree.leaves[min(holds)]), words, key=True)


def _triggers(kept: Compiled, holds: frozenset[str], *, out: bool) -> set[str]:
    """The triggers by which the system lets the kept one go on from where it is on hold, or puts it there."""
    return {
        arrow.spec.trigger for arrow in arrows_of(kept)
        if SYSTEM in arrow.spec.role and (arrow.src in holds) == out and (arrow.dst in holds) != out
        and not (out and _over(kept, arrow.dst))
    }  # fmt: skip


def _over(machine: Compiled, leaf: str) -> bool:
    state = machine.tree.leaves[leaf]
    return state.final or state.closed


def _asked(machine: Compiled, when: str | None) -> frozenset[str]:
    """What a signal asks for, condition by condition."""
    expr = machine.condition(when)
    return frozenset(conjuncts(expr.node)) if expr is not None else frozenset()


# --- signals that set off each other ----------------------------------------------------------------------------------


def circles(doc: DefinitionDoc, others: Mapping[str, DefinitionDoc]) -> Iterator[Finding]:
    """Acts of the system whose signals come back to them through kin at any depth: one order would never end."""
    docs = {**others, doc.kind: doc}
    next_ = {act: set(_follows(docs, act)) for act in _acts(docs)}
    for at, arrow in enumerate(doc.transitions):
        act = (doc.kind, arrow.trigger)
        if SYSTEM not in arrow.role or not arrow.signals:
            continue
        way = _back(act, next_)
        if way:
            names = joined([_said(docs, each) for each in way])
            words: Words = {"trigger": arrow.label, "acts": names}
            yield Finding("signals_in_circle", ("transitions", at, "signals"), words, key=True)
            return


def _acts(docs: Mapping[str, DefinitionDoc]) -> Iterator[Act]:
    for kind, doc in docs.items():
        yield from ((kind, arrow.trigger) for arrow in doc.transitions if SYSTEM in arrow.role)


def _follows(docs: Mapping[str, DefinitionDoc], act: Act) -> Iterator[Act]:
    kind, trigger = act
    acts = set(_acts(docs))
    above = [doc.kind for doc in docs.values() if any(each.kind == kind for a in doc.transitions for each in a.spawn)]
    for arrow in docs[kind].transitions:
        if arrow.trigger == trigger and SYSTEM in arrow.role:
            for signal in arrow.signals:
                for to in [signal.to] if signal.to else above:
                    if (to, signal.trigger) in acts:
                        yield to, signal.trigger


def _back(act: Act, next_: Mapping[Act, set[Act]]) -> list[Act]:
    """The shortest way from an act to itself; empty if there is none."""
    ways = [[act]]
    seen: set[Act] = set()
    for way in ways:  # it grows while it is gone through
        for each in sorted(next_.get(way[-1], ())):
            if each == act:
                return [*way, act]
            if each not in seen:
                seen.add(each)
                ways.append([*way, each])
    return []


def _said(docs: Mapping[str, DefinitionDoc], act: Act) -> Label:
    doc = docs[act[0]]
    label = next(arrow.label for arrow in doc.transitions if arrow.trigger == act[1])
    return Label(zh=f"{doc.label.zh}：{label.zh}", en=f"{doc.label.en}: {label.en}")
