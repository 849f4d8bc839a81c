"""What a definition loses beside its table of expectations is found, whatever it is, where it stands in the file."""

import json
from typing import Any

import pytest
from commandline import Office
from mutants import mutants
from proof_world import text_of

from engine import expected
from engine.check_arrows import check_arrows
from engine.check_deadlines import check_deadlines
from engine.check_names import check_names
from engine.definition import load_definition
from engine.definition_schema import DefinitionDoc
from engine.errors import Invalid, Problem
from engine.expected import check_expected, table_of
from engine.expected_schema import ExpectationsSpec
from engine.expected_text import expected_text
from engine.problem_words import worded
from engine.source import Findings, Source
from engine.states import flatten
from workflows.library import definition_kinds, read_untabled, shipped_definition, statutes

EQUIVALENT: dict[str, dict[str, str]] = {}
"""Mutants that do the same as the definition, by kind, each with the reason. There are none."""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw up once what is said of a part that a mutant shares with the definition."""
    for name, of in (
        ("_arrow", lambda act, arrow, names: (act, id(arrow))),
        ("_phrases", lambda spec, names: id(spec)),
    ):
        monkeypatch.setattr(f"engine.expected.{name}", remembering(getattr(expected, name), of))


def remembering(draw: Any, of: Any) -> Any:
    kept: dict[Any, Any] = {}

    def drawn(*given: Any) -> Any:
        key = of(*given)
        if key not in kept:
            kept[key] = (given, list(draw(*given)))  # what was given is kept, so that nothing else takes its id
        return kept[key][1]

    return drawn


def problems_of(doc: DefinitionDoc, source: Source) -> list[Problem]:
    """What is wrong with *doc* beside its table; where that cannot be drawn up, what its names lack."""
    found = Findings(source)
    check_expected(doc, found)
    if not found.problems:
        check_names(doc, found)
        check_arrows(doc, flatten(doc), found)
        check_deadlines(doc, flatten(doc), found)
    return found.problems


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", definition_kinds())
def test_every_mutant_of_our_definitions_is_found_with_its_place(kind: str) -> None:
    definition = shipped_definition(kind)
    assert problems_of(definition.doc, definition.source) == []
    let_through, made = set(), 0

    for what, mutant in mutants(definition.doc):
        made += 1
        problems = problems_of(mutant, definition.source)
        if not problems:
            let_through.add(what)
        assert all(each.line > 1 and each.column and each.message for each in problems), what

    assert let_through == set(EQUIVALENT.get(kind, {}))
    assert made > 15 * len(definition.doc.transitions)


@pytest.mark.parametrize("kind", definition_kinds())
def test_our_tables_are_whole_and_written_as_they_are_drawn_up(kind: str) -> None:
    definition = shipped_definition(kind)
    assert definition.doc.expects is not None

    assert definition.doc.expects.model_fields_set == set(ExpectationsSpec.model_fields)
    assert text_of(kind).endswith("\n" + expected_text(read_untabled(kind).doc))


def test_a_loss_is_told_at_its_line_in_both_languages_and_the_prover_is_not_even_asked() -> None:
    text = text_of("bulletin").replace(
        "label: {zh: 审核, en: Review}, distinct_from: [draft]}", "label: {zh: 审核, en: Review}}"
    )

    with pytest.raises(Invalid) as refused:
        load_definition(text, "bulletin.yaml", statutes())

    (problem,) = refused.value.problems
    line = text.splitlines()[problem.line - 1]
    assert (problem.code, line[problem.column - 1 :][:6]) == ("expected_and_lost", "review")
    assert problem.said("en").startswith(
        f"bulletin.yaml:{problem.line}:{problem.column}: 'review' is expected to be barred"
    )
    assert "办理“review”的不得是“draft”的经办人" in problem.said("zh")


def test_what_is_added_without_being_expected_is_told_too() -> None:
    text = text_of("bulletin").replace("trigger: archive, from: issued, to: archived, role: office,",
                                       "trigger: archive, from: issued, to: archived, role: [office, city_office],")  # fmt: skip

    with pytest.raises(Invalid) as refused:
        load_definition(text, "bulletin.yaml", statutes())

    assert [each.code for each in refused.value.problems] == ["not_expected"]
    assert "'archive' is open to 'city_office'" in refused.value.problems[0].message


def test_a_chapter_that_is_not_given_is_not_held_against_anything() -> None:
    data = read_untabled("bulletin").source.data | {"expects": {"reasons": ["drop"]}}

    with pytest.raises(Invalid) as refused:
        load_definition(json.dumps(data), "mine.yaml", statutes())

    assert [each.message for each in refused.value.problems] == [
        "'return_draft' asks for a reason, which is not expected"
    ]


def test_the_command_draws_up_the_table_that_the_file_has() -> None:
    office = Office(None)
    said = office("campaign", "expects", "supervision")

    assert text_of("supervision").endswith("\n" + said.out)
    drawn = office("--json", "campaign", "expects", "supervision").json
    assert drawn["expects"] == table_of(shipped_definition("supervision").doc)
    assert office("campaign", "expects", "nothing.yaml").code == 7


def test_what_is_advised_of_a_table_that_differs_is_said_in_chinese() -> None:
    changed = text_of("case").replace("{trigger: suspend_again, to: penalty}", "", 1)

    with pytest.raises(Invalid) as caught:
        load_definition(changed, "case", statutes())

    hints = {each.hint for each in caught.value.problems}
    assert {worded(hint, "zh") for hint in hints} == {"如属有意，请一并修改对账表 expects"}
