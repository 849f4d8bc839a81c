"""The law as data: every version in its place, every flaw told, and the version that was in force when a clock began."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.definition import Definition, load_definition, restore_definition
from engine.errors import Invalid, Problem, Refused
from engine.json_schema import schema_of
from engine.statutes import load_statutes
from engine.term_schema import Term
from engine.terms import unit_of
from workflows.library import LAW, shipped_definition, statutes

SHANGHAI = ZoneInfo("Asia/Shanghai")
SAMPLE = (Path(__file__).parent / "samples" / "small.yaml").read_text()

ONE = """schema: statutes/1
statutes:
  T-ONE:
    label: {zh: 一, en: One}
    starts: {zh: 收到, en: received}
    acts: {zh: 机关, en: department}
    versions:
      - {valid_from: 2000-01-01, valid_to: 2010-12-31, term: {days: 3}, basis: 旧法, mark: N}
      - {valid_from: 2011-01-01, term: {workdays: 5}, basis: 新法, mark: V, extension: {role: [office], by: {workdays: 2}}}
"""


def problems(*texts: str) -> list[Problem]:
    with pytest.raises(Invalid) as refusal:
        load_statutes([(text, f"law{number}.yaml") for number, text in enumerate(texts)])
    return refusal.value.problems


def with_statute(statute: str = "T-ONE", text: str = SAMPLE) -> str:
    """The sample with the rule of its review by statute."""
    before, clock, after = text.partition("  review_term:\n")
    after = after.replace("    term: {hours: 24}\n", f"    statute: {statute}\n", 1).replace(
        "    basis: PLACEHOLDER\n", "", 1
    )
    return before + clock + after


def law(text: str = ONE) -> dict[str, Any]:
    return load_statutes([(text, "law.yaml")])


def ruled(definition: Definition, code: str, day: str) -> tuple[str, int, str, str]:
    """Unit, amount, mark and version of a deadline for a clock that starts at noon of *day*."""
    rule = definition.rules.of(code, datetime.fromisoformat(f"{day}T12:00+08:00"), SHANGHAI)
    unit = unit_of(rule.term)
    return unit, getattr(rule.term, unit), rule.mark, rule.law


FIGURES = """
approve 2010 days 3 V | handover 2010 hours 24 V | review 2026 days 3 V | recon_ask 2026 days 3 V | goods 2026 days 3 V
supplement 2010 days 3 N | supplement 2026 days 3 V | explain 2010 days 7 V | explain 2026 days 7 V
file_order 2010 days 15 V | file_order 2026 days 15 V | reason_tell 2010 days 10 N | reason_tell 2026 days 10 V
inv_3m 2010 months 3 N | inv_3m 2026 months 3 V | arrest_req 2010 days 3 S | arrest_req 2026 days 3 V
arrest_dec 2010 days 7 S | arrest_dec 2026 days 7 V | custody 2010 months 2 S | custody 2026 months 2 V
prosecution 2010 months 1 S | prosecution 2026 months 1 V | suppinv 2010 months 1 S | suppinv 2026 months 1 V
trial 2010 months 1 S | trial 2015 months 2 N | trial 2026 months 2 V
second_trial 2010 months 1 S | second_trial 2026 months 2 V | appeal 2010 days 10 S | appeal 2026 days 10 V
clue 2010 workdays 7 P | clue 2026 workdays 15 S
"""
PENALTIES = """
clue 2010 workdays 7 P | clue 2026 workdays 15 S | penalty 2010 days 90 P | penalty 2020 days 90 S | penalty 2026 days 90 V
preservation 2010 days 7 N | preservation 2026 workdays 7 V | hearing_ask 2010 days 3 N | hearing_ask 2026 workdays 5 V
service 2010 days 7 N | service 2026 workdays 7 V | payment 2010 days 15 N | payment 2026 days 15 V
"""


@pytest.mark.parametrize(("kind", "table"), [("case", FIGURES), ("penalty", PENALTIES)])
def test_each_year_has_the_figures_and_the_mark_of_its_own_law(kind: str, table: str) -> None:
    definition = shipped_definition(kind)

    for said in table.replace("\n", " | ").split("|"):
        if said.strip():
            code, year, unit, amount, mark = said.split()
            assert ruled(definition, code, f"{year}-12-01")[:3] == (unit, int(amount), mark), said


@pytest.mark.parametrize(
    ("day", "unit"),
    [("2021-07-14", "days"), ("2021-07-15", "workdays"), ("1996-10-01", "days"), ("2026-11-25", "workdays")],
)
def test_seven_days_of_preservation_are_working_days_since_the_fifteenth_of_july_2021(day: str, unit: str) -> None:
    assert ruled(shipped_definition("penalty"), "preservation", day)[:2] == (unit, 7)


def test_the_day_of_the_start_is_the_local_one_and_not_that_of_greenwich() -> None:
    rules = shipped_definition("penalty").rules
    midnight = datetime(2021, 7, 14, 16, tzinfo=UTC)

    assert rules.of("preservation", midnight - timedelta(seconds=1), SHANGHAI).term == Term(days=7)
    assert rules.of("preservation", midnight, SHANGHAI).term == Term(workdays=7)


def test_half_a_month_of_1996_is_fifteen_days_since_2018() -> None:
    rules = shipped_definition("case").rules
    old, new = (rules.of("prosecution", datetime(year, 12, 1, tzinfo=SHANGHAI), SHANGHAI) for year in (2010, 2026))

    assert old.extension is not None and new.extension is not None
    assert (old.extension.by, new.extension.by) == (Term(half_months=1), Term(days=15))


def test_a_start_with_no_version_in_force_is_refused_by_the_name_of_the_statute() -> None:
    with pytest.raises(Refused) as refusal:
        ruled(shipped_definition("case"), "review_extended", "2010-12-01")

    assert refusal.value.code == "no_statute"
    (reason,) = refusal.value.reasons
    for words in (reason.zh, reason.en):
        assert "T-REVIEW-30" in words and "2010-12-01" in words and "2018-01-01" in words


def test_every_version_of_our_law_has_its_basis_and_follows_the_one_before_without_a_gap() -> None:
    for code, spec in statutes().items():
        for earlier, later in zip(spec.versions, spec.versions[1:], strict=False):
            gap = date.fromisoformat(later.valid_from) - date.fromisoformat(earlier.valid_to or "")
            assert gap == timedelta(days=1), code
        custody = code.startswith(("T-CUSTODY", "T-ARREST-REQ", "T-ARREST-DEC"))
        assert not custody or {version.roll for version in spec.versions} == {"none"}, code


def test_the_form_is_also_a_json_schema_for_editors() -> None:
    schema = schema_of("statutes")

    assert schema["required"] == ["schema", "statutes"]
    assert schema["$defs"]["StatuteVersion"]["required"] == ["valid_from", "term", "basis", "mark"]


def test_our_registry_files_are_read_as_one_and_each_is_short_enough_to_read() -> None:
    files = sorted(LAW.glob("timers*.yaml"))

    assert len(files) >= 4
    assert all(len(file.read_text().splitlines()) <= 300 for file in files)
    assert {"T-APPROVE", "T-EXPLAIN", "T-CUSTODY", "T-PRESERVATION"} <= statutes().keys()


FLAWS = [
    ("{days: 3}", "{days: 3, hours: 24}", "inconsistent", 8, "exactly one of"),
    ("{days: 3}", "{weeks: 3}", "unknown_key", 8, "weeks"),
    ("{days: 3}", "{until: plan_due}", "no_period", 8, "a date belongs to the deadline"),
    ("{days: 3}", "{fact: told_on}", "no_period", 8, "a date belongs to the deadline"),
    ("by: {workdays: 2}", "by: {fact: told_on}", "no_period", 9, "a date belongs to the deadline"),
    ("basis: 旧法, ", "", "missing", 8, "basis"),
    ("mark: N", "mark: X", "value", 8, "X"),
    (", mark: N", "", "missing", 8, "mark"),
    ("2010-12-31", "2011-01-01", "versions_overlap", 9, "in force from 2011-01-01"),
    (", valid_to: 2010-12-31", "", "versions_overlap", 9, "without end"),
    ("2010-12-31", "1999-12-31", "version_order", 8, "before it begins"),
    ("2000-01-01", "2000-02-30", "date", 8, "no day of any calendar"),
    ("T-ONE", "one", "format", 3, ""),
    ("statutes/1", "statutes/2", "value", 1, "statutes/1"),
]


@pytest.mark.parametrize(("old", "new", "code", "line", "words"), FLAWS, ids=[f"{each[2]}-{each[1]}" for each in FLAWS])
def test_a_flaw_of_a_registry_is_told_with_its_line(old: str, new: str, code: str, line: int, words: str) -> None:
    found = problems(ONE.replace(old, new, 1))

    assert any(each.line == line and words in f"{each.message} {each.hint}" for each in found), found


def test_all_flaws_of_all_files_are_told_at_once() -> None:
    first = ONE.replace("{days: 3}", "{days: 0}").replace("{workdays: 5}", "{until: plan_due}")

    found = problems(first, ONE, ONE.replace("T-ONE", "T-TWO").replace("2010-12-31", "2012-12-31"))

    assert {(each.file, each.line) for each in found} >= {
        ("law0.yaml", 8),
        ("law0.yaml", 9),
        ("law1.yaml", 3),
        ("law2.yaml", 9),
    }


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (with_statute("T-ONNE"), "unknown_statute", "T-ONE"),
        (with_statute().replace("statute: T-ONE", "statute: T-ONE\n    mark: V"), "inconsistent", "says mark"),
        (with_statute().replace("statute: T-ONE", "statute: T-ONE\n    term: {days: 1}"), "inconsistent", "says term"),
        (with_statute().replace("    statute: T-ONE\n", ""), "no_term", "neither 'term' nor 'statute'"),
        (SAMPLE + ONE.partition("\n")[2], "unused_statute", "no deadline names"),
    ],
)
def test_a_definition_says_one_of_term_and_statute_and_only_one_that_exists(text: str, code: str, words: str) -> None:
    with pytest.raises(Invalid) as refusal:
        load_definition(text, "small.yaml", law())

    (found,) = [each for each in refusal.value.problems if words in f"{each.message} {each.hint}"]
    assert found.line > 1


def test_a_statute_that_lets_an_unknown_role_extend_is_a_flaw_of_the_definition_that_uses_it() -> None:
    with pytest.raises(Invalid, match="'nobody', which is not declared here"):
        load_definition(with_statute(), "small.yaml", law(ONE.replace("[office]", "[nobody]")))


def test_a_definition_holds_the_law_it_was_loaded_with_and_its_digest_covers_it() -> None:
    before = load_definition(with_statute(), "small.yaml", law())
    later = law(ONE.replace("{days: 3}", "{days: 4}"))
    after = load_definition(with_statute(), "small.yaml", later)

    stored = before.doc.model_dump_json(by_alias=True, exclude_defaults=True)
    restored = restore_definition(stored, before.digest)

    code = "review_term"
    assert before.digest != after.digest
    assert (
        ruled(restored, code, "2010-11-01") == ruled(before, code, "2010-11-01") == ("days", 3, "N", "T-ONE@2000-01-01")
    )
    assert ruled(after, code, "2010-11-01")[1] == 4
    assert json.loads(stored)["statutes"].keys() == {"T-ONE"}


def test_a_statute_that_nobody_names_changes_no_definition() -> None:
    wider = law(ONE + ONE.partition("statutes:\n")[2].replace("T-ONE", "T-TWO"))

    assert load_definition(SAMPLE, "s", wider).digest == load_definition(SAMPLE, "s").digest
    assert load_definition(with_statute(), "s", wider).digest == load_definition(with_statute(), "s", law()).digest


def test_an_office_may_write_its_own_statute_into_its_definition() -> None:
    own = with_statute() + ONE.partition("\n")[2].replace("{days: 3}", "{days: 9}")

    definition = load_definition(own, "small.yaml", law())

    assert ruled(definition, "review_term", "2010-11-01")[:2] == ("days", 9)
