"""Returns as a campaign file declares them: on the days they are due, marked as ours, and each flaw told."""

from datetime import date
from pathlib import Path

import pytest
from commandline import ROOT, Office
from world import begin

from engine.campaign_file import load_campaign
from engine.campaign_schema import CampaignDoc, ReturnSpec
from scheduler.chores import return_periods
from scheduler.returns import local_day

BAODI = ROOT / "workflows" / "campaigns" / "baodi-2010.yaml"


@pytest.fixture(scope="module")
def baodi() -> CampaignDoc:
    return load_campaign(BAODI.read_bytes(), BAODI.name, None).doc


def test_returns_begin_on_the_day_they_are_due_and_are_marked_as_ours(baodi: CampaignDoc) -> None:
    returns = {each.code: each for each in baodi.returns}

    assert {code: (each.every, each.on, each.due_at) for code, each in returns.items()} == {
        "weekly_return": ("week", "mon", "17:30"),
        "monthly_return": ("month", "4", None),
        "monthly_statistics": ("month", "20", None),
    }
    for each in returns.values():
        first = date.fromisoformat(each.first)
        assert each.on == (f"{first:%a}".lower() if each.every == "week" else str(first.day)), each.code
        assert "2010-12-11" <= each.first <= each.last <= baodi.end
        assert (each.mark, each.owed_by, each.list_to) == ("D", "roster", ["office"])
        assert "本专项行动自定" in each.policy


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"every": "week", "on": "mon", "holiday": "before"}, {"2011-W01": "12-31", "2011-W06": "02-01"}),
        ({"every": "week", "on": "mon", "holiday": "none"}, {"2011-W01": "01-03", "2011-W06": "02-07"}),
        ({"every": "month", "on": "last", "holiday": "before"}, {"2010-12": "12-31", "2011-01": "01-31"}),
        ({"every": "month", "on": "last-fri", "holiday": "before"}, {"2010-12": "12-31", "2011-02": "02-25"}),
        ({"every": "month", "on": "1-mon", "holiday": "before"}, {"2011-01": "12-31", "2011-02": "02-01"}),
        ({"every": "month", "on": "31", "holiday": "after"}, {"2011-01": "01-31", "2011-02": "02-28"}),
    ],
)
def test_a_return_goes_before_or_after_a_rest_day_as_its_campaign_says(
    sqlite_url: str, said: dict[str, str], expected: dict[str, str]
) -> None:
    workspace = begin(sqlite_url, "baodi-2010")
    weekly = next(each for each in workspace.campaign.doc.returns if each.code == "weekly_return")
    whole = {**weekly.model_dump(by_alias=True), **said, "first": "2010-12-13", "last": "2011-02-28"}
    workspace.campaign.doc.returns[:] = [ReturnSpec.model_validate(whole)]

    due = {each.period: local_day(workspace.campaign, each)[5:] for each in return_periods(workspace.campaign)}

    assert {period: due[period] for period in expected} == expected
    workspace.close()


FLAWS = [
    (
        "kind: periodic_return\n    deadline: submit\n    every: week",
        "kind: periodic_retrun\n    deadline: submit\n    every: week",
        "periodic_retrun",
    ),
    ("deadline: submit\n    every: week\n    on: mon", "deadline: submitt\n    every: week\n    on: mon", "submitt"),
    ("every: week\n    on: mon\n    due_at", "every: month\n    on: mon\n    due_at", "'mon' is no day"),
    ("every: week\n    on: mon\n    due_at", "every: week\n    on: last-fri\n    due_at", "'last-fri' is no day"),
    ("every: week\n    on: mon\n    due_at", "every: week\n    on: 6-fri\n    due_at", "6-fri"),
    (
        "every: week\n    on: mon\n    due_at",
        "every: week\n    on: mon\n    holiday: befor\n    due_at",
        "'befor' is not",
    ),
    (
        "kind: periodic_return\n    deadline: submit\n    every: week",
        "kind: duty\n    deadline: carry_out\n    every: week",
        "opened with",
    ),
    ("silent_in: weekly_return", "silent_in: weekly_retrun", "weekly_retrun"),
    ("periods: 2\n    tell: [office, group]", "periods: 2\n    tell: [ofice]", "ofice"),
    (
        "first: 2010-12-13\n    last: 2011-02-28\n    list_to",
        "first: 2011-12-13\n    last: 2011-02-28\n    list_to",
        "ends before",
    ),
]


@pytest.mark.parametrize(("was", "becomes", "said"), FLAWS)
def test_each_flaw_of_a_return_is_told(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    folder = ROOT / "workflows" / "campaigns"
    text = (folder / "baodi-2010.yaml").read_text("utf-8")
    assert text.count(was) >= 1
    (tmp_path / "baodi-2010-notice.txt").write_text((folder / "baodi-2010-notice.txt").read_text("utf-8"), "utf-8")
    (tmp_path / "mine.yaml").write_text(text.replace(was, becomes, 1), "utf-8")

    ended = Office(None)("--json", "campaign", "check", str(tmp_path / "mine.yaml"))

    assert ended.code == 7
    assert any(said in problem["message"] for problem in ended.json["problems"]), ended.json["problems"]
