"""Files of standards are read strictly: every mistake is told at once, with its line and what was probably meant."""

from pathlib import Path

import pytest
from commandline import Office

from engine.definition import load_definition
from engine.errors import Invalid
from engine.json_schema import schema_of
from engine.standard_file import load_standard
from engine.standards import Standards
from workflows.library import shipped_definition, statutes
from workflows.standards import FOLDER, shipped_standards

WORKFLOWS = Path(__file__).resolve().parent.parent / "workflows"

SOUND = """\
schema: standard/1
family: prosecution
code: sample
label: {zh: 样表, en: Sample}
basis: 某规定
valid_from: "2010-01-01"
valid_to: "2010-12-31"
facts:
  sold: {type: money, minimum: 0, label: {zh: 销售, en: Sold}}
  unsold: {type: money, minimum: 0, label: {zh: 未售, en: Unsold}}
  pieces: {type: int, minimum: 0, label: {zh: 件数, en: Pieces}}
  knowing: {type: bool, label: {zh: 明知, en: Knowing}}
presumes: {knowing: true}
crimes:
  c1:
    label: {zh: 某罪, en: Crime}
    basis: 某法
    when: knowing
    rows:
      - {code: sold, label: {zh: 销售, en: Sold}, when: "sold * 3 + unsold >= 15", basis: 某条, mark: V}
      - {code: late, label: {zh: 件数, en: Pieces}, when: "pieces >= 5", basis: 某条, mark: P, valid_from: "2010-06-01"}
"""

FLAWS = [
    ("schema: standard/1", "schema: standard/2", 1, "'standard/2' is not possible here"),
    ("mark: V", "mark: X", 20, "'X' is not possible here"),
    ("basis: 某条, mark: V", "mark: V", 20, "the key 'basis' is missing"),
    ("mark: V", "mark: V, tear: next", 20, "did you mean 'tier'?"),
    ("sold * 3 + unsold", "sold * 3 + unsolt", 20, "did you mean 'unsold'?"),
    ("sold * 3 + unsold", "sold * 3 + pieces", 20, "is not added to others here"),
    ("sold * 3 + unsold", "sold * unsold", 20, "a fact is multiplied by a whole number"),
    ("sold * 3 + unsold", "sold - unsold", 20, "a sum is made of facts"),
    ("pieces >= 5", "since('2010-01-01')", 21, "'since' looks at more than facts"),
    ("code: late", "code: sold", 21, "the row 'sold' is here twice"),
    ('valid_to: "2010-12-31"', 'valid_to: "2009-12-31"', 7, "lies before 2010-01-01"),
    ('valid_from: "2010-06-01"', 'valid_from: "2011-06-01"', 21, "not valid on any day of its file"),
    ('valid_from: "2010-06-01"', 'valid_from: "2010-06-31"', 21, "is no day of the calendar"),
    ("type: money, minimum: 0, label: {zh: 销售", "type: money, personal: true, label: {zh: 销售", 9, "is personal"),
    ("presumes: {knowing: true}", "presumes: {pieces: true}", 13, "is not true or false"),
    ("mark: P,", "mark: P, only_for: [c2],", 21, "only rows of 'any' are narrowed"),
]


