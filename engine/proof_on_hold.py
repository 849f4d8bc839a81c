"""Whether a matter that is on hold for another one is let go by it: by the time the other is over, at the latest."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from engine.counterexample import derived_in, one_step
from engine.definition_schema import Label
from engine.effort import Effort, TooLarge
from engine.exploring import Explorer, Figures, Map, Way
from engine.expr_partly import Var
from engine.forgetting import Looks, Memory, no_look
from engine.ground import Ground
from engine.kin import ABOVE, BELOW, Pair
from engine.on_hold import Holding
from engine.places import Move, Place, Step
from engine.proof_circles import mute
from engine.proof_finding import Finding, state_path
from engine.proof_words import Words
from engine.regions import Regions
from engine.sides import SideStep, looks_of, of_side
from engine.source import Path
from engine.steps import Steps


class KeeperExplorer(Explorer):
    """Explores the keeper of a pair, the matter on one *side*, with whether the *kept* one is on hold for it."""

    def __init__(self, pair: Pair, side: int, kept: Explorer, *, limit: int) -> None:
        self.pair, self.side, self.kept, self.limit = pair, side, kept, limit
        self.other = BELOW if side == ABOVE else ABOVE
        self.machine, self.figures, self.effort = pair.machines[side], Figures(), Effort(limit)
        self.ground = Ground(
            self.machine, Regions(self.machine), pair.around(side), Memory(self.machine), self.effort,
            noisy=pair.noisy(side),
        )  # fmt: skip
        self._maps = {}
        self._mutes: dict[str, frozenset[str]] = {}
        self._kept_looks = looks_of(pair, self.other)

    def scene(self, followed: frozenset[Var], looks: Looks) -> Steps:
        """The steps of the keeper in that detail, and where the kept one may come to be on hold."""
        kept = self.kept_map(followed)
        holding: Any = Holding(self.pair, self.side, (self.ground, self.kept.ground), kept, followed, looks)
        return cast("Steps", holding)

    def kept_map(self, followed: frozenset[Var]) -> Map:
        """What has been explored of the kept one by itself in that detail."""
        return self.kept.explore(of_side(self.other, followed), self._kept_looks)

    def note(self, place: Place, certain: Iterable[Move]) -> None:
        """Nothing is asked of single arrows here."""

    def _domains(self, scene: Steps) -> dict[Var, int]:
        regions = {self.side: self.ground.regions, self.other: self.kept.regions}
        return {(what[1:], code): len(regions[int(what[0])].domain((what[1:], code))) for what, code in scene.followed}

    def stays(self, holding: Holding, place: Place) -> bool:
        """Say whether the kept one is on hold there for good: its keeper is over, or cannot let it go before it is closed."""
        both = holding.both(place)
        return holding.left(place) or (both.kept[0] in holding.holds and both.keeper[0] in self._mute(both.kept[0]))

    def _mute(self, kept: str) -> frozenset[str]:
        if kept not in self._mutes:
            self._mutes[kept] = mute(self.pair, self.side, kept)
        return self._mutes[kept]

    def left(self) -> Way | None:
        """The shortest real way to where the other is on hold for a keeper that lets it go no more. Raises TooLarge.

        What is in doubt nearest to the end is followed first: most often it is what decides, and the rest may be let be.
        """
        follow = frozenset[Var]()
        while True:
            found = self._map(follow, no_look)
            holding = cast("Holding", found.scene)
            place = next((place for place in self._places(found) if self.stays(holding, place)), None)
            if place is None:
                return None
            more = _last_doubts(found, place) - follow
            if not more:
                return found.way(place)
            follow |= more


def _last_doubts(found: Map, place: Place) -> frozenset[Var]:
    """What is in doubt of the last doubtful move on the way to *place*."""
    here: Place | None = place
    while here is not None:
        here, move = found.came[here]
        if move.doubts:
            return move.doubts
    return frozenset()


class OnHoldProof:
    """The questions about one *pair* of which the machine of *mine*'s side is proved; *limit* bounds the situations."""

    def __init__(self, pair: Pair, mine: int, limit: int) -> None:
        self.pair, self.mine, self.limit = pair, mine, limit
        self.figures = Figures()

    def run(self, side: int, kept: Callable[[], Explorer]) -> Iterator[Finding]:
        """Whether the keeper on one *side* lets go what is on hold for it; *kept* explores the other by itself."""
        other = self.pair.machines[BELOW if side == ABOVE else ABOVE]
        words = {"kept": other.doc.label, "keeper": self.pair.machines[side].doc.label}
        try:
            keeper = KeeperExplorer(self.pair, side, kept(), limit=self.limit)
            way = keeper.left()
            self.figures.add(keeper.figures)
        except TooLarge as error:
            yield Finding("hold_not_proved", ("kind",), {**words, "limit": error.most})
            return
        if way is not None:
            yield self._left(keeper, way, words)

    def _left(self, keeper: KeeperExplorer, way: Way, words: dict[str, Label]) -> Finding:
        holding = cast("Holding", way.scene)
        both = holding.both(way.place)
        machine, kept = keeper.machine, keeper.kept.machine
        state, end = kept.tree.leaves[both.kept[0]], machine.tree.leaves[both.keeper[0]]
        trace = tuple(_told(keeper, way))
        said: Words = {**words, "state": state.label, "end": end.label, "steps": len(trace)}
        code = "left_on_hold" if holding.over(both.keeper) else "wait_in_circle"
        if self.mine != keeper.side:
            return Finding(code, state_path(state), said, key=True, trace=trace)
        arrow = way.steps[-1].arrow
        at: Path = ("transitions", arrow.index, "trigger") if arrow is not None else ("kind",)
        return Finding(code, at, said, trace=trace)


