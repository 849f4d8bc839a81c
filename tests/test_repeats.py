"""An overdue notice that nobody acknowledges comes again, so often and no oftener; what then lies goes further up, once a step."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import Office
from test_delivery_windows import copied
from world import SILENT, advance, again, begin, broken_links, do, flaws, notices, set_clock, sql, to_review

from engine.notice_desk import NoticeDesk
from scheduler.turn import Turn
from workflows.workspace import Workspace

POLICY = 'repeat: {every: "3 workdays", at_most: 2}, idle: {after: "2 workdays", to: [head, group]}'


@pytest.fixture
def insisting(db_url: str, tmp_path: Path) -> Iterator[Workspace]:
    workspace = begin(db_url, copied(tmp_path, POLICY))
    yield workspace
    workspace.close()


def of(workspace: Workspace, kind: str, ref: str = "errand/alpha", **where: Any) -> list[dict[str, Any]]:
    found = [each for each in notices(workspace, ref=ref) if each["kind"] == kind]
    return [each for each in found if all(each[name] == value for name, value in where.items())]


def sent_on(found: list[dict[str, Any]]) -> list[str]:
    return [each["sent_at"][:10] for each in found]


def test_what_nobody_acknowledges_comes_again_every_third_working_day_up_to_the_cap(insisting: Workspace) -> None:
    advance(insisting, "2010-12-10T10:00")

    (first,) = of(insisting, "overdue", recipient="alpha.liaison")
    assert first["sent_at"] == "2010-11-05T01:00:00Z"
    again_ = of(insisting, "repeat", recipient="alpha.liaison")
    assert sent_on(again_) == ["2010-11-10", "2010-11-15"]
    assert [each["level"] for each in again_] == [1, 2]
    assert again_[0]["subject"].startswith("【再次催办（第1次）】")
    assert {each["sent_at"][11:] for each in again_} == {"01:00:00Z"}
    assert flaws(insisting) == []


def test_an_acknowledgement_ends_the_repeats_of_whoever_gave_it(insisting: Workspace) -> None:
    advance(insisting, "2010-11-08T10:00")
    (first,) = of(insisting, "overdue", recipient="alpha.liaison")
    NoticeDesk(insisting.engine, insisting.actor("alpha.liaison")).acknowledge(first["id"])

    advance(insisting, "2010-12-01T10:00")

    assert of(insisting, "repeat", recipient="alpha.liaison") == []
    assert len(of(insisting, "repeat", recipient="alpha.head")) == 2


def test_nothing_is_repeated_once_the_deadline_has_stopped(insisting: Workspace) -> None:
    advance(insisting, "2010-11-10T10:00")
    to_review(insisting)

    advance(insisting, "2010-12-01T10:00")

    assert sent_on(of(insisting, "repeat", recipient="alpha.liaison")) == ["2010-11-10"]
    assert len(of(insisting, "repeat", "errand/beta", recipient="beta.liaison")) == 2


def test_what_was_acknowledged_and_then_lay_goes_one_circle_up_at_a_time(insisting: Workspace) -> None:
    advance(insisting, "2010-11-08T10:00")
    (first,) = of(insisting, "overdue", recipient="alpha.liaison")
    NoticeDesk(insisting.engine, insisting.actor("alpha.liaison")).acknowledge(first["id"])

    advance(insisting, "2010-12-01T10:00")

    up = of(insisting, "idle")
    assert [(each["recipient"], each["sent_at"][:10], each["level"]) for each in up] == [
        ("alpha.head", "2010-11-10", 0),
        ("lxz.chair", "2010-11-12", 1),
    ]
    assert "已经签收，但此后未见办理" in up[0]["text"]
    assert of(insisting, "idle", "errand/beta") == []
    lines = [json.loads(text) for (text,) in sql(insisting.database, "select record from entry where trigger = 'idle'")]
    assert [line["circle"] for line in lines] == ["head", "group"]
    assert broken_links(insisting) == []


def test_an_act_ends_the_idleness_and_an_urging_is_none(insisting: Workspace) -> None:
    from engine.orders import Urge

    advance(insisting, "2010-11-08T10:00")
    for body in ("alpha", "beta"):
        (first,) = of(insisting, "overdue", f"errand/{body}", recipient=f"{body}.liaison")
        NoticeDesk(insisting.engine, insisting.actor(f"{body}.liaison")).acknowledge(first["id"])
    set_clock(insisting, "2010-11-09T10:00")
    insisting.engine.execute(Urge(ref="errand/beta", reason="请抓紧"), insisting.actor("bgs.admin"))
    do(insisting, "errand/alpha", "take", "alpha.liaison")

    advance(insisting, "2010-11-11T10:00")

    assert of(insisting, "idle", "errand/alpha") == []
    assert len(of(insisting, "idle", "errand/beta")) == 1


def test_two_processes_and_a_second_turn_insist_once(insisting: Workspace) -> None:
    advance(insisting, "2010-11-09T10:00")
    set_clock(insisting, "2010-11-10T09:00")
    other = again(insisting)

    for place in (insisting, other, insisting):
        Turn(place, SILENT).run()

    assert len(of(insisting, "repeat", recipient="alpha.liaison")) == 1
    other.close()


def test_a_campaign_that_says_nothing_repeats_nothing(workspace: Workspace) -> None:
    advance(workspace, "2010-12-10T10:00")

    assert {each["kind"] for each in notices(workspace)}.isdisjoint({"repeat", "idle"})
    assert Turn(workspace, SILENT).insistence.next_at() is None


def test_the_forecast_knows_what_will_be_repeated(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'x.db'}")
    office("init", "--campaign", copied(tmp_path, POLICY), "--rehearsal")
    office.json("clock", "advance", "--to", "2010-11-08T10:00")

    foreseen = office.json("notice", "forecast", "--until", "2010-12-01", "--to", "alpha.liaison")["items"]
    office.json("clock", "advance", "--to", "2010-12-01")

    told = [each for each in office.json("notice", "list", "errand/alpha")["items"] if each["kind"] == "repeat"]
    said = [each["planned_at"] for each in foreseen if each["kind"] == "repeat"]
    assert said == [each["planned_at"] for each in told if each["recipient"] == "alpha.liaison"] != []
