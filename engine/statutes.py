"""The law as data: registries of statutory periods, and the rule that a deadline follows on the day it starts."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.check_statutes import check_statute
from engine.definition_schema import DeadlineSpec, DefinitionDoc
from engine.errors import Invalid, Problem, Reason, Refused
from engine.form_errors import read_form
from engine.plain import plain
from engine.source import Findings, invalid
from engine.statute_schema import StatutesDoc, StatuteSpec, StatuteVersion
from engine.strictyaml import DEFINITION_BOUNDS, parse
from engine.term_schema import Term
from engine.terms import local_day

Registry = Mapping[str, StatuteSpec]
"""Statutory periods by their codes."""

NO_LAW: Registry = {}

_STAND_INS = {"schema": "statutes/1"}


class RuledDeadline(DeadlineSpec):
    """A deadline with the rule it follows: its own, or the *version* of its statute that was in force."""

    term: Term
    version: StatuteVersion | None = None

    @property
    def law(self) -> str:
        """The statute and the day its version came into force, ``T-HANDOVER@2001-07-09``; empty for an own rule."""
        return f"{self.statute}@{self.version.valid_from}" if self.version else ""

    @property
    def law_said(self) -> dict[str, str]:
        """What the record says of the law when a clock starts: the statute's version and how far it was verified."""
        return {"statute": self.law, "mark": self.mark} if self.law else {}


def load_statutes(files: Iterable[tuple[str | bytes, str]]) -> dict[str, StatuteSpec]:
    """Read the registry files (content, name). Raises Invalid with every problem of every file at once."""
    law: dict[str, StatuteSpec] = {}
    problems: list[Problem] = []
    first = ""
    for content, name in files:
        first = first or name
        try:
            doc, found = _read(content, name)
        except Invalid as error:
            problems += error.problems
            continue
        for code in doc.statutes.keys() & law.keys():
            found.add(("statutes", code), "duplicate_statute", f"the statute '{code}' is in two files", key=True)
        law.update(doc.statutes)
        problems += found.problems
    if problems:
        raise invalid(first, problems)
    return law


def _read(content: str | bytes, name: str) -> tuple[StatutesDoc, Findings]:
    source = parse(content, name, DEFINITION_BOUNDS)
    form = read_form(StatutesDoc, source, _STAND_INS)
    if form.doc is None:
        raise invalid(name, form.problems)
    found = Findings(form.source)
    for code, spec in form.doc.statutes.items():
        check_statute(("statutes", code), spec, found)
    found.problems = [*form.problems, *form.telling(found.problems)]
    return form.doc, found


def named_in(doc: DefinitionDoc, registry: Registry) -> dict[str, StatuteSpec]:
    """Take from *registry* the statutes that *doc* names and does not bring itself."""
    named = {deadline.statute for deadline in doc.deadlines.values() if deadline.statute is not None}
    return {code: registry[code] for code in sorted(named - doc.statutes.keys()) if code in registry}


def statutes_json(statutes: Registry) -> dict[str, Any]:
    """Write *statutes* as they are published with a definition."""
    return {code: spec.model_dump(mode="json", exclude_defaults=True) for code, spec in statutes.items()}


class Rules:
    """The rule of every deadline of one definition, by the day on which the clock starts."""

    def __init__(self, doc: DefinitionDoc) -> None:
        self._doc = doc
        self._own = {code: _ruled(spec, None) for code, spec in doc.deadlines.items() if spec.term is not None}
        self._by_law = {
            code: [_ruled(spec, version) for version in doc.statutes[spec.statute].versions]
            for code, spec in doc.deadlines.items()
            if spec.statute is not None and spec.statute in doc.statutes
        }

    def of(self, code: str, began: datetime, zone: ZoneInfo) -> RuledDeadline:
        """Give the deadline *code* of a clock that began at *began*, with the rule of that local day in *zone*.

        Raises Refused if no version of its statute was in force.
        """
        own = self._own.get(code)
        return self._in_force(code, local_day(began, zone)) if own is None else own

    def some(self, code: str) -> RuledDeadline:
        """Give the deadline *code* with its own rule, or that of the newest version of its statute."""
        return self._own.get(code) or max(self._by_law[code], key=lambda each: each.law)

    def _in_force(self, code: str, day: date) -> RuledDeadline:
        said = day.isoformat()
        for each in self._by_law[code]:
            if each.version is not None and each.version.valid_from <= said <= (each.version.valid_to or said):
                return each
        raise self._lawless(code, said)

    def _lawless(self, code: str, day: str) -> Refused:
        spec = self._doc.deadlines[code]
        spans = ", ".join(
            f"{each.version.valid_from} – {each.version.valid_to or '…'}"
            for each in self._by_law[code]
            if each.version is not None
        )
        reason = Reason(
            "statute",
            f"{day}没有有效的{spec.statute}（{spec.label.zh}）；其各版本有效期：{spans}",
            f"no version of {spec.statute} ({spec.label.en}) was in force on {day}; it has: {spans}",
        )
        return Refused(f"{code} cannot start: {reason.en}", "no_statute", [reason])


def _ruled(spec: DeadlineSpec, version: StatuteVersion | None) -> RuledDeadline:
    """Put the rule of *version* into *spec*, which was checked before."""
    said = dict(spec.__dict__)
    if version is not None:
        said |= {key: getattr(version, key) for key in ("term", "basis", "mark", "roll", "extension")}
    if said["term"] is not None:
        said["term"] = plain(said["term"])
    found = RuledDeadline.model_construct(set(said), **said, version=version)
    return plain(found, law=found.law, law_said=found.law_said)
