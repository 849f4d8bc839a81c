"""Two other programs read the feed and find the same in it; a change that a reader must see raises the sequence."""

from datetime import date
from typing import Any

import icalendar
import pytest
import vobject
from world import begin, do, extend, local, set_clock

from engine.delegating import Delegations
from workflows.feed import feed
from workflows.workspace import Workspace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:vobject", "ignore::DeprecationWarning:dateutil")


def written(workspace: Workspace, *owners: str) -> bytes:
    with workspace.database.snapshot() as tx:
        return feed(workspace.campaign, workspace.reader.matters(tx), set(owners) or None, workspace.clock.now())


def alpha(workspace: Workspace) -> Any:
    """Alpha's event, as the second reader has it."""
    events = icalendar.Calendar.from_ical(written(workspace, "alpha")).walk("VEVENT")
    return next(each for each in events if "errand/alpha" in each["DESCRIPTION"])


def test_two_readers_find_the_same_events(sqlite_url: str) -> None:
    baodi = begin(sqlite_url, "baodi-2010")
    do(baodi, "department_task/wujia", "acknowledge", "wujia.head")
    text = written(baodi)

    one = {str(each.uid.value): each for each in vobject.readOne(text.decode()).vevent_list}
    two = {str(each["UID"]): each for each in icalendar.Calendar.from_ical(text).walk("VEVENT")}

    assert one.keys() == two.keys() and len(one) > 30
    for uid, event in two.items():
        other = one[uid]
        assert str(event["SUMMARY"]) == other.summary.value
        assert str(event["DESCRIPTION"]) == other.description.value
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (other.dtstart.value, other.dtend.value)
        assert (str(event["STATUS"]), str(event["SEQUENCE"])) == (other.status.value, other.sequence.value)
        alarms = sorted(each["TRIGGER"].dt for each in event.walk("VALARM"))
        assert alarms == sorted(each.trigger.value for each in getattr(other, "valarm_list", []))
    assert {str(event["STATUS"]) for event in two.values()} >= {"CONFIRMED", "CANCELLED"}
    lines = text.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert any(line.startswith(b" ") and not line.isascii() for line in lines), "Chinese text was folded"
    baodi.close()


def test_a_pause_and_its_end_raise_the_sequence_and_the_name_stays(workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    seen = [alpha(workspace)]
    do(workspace, "errand/alpha", "pause", "alpha.head", reason="待补正")
    seen.append(alpha(workspace))
    set_clock(workspace, "2010-11-02T09:00")
    do(workspace, "errand/alpha", "resume", "alpha.head")
    seen.append(alpha(workspace))
    extend(workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-20", reason="来函")
    seen.append(alpha(workspace))

    numbers = [int(each["SEQUENCE"]) for each in seen]
    assert numbers == sorted(set(numbers)), numbers
    assert [str(each["STATUS"]) for each in seen] == ["CONFIRMED", "TENTATIVE", "CONFIRMED", "CONFIRMED"]
    assert len({str(each["UID"]) for each in seen}) == 1
    assert seen[-1]["DTSTART"].dt == date(2010, 11, 20)
    assert seen[-1]["LAST-MODIFIED"].dt == seen[-1]["DTSTAMP"].dt


def test_a_persons_feed_holds_what_he_stands_in_for(workspace: Workspace) -> None:
    desk = Delegations(workspace.engine, workspace.actor("bgs.admin"))
    desk.make("alpha.head", "beta.head", local("2010-11-01"), local("2010-11-30"), "出差")
    holder = workspace.holder("beta.head")

    assert {each for deputy in workspace.deputies(holder).values() for each, _ in deputy.posts} == {"alpha"}
