"""Every small loss that a definition can suffer: one thing dropped, widened or turned, the rest as it is."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from engine.definition_schema import DefinitionDoc, StateSpec, Term
from engine.expr import compile_expr
from engine.expr_written import conjuncts
from engine.names import SYSTEM, names_of
from engine.states import flatten

Mutant = tuple[str, DefinitionDoc]

DULL = {"label", "basis", "mark", "taxonomy", "unit", "title", "optional"}
"""Keys whose loss changes nothing that is owed."""

EXPRESSIONS = {"when", "never", "while_"}


def mutants(doc: DefinitionDoc) -> Iterator[Mutant]:
    """Each mutant of *doc* with what was done to it; the table of expectations stays as it is."""
    yield from _arrows(doc)
    for section in ("deadlines", "handovers", "invariants", "monitors", "evaluates", "roles"):
        specs = getattr(doc, section)
        for code, spec in specs.items():
            left = {each: other for each, other in specs.items() if each != code}
            yield f"{section}/{code} gone", doc.model_copy(update={section: left})
            for what, changed in _changes(doc, spec):
                yield f"{section}/{code} {what}", doc.model_copy(update={section: {**specs, code: changed}})
    for what, changed in _changes(doc, doc.open):
        yield f"open {what}", doc.model_copy(update={"open": changed})
    for code, paper in doc.documents.items():
        for what, changed in _changes(doc, paper):
            yield f"documents/{code} {what}", doc.model_copy(update={"documents": {**doc.documents, code: changed}})
    for what, states in _states(doc.states):
        yield what, doc.model_copy(update={"states": states})
    for key in ("correct_by", "correct_approved_by", "correct_copy"):
        for what, changed in _list_changes(doc, key, getattr(doc, key)):
            yield what, doc.model_copy(update={key: changed})


def _arrows(doc: DefinitionDoc) -> Iterator[Mutant]:
    leaves = list(flatten(doc).leaves)
    for at, arrow in enumerate(doc.transitions):
        name = f"{arrow.trigger}[{at}]"
        yield (
            f"{name} gone",
            doc.model_copy(update={"transitions": [each for where, each in enumerate(doc.transitions) if where != at]}),
        )
        targets = [leaf for leaf in leaves if leaf != arrow.to][at % 2 :: max(len(leaves) // 3, 1)]
        changes = [
            (f"to {leaf}", arrow.model_copy(update={"to": leaf})) for leaf in (*targets, "=") if leaf != arrow.to
        ]
        for what, changed in (*changes, *_changes(doc, arrow)):
            yield f"{name} {what}", doc.model_copy(update={"transitions": _put(doc.transitions, at, changed)})


def _changes(doc: DefinitionDoc, spec: BaseModel) -> Iterator[tuple[str, Any]]:
    """Each thing that is said in *spec* dropped, each list of roles widened, each word turned."""
    for key in type(spec).model_fields:
        value = getattr(spec, key)
        if key in DULL or value is None or value is False or value in ([], {}):
            continue
        for what, changed in _value_changes(doc, key, value):
            yield what, spec.model_copy(update={key: changed})


def _value_changes(doc: DefinitionDoc, key: str, value: Any) -> Iterator[tuple[str, Any]]:
    if key in EXPRESSIONS:
        yield f"{key} dropped", None
        yield f"{key} turned", f"not ({value})"
        parts = conjuncts(compile_expr(value, names_of(doc, None)).node)
        for part in parts if len(parts) > 1 else ():
            yield f"{key} without {part}", " and ".join(f"({each})" for each in parts if each != part)
    elif isinstance(value, Term):
        ((unit, length),) = [(unit, each) for unit, each in value.__dict__.items() if each is not None]
        longer = length + 1 if isinstance(length, int) else f"{length}_x"
        yield f"{key} longer", value.model_copy(update={unit: longer})
    elif isinstance(value, BaseModel):
        yield f"{key} dropped", None
        yield from ((f"{key} {what}", changed) for what, changed in _changes(doc, value))
    elif isinstance(value, dict):
        for code in value:
            yield f"{key} without {code}", {each: other for each, other in value.items() if each != code}
    elif isinstance(value, list):
        yield from _list_changes(doc, key, value)
    else:
        yield f"{key} turned", {bool: False, int: 99, str: f"{value}_x"}[type(value)]


def _list_changes(doc: DefinitionDoc, key: str, value: list[Any]) -> Iterator[tuple[str, Any]]:
    for at, each in enumerate(value):
        yield f"{key} without {each}"[:60], value[:at] + value[at + 1 :]
        if isinstance(each, BaseModel):
            yield from ((f"{key}[{at}] {what}", _put(value, at, changed)) for what, changed in _changes(doc, each))
    if key in ("role", "by", "correct_by", "correct_approved_by", "posts", "waits_for"):
        others = ("clerk",) if key == "posts" else (*doc.roles, SYSTEM)
        yield from ((f"{key} with {other}", [*value, other]) for other in others if other not in value)


def _put(values: list[Any], at: int, value: Any) -> list[Any]:
    return [value if where == at else each for where, each in enumerate(values)]


def _states(states: dict[str, StateSpec]) -> Iterator[tuple[str, dict[str, StateSpec]]]:
    for code, spec in states.items():
        changes: list[tuple[str, dict[str, Any]]] = [
            (f"{key} turned", {key: not getattr(spec, key)}) for key in ("final", "closed")
        ]
        changes += [
            (f"waits_for without {role}", {"waits_for": [each for each in spec.waits_for if each != role]})
            for role in spec.waits_for
        ]
        changes += [(what, {"states": inner}) for what, inner in _states(spec.states)]
        for what, change in changes:
            yield f"{code} {what}", {**states, code: spec.model_copy(update=change)}
