"""Facts held against the standards in force: what each row says, which one decides, and what follows for the matter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine import reasons as because
from engine.definition_schema import EvaluationSpec
from engine.errors import Refused
from engine.machine import Compiled
from engine.saying import says_something
from engine.standard_file import Row
from engine.standards import Standards

MET, NOT_MET, UNKNOWN, NO_STANDARD = "met", "not_met", "unknown", "no_standard"

GONE = {NOT_MET: "按现有情况未达到标准", UNKNOWN: "按现有情况尚不能判断是否达到标准", NO_STANDARD: "无现行标准"}
"""What takes the place of a ground that no longer holds."""

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What an order brings to the standards: facts *stated* by people, *sets* of the arrow, and the days that count.

    *opened* is the local day of the matter's opening, *today* that of the act. With *by_policy* nobody is asked for a
    ground: the file itself calls for the matter.
    """

    stated: Facts
    sets: Facts
    opened: date
    today: date
    by_policy: bool = False


@dataclass(slots=True)
class Weighed:
    """What an order changes once the standards have spoken; *lost* are duties that stood before and stand no longer."""

    changed: dict[str, Any]
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def more(self) -> dict[str, Any]:
        """What the entry says of it beside the facts."""
        return {"evaluations": self.evaluations} if self.evaluations else {}


def weigh(
    standards: Standards, machine: Compiled, standing: Facts, evaluated: Mapping[str, Any], occasion: Occasion
) -> Weighed:
    """Evaluate again what the order touches. Raises Refused for a statement that a row contradicts, or without ground."""
    weighed = Weighed({**occasion.stated, **occasion.sets})
    evaluates, changed = machine.doc.evaluates, weighed.changed
    for code, looks in machine.ahead.looks.items():
        if code not in evaluated or not looks.isdisjoint(changed):
            spec = evaluates[code]
            _Question(standards, machine, code, spec).answer(standing, evaluated.get(code), occasion, weighed)
    return weighed


class _Question:
    """One evaluation of a definition."""

    def __init__(self, standards: Standards, machine: Compiled, code: str, spec: EvaluationSpec) -> None:
        self.standards, self.machine, self.code, self.spec = standards, machine, code, spec

    def answer(self, standing: Facts, last: Mapping[str, Any] | None, occasion: Occasion, weighed: Weighed) -> None:
        """Evaluate, refuse what contradicts it, and add what follows to *weighed*."""
        facts = {**standing, **weighed.changed}
        found = self.evaluate(facts, occasion)
        row = self.standards.row(found["row"]) if found["row"] else None
        self._refuse_contradiction(occasion.stated, found, row)
        self._refuse_groundless(occasion, facts, found)
        said = self._said(standing if last is None else last["said"], weighed.changed)
        derived = self._derive(standing, weighed.changed, said, found, row)
        weighed.changed.update(derived)
        weighed.evaluations.append({**found, "said": said, "derived": sorted(derived)})
        if last is not None and last["verdict"] == MET != found["verdict"]:
            weighed.lost.append(last["row"])

    def evaluate(self, facts: Facts, occasion: Occasion) -> dict[str, Any]:
        """What the rows in force on the day that counts say, and whether those of the day of the act say otherwise."""
        spec, crime = self.spec, facts.get(self.spec.by)
        on = next((date.fromisoformat(facts[name]) for name in spec.on if facts.get(name)), occasion.opened)
        used = {name: facts[name] for name in spec.facts if facts.get(name) is not None}
        rows = self.standards.in_force(spec.family, crime, on) if crime else ()
        found = {"code": self.code, "crime": crime, "on": on.isoformat(), **_outcome(rows, used, crime)}
        looked = {name for row in rows for name in row.facts}
        found["values"] = {name: value for name, value in used.items() if name in looked}
        found["standards"] = self.standards.versions(rows)
        later = self.standards.in_force(spec.family, crime, occasion.today) if crime else ()
        other = _outcome(later, used, crime)
        if other["verdict"] != found["verdict"]:
            found["differs"] = {"on": occasion.today.isoformat(), "verdict": other["verdict"], "row": other["row"]}
        return found

    def _refuse_contradiction(self, stated: Facts, found: Mapping[str, Any], row: Row | None) -> None:
        """A person may be stricter than the standard, never laxer."""
        met = ((self.spec.threshold, found["threshold"]), (self.spec.duty, found["verdict"]))
        for name, verdict in met:
            if name and row is not None and verdict == MET and stated.get(name) is False:
                reason = because.row_is_met(self.machine.doc.facts[name].label, name, *told(row))
                raise Refused(f"{name}=false is refused: {reason.en}", "standard_met", [reason])

    def _refuse_groundless(self, occasion: Occasion, facts: Facts, found: Mapping[str, Any]) -> None:
        duty, ground = self.spec.duty, self.spec.ground
        if duty is None or ground is None or occasion.by_policy or found["verdict"] == MET:
            return
        if occasion.stated.get(duty) is True and not says_something(str(facts.get(ground) or "")):
            reason = because.ground_needed(self.machine.doc.facts[ground].label, ground)
            raise Refused(f"{duty}=true is refused: {reason.en}", "ground", [reason])

    def _said(self, before: Facts, changed: Facts) -> dict[str, bool]:
        """What people have last said themselves of the facts that are derived."""
        names = [name for name in (self.spec.threshold, self.spec.duty) if name is not None]
        return {name: value for name in names if (value := changed.get(name, before.get(name))) is not None}

    def _derive(
        self, standing: Facts, changed: Facts, said: Facts, found: Mapping[str, Any], row: Row | None
    ) -> dict[str, Any]:
        """The facts that follow: a met row makes true, a clear no makes false unless a person has said yes."""
        derived: dict[str, Any] = {}
        threshold, duty, ground = self.spec.threshold, self.spec.duty, self.spec.ground
        yes = any(said.values())
        for name, verdict in ((threshold, found["threshold"]), (duty, found["verdict"])):
            if name is None or name in changed:
                continue
            wanted = follows(verdict, standing.get(name), said.get(name) or (name == duty and yes))
            if wanted is not None and wanted != standing.get(name):
                derived[name] = wanted
        if ground and ground not in changed and duty in derived:
            derived.update(_ground(ground, standing, found["verdict"], row))
        return derived


