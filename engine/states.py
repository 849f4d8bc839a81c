"""The tree of stages and states, flattened: a matter is in one leaf and in the stages that hold it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.definition_schema import DefinitionDoc, Label, StateSpec


@dataclass(frozen=True, slots=True)
class Leaf:
    """A state a matter can be in. *scopes* are its stages, outermost first, and itself.

    *final* and *closed* hold if they do for one of the scopes; *waits_for* is that of the nearest scope.
    """

    code: str
    label: Label
    scopes: tuple[str, ...]
    stage: str
    final: bool
    closed: bool
    waits_for: tuple[str, ...]


@dataclass(frozen=True)
class StateTree:
    """The leaves in the order of the file, the labels of leaves and stages, and what each code stands for.

    A stage may have the code of one of its leaves: *labels* and *below* then mean the leaf.
    An expression's ``state`` and ``visited`` are true for all that has the code among its scopes.
    """

    leaves: dict[str, Leaf]
    stages: dict[str, Label]
    labels: dict[str, Label]
    below: dict[str, tuple[str, ...]]

    @property
    def scopes(self) -> frozenset[str]:
        """All codes, of stages and of leaves."""
        return frozenset(self.below)

    def first_leaf(self, code: str) -> str:
        """The leaf that entering *code* leads to: itself, or the first of a stage. Raises KeyError."""
        return self.below[code][0]

    def expand(self, codes: Iterable[str]) -> list[str]:
        """Replace stages by their leaves, in the given order, each leaf once. Raises KeyError."""
        return list(dict.fromkeys(leaf for code in codes for leaf in self.below[code]))


Branch = tuple[tuple[str, ...], tuple[StateSpec, ...]]
"""The codes and the forms from a top-level state down to one of the tree's nodes."""


def branches(states: dict[str, StateSpec]) -> Iterator[Branch]:
    """Walk the tree in the order of the file, each stage before what it holds."""
    stack: list[Branch] = [((code,), (spec,)) for code, spec in reversed(states.items())]
    while stack:
        codes, specs = stack.pop()
        yield codes, specs
        inner = reversed(specs[-1].states.items())
        stack.extend(((*codes, code), (*specs, spec)) for code, spec in inner)


def flatten(doc: DefinitionDoc) -> StateTree:
    """Flatten the states of *doc*; of two leaves with one code the first counts."""
    leaves: dict[str, Leaf] = {}
    stages: dict[str, Label] = {}
    below: dict[str, tuple[str, ...]] = {}
    for codes, specs in branches(doc.states):
        code, spec = codes[-1], specs[-1]
        if spec.states:
            stages.setdefault(code, spec.label)
        elif code not in leaves:
            leaves[code] = _leaf(codes, specs)
            below |= {stage: (*below.get(stage, ()), code) for stage in dict.fromkeys(codes[:-1])}
    labels = stages | {code: leaf.label for code, leaf in leaves.items()}
    return StateTree(leaves, stages, labels, below | {code: (code,) for code in leaves})


def _leaf(codes: tuple[str, ...], specs: tuple[StateSpec, ...]) -> Leaf:
    waits = next((spec.waits_for for spec in reversed(specs) if spec.waits_for), [])
    return Leaf(
        code=codes[-1],
        label=specs[-1].label,
        scopes=codes,
        stage=codes[0],
        final=any(spec.final for spec in specs),
        closed=any(spec.closed for spec in specs),
        waits_for=tuple(waits),
    )
