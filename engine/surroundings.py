"""What a definition meets outside itself: who opens its matters with which facts, and who sends it triggers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.campaign_schema import CampaignDoc
from engine.definition_schema import DefinitionDoc
from engine.names import SYSTEM

LADDER = "ladder"
"""Stands for the parent of a matter that a rung opens."""


@dataclass(frozen=True, slots=True)
class Birth:
    """A way in which a matter begins: facts given as *sets*, facts that must be stated, and facts that may be.

    *by* is the kind of the parent, ``ladder`` for a rung that opens it, or empty for a person or the campaign.
    """

    by: str
    sets: Mapping[str, Any] = field(default_factory=dict)
    asks: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The births of a kind, the triggers that something sends it as the system, and whether a campaign is known.

    *children* are the kinds that it opens; *from_above* are those of the triggers sent that a parent sends down.
    """

    births: tuple[Birth, ...]
    sent: frozenset[str]
    children: frozenset[str]
    from_above: frozenset[str] = frozenset()


def surroundings_of(
    doc: DefinitionDoc, others: Mapping[str, DefinitionDoc], campaign: CampaignDoc | None
) -> Surroundings:
    """Find what the *others* of the campaign, its ladders and its openings do to matters of *doc*'s kind."""
    births = [Birth("", {}, tuple(doc.open.asks), tuple(doc.open.optional))]
    births += _spawned(doc, others)
    above = frozenset(_from_above(doc, others))
    sent = above | set(_signals(doc, others)) | doc.correct_then.keys()
    if campaign is not None:
        births += _laddered(doc, campaign)
        births += [Birth("") for opening in campaign.opens if opening.kind == doc.kind]
        sent |= started(doc.kind, campaign)
    children = frozenset(spawn.kind for arrow in doc.transitions for spawn in arrow.spawn)
    return Surroundings(tuple(births), frozenset(sent), children, above)


def started(kind: str, campaign: CampaignDoc) -> frozenset[str]:
    """The triggers that the campaign itself fires where it opens matters of a *kind*."""
    return frozenset(trigger for opening in campaign.opens if opening.kind == kind for trigger in opening.then)


def _spawned(doc: DefinitionDoc, others: Mapping[str, DefinitionDoc]) -> Iterable[Birth]:
    seen = set()
    for parent in {doc.kind: doc, **others}.values():
        for arrow in parent.transitions:
            for spawn in arrow.spawn:
                key = (parent.kind, tuple(sorted(spawn.sets.items())), tuple(sorted(spawn.facts)))
                if spawn.kind == doc.kind and key not in seen:
                    seen.add(key)
                    yield Birth(parent.kind, dict(spawn.sets), (), tuple(spawn.facts))


def _signals(doc: DefinitionDoc, others: Mapping[str, DefinitionDoc]) -> Iterable[str]:
    """The triggers that children of this kind send to it."""
    mine = {spawn.kind for arrow in doc.transitions for spawn in arrow.spawn}
    for child in {doc.kind: doc, **others}.values():
        if child.kind in mine:
            yield from (signal.trigger for arrow in child.transitions for signal in arrow.signals if signal.to is None)


def _from_above(doc: DefinitionDoc, others: Mapping[str, DefinitionDoc]) -> Iterable[str]:
    """The triggers that parents of this kind send down to it."""
    for parent in {doc.kind: doc, **others}.values():
        yield from (signal.trigger for arrow in parent.transitions for signal in arrow.signals if signal.to == doc.kind)


def _laddered(doc: DefinitionDoc, campaign: CampaignDoc) -> Iterable[Birth]:
    for ladder in campaign.ladders.values():
        for rung in ladder.rungs:
            if rung.opens is not None and rung.opens.kind == doc.kind:
                yield Birth(LADDER, dict(rung.opens.facts))


def only_system(roles: Iterable[str]) -> bool:
    """Say whether nobody but timers and signals may act."""
    return set(roles) == {SYSTEM}
