"""What becomes of live matters in a version: everything that can happen to them is explored from where they stand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from engine.campaign import Campaign
from engine.errors import Reason
from engine.exploring import MOST_SITUATIONS, Judge, TooLarge, Way
from engine.exploring import Explorer as Exploring
from engine.expr_partly import Var
from engine.forgetting import Looks
from engine.held import Held
from engine.judging import holding, seen
from engine.machine import Compiled
from engine.orders import SYSTEM
from engine.places import Move, Place, Step
from engine.regions import Regions
from engine.situation import Situation
from engine.steps import Steps
from engine.surroundings import surroundings_of

Explorer = Callable[[Compiled, Campaign, Sequence[Held]], Mapping[int, Sequence[Reason]]]
"""Given a machine and matters in it, one for each distinct situation: what stands against some, by their positions."""

NO_END = Reason("no_end", "在新版本中可能再也无法办结", "in the new version it may never come to an end")

TOO_LARGE = Reason(
    "too_large",
    f"自在办事项起的情形超过{MOST_SITUATIONS}种，未能查完，不予放行：可只迁移部分事项（列出编号），或让其留在原版本办结",
    f"more than {MOST_SITUATIONS} situations from where they stand, so not all were looked at: take over fewer matters "
    "(name their references), or leave them on their version to the end",
)
"""Nothing is let through that was not looked at."""

STANDS = {"running": "running", "paused": "paused", "breached": "over", "late": "over"}
"""How a clock stands for the exploration, by its status; any other runs no more."""


def what_is_lost(machine: Compiled, campaign: Campaign, matters: Sequence[Held]) -> dict[int, list[Reason]]:
    """What stands against each of those *matters*: no way to an end that its actors surely have, an invariant within reach."""
    now = {at: _situation(campaign, held) for at, held in enumerate(matters)}
    lost: dict[int, list[Reason]] = {}
    goals = {leaf for leaf, state in machine.tree.leaves.items() if state.final}
    questions: list[tuple[Reason, Callable[[_Live], Way | None]]] = [
        (NO_END, lambda live: live.stuck(lambda leaf: leaf in goals))
    ]
    for spec, expr in machine.invariants.values():
        if not spec.refuses:
            zh, en = f"可能违反不变式“{spec.label.zh}”", f"the invariant ‘{spec.label.en}’ can be broken from there"
            broken = partial(_broken, judge=holding(machine, expr), looks=seen(machine, expr))
            questions.append((Reason("invariant_in_reach", zh, en), broken))
    for reason, ask in questions:
        _sort_out(machine, campaign, dict(now), reason, ask, lost)
    return lost


def _broken(live: "_Live", judge: Judge, looks: Looks) -> Way | None:
    return live.find(judge, (), looks)


def _sort_out(
    machine: Compiled, campaign: Campaign, left: dict[int, Situation], reason: Reason,
    ask: "Callable[[_Live], Way | None]", lost: dict[int, list[Reason]],
) -> None:  # fmt: skip
    """Put aside those from which the answer leads, until there is none for the others."""
    while left:
        try:
            live = _Live(machine, campaign, left)
            way = ask(live)
        except TooLarge:
            for at in left:
                if TOO_LARGE not in lost.setdefault(at, []):
                    lost[at].append(TOO_LARGE)
            return
        if way is None:
            return
        for at in live.at(way):
            del left[at]
            lost.setdefault(at, []).append(reason)


class _Live(Exploring):
    """An exploration that begins with matters that are there already."""

    def __init__(self, machine: Compiled, campaign: Campaign, matters: Mapping[int, Situation]) -> None:
        self.matters = matters
        others = {each.kind: each.doc for each in map(campaign.machines.__getitem__, campaign.machines.newest.values())}
        super().__init__(
            machine,
            surroundings_of(machine.doc, {**others, machine.kind: machine.doc}, campaign.doc),
            limit=MOST_SITUATIONS,
        )

    def beginnings(self, scene: Steps) -> Iterator[Move]:
        for place in dict.fromkeys(self._place(scene, each) for each in self.matters.values()):
            yield Move(Step("live"), [place], True)

    def at(self, way: Way) -> list[int]:
        """The positions of the matters from which *way* begins."""
        return [at for at, each in self.matters.items() if self._place(way.scene, each) == way.places[0]]

    def _place(self, scene: Steps, now: Situation) -> Place:
        return scene.place(now.state, {var: _value(self.regions, var, now) for var in scene.followed})


def _situation(campaign: Campaign, held: Held) -> Situation:
    return held.after(campaign, SYSTEM, held.row.state, {}, held.clocks.now)


def _value(regions: Regions, var: Var, now: Situation) -> Any:
    """The value of *var* in a situation, as the exploration tells values apart."""
    what, code = var
    if what == "fact":
        return region_of(regions, code, now.facts.get(code))
    if what == "count":
        return min(now.counts.get(code, 0), regions.most(code))
    if what == "clock":
        return STANDS.get(now.deadlines.get(code, ""), "")
    if what == "from":
        return now.came_from.get(code, "")
    return _true(what, code, now)


def _true(what: str, code: str, now: Situation) -> bool:
    if what == "date":
        return now.today >= now.dates[code]
    if what == "since":
        return now.today.isoformat() >= code
    if what == "children":
        return any(now.children.values()) if code == "*" else bool(now.children.get(code))
    if what == "stated":
        return now.facts.get(code) is not None
    holders = {"ever": now.ever, "visited": {*now.visited, *now.scopes}, "has": now.documents, "met": now.pinned}
    return code in holders[what]


def region_of(regions: Regions, fact: str, value: Any) -> Any:
    """What stands for *value* in the exploration: itself, or the value that no expression tells from it."""
    domain = regions.domain(("fact", fact))[1:]
    kind = regions.facts[fact].type
    if value is None or fact in regions.summed:
        return value
    if kind == "enums":
        known = {each for one in domain for each in one}
        return tuple(sorted(each for each in value if each in known))
    if kind in ("int", "money", "date"):
        return max((each for each in domain if each <= value), default=domain[0])
    if value in domain:
        return value
    return domain[-1]
