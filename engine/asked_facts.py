"""What a filter asks of facts, read as people write it: a fact that there is, and yes and no in each of their forms."""

from collections.abc import Iterable, Iterator

from engine.ahead import MARK
from engine.campaign import Campaign
from engine.errors import Invalid
from engine.machine import Compiled
from engine.suggest import did_you_mean

ANSWERS = {"true": "yes", "false": "no", "是": "yes", "否": "no"}
"""How a yes and a no are shown and stated, and how they are put down for searching."""


def asked_facts(campaign: Campaign, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Read pairs of a fact and its value as `engine.particulars` has them put down.

    Raises Invalid for a fact that no kind of matter has, and for one whose values are not put down one by one.
    """
    return tuple((code, _value(campaign, code, value)) for code, value in pairs)


def _value(campaign: Campaign, code: str, value: str) -> str:
    machine = next((each for each in _machines(campaign) if code in each.doc.facts), None)
    if machine is None:
        codes = sorted({each for kind in campaign.machines.newest for each in campaign.kind(kind).doc.facts})
        raise Invalid(f"there is no fact '{code}'", "unknown_fact", hint=did_you_mean(code, codes))
    if machine.ahead.described.get(code) != MARK:
        raise Invalid(f"the fact '{code}' is not sifted by its values: sums by amount, words by text", "unknown_fact")
    return ANSWERS.get(value.lower(), value) if machine.doc.facts[code].type == "bool" else value


def _machines(campaign: Campaign) -> Iterator[Compiled]:
    """The newest of each kind first, then whatever open matters may follow still; each is made ready only when it is reached."""
    machines = campaign.machines
    for ident in dict.fromkeys((*machines.newest.values(), *machines.by_digest.values())):
        yield machines[ident]
