"""The proof a definition needs before it is published: every situation looked at, every flaw told with the way to it."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
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
from engine.expr_partly import Var
from engine.machine import Compiled
from engine.proof_assumed import Assumed
from engine.proof_campaign import CampaignProof
from engine.proof_children import Children, ChildrenProof
from engine.proof_dates import DatesProof
from engine.proof_finding import Finding
from engine.proof_machine import ADVICE, QUESTIONS, MachineProof
from engine.proof_pairs import PairsProof
from engine.proof_people import PeopleProof
from engine.proof_told import ToldProof
from engine.proof_words import FINDINGS, Words, said
from engine.source import Source
from engine.surroundings import Surroundings, started, surroundings_of
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
    questions: Iterable[str] = QUESTIONS, above: bool = True,
) -> Proof:  # fmt: skip
    """Prove *definition*, for the campaign of *setting* if there is one. Nothing is let through that was not looked at.

    Unless those *above* are proved too, each with the kinds that it opens, it is held against the kinds that open it.
    """
    run = _Run(definition, setting, limit, corrections, above)
    proof = Proof(definition.doc.kind, definition.doc.version, definition.digest, figures=run.figures)
    for each in run.findings(tuple(questions)):
        told_in = proof.advice if each.code in ADVICE else proof.problems
        told_in.append(problem_of(definition.source, each))
    proof.assumptions = run.known.said()
    return proof


class _Run:
    """One proof being made: every question in turn, and what has been taken for granted on the way."""

    def __init__(
        self, definition: Definition, setting: Setting | None, limit: int, corrections: bool, above: bool
    ) -> None:
        self.setting, self.limit, self.above, self.figures = setting, limit, above, Figures()
        campaign, others = (setting.campaign, setting.others) if setting else (None, {})
        self.machine = Compiled(definition, 0, parts_of(campaign) if campaign else {})
        self.around = surroundings_of(definition.doc, others, campaign)
        self.known = Assumed(self.machine, self.around, campaign, corrections)

    def findings(self, questions: tuple[str, ...]) -> list[Finding]:
        """Every finding; the last says so if it is too large to be looked at in full."""
        found: list[Finding] = []
        try:
            found.extend(self._asked(questions))
        except TooLarge as error:
            found.append(
                Finding("too_much" if error.tries else "too_large", ("kind",), _too_large(self.machine, error))
            )
        return found

    def _asked(self, questions: tuple[str, ...]) -> Iterator[Finding]:
        if self.setting is None:
            yield from self._machine(self._explorer(self.around), questions)
            return
        setting = self.setting
        below = Children(self.machine, setting.others, setting.campaign, self.limit)
        bounds = below.bounds(self.around)
        around = replace(self.around, sent=bounds.sent)
        self.known.bounded, self.known.unbounded = bounds.bounded, bounds.unbounded
        yield from ChildrenProof(self.machine, below, bounds, around).run()
        people = CampaignProof(self.machine, setting.campaign, setting.others, setting.work)
        yield from (*people.run(), *ToldProof(people).run(), *DatesProof(people).run())
        unsure = frozenset(
            ("signal", trigger) for trigger in around.sent - started(self.machine.kind, setting.campaign)
        )
        explorer = self._explorer(around, people.unstaffed(), unsure)
        trusting = cache(lambda: self._explorer(around, people.unstaffed())) if unsure else None
        reached = yield from self._machine(explorer, questions, trusting)
        if set(questions) == set(QUESTIONS):
            yield from PeopleProof(people, explorer, reached, setting.access).run()
            pairs = PairsProof(explorer, below)
            yield from pairs.run(above=self.above)
            self.known.together = frozenset(pairs.together)
            self.figures.add(pairs.figures)

    def _explorer(
        self, around: Surroundings, unstaffed: frozenset[int] = frozenset(), unsure: frozenset[Var] = frozenset()
    ) -> Explorer:
        return Explorer(
            self.machine, around, limit=self.limit, corrections=self.known.corrections, unstaffed=unstaffed,
            figures=self.figures, unsure=unsure,
        )  # fmt: skip

    def _machine(
        self, explorer: Explorer, questions: tuple[str, ...], trusting: Callable[[], Explorer] | None = None
    ) -> Generator[Finding, None, set[str]]:
        """Ask about the machine itself; the answer is the states that are reached."""
        self.known.summed = explorer.regions.summed
        asked = MachineProof(explorer, trusting)
        yield from asked.run(questions)
        self.known.relies = asked.relies
        return asked.reached


def problem_of(source: Source, finding: Finding) -> Problem:
    """A finding as a problem of its file: where it is, in both languages, with the acts that lead there."""
    place = source.at_key(finding.path) if finding.key else source.at(finding.path)
    text = said(FINDINGS, finding.code, finding.words)
    trace = finding.trace or (told(finding.way.scene.machine, finding.way) if finding.way is not None else ())
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
