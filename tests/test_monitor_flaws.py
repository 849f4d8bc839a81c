"""A monitor that cannot be meant is told with its place when the file is checked."""

import pytest
from commandline import Office
from world import SAMPLES

from engine.definition import load_definition
from engine.errors import Invalid, Problem

TEXT = (SAMPLES / "watched.yaml").read_text("utf-8")


def flaws_of(text: str) -> list[Problem]:
    with pytest.raises(Invalid) as told:
        load_definition(text, "watched.yaml")
    return list(told.value.problems)


@pytest.mark.parametrize(
    ("was", "becomes", "code", "marked"),
    [
        ("for: {hours: 24}", "for: {months: 1}", "monitor_term", "months: 1"),
        ("every: {days: 2}", "every: {until: end}", "monitor_term", "until: end"),
        ("since: sent_at", "since: fragile", "fact_type", "fragile, tell"),
        ("since: sent_at", "since: sent", "unknown_fact", "sent, tell"),
        ("state('sent') and not", "children_open('parcel') and not", "monitor_blind", "children_open("),
        ("state('sent') and not", "since('2010-12-01') and not", "monitor_blind", "since('2010"),
        ("state('sent') and not", "state('snet') and not", "expression", "snet"),
        ("  unsent: {label", "  pack: {label", "duplicate_clock", "pack: {label: {zh: 易碎品"),
        ("tell: office,", "", "missing_key", "label: {zh: 未见回执"),
    ],
)
def test_each_flaw_is_told_with_its_place(was: str, becomes: str, code: str, marked: str) -> None:
    text = TEXT.replace(was, becomes)

    (problem,) = flaws_of(text)

    assert problem.code == code
    line = text.splitlines()[problem.line - 1]
    assert marked in line[problem.column - 3 : problem.column + len(marked) + 2]


def test_whom_a_monitor_tells_must_be_there_in_the_campaign(tmp_path: object) -> None:
    folder = SAMPLES.__class__(str(tmp_path))
    for name in ("small.yaml", "watched_campaign.yaml"):
        (folder / name).write_text((SAMPLES / name).read_text("utf-8"), "utf-8")
    (folder / "watched.yaml").write_text(TEXT.replace("tell: [office, head]", "tell: [ofice, head]"), "utf-8")

    ended = Office(None)("--json", "campaign", "check", str(folder / "watched_campaign.yaml"))

    assert ended.code == 7
    (problem,) = ended.json["problems"]
    assert "ofice" in problem["message"]
    assert "office" in problem["hint"]
