"""What the standards would say of a matter that is being entered: the engine's own answer, and nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.campaign import Campaign
from engine.errors import Refused
from engine.machine import Compiled
from engine.trial import tried
from web.console.shell import Speech

ORDER = {"met": 0, "unknown": 1, "not_met": 2}


@dataclass
class Tried:
    """The answers to each question of a definition, what follows from them, and what stands against what was said."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    follows: list[dict[str, Any]] = field(default_factory=list)
    refused: Refused | None = None


def try_out(campaign: Campaign, machine: Compiled, stated: Mapping[str, Any], day: date, speech: Speech) -> Tried:
    """Hold what is *stated* against the standards in force on *day*, as opening the matter would."""
    trial = tried(campaign, machine, stated, day)
    found = Tried(refused=trial.refused)
    for each in trial.answers:
        rows = sorted((_row(machine, row, speech) for row in each["rows"] if "label" in row), key=_place)
        found.answers.append({**each, "rows": rows})
        spec = machine.doc.evaluates[each["code"]]
        found.follows += [
            {
                "label": machine.doc.facts[name].label, "value": trial.changed[name], "duty": name == spec.duty,
                "basis": machine.doc.facts[name].basis or "", "ground": trial.changed.get(spec.ground or "", ""),
            }
            for name in (spec.threshold, spec.duty) if name is not None and name in trial.changed
        ]  # fmt: skip
    return found


def _row(machine: Compiled, row: Mapping[str, Any], speech: Speech) -> dict[str, Any]:
    names = [
        speech.label(machine.doc.facts[code].label) if code in machine.doc.facts else code for code in row["not_stated"]
    ]
    return {**row, "missing": speech.t("、", ", ").join(names)}


def _place(row: Mapping[str, Any]) -> tuple[int, bool]:
    return ORDER.get(row["verdict"], 3), row["tier"] != "base"
