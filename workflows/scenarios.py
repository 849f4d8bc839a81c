"""Scenarios of definitions played on a virtual clock, in a database in memory, through the one road."""

import hashlib
from collections.abc import Container, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.campaign import Campaign
from engine.campaign_schema import CampaignDoc
from engine.definition import Definition
from engine.documents import MemoryStore
from engine.errors import DubanError, Problem
from engine.facts import read_instant
from engine.firing import fire_due, next_due
from engine.orders import Do, Document, Open
from engine.proof import problem_of
from engine.proof_finding import Finding
from engine.proof_words import Words
from engine.scenario_schema import ScenarioSpec, StepSpec
from engine.source import Path
from workflows.launch import Beginning, init
from workflows.library import Shelf, campaign_names, read_shelf
from workflows.workspace import Workspace

Differing = tuple[str, object, object]
"""What differs, what was wanted, and what was found."""


def play_all(name: str, shelf: Shelf) -> Iterator[Problem]:
    """Play every scenario of the definitions of the campaign *name*; what did not come as it says is a problem."""
    for definition in shelf.definitions.values():
        yield from play(name, definition, unplayed(definition, shelf.campaign.doc))


def unplayed(definition: Definition, campaign: CampaignDoc) -> Mapping[str, ScenarioSpec]:
    """Scenarios of matters that a campaign opens, written for other days than those of *campaign*.

    Their dates are those of another campaign: what falls due on them says nothing about this one.
    """
    return {
        code: spec
        for code, spec in definition.doc.scenarios.items()
        if spec.ref is not None and not campaign.start <= spec.at[: len("2010-11-25")] <= campaign.end
    }


def play_ours(definition: Definition) -> Iterator[Problem]:
    """Play the scenarios of one of our definitions in the first of our campaigns that runs it."""
    for name in campaign_names():
        if definition.doc.kind in read_shelf(name).definitions:
            yield from play(name, definition)
            return


def play(name: str, definition: Definition, left_out: Container[str] = ()) -> Iterator[Problem]:
    """Play the scenarios of one definition, without those *left_out*, in the campaign *name*."""
    for code, spec in definition.doc.scenarios.items():
        if code in left_out:
            continue
        beginning = Beginning(name, rehearsal=True, at=spec.at, unproved=True)
        workspace, _ = init("sqlite://", beginning, documents=MemoryStore())
        try:
            for finding in _Scenario(workspace, definition, code, spec).run():
                yield problem_of(definition.source, finding)
        finally:
            workspace.close()


class _Scenario:
    """One scenario in its own database."""

    def __init__(self, workspace: Workspace, definition: Definition, code: str, spec: ScenarioSpec) -> None:
        self.workspace, self.definition, self.code, self.spec = workspace, definition, code, spec
        self.ref = spec.ref or ""

    def run(self) -> Iterator[Finding]:
        """Play the steps until one differs: what comes after it would say nothing."""
        for at, step in enumerate(self.spec.steps):
            differing = list(self._step(step))
            path: Path = ("scenarios", self.code, "steps", at)
            for what, wanted, found in differing:
                words: Words = {
                    "name": self.spec.label,
                    "step": at + 1,
                    "what": what,
                    "wanted": str(wanted),
                    "found": str(found),
                }
                yield Finding("scenario", path, words)
            if differing:
                return

    def _step(self, step: StepSpec) -> Iterator[Differing]:
        refused, said = None, ""
        try:
            self._until(read_instant(step.now, _zone(self.workspace.campaign)))
            if step.do is not None:
                self._act(step)
        except ValueError:
            refused, said = "instant", step.now
        except DubanError as error:
            refused, said = error.code, str(error)
        if refused != step.expect.refused:
            yield f"{step.do or 'now'}", step.expect.refused or "done", f"{refused}: {said}" if refused else "done"
            return
        if self.ref:
            yield from self._compare(step, self.workspace.reader.show(self.ref))

    def _compare(self, step: StepSpec, shown: Mapping[str, Any]) -> Iterator[Differing]:
        wanted = step.expect
        if wanted.state is not None and shown["state"] != wanted.state:
            yield "state", wanted.state, shown["state"]
        for code, value in wanted.facts.items():
            if shown["facts"].get(code) != value:
                yield code, value, shown["facts"].get(code)
        stands = {row["code"]: row["status"] for row in shown["deadlines"]}
        for code, status in wanted.deadlines.items():
            if stands.get(code) != status:
                yield code, status, stands.get(code)

    def _until(self, at: datetime) -> None:
        """Let everything fall due in its order, up to *at*."""
        while (due := next_due(self.workspace.engine)) is not None and due <= at:
            self._move(due)
            fire_due(self.workspace.engine)
        self._move(at)

    def _move(self, at: datetime) -> None:
        with self.workspace.database.tx() as tx:
            self.workspace.move_clock(tx, max(at, self.workspace.clock.now()))

    def _act(self, step: StepSpec) -> None:
        actor = self.workspace.actor(step.by)
        said: dict[str, Any] = {
            "facts": dict(step.facts), "documents": tuple(_paper(kind) for kind in step.documents), "reason": step.reason,
        }  # fmt: skip
        if self.ref:
            self.workspace.engine.execute(Do(ref=self.ref, trigger=str(step.do), **said), actor)
            return
        kind = self.definition.doc.kind
        self.ref = self.workspace.engine.execute(Open(kind=kind, body=self.spec.body, **said), actor).ref


def _paper(kind: str) -> Document:
    return Document(kind, f"{kind}.pdf", hashlib.sha256(kind.encode()).hexdigest(), 1)


def _zone(campaign: Campaign) -> ZoneInfo:
    return campaign.zone
