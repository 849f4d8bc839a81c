"""The calendar feed as another program reads it: the same event for ever, moved, cancelled and alarmed as its deadline is."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import vobject
from commandline import small_office
from world import begin, do, extend, local, open_one

from workflows.feed import feed
from workflows.workspace import Workspace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:vobject", "ignore::DeprecationWarning:dateutil")


def read(workspace: Workspace, *owners: str, lang: str = "zh") -> dict[str, Any]:
    """The events of the feed by their UID, as read by another program."""
    with workspace.database.snapshot() as tx:
        written = feed(
            workspace.campaign, workspace.reader.matters(tx), set(owners) or None, workspace.clock.now(), lang
        )
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    written.decode("utf-8")
    calendar = vobject.readOne(written.decode())
    events = {str(event.uid.value): event for event in getattr(calendar, "vevent_list", [])}
    assert len(events) == len(getattr(calendar, "vevent_list", []))
    return events


def of(events: dict[str, Any], ref: str) -> Any:
    return next(event for event in events.values() if ref in event.description.value)


def test_a_deadline_is_one_event_of_its_last_day_with_alarms_from_its_ladder(workspace: Workspace) -> None:
    event = of(read(workspace), "errand/alpha")

    assert (event.dtstart.value, event.dtend.value) == (date(2010, 11, 4), date(2010, 11, 5))
    assert event.summary.value == "办理期限：甲局的差事"
    assert (event.status.value, event.sequence.value, event.transp.value) == ("CONFIRMED", "0", "TRANSPARENT")
    assert "责任单位：甲局" in event.description.value
    alarms = [alarm.trigger.value for alarm in event.valarm_list]
    assert local("2010-11-03T09:00") in alarms
    assert all(at < local("2010-11-05T00:00") for at in alarms)


def test_an_event_keeps_its_name_and_is_raised_when_its_date_moves(workspace: Workspace) -> None:
    first = of(read(workspace), "errand/alpha")

    extend(workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-20", reason="来函")
    moved = of(read(workspace), "errand/alpha")

    assert moved.uid.value == first.uid.value
    assert (moved.dtstart.value, int(moved.sequence.value) > int(first.sequence.value)) == (date(2010, 11, 20), True)


def test_what_is_done_is_cancelled_with_a_higher_sequence(sqlite_url: str) -> None:
    baodi = begin(sqlite_url, "baodi-2010")
    before = of(read(baodi, "wujia"), "department_task/wujia")
    uid = next(
        event.uid.value for event in read(baodi, "wujia").values()
        if "department_task/wujia" in event.description.value and "签收" in event.summary.value
    )  # fmt: skip

    do(baodi, "department_task/wujia", "acknowledge", "wujia.head")

    after = read(baodi, "wujia")[uid]
    assert (after.status.value, after.sequence.value) == ("CANCELLED", "1")
    assert not hasattr(after, "valarm_list")
    assert before.status.value == "CONFIRMED"
    baodi.close()


def test_a_feed_of_a_body_holds_its_own_deadlines_only(workspace: Workspace) -> None:
    everything, own = read(workspace), read(workspace, "alpha")

    assert own.keys() < everything.keys()
    assert all("责任单位：甲局" in event.description.value for event in own.values())


def test_a_deadline_of_hours_ends_at_its_minute(sqlite_url: str) -> None:
    baodi = begin(sqlite_url, "baodi-2010")
    ref = open_one(baodi, "case", "gongshang.officer", "gongshang", infringement="c214").ref
    hours = [
        event for event in read(baodi).values()
        if ref in event.description.value and isinstance(event.dtstart.value, datetime)
    ]  # fmt: skip
    for event in hours:
        assert event.dtend.value - event.dtstart.value == timedelta(minutes=15)
    baodi.close()


def test_what_is_in_english_is_all_in_english(workspace: Workspace) -> None:
    event = of(read(workspace, lang="en"), "errand/alpha")

    assert "Body in charge:" in event.description.value
    assert "责任单位" not in event.description.value


def test_the_office_exports_a_feed_to_stdout_or_a_file(tmp_path: Path) -> None:
    office = small_office(tmp_path)
    target = tmp_path / "alpha.ics"

    shown = office("export", "ics")
    said = office.json("export", "ics", "--person", "alpha.head", "--out", str(target))

    assert shown.code == 0 and shown.out.startswith("BEGIN:VCALENDAR")
    assert said["events"] == target.read_bytes().count(b"BEGIN:VEVENT") == 1
    assert "errand/beta" not in target.read_text("utf-8")
    assert office("export", "ics", "--body", "alpha", "--person", "alpha.head").politely().code == 2
    assert office("export", "ics", "--body", "nobody").politely().code == 7
    assert office("export", "ics", "--person", "nobody").politely().code == 5
    assert office("export", "ics", "--out", str(tmp_path / "no" / "x.ics")).politely().code == 8
