"""Checks of what is said about facts: constants against their types, and expressions at their places."""

import re
from collections.abc import Collection, Iterable, Mapping

from engine.definition_schema import FactSpec
from engine.expr import ExprError, Names, compile_expr
from engine.source import Findings, Path
from engine.suggest import did_you_mean

REF_WORDS = frozenset({"kind", "year", "number", "body"})
"""What a reference or title may ask for besides the facts of the matter."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def check_secrets(facts: Mapping[str, FactSpec], found: Findings) -> None:
    """Report facts of the vault that are no texts or not personal, and what names a matter and is no text."""
    for code, spec in facts.items():
        if spec.vault and (spec.type != "text" or not spec.personal):
            message = f"the fact '{code}' belongs in the vault: it must be a personal text"
            found.add(("facts", code, "vault"), "vault_fact", message, "type: text, personal: true", key=True)
        if spec.matter and (spec.type != "text" or spec.vault):
            found.add(
                ("facts", code, "matter"),
                "matter_fact",
                f"the fact '{code}' names a matter: it must be a text",
                key=True,
            )


def check_expr(path: Path, text: str | None, names: Names, found: Findings) -> None:
    """Compile the expression *text* at *path*, if there is one, and report where it fails."""
    if text is None:
        return
    try:
        compile_expr(text, names)
    except ExprError as error:
        found.add(path, "expression", error.message, error.hint, offset=error.column - 1)


def check_constant(path: Path, spec: FactSpec, value: object, found: Findings) -> None:
    """Report a constant that the fact cannot hold; dates and bodies are read where they are used."""
    wanted = {
        "bool": (bool, "true or false"),
        "int": (int, "a whole number"),
        "money": (int, "a whole number"),
    }
    kind, words = wanted.get(spec.type, (str, "a text"))
    if spec.type in ("enums", "instant"):
        found.add(path, "bad_constant", f"a fact of type {spec.type} cannot be given a constant")
    elif type(value) is not kind:
        found.add(path, "bad_constant", f"{words} is needed here")
    elif spec.type == "enum" and spec.values and value not in spec.values:
        found.add(
            path,
            "bad_constant",
            f"'{value}' is not a value of this fact",
            did_you_mean(str(value), spec.values),
        )
    elif isinstance(value, int) and spec.minimum is not None and value < spec.minimum:
        found.add(path, "bad_constant", f"{value} is below the least value of this fact, {spec.minimum}")


def check_asked(path: Path, asks: list[str], optional: list[str], facts: Collection[str], found: Findings) -> None:
    """Report unknown facts among those asked for, and facts asked for twice; *path* holds both lists."""
    found.expect((*path, "asks"), "fact", asks, facts)
    found.expect((*path, "optional"), "fact", optional, facts)
    for position, fact in enumerate(optional):
        if fact in asks:
            found.add((*path, "optional", position), "asked_twice", f"the fact '{fact}' is already asked for")


def check_sets(path: Path, sets: Mapping[str, object], facts: Mapping[str, FactSpec], found: Findings) -> None:
    """Report constants for facts that are unknown or of another type."""
    for fact, value in sets.items():
        if fact in facts:
            check_constant((*path, fact), facts[fact], value, found)
        else:
            message = f"there is no fact '{fact}'"
            found.add((*path, fact), "unknown_fact", message, did_you_mean(fact, facts), key=True)


def check_template(path: Path, text: str, words: Iterable[str], found: Findings) -> None:
    """Report placeholders of *text* that nothing fills, and loose braces."""
    known = set(words)
    for match in _PLACEHOLDER.finditer(text):
        if match[1] not in known:
            message = f"nothing fills the placeholder '{match[1]}'"
            found.add(path, "placeholder", message, did_you_mean(match[1], known), offset=match.start())
    if set("{}") & set(_PLACEHOLDER.sub("", text)):
        found.add(path, "placeholder", "a brace is not closed or not opened")


def check_facts(facts: Mapping[str, FactSpec], found: Findings) -> None:
    """Report facts whose values, taxonomy or minimum do not fit their type."""
    for code, spec in facts.items():
        path: Path = ("facts", code)
        listed = spec.type in ("enum", "enums")
        if listed and bool(spec.values) == bool(spec.taxonomy):
            found.add(path, "fact_values", f"a fact of type {spec.type} needs either values or a taxonomy")
        if not listed and (spec.values or spec.taxonomy):
            key = "values" if spec.values else "taxonomy"
            message = f"only facts of type enum or enums have {key}"
            found.add((*path, key), "fact_values", message, key=True)
        if spec.minimum is not None and spec.type not in ("int", "money"):
            found.add((*path, "minimum"), "fact_minimum", "only numbers have a minimum", key=True)
        found.unique((*path, "values"), "value", spec.values)
        _check_value_labels(path, spec, found)


def _check_value_labels(path: Path, spec: FactSpec, found: Findings) -> None:
    """Report words for values that the fact does not have."""
    for value in spec.value_labels:
        if value not in spec.values:
            hint = did_you_mean(value, spec.values)
            found.add(
                (*path, "value_labels", value), "fact_values", f"'{value}' is not a value of this fact", hint, key=True
            )


def unlabelled(facts: Mapping[str, FactSpec]) -> list[str]:
    """The values of *facts* that have no words for people, each as ``fact.value``."""
    return [
        f"{code}.{value}" for code, spec in facts.items() for value in spec.values if value not in spec.value_labels
    ]
