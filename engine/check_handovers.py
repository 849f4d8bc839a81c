"""Checks of a definition's hand-overs: what they name, and that what is sent can be received."""

from engine.check_names import roles_of
from engine.definition_schema import ArrowSpec, DefinitionDoc, HandoverSpec
from engine.names import SYSTEM
from engine.source import Findings, Path
from engine.states import StateTree


def check_handovers(doc: DefinitionDoc, tree: StateTree, found: Findings) -> None:
    """Report hand-overs that name what does not exist, that go without their enclosures, or that nobody can receive."""
    for code, spec in doc.handovers.items():
        path: Path = ("handovers", code)
        _names(path, spec, doc, found)
        _facts(path, spec, doc, found)
        for arrow in doc.transitions:
            if arrow.trigger in spec.sent_on:
                _enclosed(path, spec, arrow, found)
                _receivable(path, spec, arrow, doc, tree, found)


def _names(path: Path, spec: HandoverSpec, doc: DefinitionDoc, found: Findings) -> None:
    found.expect((*path, "to"), "role", spec.to, roles_of(doc) - {SYSTEM})
    triggers = {arrow.trigger for arrow in doc.transitions}
    for key in ("sent_on", "received_on", "returned_on"):
        found.expect((*path, key), "trigger", getattr(spec, key), triggers)
    for key in ("sender_clocks", "receiver_clocks"):
        found.expect((*path, key), "deadline", getattr(spec, key), doc.deadlines)
    found.expect((*path, "encloses"), "document", spec.encloses, doc.documents)
    if spec.receipt is not None:
        found.expect((*path, "receipt"), "document", spec.receipt, doc.documents)


def _facts(path: Path, spec: HandoverSpec, doc: DefinitionDoc, found: Findings) -> None:
    fact, place = spec.received_fact, (*path, "received_fact")
    if fact is not None and found.expect(place, "fact", fact, doc.facts) and doc.facts[fact].type != "instant":
        message = f"the fact '{fact}' is of type {doc.facts[fact].type}; instant is needed here"
        found.add(place, "fact_type", message)


def _enclosed(path: Path, spec: HandoverSpec, arrow: ArrowSpec, found: Findings) -> None:
    """The arrow itself must ask for every enclosure, so that a refusal names each that is missing."""
    for position, code in enumerate(spec.encloses):
        if code not in (*arrow.needs, *arrow.needs_new):
            message = f"'{arrow.trigger}' sends the document '{code}' and does not need it"
            found.add((*path, "encloses", position), "enclosure_not_needed", message, f"needs: [{code}]")
    if arrow.trigger in spec.received_on and spec.receipt not in arrow.needs_new:
        message = f"'{arrow.trigger}' sends and receives in one act, so it must bring a receipt"
        found.add((*path, "received_on"), "no_receipt", message, "name a receipt that the arrow needs_new")


def _receivable(
    path: Path, spec: HandoverSpec, arrow: ArrowSpec, doc: DefinitionDoc, tree: StateTree, found: Findings
) -> None:
    if arrow.trigger in spec.received_on or arrow.to == "@back":
        return
    places = arrow.from_ if arrow.to == "=" else [arrow.to]
    leaves = {tree.first_leaf(place) if arrow.to != "=" else place for place in places if place in tree.below}
    open_to = {
        leaf for other in doc.transitions if other.trigger in spec.received_on
        for code in other.from_ for leaf in tree.below.get(code, ())
    }  # fmt: skip
    for leaf in leaves:
        if not set(tree.below.get(leaf, ())) <= open_to:
            message = f"what '{arrow.trigger}' sends cannot be received in '{leaf}'"
            found.add((*path, "received_on"), "never_received", message)