def _told(keeper: KeeperExplorer, way: Way) -> Iterator[dict[str, Any]]:
    """The acts of both, each told as whose it is: first how the other came to open the keeper, if it did."""
    holding, number = cast("Holding", way.scene), 0
    first = holding.both(way.places[0])
    if keeper.side == BELOW and first.kept[0] in holding.holds:
        own = _entry(keeper, holding, first.kept)
        for step, place, before in zip(own.steps, own.places, (None, *own.places), strict=False):
            number += 1
            yield _one(keeper.kept.machine, own.scene, number, step, place, before)
    before_kept, last = first.kept, None
    for step, place in zip(way.steps, way.places, strict=True):
        both, side, number = holding.both(place), cast("SideStep", step).side, number + 1
        mine = side == keeper.side
        scene = holding.scene if mine else holding.theirs
        here = both.keeper if mine else both.kept
        said = _one(keeper.pair.machines[side], scene, number, step, here, last if mine else None)
        if mine and both.kept[0] != before_kept[0]:
            _add(said, keeper.kept.machine.doc.label, _moved(holding, keeper.kept, before_kept, both.kept))
        yield said
        before_kept, last = both.kept, both.keeper


def _entry(keeper: KeeperExplorer, holding: Holding, there: Place) -> Way:
    """The steps of the kept one by itself to where it is on hold, the last of them the act that opens the keeper."""
    found = keeper.kept_map(frozenset(holding.followed))
    before, move, place = holding.entry(found, there)
    way = found.way(before)
    return Way((*way.steps, move.step), (*way.places, place), found.scene)


def _one(machine: Any, scene: Steps, number: int, step: Step, place: Place, before: Place | None) -> dict[str, Any]:
    """One step, told as that of its machine's kind."""
    known = scene.known(place) if place[0] else {}
    said = one_step(
        machine, number, step, place[0], derived_in(machine, step, scene.known(before) if before else {}, known)
    )
    for lang in ("zh", "en"):
        colon, label = {"zh": "：", "en": ": "}[lang], getattr(machine.doc.label, lang)
        said["text"][lang] = label + colon + said["text"][lang]
    said["kind"] = machine.kind
    return said


def _moved(holding: Holding, kept: Explorer, before: Place, now: Place) -> dict[str, str]:
    """What an act of the keeper does to the other, in words."""
    leaves = kept.machine.tree.leaves
    if now[0] in holding.holds:
        label = leaves[now[0]].label
        return {"zh": f"停在“{label.zh}”", "en": f"put on hold in ‘{label.en}’"}
    if before[0] in holding.holds:
        label = leaves[before[0]].label
        return {"zh": f"离开“{label.zh}”", "en": f"leaves ‘{label.en}’"}
    return {"zh": "派生", "en": "opened"}


def _add(said: dict[str, Any], kind: Label, words: dict[str, str]) -> None:
    said["text"]["zh"] += f"〔{kind.zh}：{words['zh']}〕"
    said["text"]["en"] += f" [{kind.en}: {words['en']}]"
