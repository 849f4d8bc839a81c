"""What the standards would say of a matter that is being entered: the engine's own answer, and nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.campaign import Campaign
from engine.errors import Refused
from engine.evaluating import Occasion, weigh
from engine.machine import Compiled
from engine.verdicts import evaluations_json
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
    found = Tried()
    if not machine.doc.evaluates:
        return found
    try:
        weighed = weigh(campaign.standards, machine, {}, {}, Occasion(stated, {}, day, day))
    except Refused as error:
        found.refused = error
        decided = {name for spec in machine.doc.evaluates.values() for name in (spec.threshold, spec.duty)}
        rest = {name: value for name, value in stated.items() if name not in decided}
        weighed = weigh(campaign.standards, machine, {}, {}, Occasion(rest, {}, day, day, by_policy=True))
    answered = {each["code"]: each for each in weighed.evaluations}
    for each in evaluations_json(campaign, machine, answered, weighed.changed):
        rows = sorted((_row(machine, row, speech) for row in each["rows"] if "label" in row), key=_place)
        found.answers.append({**each, "rows": rows})
        spec = machine.doc.evaluates[each["code"]]
        found.follows += [
            {
                "label": machine.doc.facts[name].label, "value": weighed.changed[name], "duty": name == spec.duty,
                "basis": machine.doc.facts[name].basis or "", "ground": weighed.changed.get(spec.ground or "", ""),
            }
            for name in (spec.threshold, spec.duty) if name is not None and name in weighed.changed
        ]  # fmt: skip
    return found


def _row(machine: Compiled, row: Mapping[str, Any], speech: Speech) -> dict[str, Any]:
    names = [
        speech.label(machine.doc.facts[code].label) if code in machine.doc.facts else code for code in row["not_stated"]
    ]
    return {**row, "missing": speech.t("、", ", ").join(names)}


def _place(row: Mapping[str, Any]) -> tuple[int, bool]:
    return ORDER.get(row["verdict"], 3), row["tier"] != "base"