def _ground(name: str, standing: Facts, verdict: str, row: Row | None) -> dict[str, str]:
    """The ground of a duty that has just begun; for one that is gone, that its ground is gone."""
    if row is not None:
        return {name: told(row)[0]}
    return {name: GONE[verdict]} if standing.get(name) else {}


def follows(verdict: str, standing: Any, said: Any) -> bool | None:
    """Which value a derived fact takes; None leaves it as it is."""
    if verdict == MET:
        return True
    if said:
        return None
    if verdict == NOT_MET or standing is True:
        return False
    return None


def _outcome(rows: Sequence[Row], facts: Facts, crime: str | None) -> dict[str, Any]:
    """Every row's verdict, those of the thresholds and of the whole, and the row that decides.

    A crime without rows of its own has no standard: what counts for every crime may be met all the same, but is no answer.
    """
    judged = {row.code: row.judge(facts) for row in rows}
    met = [row for row in rows if judged[row.code]]
    first = next((row for row in met if row.spec.tier == "base"), met[0] if met else None)
    covered = any(row.crime == crime for row in rows)
    otherwise = None if covered else UNKNOWN if crime is None else NO_STANDARD
    return {
        "verdict": _verdict(list(judged.values()), otherwise),
        "threshold": _verdict([judged[row.code] for row in rows if row.gives == "threshold"], otherwise),
        "row": first.code if first else None,
        "tier": None if first is None else "next" if any(row.spec.tier == "next" for row in met) else "base",
        "rows": {code: _verdict([answer]) for code, answer in judged.items()},
    }


def _verdict(answers: Sequence[bool | None], otherwise: str | None = None) -> str:
    """Join answers: one yes is a yes; else *otherwise* if given, or what the rest leaves."""
    if True in answers:
        return MET
    return otherwise or (UNKNOWN if None in answers else NOT_MET)


def told(row: Row) -> tuple[str, str]:
    """A row in both languages: crime, measure and figures, its basis and how far it was verified."""
    condition, spec = row.condition(), row.spec
    zh = f"{row.crime_label.zh}：{spec.label.zh}（{condition.zh}；{spec.basis}，核验标记{spec.mark}）"
    en = f"{row.crime_label.en}: {spec.label.en} ({condition.en}; {spec.basis}, mark {spec.mark}) [{row.code}]"
    return zh, en