def problems(text: str) -> list[str]:
    with pytest.raises(Invalid) as caught:
        load_standard(text, "sample.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(("old", "new", "line", "words"), FLAWS)
def test_a_flaw_is_found_at_its_line(old: str, new: str, line: int, words: str) -> None:
    assert old in SOUND

    found = problems(SOUND.replace(old, new, 1))

    assert any(each.startswith(f"sample.yaml:{line}:") and words in each for each in found), found


def test_all_flaws_of_a_file_are_told_at_once() -> None:
    text = SOUND.replace("mark: V", "mark: X").replace("pieces >= 5", "pices >= 5").replace("code: late", "code: sold")

    assert len(problems(text)) >= 2
    assert [each.split(":")[1] for each in problems(text)] == sorted(each.split(":")[1] for each in problems(text))


def test_a_sound_file_is_known_by_its_content_alone() -> None:
    standard = load_standard(SOUND, "sample.yaml")

    assert standard.digest == load_standard("# 注\n" + SOUND, "other.yaml").digest
    assert standard.digest != load_standard(SOUND.replace(">= 15", ">= 16"), "sample.yaml").digest
    assert [row.code for row in standard.rows] == ["sample.c1.sold", "sample.c1.late"]


def test_what_a_file_presumes_counts_until_somebody_says_otherwise() -> None:
    row = load_standard(SOUND, "sample.yaml").rows[1]

    assert (row.judge({"pieces": 5}), row.judge({"pieces": 5, "knowing": False}), row.judge({})) == (True, False, None)
    assert row.missing({}) == ["pieces"]


def test_every_shipped_file_is_sound_and_its_name_says_its_time() -> None:
    for path in FOLDER.glob("thresholds-*.yaml"):
        doc = load_standard(path.read_bytes(), path.name).doc

        assert path.name == f"thresholds-{doc.code.replace('_', '-')}.yaml"
        assert doc.valid_from.startswith(doc.code[-4:])


def test_a_row_that_was_not_verified_says_so() -> None:
    marks = {row.code: row.spec.mark for file in shipped_standards().files for row in file.rows}

    assert {marks[f"goods_2001.{code}"] for code in ("c144.conduct", "c146.loss", "c148.disfigurement")} == {"N"}
    assert (marks["ip_2004.c214.unsold"], marks["ip_2004.c217.clicks"], marks["ip_2025.c216.loss"]) == ("S", "P", "V")


def test_the_form_is_exported_for_editors() -> None:
    assert "crimes" in schema_of("standards")["properties"]


EVALUATES = [
    ("    by: infringement\n", "    by: place\n", "is of type text; enum is needed here"),
    ("    threshold: threshold_met\n", "    threshold: treshold_met\n", "did you mean 'threshold_met'?"),
    ("    facts: [illegal_business_amount,", "    facts: [parties, illegal_business_amount,", "is personal"),
    ("correct_approved_by: [office, group]\n", "", "needs correct_approved_by"),
    ("correct_approved_by: [office, group]\n", "correct_approved_by: [ofice]\n", "did you mean 'office'?"),
]


@pytest.mark.parametrize(("old", "new", "words"), EVALUATES)
def test_a_definition_that_evaluates_wrongly_is_refused(old: str, new: str, words: str) -> None:
    text = (WORKFLOWS / "case.yaml").read_text("utf-8")
    assert old in text

    with pytest.raises(Invalid) as caught:
        load_definition(text.replace(old, new, 1), "case.yaml", statutes())

    assert any(words in str(problem) for problem in caught.value.problems), caught.value.problems


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("    family: prosecution\n", "    family: persecution\n"), "did you mean 'prosecution'?"),
        (
            ("    facts: [illegal_business_amount,", "    facts: [goods_value,"),
            "no fact of the standards 'goods_value'",
        ),
        (("  clicks: {type: int, minimum: 0,", "  clicks: {type: money, minimum: 0,"), "has another type"),
        (("c147, c148]", "c147, c148, c149]"), "no standard has rows for c149"),
    ],
)
def test_a_definition_that_no_standard_answers_is_refused(change: tuple[str, str], words: str) -> None:
    from engine.check_standards import check_answers

    text = (WORKFLOWS / "case.yaml").read_text("utf-8")
    assert change[0] in text

    found = check_answers(
        {"case": load_definition(text.replace(*change, 1), "case.yaml", statutes(), tabled=False)}, shipped_standards()
    )

    assert any(words in str(problem) for problem in found), found
    assert check_answers({"case": shipped_definition("case")}, shipped_standards()) == []
    assert check_answers({"case": shipped_definition("case")}, Standards()) != []


@pytest.fixture
def office() -> Office:
    return Office(None)


def test_the_table_of_a_day_is_printed(office: Office) -> None:
    rows = office("law", "thresholds", "c217", "--on", "2010-12-01").rows
    later = office("law", "thresholds", "c217", "--on", "2011-01-10").rows

    assert {row["row"] for row in later} - {row["row"] for row in rows} >= {"ip_2004.c217.works"}
    assert rows[0] | {"condition": "违法所得数额 ≥ 30,000元", "mark": "V", "tier": "base", "crime": "c217"} == rows[0]
    said = office.json("law", "thresholds", "c217", "--on", "2026-01-01")
    assert {each["basis"] for each in said["items"] if each["crime"] == "c217"} == {"法释〔2025〕5号"}
    assert [each["code"] for each in said["standards"]] == ["goods_2001", "ip_2025", "transfer_2006"]


def test_all_crimes_are_printed_if_none_is_named_in_either_language(office: Office) -> None:
    said = office("--lang", "en", "law", "thresholds", "--on", "2010-12-01", terminal=True, columns=300).out

    assert "Counterfeiting a registered mark" in said and "Loss of production" in said
    assert "added up" in said


def test_a_day_without_a_standard_says_so(office: Office) -> None:
    assert office.json("law", "thresholds", "c219", "--on", "1999-01-01")["items"] == []
    assert "无现行标准" in office("law", "thresholds", "--on", "1999-01-01", terminal=True).out


def test_an_unknown_crime_and_an_unknown_day_are_refused(office: Office) -> None:
    crime, day = office("law", "thresholds", "c21"), office("law", "thresholds", "--on", "tomorrow")

    assert (crime.code, day.code) == (3, 7)
    assert "c213" in crime.err and "YYYY-MM-DD" in day.err


def test_a_file_is_checked_with_all_its_flaws(office: Office, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(SOUND, "utf-8")
    bad.write_text(SOUND.replace("mark: V", "mark: X").replace("pieces >= 5", "pices >= 5"), "utf-8")

    sound, flawed = office("law", "check", str(good)), office("--json", "law", "check", str(bad))

    assert (sound.code, flawed.code) == (0, 7)
    assert [(each["line"], each["file"]) for each in flawed.json["problems"]] == [(20, str(bad)), (21, str(bad))]
    assert office("law", "check", str(tmp_path / "none.yaml")).code == 7


def test_crimes_are_completed(office: Office) -> None:
    import click

    from commands.law import Crime

    found = Crime().shell_complete(click.Context(click.Command("x")), click.Argument(["crime"]), "c21")
    assert [item.value for item in found] == [f"c21{digit}" for digit in "3456789"]
