"""Whom a machine tells in its campaign: roles and circles that nobody there holds are told of in vain."""

from collections.abc import Iterator

from engine.campaign_schema import BodySpec
from engine.definition_schema import Label
from engine.names import SYSTEM
from engine.proof_campaign import CampaignProof
from engine.proof_finding import Finding, names
from engine.proof_words import Words
from engine.source import Path

NOBODY = Label(zh="没有机构", en="no body")

EVERYWHERE = Label(zh="不定的机构", en="no particular body")


class ToldProof:
    """The questions about the receivers of one machine's copies, hand-overs and findings."""

    def __init__(self, proof: CampaignProof) -> None:
        self.proof, self.doc, self.campaign = proof, proof.doc, proof.campaign

    def run(self) -> Iterator[Finding]:
        """Every finding."""
        for code, path, receiver, label in self._receivers():
            bare = self._bare(receiver)
            if bare is not None:
                role, posts, body = bare
                words: Words = {"label": label, "role": role, "posts": posts, "body": body}
                yield Finding(code, path, words)

    def _receivers(self) -> Iterator[tuple[str, Path, str, Label]]:
        """Whoever is told, with the code of the finding if nobody is, and what it is about."""
        for index, arrow in enumerate(self.doc.transitions):
            for at, role in enumerate(arrow.copy_to):
                yield "copy_unheld", ("transitions", index, "copy", at), role, arrow.label
            for at, role in enumerate(arrow.handover):
                yield "handover_unheld", ("transitions", index, "handover", at), role, arrow.label
        for at, role in enumerate(self.doc.correct_copy):
            yield "copy_unheld", ("correct_copy", at), role, Label(zh="更正", en="Correction")
        for code, handover in self.doc.handovers.items():
            if not self._anywhere(handover.to):
                yield "handover_unheld", ("handovers", code, "to"), handover.to, handover.label
        for code, monitor in self.doc.monitors.items():
            for at, role in enumerate(monitor.tell):
                yield "tell_unheld", ("monitors", code, "tell", at), role, monitor.label

    def _anywhere(self, role: str) -> bool:
        """Whether a role may be held at any body: what is handed over is then received by whoever takes it."""
        return role in self.doc.roles and self.doc.roles[role].of == "any"

    def _bare(self, code: str) -> tuple[Label, str, Label] | None:
        """What the receiver *code* is called, its posts, and where they are missing; None if somebody is reached."""
        if code == SYSTEM:
            return Label(zh="系统", en="the system"), "-", NOBODY
        role, circle = self.doc.roles.get(code), self.campaign.circles.get(code)
        if role is not None:
            bare = self._lacking(role.of, role.posts)
            return None if bare is None else (role.label, ", ".join(role.posts), bare)
        if circle is None:
            return None
        bare = self._lacking(f"part:{circle.part}", circle.posts)
        return None if bare is None else (circle.label, ", ".join(circle.posts), bare)

    def _lacking(self, of: str, posts: list[str]) -> Label | None:
        """The bodies that are told and have none of *posts*; None if each has one."""
        first, _, last = of.partition("|")
        if first == "any":
            return EVERYWHERE
        source = last or first
        if source.startswith("part:"):
            code = self.proof.parts.get(source.removeprefix("part:"))
            return NOBODY if code is None else self._without([self.proof.bodies[code]], posts)
        if source == "matter" and self.proof.own:
            return self._without([self.proof.bodies[code] for code in self.proof.own], posts)
        everybody = list(self.proof.bodies.values())
        return None if any(set(posts) & set(body.posts) for body in everybody) else NOBODY

    def _without(self, bodies: list[BodySpec], posts: list[str]) -> Label | None:
        bare = [body for body in bodies if not set(posts) & set(body.posts)]
        return names(bare) if bare else None
