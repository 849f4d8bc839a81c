"""Checks of a definition's shape: states nobody reaches or leaves, and arrows open together."""

from itertools import combinations

from engine.definition_schema import ArrowSpec, DefinitionDoc
from engine.source import Findings, Path
from engine.states import StateTree, branches


def check_structure(doc: DefinitionDoc, tree: StateTree, found: Findings) -> None:
    """Report what no guard can heal; all codes of *doc* must be known."""
    moves = moves_of(doc, tree)
    reached = _reach(tree.first_leaf(doc.initial), moves)
    paths = _paths(doc)
    for code, leaf in tree.leaves.items():
        if code not in reached:
            found.add(paths[code], "unreachable", f"no arrow leads to the state '{code}'", key=True)
        if not leaf.final and not moves[code]:
            message = f"no arrow leads out of the state '{code}', and it is not final"
            found.add(paths[code], "dead_end", message, "final: true?", key=True)
    _overlaps(doc, tree, found)


def moves_of(doc: DefinitionDoc, tree: StateTree) -> dict[str, list[tuple[int, str]]]:
    """List the arrows out of each leaf, by position, with their targets; a way back counts once a source."""
    moves: dict[str, list[tuple[int, str]]] = {leaf: [] for leaf in tree.leaves}
    for position, arrow in enumerate(doc.transitions):
        if arrow.to in tree.below:
            target = tree.first_leaf(arrow.to)
            for leaf in tree.expand(arrow.from_):
                moves[leaf].append((position, target))
    sources: dict[str, list[str]] = {leaf: [] for leaf in tree.leaves}
    for leaf, ways in moves.items():
        for _, target in ways:
            if target != leaf and leaf not in sources[target]:
                sources[target].append(leaf)
    for position, arrow in enumerate(doc.transitions):
        if arrow.to == "@back":
            for leaf in tree.expand(arrow.from_):
                moves[leaf].extend((position, source) for source in sources[leaf])
    return moves


def _reach(start: str, moves: dict[str, list[tuple[int, str]]]) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        for _, target in moves[waiting.pop()]:
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _paths(doc: DefinitionDoc) -> dict[str, Path]:
    paths: dict[str, Path] = {}
    for codes, specs in branches(doc.states):
        if specs[-1].states:
            continue
        within = tuple(part for code in codes[:-1] for part in (code, "states"))
        paths.setdefault(codes[-1], ("states", *within, codes[-1]))
    return paths


def _overlaps(doc: DefinitionDoc, tree: StateTree, found: Findings) -> None:
    """Report pairs of arrows that are open together whenever both could be: nothing they require differs."""
    by_trigger: dict[str, list[int]] = {}
    for position, arrow in enumerate(doc.transitions):
        by_trigger.setdefault(arrow.trigger, []).append(position)
    for trigger, positions in by_trigger.items():
        for one, other in combinations(positions, 2):
            first, second = doc.transitions[one], doc.transitions[other]
            shared = set(tree.expand(first.from_)) & set(tree.expand(second.from_))
            if shared and _same_guards(first, second):
                line = found.source.at(("transitions", one, "trigger")).line
                leaf = min(shared)
                message = f"'{trigger}' has another arrow from '{leaf}' (line {line}) open at once with this"
                found.add(
                    ("transitions", other, "trigger"),
                    "overlap",
                    message,
                    "give them 'when' or 'asks' that differ",
                )


def _same_guards(first: ArrowSpec, second: ArrowSpec) -> bool:
    return (
        first.when == second.when and set(first.asks) == set(second.asks) and bool(set(first.role) & set(second.role))
    )
