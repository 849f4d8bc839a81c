"""The same case in 2010 and in 2026: each clock follows the law of the day on which it began, and goes on following it."""

from typing import Any

import pytest
from case_beginnings import ON_TRIAL, Step
from scenarioplay import Play
from world import again, begin, clock_of, do, everything, extend, flaws, open_one

from engine.definition import load_definition
from engine.errors import Conflict, Refused
from engine.publishing import publish
from engine.term_schema import Term
from workflows.library import HERE, statutes
from workflows.workspace import Workspace

LEAD: dict[str, Any] = {"body": "gongshang", "channel": "letter", "anonymous": True, "content": "卖假货"}


def in_2026(steps: list[Step]) -> list[Step]:
    """The same life sixteen years later."""
    return [{**step, "occurred": step["occurred"].replace("2010-", "2026-", 1)} for step in steps]


def started(play: Play, code: str) -> dict[str, Any]:
    """What the history says of the start of the clock *code*."""
    entries = play.desk.reader.history(play.ref)["items"]
    (said,) = [
        each for entry in entries for each in entry["deadlines"] if (each["op"], each["code"]) == ("started", code)
    ]
    return dict(said)


def test_the_same_case_has_one_month_for_its_trial_in_2010_and_two_in_2026(db_url: str) -> None:
    then = Play(db_url)
    then.run("case", "gongshang", ON_TRIAL)
    old, said_then = then.shown()["deadlines"][-1], started(then, "trial")

    then.ref = ""
    then.run("case", "gongshang", in_2026(ON_TRIAL))
    new, said_now = then.shown()["deadlines"][-1], started(then, "trial")

    assert (old["code"], old["term"], old["last_day"], old["mark"]) == ("trial", {"months": 1}, "2011-01-30", "S")
    assert (new["code"], new["term"], new["last_day"], new["mark"]) == ("trial", {"months": 2}, "2027-03-01", "V")
    assert (said_then["mark"], said_now["mark"]) == ("S", "V")
    assert (said_then["statute"], said_now["statute"]) == ("T-TRIAL-1@1997-01-01", "T-TRIAL-1@2018-10-26")
    assert flaws(then.desk) == []


def lead(workspace: Workspace) -> str:
    """A lead that nobody named, received now."""
    return open_one(workspace, "lead", "bgs.admin", **LEAD).ref


@pytest.mark.parametrize(
    ("at", "term", "last_day", "put_off"),
    [
        ("2010-11-30T09:00", {"workdays": 7}, "2010-12-09", "2010-12-21"),
        ("2026-10-12T09:00", {"workdays": 15}, "2026-11-02", "2026-11-23"),
    ],
)
def test_a_clock_is_also_put_off_by_the_law_of_its_own_start(
    db_url: str, at: str, term: dict[str, int], last_day: str, put_off: str
) -> None:
    workspace = begin(db_url, "baodi-2010", at=at)
    ref = lead(workspace)
    before = clock_of(workspace, ref, "check")
    do(workspace, ref, "register", "bgs.admin", secrecy="open")
    do(workspace, ref, "assign", "bgs.admin")
    do(workspace, ref, "start_check", "gongshang.officer", officers=2)

    extend(workspace, ref, "check", "gongshang.head", reason="案情复杂")

    assert (before["term"], before["last_day"]) == (term, last_day)
    assert clock_of(workspace, ref, "check")["last_day"] == put_off
    assert flaws(workspace) == []
    workspace.close()


def test_an_order_that_would_start_a_clock_without_a_law_is_refused_and_changes_nothing(db_url: str) -> None:
    workspace = begin(db_url, "baodi-2010", at="2006-05-08T09:00")
    before = everything(workspace)

    with pytest.raises(Refused, match="T-CLUE") as refusal:
        lead(workspace)

    assert (refusal.value.code, refusal.value.exit_code) == ("no_statute", 4)
    assert "2006-05-08" in refusal.value.reasons[0].zh
    assert everything(workspace) == before
    workspace.close()


def test_a_later_registry_changes_no_clock_that_runs_and_needs_a_new_version_to_be_published(db_url: str) -> None:
    workspace = begin(db_url, "baodi-2010", at="2010-11-30T09:00")
    ref = lead(workspace)
    before = clock_of(workspace, ref, "check")
    clue = statutes()["T-CLUE"]
    shorter = clue.versions[0].model_copy(update={"term": Term(workdays=2)})
    law = {**statutes(), "T-CLUE": clue.model_copy(update={"versions": [shorter]})}
    text = (HERE / "lead.yaml").read_text()

    with pytest.raises(Conflict, match="new version"), workspace.database.tx() as tx:
        publish(tx, load_definition(text, "lead.yaml", law), "bgs.admin", workspace.clock.now())
    with workspace.database.tx() as tx:
        newer = load_definition(text.replace("version: 1", "version: 2", 1), "lead.yaml", law)
        publish(tx, newer, "bgs.admin", workspace.clock.now())

    other = again(workspace)
    assert clock_of(other, ref, "check") == before
    assert clock_of(other, lead(other), "check")["last_day"] == before["last_day"]
    assert flaws(other) == []
    other.close()
    workspace.close()
