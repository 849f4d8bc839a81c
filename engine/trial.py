"""A trial of the standards (立案追诉标准): what opening a matter with certain facts would answer; nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.campaign import Campaign
from engine.errors import Refused
from engine.evaluating import Occasion, weigh
from engine.machine import Compiled
from engine.verdicts import evaluations_json


@dataclass(frozen=True)
class Trial:
    """The answers to each question of a definition, the facts that follow from them, and what stands against what was said."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    changed: Mapping[str, Any] = field(default_factory=dict)
    refused: Refused | None = None


def tried(campaign: Campaign, machine: Compiled, stated: Mapping[str, Any], day: date) -> Trial:
    """Hold what is *stated* against the standards in force on *day*, as opening the matter would.

    A statement that a row contradicts is left aside, and the refusal that it would meet is told with the answers.
    """
    if not machine.doc.evaluates:
        return Trial()
    refused = None
    try:
        weighed = weigh(campaign.standards, machine, {}, {}, Occasion(stated, {}, day, day))
    except Refused as error:
        refused = error
        decided = {name for spec in machine.doc.evaluates.values() for name in (spec.threshold, spec.duty)}
        rest = {name: value for name, value in stated.items() if name not in decided}
        weighed = weigh(campaign.standards, machine, {}, {}, Occasion(rest, {}, day, day, by_policy=True))
    answered = {each["code"]: each for each in weighed.evaluations}
    return Trial(evaluations_json(campaign, machine, answered, weighed.changed), weighed.changed, refused)
