"""What did not happen is found, told once, and forgotten when it happens after all."""

from collections.abc import Iterator
from typing import Any

import pytest
from world import (
    advance,
    again,
    attach,
    begin,
    correct,
    do,
    everything,
    fire,
    flaws,
    history,
    local,
    notices,
    open_one,
    set_clock,
    sql,
)

from engine.clock import rfc3339
from engine.firing import fire_due
from scheduler.lookout import findings
from workflows.workspace import Workspace

REF = "parcel/2010-0001"


@pytest.fixture
def watched(db_url: str) -> Iterator[Workspace]:
    """Give a rehearsal of the campaign whose matters are watched, on each system in turn."""
    found = begin(db_url, "watched")
    yield found
    found.close()


def parcel(workspace: Workspace, **facts: Any) -> str:
    return open_one(workspace, "parcel", "alpha.liaison", **facts).ref


def watches(workspace: Workspace) -> dict[str, tuple[str, int]]:
    """The status of each watch of the first parcel, and how often it was told."""
    rows = sql(
        workspace.database,
        "select d.code, d.status, d.rung from deadline d join matter m on m.id = d.matter_id"
        " where m.ref = :ref and d.code <> 'pack' order by d.id",
        ref=REF,
    )
    return {code: (status, times) for code, status, times in rows}


def told(workspace: Workspace) -> list[tuple[str, str]]:
    found = [each for each in notices(workspace, ref=REF) if each["kind"] == "finding"]
    return sorted((each["planned_at"], each["recipient"]) for each in found)


def instant(at: str) -> str:
    return rfc3339(local(at))


def test_what_has_not_happened_for_its_time_is_told_at_nine_of_the_next_working_day(watched: Workspace) -> None:
    parcel(watched, fragile=True)
    assert watches(watched) == {"unsent": ("watching", 0)}

    advance(watched, "2010-11-05T08:59")
    before = told(watched)
    advance(watched, "2010-11-05T09:00")

    assert before == []
    assert told(watched) == [
        (instant("2010-11-05T09:00"), login) for login in ("alpha.head", "bgs.admin", "bgs.admin2")
    ]
    entry = next(each for each in history(watched, REF) if each["trigger"] == "unsent")
    assert (entry["kind"], entry["occurred_at"]) == ("deadline", instant("2010-11-05T09:00"))
    assert [(each["op"], each["since"]) for each in entry["deadlines"]] == [("found", "2010-11-01T01:00:00Z")]
    assert flaws(watched) == []


def test_what_happens_in_time_is_no_finding(watched: Workspace) -> None:
    parcel(watched, fragile=True)

    do(watched, REF, "send", "alpha.liaison")
    advance(watched, "2010-11-05T12:00")

    assert watches(watched)["unsent"] == ("unneeded", 0)
    assert [each for each in findings(watched)["items"] if each["monitor"] == "unsent"] == []
    assert flaws(watched) == []


def test_a_finding_is_told_again_as_often_as_its_monitor_says_and_no_more(watched: Workspace) -> None:
    parcel(watched, fragile=True)

    advance(watched, "2010-12-31T12:00")

    instants = sorted({at for at, login in told(watched) if login == "alpha.head"})
    assert instants == [instant("2010-11-05T09:00"), instant("2010-11-09T09:00")]
    assert watches(watched)["unsent"] == ("found", 2)


def test_a_finding_ends_with_the_act_that_was_missing(watched: Workspace) -> None:
    parcel(watched, fragile=True)
    advance(watched, "2010-11-05T12:00")

    do(watched, REF, "send", "alpha.liaison")
    advance(watched, "2010-12-01T12:00")

    assert watches(watched)["unsent"] == ("cleared", 1)
    assert len({at for at, login in told(watched) if login == "alpha.head"}) == 1
    assert flaws(watched) == []


def test_a_correction_begins_a_watch_and_another_ends_it(watched: Workspace) -> None:
    parcel(watched)

    correct(watched, REF, "alpha.head", fragile=True, reason="漏填")
    begun = watches(watched)
    correct(watched, REF, "alpha.head", fragile=False, reason="误填")

    assert begun == {"unsent": ("watching", 0)}
    assert watches(watched) == {"unsent": ("unneeded", 0)}
    assert flaws(watched) == []


def test_a_document_ends_a_watch(watched: Workspace) -> None:
    parcel(watched)
    do(watched, REF, "send", "alpha.liaison")

    attach(watched, REF, "alpha.liaison", "slip")

    assert watches(watched) == {"unslipped": ("unneeded", 0)}
    assert flaws(watched) == []


