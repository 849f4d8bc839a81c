"""What is foreseen is what comes, if nobody acts."""

from pathlib import Path

import pytest
from commandline import small_office
from world import advance, begin, correct, do, local, notices

from engine.forecasting import Foreseen, foresee
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
