"""A compiled machine as a graph to draw: states in stages, parallel arrows in one, what comes from many gathered."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.machine import BACK, Arrow, Compiled

MANY = 4
"""From so many states of one arrow on, it is drawn once, from a box that names them. PLACEHOLDER: our taste."""


class Move(NamedTuple):
    """One step of a way: *trigger* took the matter from state *src* to *dst*; *src* is empty when it was opened."""

    trigger: str
    src: str
    dst: str


def moves_of_history(entries: Iterable[Mapping[str, Any]]) -> list[Move]:
    """The way a matter took, from entries in the shape of `history` (`kind`, `trigger`, `from`, `to`), oldest first.

    Acts without a move and entries of other kinds are no part of it.
    """
    return [
        Move(each.get("trigger") or "", each.get("from") or "", each["to"])
        for each in entries
        if each.get("to") and each.get("to") != each.get("from")
    ]


def moves_of_counterexample(acts: Iterable[Mapping[str, Any]]) -> list[Move]:
    """The way of a counterexample, from its acts in the shape of `campaign check --json`; time passing is no move."""
    found, at = [], ""
    for act in acts:
        to = act["to"]
        if to != at:
            found.append(Move(str(act.get("about") or ""), act.get("from") or at, to))
            at = to
    return found


@dataclass(slots=True)
class Bundle:
    """All arrows between two nodes: a node is a state or a box that gathers."""

    src: str
    dst: str
    arrows: list[Arrow] = field(default_factory=list)


@dataclass(slots=True)
class Gathering:
    """One arrow of the definition that leads from *states* to one, or (*out*) from one back to the many."""

    key: str
    hub: str
    out: bool
    arrows: list[Arrow]


@dataclass(slots=True)
class MachineGraph:
    """What is drawn: leaves in order, bundles, gatherings, and the acts without a move by state."""

    leaves: list[str]
    bundles: list[Bundle]
    gatherings: list[Gathering]
    stays: dict[str, list[Arrow]]


def graph_of(
    machine: Compiled,
    apart: Iterable[tuple[str, str]] = (),
    among: Sequence[str] | None = None,
    between: frozenset[tuple[str, str]] | None = None,
) -> MachineGraph:
    """The graph of *machine*; the pairs *apart* keep lines of their own.

    If they are given, only the states *among* are in it, and only the lines *between* the given pairs.
    """
    leaves = [leaf for leaf in machine.tree.leaves if among is None or leaf in among]
    shown, alone = set(leaves), set(apart)
    stays: dict[str, list[Arrow]] = defaultdict(list)
    groups: dict[tuple[int, str, bool], list[Arrow]] = defaultdict(list)
    for arrow in every_arrow(machine):
        if arrow.src not in shown or arrow.dst not in shown:
            continue
        if arrow.src == arrow.dst:
            stays[arrow.src].append(arrow)
        elif between is None or (arrow.src, arrow.dst) in between:
            out = arrow.spec.to == BACK
            groups[arrow.index, arrow.src if out else arrow.dst, out].append(arrow)
    gatherings, single = [], []
    for (index, hub, out), arrows in groups.items():
        many = [arrow for arrow in arrows if (arrow.src, arrow.dst) not in alone]
        if len(many) >= MANY:
            gatherings.append(Gathering(f"\1{index}:{hub}", hub, out, many))
            many = [arrow for arrow in arrows if (arrow.src, arrow.dst) in alone]
        else:
            many = arrows
        single.extend(many)
    return MachineGraph(leaves, _bundled(single), gatherings, dict(stays))


def every_arrow(machine: Compiled) -> list[Arrow]:
    """All flat arrows of *machine*, in the order of states and of the file."""
    return [arrow for triggers in machine.arrows.values() for arrows in triggers.values() for arrow in arrows]


def _bundled(arrows: Iterable[Arrow]) -> list[Bundle]:
    bundles: dict[tuple[str, str], Bundle] = {}
    for arrow in arrows:
        bundles.setdefault((arrow.src, arrow.dst), Bundle(arrow.src, arrow.dst)).arrows.append(arrow)
    return list(bundles.values())
