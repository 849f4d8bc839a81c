"""Slips of the author of the next campaign, each wrong and plausible, are told with file and line, in both languages."""

import shutil
from pathlib import Path

import pytest

from engine.errors import Invalid, Problem
from workflows.library import HERE, read_shelf

CAMPAIGN = HERE / "campaigns" / "baodi-2010.yaml"
RESPONSIBLE = "lead: zhijian\n    responsible: [zhijian]"
CLOSING = (
    "signals: [{trigger: resume_from_criminal, when: \"ever('from_penalty')\"}, "
    "{trigger: resume_from_criminal, to: penalty}], copy: [office, proc]}"
)


def problems(
    folder: Path, campaign: tuple[str, str] | None = None, case: tuple[str, str] | None = None
) -> list[Problem]:
    """What reading the campaign of 2010 tells with one text changed in its file, or in the case's own beside it."""
    shutil.copy(CAMPAIGN.with_name("baodi-2010-notice.txt"), folder)
    mine, text = CAMPAIGN.read_text("utf-8"), (HERE / "case.yaml").read_text("utf-8")
    if campaign is not None:
        assert campaign[0] in mine
        mine = mine.replace(*campaign, 1)
    if case is not None:
        assert case[0] in text
        text = text[: text.index("\nexpects:")].replace(*case, 1)
        (folder / "case.yaml").write_text(text, "utf-8")
        mine = mine.replace("case: {version: 1}", "case: {version: 1, file: case.yaml}")
    (folder / "mine.yaml").write_text(mine, "utf-8")
    with pytest.raises(Invalid) as caught:
        read_shelf(str(folder / "mine.yaml"))
    return list(caught.value.problems)


def test_a_duty_that_somebody_leads_and_nobody_is_responsible_for_is_told(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, campaign=(RESPONSIBLE, "lead: zhijian\n    responsible: []"))

    assert problem.code == "nobodys_duty" and problem.line
    assert "no matter would be opened for it" in problem.message and "没有责任单位" in problem.said("zh")


def test_a_signal_that_is_renamed_on_one_side_is_told_in_words_of_either_language(tmp_path: Path) -> None:
    found = problems(tmp_path, case=(CLOSING, CLOSING.replace("resume_from_criminal", "resume_criminal")))

    said = [problem.said("zh") for problem in found if "resume_criminal" in problem.message]
    assert any("没有上级事项的动作“resume_criminal”" in each for each in said)
    assert any("没有penalty的动作“resume_criminal”" in each for each in said)
    assert all("resume_from_criminal" in each and "of the" not in each for each in said)
