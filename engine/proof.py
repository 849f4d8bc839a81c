"""The proof a definition needs before it is published: every situation looked at, every flaw told with the way to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.access import Access
from engine.campaign import parts_of
from engine.campaign_schema import CampaignDoc
from engine.counterexample import told
from engine.definition import Definition
from engine.definition_schema import DefinitionDoc, Label
from engine.effort import TooLarge
from engine.errors import Problem
from engine.exploring import MOST_SITUATIONS, Explorer, Figures
from engine.expr_partly import ANY_KIND, vars_of
from engine.machine import Compiled
from engine.proof_campaign import CampaignProof
from engine.proof_children import Children, ChildrenProof
from engine.proof_dates import DatesProof
from engine.proof_finding import Finding
from engine.proof_machine import ADVICE, QUESTIONS, MachineProof
from engine.proof_people import PeopleProof
from engine.proof_told import ToldProof
from engine.proof_words import ASSUMPTIONS, FINDINGS, Words, said
from engine.source import Source
from engine.surroundings import Surroundings, surroundings_of
from engine.terms import Clockwork

MOST_NAMED = 8
"""Facts that are named where too many multiply. PLACEHOLDER"""


@dataclass(frozen=True)
class Setting:
    """The campaign a definition is proved for: its file, the definitions around, what its terms are counted with, who sees what."""

    campaign: CampaignDoc
    others: Mapping[str, DefinitionDoc]
    work: Clockwork
    access: Access | None = None


@dataclass
class Proof:
    """What came of it: the *problems*, *advice* that holds nobody up, what was taken for granted, and what it cost."""

    kind: str
    version: int
    digest: str
    problems: list[Problem] = field(default_factory=list)
    advice: list[Problem] = field(default_factory=list)
    assumptions: dict[str, Label] = field(default_factory=dict)
    figures: Figures = field(default_factory=Figures)

    @property
    def ok(self) -> bool:
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The proof without its problems, as the contract has it."""
        return {
            "kind": self.kind, "version": self.version, "digest": self.digest, "ok": self.ok,
            "advice": [each.as_json() for each in self.advice],
            "assumptions": [{"code": code, "text": text.model_dump()} for code, text in self.assumptions.items()],
            **self.figures.as_json(),
        }  # fmt: skip


def prove(
    definition: Definition, setting: Setting | None = None, *, limit: int = MOST_SITUATIONS, corrections: bool = False,
    questions: Iterable[str] = QUESTIONS,
) -> Proof:  # fmt: skip
    """Prove *definition*, for the campaign of *setting* if there is one. Nothing is let through that was not looked at."""
    doc = definition.doc
    campaign = setting.campaign if setting else None
    others = setting.others if setting else {}
    machine = Compiled(definition, 0, parts_of(campaign) if campaign else {})
    around = surroundings_of(doc, others, campaign)
    proof = Proof(doc.kind, doc.version, definition.digest)
    found: list[Finding] = []
    people = CampaignProof(machine, setting.campaign, setting.others, setting.work) if setting else None
    bounded, unbounded, summed = frozenset[str](), around.children, set[str]()
    try:
        if setting is not None:
            below = Children(machine, setting.others, setting.campaign, limit)
            bounds = below.bounds(around)
            around = replace(around, sent=bounds.sent)
            bounded, unbounded = bounds.bounded, bounds.unbounded
            found += ChildrenProof(machine, below, bounds, around).run()
        if people is not None:
            found += [*people.run(), *ToldProof(people).run(), *DatesProof(people).run()]
        explorer = Explorer(
            machine, around, limit=limit, corrections=corrections, unstaffed=people.unstaffed() if people else frozenset(),
            figures=proof.figures,
        )  # fmt: skip
        asked = MachineProof(explorer)
        found += asked.run(questions)
        if people is not None and setting is not None and set(questions) == set(QUESTIONS):
            found += PeopleProof(people, explorer, asked.reached, setting.access).run()
        summed = explorer.regions.summed
    except TooLarge as error:
        found.append(Finding("too_much" if error.tries else "too_large", ("kind",), _too_large(machine, error)))
    for each in found:
        told_in = proof.advice if each.code in ADVICE else proof.problems
        told_in.append(problem_of(definition.source, each))
    proof.assumptions = _assumptions(machine, around, (unbounded, bounded), campaign, corrections, summed)
    return proof


