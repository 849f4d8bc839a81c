"""What a proof takes for granted, said with it in both languages."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.campaign_schema import CampaignDoc
from engine.definition_schema import Label
from engine.expr_partly import ANY_KIND, vars_of
from engine.machine import Compiled
from engine.proof_words import ASSUMPTIONS, said
from engine.surroundings import Surroundings


@dataclass
class Assumed:
    """What is taken for granted of one machine: children that were *bounded* by their own definitions and that were not,
    the kinds that it was looked at *together* with, and the facts of which some sums were tried
    (*summed*); whether it *relies* on signals that are waited for to come."""

    machine: Compiled
    around: Surroundings
    campaign: CampaignDoc | None
    corrections: bool
    bounded: frozenset[str] = frozenset()
    unbounded: frozenset[str] | None = None
    together: frozenset[str] = frozenset()
    summed: Iterable[str] = ()
    relies: bool = False

    def said(self) -> dict[str, Label]:
        """Every assumption by its code; those of which there is nothing to say are left out."""
        doc, codes = self.machine.doc, "codes"
        derived = [name for spec in doc.evaluates.values() for name in (spec.threshold, spec.duty) if name]
        unbounded = self.around.children if self.unbounded is None else self.unbounded
        told: list[tuple[str, str, Iterable[str]]] = [
            ("evaluates", "facts", derived),
            ("children", "kinds", sorted(unbounded)),
            ("children_bounded", "kinds", sorted(self.bounded)),
            ("together", "kinds", sorted(self.together)),
            ("rung_children", "kinds", by_rungs(self.machine, self.campaign)),
            ("parents", "kinds", sorted({birth.by for birth in self.around.births if birth.by})),
            ("refuses", codes, [code for code, spec in doc.invariants.items() if spec.refuses]),
            ("sums", "facts", sorted(self.summed)),
        ]
        found = {code: said(ASSUMPTIONS, code, {}) for code in ("people", "facts", "time")}
        code = "corrections" if self.corrections else "no_corrections"
        found[code] = said(ASSUMPTIONS, code, {})
        found |= {code: said(ASSUMPTIONS, code, {name: ", ".join(each)}) for code, name, each in told if each}
        if self.relies:
            found["signals_come"] = said(ASSUMPTIONS, "signals_come", {})
        if self.campaign is None:
            found["no_campaign"] = said(ASSUMPTIONS, "no_campaign", {})
        return found


def by_rungs(machine: Compiled, campaign: CampaignDoc | None) -> list[str]:
    """The kinds that rungs of this machine's deadlines open below a matter while one of its acts asks for open children."""
    ladders = campaign.ladders if campaign else {}
    found = {
        rung.opens.kind for spec in machine.doc.deadlines.values() if spec.ladder in ladders
        for rung in ladders[spec.ladder].rungs if rung.opens is not None
    }  # fmt: skip
    arrows = (arrow for triggers in machine.arrows.values() for each in triggers.values() for arrow in each)
    asked = {code for arrow in arrows if arrow.when for what, code in vars_of(arrow.when.node) if what == "children"}
    return sorted(found if ANY_KIND in asked else found & asked)
