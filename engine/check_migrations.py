"""Checks of what a definition says of matters of its earlier versions: every place named must be here, and be free."""

from collections.abc import Collection

from engine.check_facts import check_sets
from engine.definition_schema import DefinitionDoc
from engine.migration_schema import MigrationSpec
from engine.names import triggers_of
from engine.source import Findings, Path
from engine.states import StateTree


def check_migrations(doc: DefinitionDoc, tree: StateTree, found: Findings) -> None:
    """Report versions named twice or not earlier, places that are not here or are no leaf, and places taken twice."""
    found.unique(("migrations",), "version", [str(spec.from_) for spec in doc.migrations], ("from",))
    for position, spec in enumerate(doc.migrations):
        path: Path = ("migrations", position)
        if spec.from_ >= doc.version:
            message = f"version {spec.from_} is not earlier than this one, {doc.version}"
            found.add((*path, "from"), "not_earlier", message)
        _states(path, spec, tree, found)
        for key, known in _known(doc).items():
            _places((*path, key), key.removesuffix("s"), getattr(spec, key), known, found)
        found.expect((*path, "recount"), "deadline", spec.recount, doc.deadlines)
        check_sets((*path, "sets"), spec.sets, doc.facts, found)


def _known(doc: DefinitionDoc) -> dict[str, Collection[str]]:
    return {
        "facts": doc.facts, "documents": doc.documents, "deadlines": doc.deadlines, "handovers": doc.handovers,
        "triggers": triggers_of(doc),
    }  # fmt: skip


def _states(path: Path, spec: MigrationSpec, tree: StateTree, found: Findings) -> None:
    for was, will in spec.states.items():
        place = (*path, "states", was)
        if will in tree.leaves:
            continue
        if will in tree.below:
            first = tree.first_leaf(will)
            found.add(
                place, "no_leaf", f"'{will}' is a stage; a matter goes to one of its states", f"for example {first}"
            )
        else:
            found.expect(place, "state", will, tree.below)


def _places(path: Path, what: str, places: dict[str, str | None], known: Collection[str], found: Findings) -> None:
    taken: dict[str, str] = {}
    for was, will in places.items():
        if will is None or not found.expect((*path, was), what, will, known):
            continue
        if will in taken:
            message = f"'{will}' is the place of '{taken[will]}' already"
            found.add((*path, was), "taken_twice", message, "two cannot become one; leave one behind: null")
        taken.setdefault(will, was)
