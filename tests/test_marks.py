"""A rule that nobody has verified says so wherever it is shown."""

import csv
import json
from pathlib import Path

import pytest
from case_beginnings import HEAD, step
from commandline import Office
from penalty_scenarios import OPENED
from scenarioplay import Play
from world import SAMPLES

from engine import marks
from engine.definition import load_definition
from engine.diagram import mermaid
from engine.explanations import Step
from engine.reasons import breaks
from workflows.library import shipped_definition

ZH, EN = "N 未核实", "N not verified"

UNVERIFIED = [
    ("    pause_in: paused\n    basis: PLACEHOLDER\n", "    pause_in: paused\n    basis: 某规定第一条\n    mark: N\n"),
    ("    from: todo\n    to: doing\n", "    from: todo\n    to: doing\n    basis: 某规定第二条\n    mark: N\n"),
    ("not has('report')\"\n    basis: PLACEHOLDER\n", "not has('report')\"\n    basis: 某规定第三条\n    mark: N\n"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small campaign whose rules nobody has verified."""
    text = (SAMPLES / "small.yaml").read_text()
    for old, new in UNVERIFIED:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (tmp_path / "small.yaml").write_text(text)
    (tmp_path / "small_campaign.yaml").write_text((SAMPLES / "small_campaign.yaml").read_text())
    return tmp_path


@pytest.fixture
def office(folder: Path) -> Office:
    office = Office(f"sqlite:///{folder / 'duban.db'}")
    assert office("init", "--campaign", str(folder / "small_campaign.yaml"), "--rehearsal").code == 0
    return office


@pytest.mark.parametrize(("lang", "words"), [("zh", ZH), ("en", EN)])
@pytest.mark.parametrize("command", ["deadline list", "deadline explain errand/alpha answer", "show errand/alpha"])
def test_a_page_that_shows_the_deadline_shows_its_mark(office: Office, command: str, lang: str, words: str) -> None:
    assert words in office("--lang", lang, *command.split(), terminal=True).out


@pytest.mark.parametrize(("lang", "words"), [("zh", ZH), ("en", EN)])
def test_what_may_be_done_says_so_of_the_arrow_and_what_was_done_of_the_clock_it_started(
    office: Office, lang: str, words: str
) -> None:
    can = office("--lang", lang, "--as", "alpha.liaison", "can", "errand/alpha").out.splitlines()
    opened = office("--lang", lang, "open", "errand", "--body", "alpha", "--title", "一件").out

    assert [words in line for line in can if line.strip().startswith("take ")] == [True]
    assert words in opened


def test_the_json_has_the_mark_as_a_field_of_its_own(office: Office) -> None:
    listed = office.json("deadline", "list")["items"]
    (shown,) = office.json("show", "errand/alpha")["deadlines"]
    explained = office.json("deadline", "explain", "errand/alpha", "answer")
    possible = office.json("--as", "alpha.liaison", "can", "errand/alpha")["possible"]

    assert {each["mark"] for each in listed} == {shown["mark"]} == {explained["mark"]} == {"N"}
    assert {each["trigger"]: each["mark"] for each in possible}["take"] == "N"


def test_a_piped_list_has_the_letter_for_programs(office: Office) -> None:
    assert {row["mark"] for row in office("deadline", "list").rows} == {"N"}


@pytest.mark.parametrize(("lang", "words"), [("zh", ZH), ("en", EN)])
def test_the_history_says_so_of_a_clock_by_statute(sqlite_url: str, lang: str, words: str) -> None:
    play = Play(sqlite_url)
    preserve = step("03T09:00", HEAD, "preserve", "preserved", "preservation_list", evidence_at_risk=True)
    play.run("penalty", "gongshang", [*OPENED, preserve])

    told = Office(sqlite_url)("--lang", lang, "history", play.ref).out.splitlines()

    (line,) = [line for line in told if "T-PRESERVATION@1996-10-01" in line]
    assert words in line


def rule_of(steps: list[Step]) -> Step:
    (rule,) = [step for step in steps if step["step"] == "rule"]
    return rule


def test_the_derivation_says_so_where_it_names_the_rule(office: Office) -> None:
    rule = rule_of(office.json("deadline", "explain", "errand/alpha", "answer")["derivation"])

    assert ZH in rule["zh"] and EN in rule["en"]


def test_every_notice_about_the_deadline_says_so_in_its_text(office: Office) -> None:
    office("clock", "advance", "--to", "2010-11-12")
    told = [each for each in office.json("notice", "list")["items"] if each["deadline"]]

    assert {each["kind"] for each in told} >= {"reminder", "overdue", "escalation"}
    assert [each["subject"] for each in told if f"依据：某规定第一条〔{ZH}〕" not in each["text"]] == []


def test_a_refusal_by_an_invariant_says_so() -> None:
    spec = load_definition((SAMPLES / "small.yaml").read_text(), "small.yaml").doc.invariants["closed_with_report"]

    said = breaks(spec.model_copy(update={"mark": "N"}))

    assert ZH in said.zh and EN in said.en
    assert "未核实" not in breaks(spec).zh


def test_the_list_of_what_was_past_when_the_campaign_was_loaded_says_so(folder: Path) -> None:
    fixed = (folder / "small.yaml").read_text().replace("{workdays: 3}", "{until: plan_due}")
    (folder / "small.yaml").write_text(fixed)
    office = Office(f"sqlite:///{folder / 'late.db'}")
    office("init", "--campaign", str(folder / "small_campaign.yaml"), "--rehearsal", "--at", "2010-12-01T09:00")

    told = [each["text"] for each in office.json("notice", "list")["items"] if each["kind"] == "late_load"]
    assert told and all(f"办理期限〔{ZH}〕" in text for text in told)


def test_the_ledger_and_the_summary_of_a_rehearsal_say_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    ended = Office(None)("rehearse", "small_campaign.yaml", "--people", "nobody", "--cases", "0", "--out", "out")
    assert ended.code == 0, ended.err

    rows = [json.loads(line) for line in (folder / "out/ledger.jsonl").read_text().splitlines()]
    table = list(csv.DictReader((folder / "out/ledger.csv").read_text().splitlines()))
    summary = json.loads((folder / "out/summary.json").read_text())

    for found in (rows, table):
        ours = [row for row in found if row["deadline"] == "办理期限"]
        assert ours and {(row["basis"], row["mark"]) for row in ours} == {(f"某规定第一条 [{ZH}]", "N")}
    assert summary["unverified"] == [
        {
            "deadline": "办理期限",
            "label": {"zh": "办理期限", "en": "Time to answer"},
            "basis": "某规定第一条",
            "clocks": 10,
        }
    ]
    assert f"- 办理期限：某规定第一条 [{ZH}]（10项）" in (folder / "out/summary.md").read_text()


@pytest.mark.parametrize(("lang", "words"), [("zh", ZH), ("en", EN)])
def test_a_diagram_says_so_at_the_arrow(folder: Path, lang: marks.Lang, words: str) -> None:
    drawn = mermaid(load_definition((folder / "small.yaml").read_text(), "small.yaml"), lang)

    (arrow,) = [line for line in drawn.splitlines() if line.strip().startswith("s_todo --> s_doing")]
    assert arrow.endswith(f"[{words}]")


def test_a_verified_rule_is_not_warned_of() -> None:
    assert [marks.warning(mark, "zh") for mark in "VPSD"] == [""] * 4
    assert "未核实" not in mermaid(load_definition((SAMPLES / "small.yaml").read_text(), "small.yaml"), "zh")


def test_each_mark_of_our_own_files_has_its_words_in_both_languages() -> None:
    doc = shipped_definition("case").doc
    used = {version.mark for spec in doc.statutes.values() for version in spec.versions}

    assert used == {"V", "P", "S", "N", "D"}
    assert all(marks.said(mark, lang) != mark for mark in used for lang in ("zh", "en"))
