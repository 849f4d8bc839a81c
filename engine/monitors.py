"""Monitors of a definition made ready: what ought to have happened by when, as a condition and a clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.check_facts import check_expr
from engine.definition_schema import DeadlineSpec, DefinitionDoc, MonitorSpec, Term
from engine.expr import Expr, ExprError, Names, compile_expr
from engine.names import names_of
from engine.source import Findings, Path

UNITS = ("days", "workdays", "hours")
"""What a monitor's periods are counted in: none of its dates is fixed, it begins with what happened."""

UNSEEN = {
    "on_or_after": "no act marks the day on which it becomes true",
    "since": "no act marks the day on which it becomes true",
    "children_open": "it changes without an act of this matter",
}
"""Predicates whose truth changes while nothing is entered for the matter, so that nobody would look again."""


@dataclass(frozen=True, slots=True)
class Monitor:
    """One monitor of a machine: *when* must hold, *clock* is what counts; it *asks_clocks* of the matter's deadlines."""

    code: str
    spec: MonitorSpec
    when: Expr = field(repr=False)
    clock: DeadlineSpec = field(repr=False)

    @property
    def asks_clocks(self) -> bool:
        return any(name in ("breached", "running") for name, _ in self.when.calls)


def monitors_of(doc: DefinitionDoc, names: Names) -> Mapping[str, Monitor]:
    """Compile the monitors of *doc*; each has a clock that is nobody's duty, as a timer."""
    return {
        code: Monitor(code, spec, compile_expr(spec.when, names), _clock(spec)) for code, spec in doc.monitors.items()
    }


def _clock(spec: MonitorSpec) -> DeadlineSpec:
    return DeadlineSpec.model_construct(
        label=spec.label, term=spec.for_, basis=spec.basis, mark=spec.mark, owner="system", ladder="", timer=True
    )


def check_monitors(doc: DefinitionDoc, found: Findings) -> None:
    """Report monitors that count in fixed dates, ask what nobody would notice, or have the code of a deadline."""
    names = names_of(doc, None)
    for code, monitor in doc.monitors.items():
        path: Path = ("monitors", code)
        if code in doc.deadlines:
            found.add(
                path, "duplicate_clock", f"'{code}' is a deadline already", "give the monitor another code", key=True
            )
        _counted((*path, "for"), monitor.for_, found)
        if monitor.repeat is not None:
            _counted((*path, "repeat", "every"), monitor.repeat.every, found)
        _since((*path, "since"), monitor.since, doc, found)
        check_expr((*path, "when"), monitor.when, names, found)
        _seen((*path, "when"), monitor.when, names, found)


def _counted(path: Path, term: Term, found: Findings) -> None:
    unit = next(name for name, value in term.__dict__.items() if value is not None)
    if unit not in UNITS:
        found.add((*path, unit), "monitor_term", f"a monitor counts in {', '.join(UNITS)}", key=True)


def _since(path: Path, fact: str | None, doc: DefinitionDoc, found: Findings) -> None:
    if fact is not None and found.expect(path, "fact", fact, doc.facts) and doc.facts[fact].type != "instant":
        found.add(path, "fact_type", f"the fact '{fact}' is of type {doc.facts[fact].type}; instant is needed here")


def _seen(path: Path, text: str, names: Names, found: Findings) -> None:
    try:
        calls = compile_expr(text, names).calls
    except ExprError:
        return
    for name, _ in calls:
        if name in UNSEEN:
            found.add(path, "monitor_blind", f"a monitor cannot ask {name}(): {UNSEEN[name]}", offset=text.find(name))
