"""The command that shows what did not happen."""

from pathlib import Path

import pytest
from commandline import Office
from world import SAMPLES

FINDING = "monitor label ref kind body title state since for found_at status times_told tell told basis mark"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with a fragile parcel that nobody has sent for a week."""
    office = Office(f"sqlite:///{tmp_path / 'watched.db'}")
    office("init", "--campaign", str(SAMPLES / "watched_campaign.yaml"), "--rehearsal")
    office("--as", "alpha.liaison", "open", "parcel", "--body", "alpha", "--fact", "fragile=true")
    office("clock", "advance", "--to", "2010-11-08T12:00")
    return office


def test_the_monitors_of_a_campaign_are_listed_with_their_ground(office: Office) -> None:
    told = office("monitor", "list")

    assert [(row["monitor"], row["for"], row["tell"]) for row in told.rows] == [
        ("unsent", "3日", "office,head"),
        ("unslipped", "24小时", "office"),
        ("overdue", "1个工作日", "group"),
        ("closed_with_report", "不变式", ""),
    ]
    assert [each["monitor"] for each in office("--json", "monitor", "list").json["items"]] == [
        "unsent", "unslipped", "overdue", "closed_with_report",
    ]  # fmt: skip


def test_findings_say_since_when_and_who_was_told(office: Office) -> None:
    found = office("--json", "monitor", "run").json

    assert found["as_of"] == "2010-11-08T04:00:00Z"
    assert [(each["monitor"], each["ref"], each["since"]) for each in found["items"]] == [
        ("unsent", "parcel/2010-0001", "2010-11-01T01:00:00Z"),
        ("overdue", "parcel/2010-0001", "2010-11-03T16:00:00Z"),
    ]
    assert all(not set(FINDING.split()) - each.keys() for each in found["items"])
    assert {each["recipient"] for each in found["items"][1]["told"]} == {"lxz.chair"}
    assert [row["told"] for row in office("monitor", "run").rows] == ["alpha.head,bgs.admin,bgs.admin2", "lxz.chair"]


def test_findings_can_be_asked_for_a_matter_a_body_and_an_earlier_instant(office: Office) -> None:
    def monitors(*options: str) -> list[str]:
        return [each["monitor"] for each in office("--json", "monitor", "run", *options).json["items"]]

    assert monitors("--ref", "parcel/2010-0001") == monitors("--body", "alpha") == ["unsent", "overdue"]
    assert monitors("--ref", "errand/alpha") == monitors("--body", "beta") == []
    assert monitors("--as-of", "2010-11-05T12:00") == ["unsent"]
    assert monitors("--as-of", "2010-11-04T12:00") == []


def test_a_matter_that_is_not_there_and_a_body_that_is_not_there_are_told(office: Office) -> None:
    assert office("monitor", "run", "--ref", "parcel/2010-0009").code == 3
    assert office("monitor", "run", "--body", "gamma").code == 7
