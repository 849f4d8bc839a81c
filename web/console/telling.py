"""A matter's codes and values in the visitor's words: states, acts, facts, documents, deadlines and entries."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.campaign import Campaign
from engine.machine import Compiled
from engine.marks import said as mark_said
from engine.masking import MASK
from engine.units import unit_in
from web.console.shell import Speech
from workflows.words import CLOCKS, EVENTS, PRIVATE

_CODE_BEHIND = re.compile(r"[（(]([a-z][a-z0-9_]*)[）)]$")


@dataclass(frozen=True)
class Teller:
    """What the codes of one machine are called in the visitor's language."""

    campaign: Campaign
    machine: Compiled
    speech: Speech

    def t(self, zh: str, en: str) -> str:
        return self.speech.t(zh, en)

    def state(self, code: str | None) -> str:
        """A state, or a stage."""
        leaf = self.machine.tree.leaves.get(code or "")
        if leaf is not None:
            return self.speech.label(leaf.label)
        stage = self.machine.doc.states.get(code or "")
        return self.speech.label(stage.label) if stage is not None else code or ""

    def trigger(self, code: str | None) -> str:
        """An act; that of the opening too."""
        if code == self.machine.doc.open.trigger:
            return self.speech.label(self.machine.doc.open.label)
        if code == "urge":
            return self.t("催办", "urging")
        return self.speech.label(self.machine.triggers.get(code or "")) or code or ""

    def document(self, kind: str) -> str:
        """A kind of document."""
        return self.speech.label(self.machine.labels.get(f"document:{kind}")) or kind

    def fact_name(self, code: str) -> str:
        """What a fact is called; one that only another machine has, as a standard of law may ask for, by its name there."""
        every = [self.machine, *map(self.campaign.kind, self.campaign.machines.newest)]
        return next((said for each in every if (said := self.speech.label(each.labels.get(f"fact:{code}")))), code)

    def private(self, name: str) -> str:
        """A private value of an entry by its name: a fact, a document's name, or a text."""
        what, _, code = name.partition(":")
        if what == "fact":
            return self.fact_name(code)
        if what == "name" and code:
            return self.document(code) + self.t("（材料名称）", " (name of the document)")
        return self.t(*PRIVATE.get(name, (name, name)))

    def deadline(self, code: str) -> str:
        """A deadline or a monitor."""
        doc = self.machine.doc
        spec = doc.deadlines.get(code) or doc.monitors.get(code)
        return self.speech.label(spec.label) if spec is not None else code

    def handover(self, code: str) -> str:
        """A hand-over."""
        spec = self.machine.doc.handovers.get(code)
        return self.speech.label(spec.label) if spec is not None else code

    def body(self, code: str | None) -> str:
        """A body's name."""
        return self.campaign.body_name(code, self.speech.lang) if code else ""

    def role(self, code: str | None) -> str:
        """A role of the definition."""
        spec = self.machine.doc.roles.get(code or "")
        return self.speech.label(spec.label) if spec is not None else code or ""

    def mark(self, code: str | None) -> str:
        """How far a rule was verified."""
        return mark_said(code, self.speech.lang) if code else ""

    def fact(self, code: str, value: Any) -> str:
        """A value of a fact in words: amounts in yuan, codes by what they are called, instants in local time."""
        spec = self.machine.doc.facts.get(code)
        if value is None or value == "":
            return "—"
        if value == MASK or spec is None:
            return self.t("（已隐去）", "(hidden)") if value == MASK else str(value)
        ways: dict[str, Callable[[], str]] = {
            "bool": lambda: self.t("是", "yes") if value else self.t("否", "no"),
            "money": lambda: self.speech.yuan(value) + self.t(" 元", " yuan"),
            "instant": lambda: self.speech.when(value),
            "body": lambda: self.body(value),
            "enum": lambda: self.choice(code, value),
            "enums": lambda: self.t("、", ", ").join(self.choice(code, each) for each in value) or "—",
            "int": lambda: " ".join(filter(None, (f"{value:,}", unit_in(spec, self.speech.lang)))),
        }
        return ways[spec.type]() if spec.type in ways else self._named(code, str(value))

    def _named(self, code: str, value: str) -> str:
        """A text; where it is the code of a return or of another matter's deadline, what that is called."""
        if code == "series":
            return next(
                (self.speech.label(each.label) for each in self.campaign.doc.returns if each.code == value), value
            )
        if code == "source_deadline":
            docs = (self.campaign.kind(kind).doc for kind in self.campaign.machines.newest)
            return next(
                (self.speech.label(doc.deadlines[value].label) for doc in docs if value in doc.deadlines), value
            )
        return value

    def choice(self, code: str, value: str) -> str:
        """What a value of a fact that is chosen is called."""
        from web.console.forms import options_of

        spec = self.machine.doc.facts[code]
        return dict(options_of(self.campaign, spec, self.speech)).get(value, value)

    def reason(self, reason: dict[str, Any]) -> str:
        """A reason against something, without the code that is typed on a command line."""
        text = str(reason["text"][self.speech.lang])
        found = _CODE_BEHIND.search(text)
        known = found is not None and any(f"{what}:{found[1]}" in self.machine.labels for what in ("fact", "document"))
        return text[: found.start()].rstrip() if found is not None and known else text

    def event(self, entry: Mapping[str, Any]) -> str:
        """What a deadline did by itself: it ran out, or a rung of its ladder came."""
        return self.deadline(entry["trigger"] or "") + self.t("：", ": ") + self.happened(entry)

    def happened(self, entry: Mapping[str, Any]) -> str:
        """The same without the deadline's name."""
        if entry["event"] != "rung":
            code = entry["event"] or ""
            return self.t(*EVENTS.get(code, (code, code)))
        merged = self.t("（并入其后一级，未单独通知）", " (told together with a later rung)") if entry["merged"] else ""
        return self.rung(entry) + merged

    def rung(self, entry: Mapping[str, Any]) -> str:
        """A rung's name: the record has the Chinese one; the other is the ladder's if it still fits."""
        spec = self.machine.doc.deadlines.get(entry["trigger"])
        rungs = self.campaign.rungs.get(spec.ladder, ()) if spec is not None else ()
        label = rungs[entry["rung"]].label if entry["rung"] < len(rungs) else None
        fits = label is not None and label.zh == entry["rung_label"]
        return self.speech.label(label) if fits else str(entry["rung_label"] or "")

    def clock(self, said: dict[str, Any]) -> str:
        """What an entry did to a deadline."""
        return f"{self.deadline(said['code'])} {self.t(*CLOCKS.get(said['op'], (said['op'],) * 2))}"
