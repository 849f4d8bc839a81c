"""A machine together with the kinds that it opens and, if that is asked too, with those that open it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.campaign_schema import CampaignDoc
from engine.definition_schema import DefinitionDoc
from engine.exploring import Explorer, Figures
from engine.kin import ABOVE, BELOW, Pair
from engine.proof_children import Children, compiled
from engine.proof_circles import circles, forgotten
from engine.proof_finding import Finding
from engine.proof_on_hold import OnHoldProof


@dataclass
class PairsProof:
    """The questions about one machine and its kin: *below* has the kinds that it opens, *explorer* explores it by itself.

    Corrections of facts are left out, whether it has looked at them or not.
    """

    explorer: Explorer
    below: Children
    figures: Figures = field(default_factory=Figures)
    together: set[str] = field(default_factory=set)
    """The kinds with which it was looked at together."""

    @property
    def campaign(self) -> CampaignDoc:
        return self.below.campaign

    def run(self, *, above: bool) -> Iterator[Finding]:
        """Every finding; those of the kinds *above* only if they are asked for."""
        machine = self.explorer.machine
        yield from circles(machine.doc, self.below.others)
        docs = {**self.below.others, machine.kind: machine.doc}
        for kind in sorted(self.explorer.around.children & self.below.others.keys() - {machine.kind}):
            child = self.below.machine_of(kind)
            if child is not None:
                yield from self._pair(Pair(machine, child, docs, self.campaign), ABOVE)
        for doc in self._parents(docs) if above else ():
            yield from self._pair(Pair(compiled(doc, self.campaign), machine, docs, self.campaign), BELOW)

    def _parents(self, docs: Mapping[str, DefinitionDoc]) -> Iterator[DefinitionDoc]:
        kind = self.explorer.machine.kind
        for doc in docs.values():
            if doc.kind != kind and any(spawn.kind == kind for arrow in doc.transitions for spawn in arrow.spawn):
                yield doc

    def _pair(self, pair: Pair, mine: int) -> Iterator[Finding]:
        """What comes of it if either of the two is on hold for the other."""
        proof = OnHoldProof(pair, mine, self.below.limit)
        for side, other in ((BELOW, ABOVE), (ABOVE, BELOW)):
            if not pair.holds(other):
                continue
            self.together.add(pair.machines[BELOW if mine == ABOVE else ABOVE].kind)
            yield from forgotten(pair, side, mine)
            yield from proof.run(side, lambda other=other: self._explorer(pair, other, mine))  # type: ignore[misc]
        self.figures.add(proof.figures)

    def _explorer(self, pair: Pair, side: int, mine: int) -> Explorer:
        """An exploration of one of the two by itself. Raises TooLarge."""
        if side == mine == ABOVE and not self.explorer.ground.corrections:
            return self.explorer
        known = self.below.explorer(pair.below.kind) if side == BELOW and mine == ABOVE else None
        return known or Explorer(pair.machines[side], pair.around(side), limit=self.below.limit)
