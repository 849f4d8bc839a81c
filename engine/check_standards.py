"""Checks of definitions against the standards that are to answer what they evaluate."""

from collections.abc import Mapping

from engine.definition import Definition
from engine.definition_schema import DefinitionDoc, EvaluationSpec
from engine.errors import Problem
from engine.source import Findings, Path
from engine.standards import Standards


def check_answers(definitions: Mapping[str, Definition], standards: Standards) -> list[Problem]:
    """Report evaluations that no standards answer, or whose facts are of another type there."""
    problems = []
    for definition in definitions.values():
        found = Findings(definition.source)
        for code, spec in definition.doc.evaluates.items():
            _answered(("evaluates", code), spec, definition.doc, standards, found)
        problems += found.problems
    return problems


def _answered(path: Path, spec: EvaluationSpec, doc: DefinitionDoc, standards: Standards, found: Findings) -> None:
    files = standards.family(spec.family)
    if not found.expect(
        (*path, "family"), "family of standards", spec.family, {each.doc.family for each in standards.files}
    ):
        return
    theirs = {name: fact for file in files for name, fact in file.doc.facts.items()}
    if not found.expect((*path, "facts"), "fact of the standards", spec.facts, theirs):
        return
    for position, name in enumerate(spec.facts):
        ours, fact = doc.facts[name], theirs[name]
        if (ours.type, sorted(ours.values)) != (fact.type, sorted(fact.values)):
            message = f"the fact '{name}' has another type or other values in the standards ({fact.type})"
            found.add((*path, "facts", position), "fact_type", message)
    crimes = {crime for file in files for crime in file.doc.crimes}
    missing = [value for value in doc.facts[spec.by].values if value not in crimes]
    if missing:
        found.add((*path, "by"), "no_rows", f"no standard has rows for {', '.join(missing)}")
