"""Checks of what a definition evaluates: the facts it names, and who approves what takes a duty away."""

from collections.abc import Sequence

from engine.definition_schema import DefinitionDoc, EvaluationSpec
from engine.names import SYSTEM
from engine.source import Findings, Path


def check_evaluates(doc: DefinitionDoc, found: Findings) -> None:
    """Report evaluations that name unknown, unfit or personal facts, and those that nobody could approve."""
    roles = {*doc.roles, SYSTEM}
    found.expect(("correct_approved_by",), "role", doc.correct_approved_by, roles)
    for code, spec in doc.evaluates.items():
        path: Path = ("evaluates", code)
        types = {"by": ((spec.by,), ("enum",)), "on": (spec.on, ("date",)), "facts": (spec.facts, ())}
        types |= {name: (_given(spec, name), ("bool",)) for name in ("threshold", "duty")}
        types["ground"] = (_given(spec, "ground"), ("text",))
        for key, (names, wanted) in types.items():
            _fit((*path, key), names, wanted, doc, found)
        if spec.duty is not None and not doc.correct_approved_by:
            message = "a duty that is evaluated needs correct_approved_by: who approves a correction that takes it away"
            found.add(path, "no_approver", message)


def _given(spec: EvaluationSpec, key: str) -> Sequence[str]:
    value = getattr(spec, key)
    return () if value is None else (value,)


def _fit(path: Path, names: Sequence[str], wanted: Sequence[str], doc: DefinitionDoc, found: Findings) -> None:
    if not found.expect(path, "fact", names, doc.facts):
        return
    for name in names:
        spec = doc.facts[name]
        if wanted and spec.type not in wanted:
            found.add(
                path, "fact_type", f"the fact '{name}' is of type {spec.type}; {' or '.join(wanted)} is needed here"
            )
        if spec.personal:
            found.add(
                path, "personal_fact", f"the fact '{name}' is personal, and what is evaluated is kept in the record"
            )
