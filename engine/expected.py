"""The table of expectations drawn up from a definition, and held against the one that it brings."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.check_expected_words import LOST, NEW
from engine.definition_schema import ArrowSpec, DefinitionDoc
from engine.expected_schema import ExpectationsSpec
from engine.expr import ExprError, Names, compile_expr
from engine.expr_written import conjuncts
from engine.names import names_of
from engine.source import Findings, Path
from engine.states import branches
from engine.term_schema import Strict

Table = dict[str, dict[str, list[str]]]
"""Chapter, what it is about, and what is expected. A chapter that is a mere list is about nothing (``""``)."""

LISTS = ("matter", "reasons", "approves")
"""The chapters that are mere lists."""

BY_ACT = ("roles", "reasons", "approves", "needs", "needs_new", "asks", "apart", "copies", "hands", "extends")
"""The chapters that list acts."""

BESIDE_ACT = ("guards", "sets", "opens", "signals")
"""The chapters that go from acts to what is said of them, beside ``moves``."""

WHOLE = ("deadlines", "handovers", "monitors", "evaluates", "invariants")
"""The chapters of which each entry says all that the file says under its code."""

UNTOLD = frozenset({"label", "basis", "mark"})
"""What is said of a thing and changes nothing of what it does."""

CONDITIONS = frozenset({"when", "never", "while_"})
"""Keys that hold an expression."""


def acts_of(doc: DefinitionDoc) -> dict[str, int]:
    """The name of each arrow in the table, with its position."""
    counts: dict[str, int] = {}
    for arrow in doc.transitions:
        counts[arrow.trigger] = counts.get(arrow.trigger, 0) + 1
    seen: dict[str, int] = {}
    names = {}
    for position, arrow in enumerate(doc.transitions):
        seen[arrow.trigger] = seen.get(arrow.trigger, 0) + 1
        name = arrow.trigger if counts[arrow.trigger] == 1 else f"{arrow.trigger}#{seen[arrow.trigger]}"
        names[name] = position
    return names


def table_of(doc: DefinitionDoc) -> Table:
    """Draw up the whole table of *doc*. Raises ExprError for an expression that is none."""
    names = names_of(doc, None)
    table: Table = {chapter: {} for chapter in ExpectationsSpec.model_fields}
    for act, position in acts_of(doc).items():
        for chapter, about, phrase in _arrow(act, doc.transitions[position], names):
            table[chapter].setdefault(about, []).append(phrase)
    for chapter, about, phrase in (*_opening(doc), *_bearings(doc)):
        table[chapter].setdefault(about, []).append(phrase)
    for chapter, specs in (("people", doc.roles), *((each, getattr(doc, each)) for each in WHOLE)):
        for code, spec in specs.items():
            table[chapter][code] = list(_phrases(spec, names))
    return table


def _arrow(act: str, arrow: ArrowSpec, names: Names) -> Iterator[tuple[str, str, str]]:
    yield "moves", act, f"{'|'.join(arrow.from_)} > {arrow.to}"
    for chapter, codes in (
        ("roles", arrow.role), ("needs", arrow.needs), ("needs_new", arrow.needs_new), ("asks", arrow.asks),
        ("apart", arrow.distinct_from), ("copies", arrow.copy_to), ("hands", arrow.handover), ("extends", arrow.extends),
        ("reasons", [""] * arrow.reason), ("approves", [""] * arrow.approves),
    ):  # fmt: skip
        for code in codes:
            yield chapter, code, act
    for text in _conditions(arrow.when, names):
        yield "guards", act, text
    for fact, value in arrow.sets.items():
        yield "sets", act, f"{fact} = {_value(value)}"
    for spawn in arrow.spawn:
        for text in _phrases(spawn, names):
            yield "opens", act, text if text.startswith("kind ") else f"{spawn.kind}: {text}"
    for signal in arrow.signals:
        sent = signal.trigger if signal.to is None else f"{signal.trigger} to {signal.to}"
        yield "signals", act, f"trigger {sent}"
        for text in _conditions(signal.when, names):
            yield "signals", act, f"{sent}: when {text}"


def _opening(doc: DefinitionDoc) -> Iterator[tuple[str, str, str]]:
    opening = doc.open
    for chapter, codes in (("roles", opening.role), ("asks", opening.asks), ("needs", opening.needs)):
        for code in codes:
            yield chapter, code, opening.trigger
    yield "matter", "", f"initial {doc.initial}"
    yield "matter", "", f"ref {opening.ref}"
    for key in ("correct_by", "correct_approved_by", "correct_copy"):
        for code in getattr(doc, key):
            yield "matter", "", f"{key} {code}"
    for trigger, facts in doc.correct_then.items():
        for code in facts:
            yield "matter", "", f"correct_then {code} > {trigger}"


def _bearings(doc: DefinitionDoc) -> Iterator[tuple[str, str, str]]:
    """What states are, and who may bring documents."""
    for codes, specs in branches(doc.states):
        if specs[-1].final:
            yield "states", "final", codes[-1]
        if specs[-1].closed:
            yield "states", "closed", codes[-1]
        for role in specs[-1].waits_for:
            yield "states", f"waits_for {role}", codes[-1]
    for code, spec in doc.documents.items():
        for role in spec.by:
            yield "documents", role, code


def _phrases(spec: Strict, names: Names) -> Iterator[str]:
    """All that is written in *spec*: one phrase for each value."""
    for key, info in type(spec).model_fields.items():
        value, name = getattr(spec, key), info.alias or key
        if key in UNTOLD or value is None or value is False or value in ([], {}):
            continue
        if key in CONDITIONS:
            yield from (f"{name.removesuffix('_')} {text}" for text in _conditions(value, names))
        elif isinstance(value, Strict):
            yield from (f"{name} {text}" for text in _phrases(value, names))
        elif isinstance(value, dict):
            yield from (f"{name} {inner} = {_value(each)}" for inner, each in value.items())
        elif isinstance(value, list):
            yield from (f"{name} {each}" for each in value)
        else:
            yield name if value is True else f"{name} {value}"


def _conditions(text: str | None, names: Names) -> list[str]:
    return conjuncts(compile_expr(text, names).node) if text is not None else []


def _value(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


# --- holding the one against the other --------------------------------------------------------------------------------


def check_expected(doc: DefinitionDoc, found: Findings) -> None:
    """Report what the definition has lost or gained beside the table of expectations it brings."""
    if doc.expects is None:
        return
    try:
        table = table_of(doc)
    except ExprError:
        return  # told elsewhere
    acts = acts_of(doc)
    several: dict[str, list[str]] = {act: [act] for act in acts}
    for act in acts:
        if "#" in act:
            several.setdefault(act.partition("#")[0], []).append(act)
    for chapter in ExpectationsSpec.model_fields:
        stated = getattr(doc.expects, chapter)
        if stated is None:
            continue
        stated = {"": stated} if chapter in LISTS else stated
        if chapter in BY_ACT:
            stated = {
                about: [act for each in acts_ for act in several.get(each, [each])] for about, acts_ in stated.items()
            }
        elif chapter in BESIDE_ACT:
            stated = {act: wanted for each, wanted in stated.items() for act in several.get(each, [each])}
        _compare(chapter, stated, table[chapter], acts, found)


def _compare(
    chapter: str, stated: Mapping[str, list[str]], drawn: Mapping[str, list[str]], acts: Mapping[str, int],
    found: Findings,
) -> None:  # fmt: skip
    for about in dict.fromkeys([*stated, *drawn]):
        wanted = stated.get(about, [])
        there = drawn.get(about, [])
        if wanted == there:
            continue
        for phrase in (each for each in wanted if each not in there):
            _tell("expected_and_lost", LOST, (chapter, about, phrase), acts, found)
        for phrase in (each for each in there if each not in wanted):
            _tell("not_expected", NEW, (chapter, about, phrase), acts, found)


def _tell(
    code: str, words: Mapping[str, tuple[str, str]], what: tuple[str, str, str], acts: Mapping[str, int], found: Findings
) -> None:  # fmt: skip
    chapter, about, phrase = what
    zh, en = (text.format(about=about, phrase=phrase) for text in words[chapter if chapter in words else "other"])
    path, key = _path(chapter, about, phrase, acts, found)
    found.add(path, code, en, "change 'expects' as well, if it is meant", key=key, zh=zh)


def _path(chapter: str, about: str, phrase: str, acts: Mapping[str, int], found: Findings) -> tuple[Path, bool]:
    """Where in the file it is missing or too much: the arrow, the entry of the code, else the table itself."""
    act = next((each for each in (phrase, about) if each in acts), None)
    if act is not None:
        return ("transitions", acts[act], "trigger"), False
    where: Path = ({"people": "roles"}.get(chapter, chapter), about)
    if where in found.source.keys:
        return where, True
    return next(
        (
            (path, True)
            for path in (("expects", chapter, about), ("expects", chapter), ("expects",))
            if path in found.source.keys
        ),
        ((), False),
    )
