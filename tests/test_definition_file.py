"""Definition files: what is sound loads, and every flaw is told with its place and what was meant."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definition import Definition, labels_of, load_definition, names_of
from engine.errors import Invalid, Problem
from engine.json_schema import schema_of

SAMPLE = (Path(__file__).parent / "samples" / "small.yaml").read_text("utf-8")


def problems(text: str) -> list[Problem]:
    with pytest.raises(Invalid) as refusal:
        load_definition(text, "small.yaml")
    return refusal.value.problems


def changed(*changes: tuple[str, str]) -> str:
    """Change the sample; each old text must be there."""
    text = SAMPLE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def place_of(text: str, mark: str) -> tuple[int, int]:
    """Find *mark*, or the character behind the ‹ in it."""
    start = text.index(mark.replace("‹", "")) + max(mark.find("‹"), 0)
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def test_the_sample_loads_with_its_states_flattened() -> None:
    definition = load_definition(SAMPLE, "small.yaml")

    tree = definition.tree
    assert list(tree.leaves) == ["todo", "doing", "paused", "review", "closed", "dropped"]
    assert tree.leaves["doing"].scopes == ("work", "doing")
    assert tree.leaves["doing"].stage == "work"
    assert tree.leaves["review"].waits_for == ("head", "office")
    assert [code for code, leaf in tree.leaves.items() if leaf.final] == ["closed", "dropped"]
    assert tree.first_leaf("work") == "todo"
    assert tree.first_leaf("review") == "review"
    assert tree.expand(["review", "work", "doing"]) == ["review", "todo", "doing", "paused"]


def test_what_holds_for_a_stage_holds_for_its_states() -> None:
    text = changed(
        (
            "    label: {zh: 办理, en: Work}\n",
            "    label: {zh: 办理, en: Work}\n    closed: true\n    waits_for: office\n",
        ),
        (
            "paused: {label: {zh: 中止, en: Paused}, waits_for: head}",
            "paused: {label: {zh: 中止, en: Paused}}",
        ),
    )

    leaves = load_definition(text, "small.yaml").tree.leaves

    assert leaves["doing"].closed
    assert leaves["doing"].waits_for == ("clerk",)
    assert leaves["paused"].waits_for == ("office",)
    assert not leaves["review"].closed


def test_a_stage_may_have_the_code_of_one_of_its_states_and_arrows_then_mean_the_state() -> None:
    text = SAMPLE.replace("doing", "work").replace("from: work\n    to: work", "from: todo\n    to: work")

    tree = load_definition(text.replace("from: todo\n    to: review", "from: work\n    to: review"), "x.yaml").tree

    assert tree.leaves["work"].scopes == ("work", "work")
    assert tree.leaves["todo"].scopes == ("work", "todo")
    assert tree.first_leaf("work") == "work"
    assert tree.expand(["work"]) == ["work"]


def test_names_and_labels_of_a_definition_cover_what_it_declares() -> None:
    doc = load_definition(SAMPLE, "small.yaml").doc

    names = names_of(doc, ["plan_due"])
    assert {"work", "todo", "closed"} < names.scopes
    assert {"open", "submit", "drop"} < names.triggers
    assert (names.documents, names.dates) == ({"report"}, {"plan_due"})
    assert names_of(doc, None).dates is None
    assert labels_of(doc)["state:work"].en == "Work"
    assert labels_of(doc)["trigger:open"].en == "Hand out"


def test_a_state_nothing_enters_has_no_way_back() -> None:
    found = problems(changed(("    to: work\n", "    to: doing\n"), ("    to: doing\n", '    to: "@back"\n')))

    assert [flaw.message for flaw in found if flaw.code == "no_way_back"] == [
        "nothing enters 'todo', so there is no way back from it"
    ]


def test_the_way_back_leads_to_every_state_the_present_one_is_entered_from() -> None:
    text = changed(("    from: paused\n    to: doing\n", '    from: paused\n    to: "@back"\n'))

    assert load_definition(text, "small.yaml").tree.leaves["paused"]


def test_a_state_without_a_way_out_is_told_unless_it_is_final() -> None:
    found = problems(changed((", final: true}", "}")))

    assert [(flaw.code, flaw.message) for flaw in found] == [
        ("dead_end", "no arrow leads out of the state 'closed', and it is not final")
    ]


def test_a_loop_at_a_final_state_is_no_way_out_of_it() -> None:
    arrow = "  - {trigger: praise, label: {zh: 表彰, en: Praise}, from: closed, to: '=', role: office}\ndeadlines:"

    assert load_definition(changed(("deadlines:", arrow)), "small.yaml").doc.transitions[-1].trigger == "praise"


@pytest.mark.parametrize(
    ("difference", "overlap"),
    [
        ("role: [head, clerk]", True),
        ("role: head, needs: report", True),
        ("role: office", False),
        ("role: head, when: urgent", False),
        ("role: head, asks: grade", False),
    ],
)
def test_two_arrows_that_are_always_open_together_are_told(difference: str, overlap: bool) -> None:
    arrow = "  - {trigger: resume, label: {zh: 恢复, en: Resume}, from: work, to: review, " + difference + "}\n"
    text = changed(("\ndeadlines:", arrow + "\ndeadlines:"))

    found = problems(text) if overlap else []
    assert overlap or load_definition(text, "small.yaml")

    place = place_of(text, "‹resume, label")
    assert [(flaw.code, (flaw.line, flaw.column)) for flaw in found] == [("overlap", place)] * overlap


def test_problems_of_form_and_of_meaning_are_told_at_once_and_none_that_only_follows_from_another() -> None:
    text = changed(
        ("version: 1", "version: one"),
        ("type: bool", "type: boolean"),
        ("trigger: drop", "triger: drop"),
        ("when: \"grade in ('good'", "when: \"grade in ('gud'"),
        ("distinct_from: submit", "distinct_from: submitt"),
        ("owner: clerk", "owner: clark"),
        ("met_by: [accept", "met_by: [acept"),
    )

    assert [(flaw.code, flaw.line) for flaw in problems(text)] == [
        ("bad_type", 4),
        ("bad_value", 22),
        ("expression", place_of(text, "'gud'")[0]),
        ("unknown_trigger", place_of(text, "submitt")[0]),
        ("unknown_key", place_of(text, "triger")[0]),
        ("unknown_role", place_of(text, "clark")[0]),
        ("unknown_trigger", place_of(text, "acept")[0]),
    ]


def test_a_problem_is_told_as_file_line_column_message_and_hint() -> None:
    found = problems(changed(("initial: todo", "initial: toda")))

    assert [str(flaw) for flaw in found] == [
        "small.yaml:6:10: there is no state 'toda' (did you mean 'todo'?)",
    ]


def test_comments_and_layout_do_not_change_the_digest_and_a_rule_does() -> None:
    digest = load_definition(SAMPLE, "small.yaml").digest

    assert load_definition("# said\n" + SAMPLE.replace("version: 1", "version:   1"), "x").digest == digest
    assert load_definition(SAMPLE.replace("workdays: 3", "workdays: 4"), "x").digest != digest


def cut(start: int, length: int, new: str) -> str:
    lines = SAMPLE.split("\n")
    return "\n".join([*lines[:start], *([new] if new else []), *lines[start + length :]])


@given(
    st.integers(0, SAMPLE.count("\n")),
    st.integers(0, 3),
    st.sampled_from(["", "  - x", "    to: 3", "x: {y: [z]}", "    when: (", "  todo: {}", "null: null"]),
)
def test_a_mangled_file_brings_a_definition_or_a_refusal(start: int, length: int, new: str) -> None:
    text = cut(start, length, new)
    try:
        definition = load_definition(text, "small.yaml")
    except Invalid as refusal:
        assert all(0 <= flaw.line <= text.count("\n") + 1 and flaw.message for flaw in refusal.problems)
    else:
        assert isinstance(definition, Definition)


def test_the_forms_are_exported_for_editors() -> None:
    arrow = schema_of("definition")["$defs"]["ArrowSpec"]

    assert {"trigger", "from", "copy"} < set(arrow["properties"])
    assert arrow["additionalProperties"] is False
    assert {branch.get("type") for branch in arrow["properties"]["role"]["anyOf"]} == {"string", "array"}
    assert "bodies" in schema_of("campaign")["properties"]
