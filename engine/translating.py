"""From one version of a definition to another: the place of every state, fact, document and deadline, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.definition_schema import DefinitionDoc
from engine.errors import Reason, Refused
from engine.migration_schema import MigrationSpec
from engine.names import triggers_of
from engine.situation import Marks
from engine.states import StateTree, flatten

V = TypeVar("V")

Place = Mapping[str, str | None]
"""Codes with their places; None: left behind on purpose. What is not among them has no place."""

PARTS = ("facts", "documents", "deadlines", "handovers", "triggers")
"""What has places besides the states."""


@dataclass(frozen=True, slots=True)
class Translation:
    """Where each part of the old version is in the new one.

    *sets* are facts that are stated for every matter, *unset* those that a way back takes away again if they still are what
    was set, *recount* the deadlines of the new version that are counted by its own rule.
    """

    states: Mapping[str, str]
    facts: Place
    documents: Place
    deadlines: Place
    handovers: Place
    triggers: Place
    recount: frozenset[str] = frozenset()
    sets: Mapping[str, Any] = field(default_factory=dict)
    unset: Mapping[str, Any] = field(default_factory=dict)
    back: bool = False

    def as_json(self) -> dict[str, Any]:
        """What the record says: every code that has another place, by part."""
        said = {
            part: {was: will for was, will in getattr(self, part).items() if was != will} for part in ("states", *PARTS)
        }
        return {part: places for part, places in said.items() if places}


def translation(old: DefinitionDoc, new: DefinitionDoc) -> Translation:
    """The way from *old* to *new*: as one of them says, else by equal codes. Raises Refused for a way back that is none."""
    said = next((spec for spec in new.migrations if spec.from_ == old.version), None)
    if said is not None:
        return _forth(old, new, said)
    said = next((spec for spec in old.migrations if spec.from_ == new.version), None)
    return (
        _forth(old, new, MigrationSpec.model_validate({"from": old.version})) if said is None else _back(old, new, said)
    )


def _codes(doc: DefinitionDoc) -> dict[str, list[str]]:
    return {**{part: list(getattr(doc, part)) for part in PARTS[:-1]}, "triggers": sorted(triggers_of(doc))}


def _forth(old: DefinitionDoc, new: DefinitionDoc, said: MigrationSpec) -> Translation:
    leaves, there = flatten(new).leaves, _codes(new)
    states = {leaf: said.states.get(leaf, leaf) for leaf in flatten(old).leaves}
    places: dict[str, dict[str, str | None]] = {}
    for part, codes in _codes(old).items():
        named = getattr(said, part)
        places[part] = {code: named.get(code, code) for code in codes if code in named or code in there[part]}
        taken = {will for was, will in named.items() if will is not None and was != will}
        places[part] = {was: will for was, will in places[part].items() if was in named or will not in taken}
    kept = {was: will for was, will in states.items() if will in leaves}
    return _made(kept, places, recount=frozenset(said.recount), sets=said.sets)


def _made(states: Mapping[str, str], places: Mapping[str, Place], **more: Any) -> Translation:
    return Translation(
        states,
        places["facts"],
        places["documents"],
        places["deadlines"],
        places["handovers"],
        places["triggers"],
        **more,
    )


def _back(old: DefinitionDoc, new: DefinitionDoc, said: MigrationSpec) -> Translation:
    """Turn round how *new* became *old*: *old* is the later version. Raises Refused where two have become one, or one nothing."""
    forth = _forth(new, old, said)
    reasons = [*_merged(forth), *_left(forth), *_overwritten(new, said)]
    if reasons:
        words = "; ".join(reason.en for reason in reasons)
        raise Refused(
            f"{old.kind}@{old.version} cannot be turned back to {new.version}: {words}", "no_way_back", reasons
        )
    places: dict[str, dict[str, str | None]] = {}
    for part in PARTS:
        places[part] = {will: was for was, will in getattr(forth, part).items() if will is not None}
    news: dict[str, str | None] = {code: None for code in old.deadlines if code not in places["deadlines"]}
    recounted = {was for was, will in forth.deadlines.items() if will in forth.recount}
    states = {will: was for was, will in forth.states.items()}
    places["deadlines"] |= news
    return _made(states, places, recount=frozenset(recounted), unset=said.sets, back=True)


def _merged(forth: Translation) -> list[Reason]:
    found: list[Reason] = []
    first: dict[str, str] = {}
    for was, will in forth.states.items():
        if will in first:
            pair = (first[will], was)
            found.append(
                Reason(
                    "merged",
                    f"状态“{pair[0]}”和“{pair[1]}”已合为“{will}”",
                    f"the states {pair[0]} and {pair[1]} became {will}",
                )
            )
        first.setdefault(will, was)
    return found


def _left(forth: Translation) -> list[Reason]:
    return [
        Reason("left_behind", f"{was}（{part}）已舍去", f"{was} ({part}) was left behind")
        for part in ("facts", "documents", "deadlines", "handovers")
        for was, will in getattr(forth, part).items()
        if will is None
    ]


def _overwritten(original: DefinitionDoc, said: MigrationSpec) -> list[Reason]:
    placed = {will for will in said.facts.values() if will} | (original.facts.keys() - said.facts.keys())
    return [
        Reason("overwritten", f"事实“{fact}”已被改写", f"the fact {fact} was overwritten")
        for fact in said.sets
        if fact in placed
    ]


def moved_places(held: Mapping[str, V], places: Place) -> dict[str, V]:
    """What is *held* by codes, under its codes of the other version; *places* has those that differ."""
    pairs = ((places.get(code, code), value) for code, value in held.items())
    return {code: value for code, value in pairs if code is not None}


def moved_marks(marks: Marks, said: Mapping[str, Place], before: StateTree, tree: StateTree) -> Marks:
    """What a matter has been through, in the words of the version with the states *tree*, not *before*; *said* is what the record says.

    What has no place there keeps its code: it has been, though no condition asks for it any more.
    """
    states, triggers = said.get("states", {}), said.get("triggers", {})
    done = Marks(marks.as_json())
    done.visited = _visited(marks.visited, states, before, tree)
    done.ever = [places for places in (said.get("facts", {}).get(name, name) for name in marks.ever) if places]
    done.counts = moved_places(marks.counts, triggers)
    done.last = _hands(marks.last, triggers)
    done.came_from = {states.get(dst, dst) or dst: states.get(src, src) or src for dst, src in marks.came_from.items()}
    done.handed = moved_places(marks.handed, said.get("handovers", {}))
    done.erased = sorted(moved_places(dict.fromkeys(marks.erased), said.get("facts", {})))
    return done


def _hands(last: Mapping[str, str], triggers: Place) -> dict[str, str]:
    """Who did what last: nobody is forgotten, not by a trigger that is left behind nor where two have become one."""
    found: dict[str, dict[str, None]] = {}
    for code, trace in last.items():
        found.setdefault(triggers.get(code, code) or code, {}).update(dict.fromkeys(trace.split(" ")))
    return {code: " ".join(people) for code, people in found.items()}


def _visited(codes: list[str], states: Place, before: StateTree, tree: StateTree) -> list[str]:
    """The stages in which the states are now come with them; a stage alone says nothing."""
    found: dict[str, None] = {}
    for code in codes:
        place = states.get(code, code) or code
        if place in tree.leaves:
            found.update(dict.fromkeys(tree.leaves[place].scopes))
        elif code not in before.stages:
            found[place] = None
    return list(found)
