"""What a definition names: the words its expressions, arrows and deadlines may use, and their labels."""

from collections.abc import Iterable

from engine.definition_schema import DefinitionDoc, Label
from engine.expr_tree import Names
from engine.states import flatten

SYSTEM = "system"
"""The role of timers and signals; it is not declared."""


def triggers_of(doc: DefinitionDoc) -> frozenset[str]:
    """All trigger names, the opening's included."""
    return frozenset({doc.open.trigger, *(arrow.trigger for arrow in doc.transitions)})


def names_of(doc: DefinitionDoc, dates: Iterable[str] | None) -> Names:
    """Gather what expressions of *doc* may name; *dates* are the campaign's, None if it is not known yet."""
    return Names(
        facts=doc.facts,
        scopes=flatten(doc).scopes,
        documents=frozenset(doc.documents),
        triggers=triggers_of(doc),
        deadlines=frozenset(doc.deadlines),
        dates=None if dates is None else frozenset(dates),
    )


def labels_of(doc: DefinitionDoc) -> dict[str, Label]:
    """Map ``state:code``, and the same for trigger, fact, document, deadline and role, to its label."""
    labels = {f"trigger:{doc.open.trigger}": doc.open.label}
    for arrow in doc.transitions:
        labels.setdefault(f"trigger:{arrow.trigger}", arrow.label)
    labels |= {f"state:{code}": label for code, label in flatten(doc).labels.items()}
    labels |= {f"fact:{code}": fact.label for code, fact in doc.facts.items()}
    labels |= {f"document:{code}": document.label for code, document in doc.documents.items()}
    labels |= {f"deadline:{code}": deadline.label for code, deadline in doc.deadlines.items()}
    labels |= {f"handover:{code}": handover.label for code, handover in doc.handovers.items()}
    labels |= {f"role:{code}": role.label for code, role in doc.roles.items()}
    return labels
