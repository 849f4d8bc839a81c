"""A notice goes out in the office's hours on working days; what is counted in hours or handed over goes at once."""

from pathlib import Path
from typing import Any

import pytest
from commandline import SMALL, Office
from world import SAMPLES, SILENT, advance, begin, local, notices, set_clock, to_review

from engine.clock import from_us, rfc3339
from engine.contacts import Contacts
from engine.orders import Urge
from scheduler.dispatch import Dispatcher
from workflows.workspace import Workspace


def copied(folder: Path, delivery: str) -> str:
    """The small campaign with a policy of delivery, beside its machine."""
    (folder / "small.yaml").write_text((SAMPLES / "small.yaml").read_text("utf-8"), "utf-8")
    path = folder / "with_delivery_campaign.yaml"
    text = Path(SMALL).read_text("utf-8")
    path.write_text(text + f"\ndelivery: {{policy: PLACEHOLDER, {delivery}}}\n", "utf-8")
    return str(path)


def times(workspace: Workspace, **where: Any) -> set[tuple[str, str | None]]:
    """When the notices that fit will go, and when they went."""
    found = [each for each in notices(workspace) if all(each[key] == value for key, value in where.items())]
    return {(each["effective_at"], each["sent_at"]) for each in found}


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        ("2010-11-05T08:59:59", "2010-11-05T01:00:00Z"),
        ("2010-11-05T09:00", "2010-11-05T01:00:00Z"),
        ("2010-11-05T17:59:59", "2010-11-05T09:59:59Z"),
        ("2010-11-05T18:00", "2010-11-08T01:00:00Z"),
        ("2010-11-06T12:00", "2010-11-08T01:00:00Z"),
        ("2010-12-31T20:00", "2011-01-04T01:00:00Z"),
        ("2011-01-30T12:00", "2011-01-30T04:00:00Z"),
    ],
    ids=["early", "opening", "last_second", "closing", "saturday", "new_year", "make_up_sunday"],
)
def test_what_is_owed_waits_for_the_next_hour_of_the_office(at: str, goes: str, sqlite_url: str) -> None:
    workspace = begin(sqlite_url)

    found = workspace.campaign.delivery.free_us(int(local(at).timestamp() * 1_000_000))

    assert rfc3339(from_us(found)) == goes
    workspace.close()


def test_an_urging_of_the_evening_is_owed_at_once_and_goes_in_the_morning(workspace: Workspace) -> None:
    set_clock(workspace, "2010-11-01T20:00")
    said = workspace.engine.execute(Urge(ref="errand/alpha", reason="请抓紧"), workspace.actor("bgs.admin")).as_json()

    assert {each["effective_at"] for each in said["notices"]} == {"2010-11-02T01:00:00Z"}
    assert times(workspace, kind="urge") == {("2010-11-02T01:00:00Z", None)}

    advance(workspace, "2010-11-02T09:00")

    assert times(workspace, kind="urge") == {("2010-11-02T01:00:00Z", "2010-11-02T01:00:00Z")}


def test_a_rung_that_is_counted_in_hours_goes_at_its_hour_of_the_night(workspace: Workspace) -> None:
    set_clock(workspace, "2010-11-01T22:00")
    to_review(workspace)

    advance(workspace, "2010-11-03T23:00")

    (review,) = [each for each in workspace.reader.show("errand/alpha")["deadlines"] if each["code"] == "review_term"]
    told = [each for each in notices(workspace) if each["deadline"] == review["id"]]
    assert told
    assert all(each["urgent"] and each["planned_at"] == each["sent_at"] for each in told)
    assert "2010-11-02T14:00:00Z" in {each["sent_at"] for each in told}, "22:00, a day later"


def test_what_is_handed_over_by_night_goes_by_night(db_url: str) -> None:
    workspace = begin(db_url, "baodi-2010", at="2010-11-25T23:00")

    Dispatcher(workspace, SILENT).deliver()

    assert {(each["kind"], each["status"]) for each in notices(workspace)} == {("handover", "sent")}
    workspace.close()


def test_quiet_hours_inside_the_window_put_it_off_and_outside_it_change_nothing(workspace: Workspace) -> None:
    desk = Contacts(workspace.engine, workspace.actor("bgs.admin"))
    desk.set("alpha.liaison", "console", "alpha", "08:00-10:30")
    desk.set("beta.liaison", "console", "beta", "22:00-07:00")

    advance(workspace, "2010-11-03T09:00")

    goes = {each["recipient"]: (each["effective_at"], each["status"]) for each in notices(workspace)}
    assert goes["alpha.liaison"] == ("2010-11-03T02:30:00Z", "owed")
    assert goes["beta.liaison"] == ("2010-11-03T01:00:00Z", "sent")


def test_where_window_and_quiet_hours_never_agree_the_person_is_left_in_peace(workspace: Workspace) -> None:
    desk = Contacts(workspace.engine, workspace.actor("bgs.admin"))
    desk.set("alpha.liaison", "console", "alpha", "08:00-20:00")

    advance(workspace, "2010-11-03T09:00")

    (alpha,) = [each for each in notices(workspace) if each["recipient"] == "alpha.liaison"]
    assert alpha["status"] == "owed"
    assert alpha["effective_at"].endswith("T12:00:00Z"), "20:00 there: when the quiet hours end"


def test_a_campaign_says_its_own_hours(tmp_path: Path) -> None:
    workspace = begin(f"sqlite:///{tmp_path / 'x.db'}", copied(tmp_path, 'window: "08:30-17:00", days: all'))
    free = workspace.campaign.delivery.free_us

    def goes(at: str) -> int:
        return free(int(local(at).timestamp() * 1_000_000))

    assert goes("2010-11-06T07:00") == goes("2010-11-06T08:30")
    assert goes("2010-11-06T17:00") == goes("2010-11-07T08:30")
    workspace.close()


@pytest.mark.parametrize(
    ("delivery", "code"),
    [
        ('window: "18:00-09:00"', "window"),
        ('window: "09:00-09:00"', "window"),
        ("window: always", "bad_"),
        ('window: "10:00-18:00"', "window_misses"),
        ("digest: {kinds: {handover: on}}", "kind"),
        ("digest: {circles: {nobody: off}}", "circle"),
        ('repeat: {every: "3 workdays", at_most: -1}', "bad_"),
        ("hold_after_hours: 0", "bad_"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_before_anything_is_stored(delivery: str, code: str, tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'x.db'}")

    ended = office("--json", "campaign", "check", copied(tmp_path, delivery))

    assert ended.code == 7
    assert code in ended.out
    assert office("init", "--campaign", copied(tmp_path, delivery), "--rehearsal").code == 7
    assert not (tmp_path / "x.db").exists()
