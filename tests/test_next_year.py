"""Next year's campaign drafted from this year's: dates by phase, comments kept, what is open marked; it can be rehearsed."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from commandline import SMALL, Office
from world import SAMPLES

from engine.shifting import is_month_end, shifted
from scheduler.rehearse import rehearse
from workflows.calendars import load_calendar
from workflows.library import CAMPAIGNS, read_shelf
from workflows.next_year import draft
from workflows.open_questions import OLD

BAODI = (CAMPAIGNS / "baodi-2010.yaml").read_text("utf-8")


def drafted(folder: Path, start: str = "2026-10-01", name: str = "baodi-2010") -> Any:
    out = folder / "next.yaml"
    found = draft("next-2026", name, start, out)
    out.write_text(found.text, "utf-8")
    return found, read_shelf(str(out)).campaign.doc


def test_dates_move_with_their_phases_and_ends_of_months_stay_ends_of_months(tmp_path: Path) -> None:
    found, doc = drafted(tmp_path)

    assert (doc.code, doc.start, doc.end) == ("next-2026", "2026-10-01", "2027-03-31")
    assert doc.dates == {
        "start": "2026-10-01", "issued": "2026-11-25", "plan_due": "2026-11-26", "self_check_start": "2026-11-27",
        "self_check_due": "2026-12-10", "phase3_start": "2026-12-11", "phase3_end": "2027-02-28", "phase4_start": "2027-03-01",
        "summary_due": "2027-03-31", "end": "2027-03-31",
    }  # fmt: skip
    assert [each["kept"] for each in found.phases] == ["days", "workdays", "month_end", "month_end"]
    assert doc.launched_at == "2026-11-25T15:00"
    assert doc.returns[0].first == "2026-12-13"


@pytest.mark.parametrize("start", ["2026-10-01", "2027-10-01", "2028-09-15", "2027-12-31", "2028-02-29", "2011-01-10"])
def test_whatever_the_first_day_phases_follow_one_another_and_keep_what_they_are_to_keep(
    start: str, tmp_path: Path
) -> None:
    _, doc = drafted(tmp_path, start)
    old = read_shelf("baodi-2010").campaign.doc
    shift = shifted(old, date.fromisoformat(start), load_calendar())

    for before, after in zip(shift.phases, shift.phases[1:], strict=False):
        assert (after.will[0] - before.will[1]).days == 1
    for each in shift.phases:
        if each.kept == "workdays":
            assert shift.worked(*each.will) == shift.worked(*each.was)
        elif each.kept == "month_end":
            assert is_month_end(each.will[1])
        else:
            assert each.will[1] - each.will[0] == each.was[1] - each.was[0]
    assert doc.start == start
    assert all(phase.start <= phase.end for phase in doc.phases)


def test_every_comment_is_kept_and_the_open_questions_stand_in_the_file(tmp_path: Path) -> None:
    found, _ = drafted(tmp_path)

    comments = re.findall(r"#.*", BAODI)
    assert [each for each in comments if each not in found.text] == []
    marked = re.findall(r"# OPEN: (.*)", found.text)
    assert len(marked) == len(found.opens) >= 6
    assert any("2027-02-28是休息日（周日）" in each for each in marked)
    assert any("2027年放假安排尚未公布" in each for each in marked)
    lines = found.text.splitlines()
    at = next(number for number, line in enumerate(lines) if "2027-02-28是休息日" in line)
    assert lines[at + 1].strip() == "phase3_end: 2027-02-28"


def test_quotes_of_the_old_document_are_marked_and_its_file_is_left_out(tmp_path: Path) -> None:
    _, doc = drafted(tmp_path)

    assert doc.source.file is None
    quotes = [phase.quote for phase in doc.phases] + [each.quote for each in (*doc.deliverables, *doc.safeguards)]
    assert all(str(quote).startswith(OLD) for quote in quotes)
    assert all(duty.source.startswith(OLD) for duty in doc.duties)


def test_years_in_names_move_and_files_beside_are_found_from_the_new_place(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    for name in ("small.yaml", "small_campaign.yaml"):
        text = (
            (SAMPLES / name)
            .read_text("utf-8")
            .replace("zh: 小型专项行动, en: Small campaign", "zh: 2010年小型行动, en: Small 2010")
        )
        (old / name).write_text(text, "utf-8")

    _, doc = drafted(tmp_path, "2026-11-01", str(old / "small_campaign.yaml"))

    assert (doc.name.zh, doc.name.en) == ("2026年小型行动", "Small 2026")
    assert doc.definitions["errand"].file == "old/small.yaml"


def test_the_draft_can_be_rehearsed(tmp_path: Path) -> None:
    drafted(tmp_path)

    result = rehearse(str(tmp_path / "next.yaml"), people="nobody", cases=0)

    assert result.summary["campaign"] == "next-2026"
    assert result.ledger


def test_the_command_writes_it_once_and_says_what_is_open(tmp_path: Path) -> None:
    office, out = Office(None, LANG="en"), str(tmp_path / "n.yaml")

    told = office("campaign", "new", "next-2026", "--shift", "2026-10-01", "--out", out)
    assert told.code == 0, told.err
    for word in ("open questions", "2027-02-28 is a rest day", "no problem found", "keeps its working days"):
        assert word in told.out
    checked = office("campaign", "check", out)
    assert (checked.code, "was not played" in checked.out) == (0, True)
    assert office("campaign", "new", "next-2026", "--shift", "2026-10-01", "--out", out).code == 6
    said = office.json(
        "campaign", "new", "b-2026", "--from", SMALL, "--shift", "2026-11-01", "--out", str(tmp_path / "b.yaml")
    )
    assert (said["ok"], said["code"]) == (True, "b-2026")
    assert office("campaign", "new", "Bad Code", "--shift", "2026-10-01", "--out", out + "2").code == 7
    assert office("campaign", "new", "baodi-2010", "--shift", "2026-10-01", "--out", out + "2").code == 7
    assert office("campaign", "new", "x", "--shift", "next year", "--out", out + "2").code == 7
    assert office("campaign", "new", "x", "--shift", "9999-12-31", "--out", out + "2").code == 7
    assert office("campaign", "new", "x", "--from", "none", "--shift", "2026-10-01", "--out", out + "2").code == 3
    assert office("campaign", "new", "x", "--shift", "2026-10-01", "--out", str(tmp_path / "no" / "x.yaml")).code == 7
    assert (
        "待定"
        in office("--lang", "zh", "campaign", "new", "next-2026", "--shift", "2026-10-01", "--out", out + "3").out
    )
