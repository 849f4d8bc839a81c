"""Two versions compared in words: what may be done by whom, what is kept apart, how long it may take, whom it concerns."""

from pathlib import Path
from typing import Any

import pytest
from commandline import SMALL, Office
from newversion import version
from test_amendment import changed
from world import SAMPLES

from engine.comparing_expectations import compare_expectations
from engine.definition_schema import DefinitionDoc
from engine.expected import LISTS
from engine.expected_schema import ExpectationsSpec
from engine.strictyaml import parse
from workflows.comparison import compared, find_side
from workflows.library import campaign_names, definition_kinds, read_untabled, shipped_definition

ERRAND = str(SAMPLES / "small.yaml")


def nowhere() -> Any:
    raise AssertionError("no database is needed for files")


def said(old: str, new: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = compared(find_side(old, nowhere), find_side(new, nowhere))["differences"]
    return found


def words(folder: Path, was: str, will: str, lang: str = "en") -> list[str]:
    """What is said of the errand when *was* is *will* in it."""
    return [each["text"][lang] for each in said(ERRAND, version(folder, (was, will), base=(), more=""))]


@pytest.mark.parametrize("name", [*definition_kinds(), *campaign_names(), ERRAND, SMALL])
def test_what_is_equal_has_no_differences(name: str) -> None:
    assert compared(find_side(name, nowhere), find_side(name, nowhere))["equal"]


CHANGES = [
    ("    distinct_from: submit\n", "", "whoever does “Accept” need no longer be another person than who did “Submit”"),
    ("    to: review\n    role: clerk\n", "    to: review\n    role: clerk\n    distinct_from: take\n",
     "whoever does “Submit” must now be another person than who did “Take up”"),
    ("    needs: report\n", "", "“Submit” no longer needs the document “Report”"),
    ("term: {workdays: 3}", "term: {workdays: 5}", "deadline “Time to answer”, term: 3 working days → 5 working days"),
    ("term: {hours: 24}", "term: {days: 1}", "deadline “Time to review”, term: 24 hours → 1 day"),
    ("review: {label: {zh: 审核, en: Review}, waits_for: [head, office]}",
     "review: {label: {zh: 审核, en: Review}, waits_for: [head]}", "state “Review”, waits for: head, office → head"),
    ("grade in ('good', 'fair')", "grade == 'good'", "act “Accept”, condition: Grade is good or fair → Grade is good"),
    ("posts: [admin, head]}", "posts: [admin]}", "role “Office”, posts: admin, head → admin"),
    ("of: matter, posts: [liaison]", "of: any, posts: [liaison]", "role “Clerk”, of: matter → any"),
    ("    ladder: hours", "    ladder: quiet", "deadline “Time to review”, ladder: hours → quiet"),
    ("  role: [office, clerk]\n", "  role: office\n", "opening “Hand out”, who may do it: office, clerk → office"),
    ("label: {zh: 费用, en: Cost}, minimum: 0", "label: {zh: 费用, en: Cost}, minimum: 5", "fact “Cost”, least value: 0 → 5"),
]  # fmt: skip


@pytest.mark.parametrize(("was", "will", "told"), CHANGES, ids=[told for _, _, told in CHANGES])
def test_a_change_is_told_by_what_it_means(was: str, will: str, told: str, tmp_path: Path) -> None:
    assert told in [each.replace("grade", "Grade") for each in words(tmp_path, was, will)]
    assert all(words(tmp_path, was, will, "zh"))


TABLE = """
expects:
  moves:
    submit: doing > review
  roles:
    clerk: [take, submit]
  guards: {accept: "at_least('submit', 1)"}
"""

EXPECTED = [
    ("    submit: doing > review\n", "    submit: doing > =\n", [
        "no longer expected: ‘Submit’ goes from ‘In hand’ to ‘Review’",
        "now expected: ‘Submit’ goes from ‘In hand’ to ‘the same state’"]),
    ("    clerk: [take, submit]", "    clerk: [take]", ["no longer expected: Clerk may do ‘Submit’"]),
    ("  guards: {accept: \"at_least('submit', 1)\"}\n", "", ["the table of expectations no longer has the chapter ‘conditions’"]),
    ("at_least('submit', 1)", "done('take')", [
        "no longer expected: ‘Accept’ only when Submit was done at least 1 times",
        "now expected: ‘Accept’ only when Take up was done"]),
]  # fmt: skip


@pytest.mark.parametrize(("was", "will", "told"), EXPECTED)
def test_a_table_of_expectations_is_compared_line_by_line_in_words(was: str, will: str, told: list[str]) -> None:
    data = read_untabled(ERRAND).source.data
    old, new = (
        DefinitionDoc.model_validate({**data, **parse(text, "table.yaml").data})
        for text in (TABLE, TABLE.replace(was, will))
    )

    found = compare_expectations(old, new)

    assert [each.en for each in found] == told


@pytest.mark.parametrize("kind", definition_kinds())
def test_every_line_of_our_tables_has_words_in_both_languages(kind: str) -> None:
    doc = shipped_definition(kind).doc
    bare = doc.model_copy(update={"expects": ExpectationsSpec.model_validate(
        {name: [] if name in LISTS else {} for name in ExpectationsSpec.model_fields})})  # fmt: skip

    found = list(compare_expectations(bare, doc))

    assert len(found) == sum(
        len(lines) if name in LISTS else sum(map(len, lines.values()))
        for name in ExpectationsSpec.model_fields
        for lines in [getattr(doc.expects, name) or ([] if name in LISTS else {})]
    )
    assert all(each.zh.startswith("现预期：") and "{" not in each.zh.replace(doc.open.ref, "") for each in found)
    acts = {arrow.trigger for arrow in doc.transitions} - {arrow.label.en for arrow in doc.transitions}
    assert not [each.zh for each in found if each.field in ("moves", "reasons", "copies") and any(
        f"“{act}”" in each.zh for act in acts)]  # fmt: skip


def test_what_must_never_be_comes_first_and_wording_last(tmp_path: Path) -> None:
    name = version(
        tmp_path,
        ("zh: 差事, en: Errand", "zh: 差事, en: Task"),
        ("    distinct_from: submit\n", ""),
        ("{days: 10}", "{days: 9}"),
    )

    weights = [each["weight"] for each in said(ERRAND, name)]

    assert weights == sorted(weights)
    assert (weights[0], weights[-1]) == (0, 9)


def test_a_moved_date_names_whom_it_concerns(tmp_path: Path) -> None:
    name = changed(tmp_path, ("plan_due: 2010-11-26", "plan_due: 2010-11-30"))

    (only,) = said("baodi-2010", name)

    assert only["text"]["en"] == (
        "date “plan_due”: 2010-11-26 → 2010-11-30; deadline Department's own plan: 15 matters concerned (Department task)"
    )
    assert "涉及15个部门任务事项" in only["text"]["zh"]


def test_roster_ladders_duties_and_phases_are_told(tmp_path: Path) -> None:
    name = changed(
        tmp_path, ("roster: [alpha, beta]", "roster: [alpha]"), ("at: -1wd, to: owner", "at: -2wd, to: owner"),
        ("lead: alpha, supports: [beta]", "lead: beta, supports: [alpha]"),
        ("Preparation}, start: 2010-11-01", "Preparation}, start: 2010-11-02"), campaign=Path(SMALL),
    )  # fmt: skip

    told = {(each["part"], each["op"]) for each in said(SMALL, name)}

    assert {
        ("roster", "removed"),
        ("ladders.campaign", "added"),
        ("ladders.campaign", "removed"),
        ("duties", "changed"),
        ("phases", "changed"),
    } <= told


def test_the_command_compares_files_versions_and_campaigns(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}", AS="bgs.admin", LANG="en")
    assert office("init", "--campaign", SMALL, "--rehearsal").code == 0
    name = version(tmp_path)
    assert office("campaign", "publish", name, "--approve-by", "lxz.chair").code == 0

    assert "they are equal" in office("campaign", "diff", "errand@2", name).out
    assert "gone: deadline" in office("campaign", "diff", "errand@1", "errand@2").out
    assert "they are equal" in office("campaign", "diff", "small-2010", SMALL).out
    assert office.json("campaign", "diff", "errand@1", ERRAND)["equal"] is True
    assert office("campaign", "diff", "errand@3", "errand@1").code == 3
    assert office("campaign", "diff", "small-2010@4", "small-2010").code == 3
    assert office("campaign", "diff", "errand@1", SMALL).code == 7
    assert office("campaign", "diff", "case", "penalty").code == 7
    assert office("campaign", "diff", "nothing", SMALL).code == 3
    assert "底线与回避" in office("--lang", "zh", "campaign", "diff", "errand@1", "errand@2").out
