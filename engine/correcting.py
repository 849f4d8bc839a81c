"""What corrections can make of a situation: any facts set right, several at once, to whatever breaks no invariant."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

from engine.ahead import looks_at
from engine.effects import Effects, Known, sources
from engine.effort import Effort
from engine.expr import Expr
from engine.expr_partly import NO, STATED, YES, Partly, Var, facts_read, read_here, vars_of
from engine.forgetting import SAID, SAYINGS, Live
from engine.machine import Compiled
from engine.places import Step
from engine.regions import Regions

Stated = dict[str, Any]

Correction = tuple[Step, list[Known], frozenset[Var]]
"""What is set right, the changes that it may make, and what would have to be followed to be certain of it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Facts of one state that invariants tie together: *codes*, what the correction *reads*, and what was *found*."""

    codes: tuple[str, ...]
    reads: tuple[Var, ...]
    found: dict[tuple[Any, ...], list[Correction]] = field(default_factory=dict)


class Corrections:
    """The corrections of one machine that change what is *live* of the variables that *effects* follow."""

    def __init__(self, machine: Compiled, regions: Regions, effects: Effects, live: Live, effort: Effort) -> None:
        self.machine, self.regions, self.effects, self.live = machine, regions, effects, live
        self.effort, self._in = effort, frozenset(effects.followed)
        self._groups: dict[str, list[Group]] = {}
        self._reading = [(facts_read(expr), expr) for _, expr in machine.invariants.values()]

    def of(self, leaf: str, known: Known) -> Iterator[Correction]:
        """Each smallest correction that no invariant refuses.

        A correction that can be made one fact after another is told so; facts that an invariant ties are set right together.
        """
        groups = self._groups.get(leaf)
        if groups is None:
            groups = self._groups[leaf] = list(self._tied(leaf))
        for group in groups:
            key = tuple([known[var] for var in group.reads])
            found = group.found.get(key)
            if found is None:
                found = group.found[key] = list(self._smallest(leaf, group.codes, known))
            yield from found

    def _tied(self, leaf: str) -> Iterator[Group]:
        """The facts that can be set right in *leaf* with a difference, in groups that invariants tie together."""
        scopes, codes = self.machine.tree.leaves[leaf].scopes, self._codes(leaf)
        groups = [{code} for code in sorted(codes)]
        for facts, expr in self._reading:
            tied = facts & codes if read_here(expr.node, scopes, lenient=True) else set()
            one = {code for group in groups if group & tied for code in group}
            groups = [group for group in groups if not group & one] + ([one] if one else [])
        for group in groups:
            read = {(what, code) for code in group | self._derived(group) for what in SAID}
            for expr in self._touched(group):
                read |= read_here(expr.node, scopes, lenient=True)
            yield Group(tuple(sorted(group)), tuple(var for var in self.effects.followed if var in read))

    def _codes(self, leaf: str) -> set[str]:
        """The facts to set right; where standards answer, one of those they look at too, which may turn the answer."""
        live = self.live[leaf]
        codes = {code for what, code in live if what in SAYINGS}
        for spec in self.machine.doc.evaluates.values():
            names = {name for name in (spec.threshold, spec.duty) if name}
            if not {("met", name) for name in names}.isdisjoint(live) or not names.isdisjoint(codes):
                codes.add(next((code for code in sorted(sources(spec)) if code not in codes), spec.by))
        return codes

    def _derived(self, codes: Iterable[str]) -> set[str]:
        """The facts that the standards answer anew when one of *codes* is set right."""
        return {
            name for spec in self.machine.doc.evaluates.values() if not looks_at(spec).isdisjoint(codes)
            for name in (spec.threshold, spec.duty) if name
        }  # fmt: skip

    def _touched(self, codes: set[str]) -> list[Expr]:
        """The invariants that may refuse a correction of *codes*."""
        changed = codes | self._derived(codes)
        return [expr for facts, expr in self._reading if not changed.isdisjoint(facts)]

    def _values(self, code: str, known: Known) -> list[Any]:
        if ("fact", code) in self._in or ("ever", code) in self._in:
            now = known.get(("fact", code), STATED)
            return [value for value in self.regions.domain(("fact", code))[1:] if value != now]
        return [STATED]

    def _smallest(self, leaf: str, codes: tuple[str, ...], known: Known) -> Iterator[Correction]:
        made: list[Stated] = []
        values = {code: self._values(code, known) for code in codes}
        for size in range(1, len(codes) + 1):
            for chosen in combinations(codes, size):
                for each in product(*(values[code] for code in chosen)):
                    self.effort.spend()
                    stated = dict(zip(chosen, each, strict=True))
                    if any(one.items() <= stated.items() for one in made):
                        continue
                    changes, doubts = self._made(leaf, known, stated)
                    if changes:
                        made.append(stated)
                        yield Step("correct", ",".join(stated), None, tuple(stated.items())), changes, doubts
            if not self._refused(values, made):
                return

    @staticmethod
    def _refused(values: Mapping[str, list[Any]], made: list[Stated]) -> bool:
        """Whether some fact cannot be set right to some value by itself: then it may be together with another."""
        return any({code: value} not in made for code, found in values.items() for value in found)

    def _made(self, leaf: str, known: Known, stated: Stated) -> tuple[list[Known], frozenset[Var]]:
        """What the correction may change, as far as no invariant that it touches surely refuses it."""
        given = {code: value for code, value in stated.items() if value is not STATED}
        touched = self._touched(set(stated))
        changed = [
            (what, code) for code in {*stated, *self._derived(stated)} for what in SAID if (what, code) in self._in
        ]
        found, unsure = [], frozenset[Var]()
        for after in self.effects.corrected(known, stated, given):
            doubts = self._broken(leaf, after, touched)
            if doubts is not None:
                found.append({var: after[var] for var in changed})
                unsure |= doubts
        return found, unsure

    def _broken(self, leaf: str, known: Known, touched: list[Expr]) -> frozenset[Var] | None:
        """What must be followed to know whether one of the invariants is broken; None if one surely is.

        The order that would break it is refused, so no such correction is ever made.
        """
        unsure, scopes = frozenset[Var](), self.machine.tree.leaves[leaf].scopes
        for expr in touched:
            bits = Partly(scopes, known, lenient=True).outcomes(expr.node)
            if not bits & NO:
                return None
            unsure |= vars_of(expr.node) - known.keys() if bits & YES else frozenset()
        return unsure