def test_the_time_counts_from_the_instant_that_a_fact_names(watched: Workspace) -> None:
    parcel(watched)
    set_clock(watched, "2010-11-02T09:00")
    do(watched, REF, "send", "alpha.liaison", sent_at=instant("2010-11-01T15:00"))

    advance(watched, "2010-11-02T15:00")

    assert {at for at, _ in told(watched)} == {instant("2010-11-02T15:00")}
    (found,) = findings(watched, ref=REF)["items"]
    assert (found["since"], found["found_at"]) == (instant("2010-11-01T15:00"), instant("2010-11-02T15:00"))
    assert {each["recipient"] for each in found["told"]} == {"bgs.admin", "bgs.admin2"}


def test_what_was_due_before_it_was_entered_waits_for_the_entry_that_may_follow(watched: Workspace) -> None:
    parcel(watched)
    set_clock(watched, "2010-11-08T10:00")

    do(watched, REF, "send", "alpha.liaison", occurred="2010-11-02T09:00")
    fire_due(watched.engine)
    at_once = told(watched)
    attach(watched, REF, "alpha.liaison", "slip", occurred="2010-11-02T10:00")
    advance(watched, "2010-11-09T12:00")

    assert (at_once, told(watched)) == ([], [])


def test_what_was_due_before_it_was_entered_is_told_within_the_hour(watched: Workspace) -> None:
    parcel(watched)
    set_clock(watched, "2010-11-08T10:00")

    do(watched, REF, "send", "alpha.liaison", occurred="2010-11-02T09:00")
    advance(watched, "2010-11-09T12:00")

    assert {at for at, _ in told(watched)} == {instant("2010-11-08T11:00")}


def test_a_breach_may_be_what_a_monitor_waits_for(watched: Workspace) -> None:
    parcel(watched)

    advance(watched, "2010-11-08T09:00")

    assert watches(watched) == {"overdue": ("found", 1)}
    assert [login for _, login in told(watched)] == ["lxz.chair"]
    breach = next(each for each in history(watched, REF) if each["trigger"] == "pack")
    assert [each["op"] for each in breach["deadlines"]] == ["breached", "watched"]
    assert flaws(watched) == []


def test_a_final_matter_is_watched_no_longer(watched: Workspace) -> None:
    parcel(watched, fragile=True)

    do(watched, REF, "arrive", "alpha.liaison")

    assert watches(watched)["unsent"] == ("unneeded", 0)


def test_a_watch_is_no_deadline_gives_no_light_and_no_breach(watched: Workspace) -> None:
    parcel(watched, fragile=True)
    fire(watched, "2010-11-02T12:00")
    before = watched.reader.show(REF)
    do(watched, REF, "send", "alpha.liaison")
    do(watched, REF, "fetch_back", "alpha.liaison")
    advance(watched, "2010-12-01T12:00")

    shown = watched.reader.show(REF)

    assert [each["code"] for each in shown["deadlines"]] == ["pack"]
    assert [(each["monitor"], each["status"]) for each in before["watches"]] == [("unsent", "watching")]
    assert shown["light"] == "green"
    assert {each["code"] for each in watched.reader.deadlines(ref=REF)["items"]} == {"pack"}
    assert sql(
        watched.database,
        "select count(*) from deadline where status in ('watching', 'found', 'cleared', 'unneeded') and breached_at is not null",
    ) == [(0,)]


def test_two_processes_tell_one_finding_once(watched: Workspace) -> None:
    parcel(watched, fragile=True)
    set_clock(watched, "2010-11-05T09:00")
    other = again(watched)

    fired = [fire_due(each.engine) for each in (watched, other)]

    assert fired[1] == 0
    assert len(told(watched)) == len(set(told(watched))) == 3
    other.close()


def test_after_an_outage_a_finding_is_told_once_and_dated_as_it_was_due(watched: Workspace) -> None:
    parcel(watched, fragile=True)

    fire(watched, "2010-11-30T10:00")

    assert {at for at, login in told(watched) if login == "alpha.head"} == {instant("2010-11-05T09:00")}
    assert flaws(watched) == []


def test_looking_back_shows_what_was_found_then_and_changes_nothing(watched: Workspace) -> None:
    parcel(watched, fragile=True)
    advance(watched, "2010-11-08T12:00")
    do(watched, REF, "send", "alpha.liaison", docs="slip")
    before = everything(watched)

    then = findings(watched, as_of=local("2010-11-08T10:00"))["items"]

    assert {each["monitor"] for each in then} == {"unsent", "overdue"}
    assert {each["times_told"] for each in then} == {1}
    assert findings(watched)["items"] == []
    assert findings(watched, as_of=local("2010-11-04T10:00"))["items"] == []
    assert findings(watched, body="beta", as_of=local("2010-11-08T10:00"))["items"] == []
    assert everything(watched) == before
