"""What is foreseen is what comes, if nobody acts."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from commandline import small_office
from world import advance, begin, correct, do, local, notices

from engine.contacts import Contacts
from engine.forecasting import Foreseen, foresee, foresee_owed, together
from engine.repeating import foresee_insisting
from workflows.workspace import Workspace


def foreseen(workspace: Workspace, until: str) -> list[Foreseen]:
    with workspace.database.snapshot() as tx:
        matters = workspace.reader.matters(tx)
        return foresee(tx, workspace.campaign, workspace.people, matters, workspace.clock.now(), local(until))


def told(workspace: Workspace, kinds: set[str]) -> set[tuple[str, str, str, str]]:
    return {
        (each["planned_at"], each["recipient"], each["ref"], each["subject"])
        for each in notices(workspace)
        if each["kind"] in kinds
    }


@pytest.mark.parametrize("until", ["2010-11-26T09:00", "2010-12-02T12:00", "2010-12-14T12:00"])
def test_what_was_foreseen_comes_if_nobody_acts(until: str, sqlite_url: str) -> None:
    baodi = begin(sqlite_url, "baodi-2010")
    expected = {
        (each.as_json()["planned_at"], each.recipient, each.ref, each.subject) for each in foreseen(baodi, until)
    }
    kinds = {each.kind for each in foreseen(baodi, until)}
    own = {each.ref for each in foreseen(baodi, until)}

    advance(baodi, until)

    came = {each for each in told(baodi, kinds) if each[2] in own}
    assert came == expected != set()
    baodi.close()


def test_looking_ahead_changes_nothing_and_forgets_what_is_done(workspace: Workspace) -> None:
    before = foreseen(workspace, "2010-11-10T00:00")
    assert before == foreseen(workspace, "2010-11-10T00:00")
    assert {each.ref for each in before} == {"errand/alpha", "errand/beta"}

    correct(workspace, "errand/alpha", "alpha.head", reason="漏填", urgent=False)
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    do(workspace, "errand/alpha", "submit", "alpha.liaison", docs="report")

    assert "answer" not in {
        each.deadline for each in foreseen(workspace, "2010-11-10T00:00") if each.ref == "errand/alpha"
    }
    assert foreseen(workspace, "2010-11-01T00:00") == []


def test_the_office_sees_who_will_be_told(tmp_path: Path) -> None:
    office = small_office(tmp_path)

    said = office.json("notice", "forecast", "--until", "2010-11-04", "--body", "alpha")["items"]
    shown = office("--lang", "en", "notice", "forecast", "--until", "2010-11-04", "--to", "beta.liaison")

    assert [(each["planned_at"], each["recipient"]) for each in said] == [("2010-11-03T01:00:00Z", "alpha.liaison")]
    assert "errand/beta" in shown.out and "errand/alpha" not in shown.out
    assert office("notice", "forecast", "--until", "soon").politely().code == 7
    assert office("notice", "forecast", "--until", "2010-11-04", "--body", "nobody").politely().code == 7


def test_the_office_sees_the_words_the_day_the_way_and_what_rides_together_as_it_will_be(db_url: str) -> None:
    baodi = begin(db_url, "baodi-2010")
    contacts = Contacts(baodi.engine, baodi.actor("bgs.admin"))
    contacts.set("wujia.head", "file", "wujia", quiet="08:00-11:30")
    contacts.set("wujia.head", "console", "wujia")
    contacts.set("sifa.head", "file", "sifa", quiet="08:00-18:30")
    until = "2010-12-14T12:00"
    with baodi.database.snapshot() as tx:
        matters, now = baodi.reader.matters(tx), baodi.clock.now()
        to = baodi.campaign, baodi.people
        found = foresee(tx, *to, matters, now, local(until))
        found += [
            *foresee_insisting(tx, *to, matters, found, now, local(until)),
            *foresee_owed(tx, *to, now, local(until)),
        ]
    said = [each.as_json() for each in together(baodi.campaign, found) if each.goes <= local(until)]
    own = {each["ref"] for each in said}

    advance(baodi, until)

    def shown(each: dict[str, Any], *, digest: bool) -> tuple[Any, ...]:
        names = ("kind", "level", "recipient", "ref", "channel", "subject", "text", "planned_at", "effective_at")
        return (*(each[name] for name in names), digest)

    came = [
        each
        for each in notices(baodi)
        if each["kind"] != "digest" and each["ref"] in own and each["effective_at"] <= "2010-12-14T04:00:00Z"
    ]
    assert {each["kind"] for each in came} == {"handover", "reminder", "overdue", "escalation", "repeat"}
    assert {each["channel"] for each in came if each["recipient"] == "wujia.head"} == {"file", "console"}
    was = Counter(shown(each, digest=each["digest"] is not None) for each in came)
    will = Counter(shown(each, digest=each["digest"]) for each in said)
    assert (will - was, was - will) == (Counter(), Counter())
    baodi.close()