def problem_of(source: Source, finding: Finding) -> Problem:
    """A finding as a problem of its file: where it is, in both languages, with the acts that lead there."""
    place = source.at_key(finding.path) if finding.key else source.at(finding.path)
    text = said(FINDINGS, finding.code, finding.words)
    trace = told(finding.way.scene.machine, finding.way) if finding.way is not None else ()
    return Problem(source.name, place.line, place.column, finding.code, text.en, "", text.zh, trace)


def _too_large(machine: Compiled, error: TooLarge) -> Words:
    most = sorted(error.domains.items(), key=lambda each: -each[1])[:MOST_NAMED]
    zh = "、".join(f"{_label(machine, var).zh}（{size}）" for var, size in most)
    en = ", ".join(f"{_label(machine, var).en} ({size})" for var, size in most)
    return {"limit": error.most, "facts": Label(zh=zh or "-", en=en or "-")}


def _label(machine: Compiled, var: tuple[str, str]) -> Label:
    drawer = {
        "ever": "fact", "stated": "fact", "visited": "state", "from": "state", "has": "document", "count": "trigger",
        "clock": "deadline",
    }.get(var[0], var[0])  # fmt: skip
    return machine.labels.get(f"{drawer}:{var[1]}") or Label(zh=var[1], en=var[1])


def _assumptions(
    machine: Compiled, around: Surroundings, below: tuple[frozenset[str], frozenset[str]],
    campaign: CampaignDoc | None, corrections: bool,
    summed: Iterable[str],
) -> dict[str, Label]:  # fmt: skip
    doc = machine.doc
    derived = [name for spec in doc.evaluates.values() for name in (spec.threshold, spec.duty) if name]
    parents = sorted({birth.by for birth in around.births if birth.by})
    refuses = [code for code, spec in doc.invariants.items() if spec.refuses]
    told: list[tuple[str, list[str]]] = [("people", []), ("facts", []), ("time", [])]
    told.append(("corrections" if corrections else "no_corrections", []))
    told += [(code, codes) for code, codes in (
        ("evaluates", derived), ("children", sorted(below[0])), ("children_bounded", sorted(below[1])),
        ("rung_children", _by_rungs(machine, campaign)),
        ("parents", parents), ("refuses", refuses),
        ("sums", sorted(summed))) if codes]  # fmt: skip
    if campaign is None:
        told.append(("no_campaign", []))
    names = {
        "evaluates": "facts",
        "children": "kinds",
        "children_bounded": "kinds",
        "rung_children": "kinds",
        "parents": "kinds",
        "refuses": "codes",
        "sums": "facts",
    }
    return {code: said(ASSUMPTIONS, code, {names.get(code, "none"): ", ".join(codes)}) for code, codes in told}


def _by_rungs(machine: Compiled, campaign: CampaignDoc | None) -> list[str]:
    """The kinds that rungs of this machine's deadlines open below a matter while one of its acts asks for open children."""
    ladders = campaign.ladders if campaign else {}
    found = {
        rung.opens.kind for spec in machine.doc.deadlines.values() if spec.ladder in ladders
        for rung in ladders[spec.ladder].rungs if rung.opens is not None
    }  # fmt: skip
    arrows = (arrow for triggers in machine.arrows.values() for each in triggers.values() for arrow in each)
    asked = {code for arrow in arrows if arrow.when for what, code in vars_of(arrow.when.node) if what == "children"}
    return sorted(found if ANY_KIND in asked else found & asked)
