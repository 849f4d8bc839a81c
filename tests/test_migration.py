"""Live matters taken over to another version: nothing is lost, no term starts again, and the record tells all of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from newversion import gone_over, planned, published, standing, version
from world import (
    advance,
    again,
    clock_of,
    correct,
    do,
    everything,
    extend,
    fire,
    flaws,
    history,
    local,
    notices,
    open_one,
    others,
    sql,
    statuses,
    to_review,
)  # fmt: skip

from engine.errors import Conflict, Forbidden
from workflows.migration import migrate
from workflows.publication import find_version, versions_of
from workflows.workspace import Workspace

ALPHA, BETA = "errand/alpha", "errand/beta"


@pytest.fixture
def two(workspace: Workspace, tmp_path: Path) -> Iterator[Workspace]:
    """Give two errands, one taken up with a cost stated, and the second version published beside the first."""
    correct(workspace, ALPHA, "alpha.head", reason="漏填", urgent=False)
    do(workspace, ALPHA, "take", "alpha.liaison")
    do(workspace, ALPHA, "note_cost", "alpha.liaison", cost_fen=500)
    published(workspace, version(tmp_path))
    yield workspace


def test_the_plan_tells_what_would_become_of_everything_and_changes_nothing(two: Workspace) -> None:
    before = everything(two)

    said = planned(two).as_json()

    assert said["ok"]
    assert "there is no deadline 'answer'" in said["remarks"]
    assert (said["matters"], said["situations"]) == (2, 2)
    assert [(each["state"], each["to"], each["count"]) for each in said["states"]] == [
        ("doing", "active", 1), ("todo", "todo", 1),
    ]  # fmt: skip
    ops = {(each["op"], each["was"], each["code"]): each["count"] for each in said["deadlines"]}
    assert ops == {("carried", "answer", "reply"): 2, ("started", None, "inspection"): 1}
    assert everything(two) == before


def test_a_matter_goes_over_with_all_it_has_and_no_term_starts_again(two: Workspace) -> None:
    was = clock_of(two, ALPHA, "answer")
    advance(two, "2010-11-02T12:00")

    assert gone_over(two)["migrated"] == 2

    shown = two.reader.show(ALPHA)
    assert (shown["definition"], shown["state"], shown["stage"]) == ("errand@2", "active", "work")
    assert shown["facts"] == {"urgent": False, "cost": 500, "checked": False}
    will = clock_of(two, ALPHA, "reply")
    assert {name: will[name] for name in ("id", "started_at", "last_day", "breach_at", "status", "term")} == {
        name: was[name] for name in ("id", "started_at", "last_day", "breach_at", "status", "term")
    }
    assert will["term"] == {"workdays": 3}
    assert clock_of(two, ALPHA, "inspection")["started_at"] == "2010-11-02T04:00:00Z"
    entry = history(two, ALPHA)[-1]
    assert (entry["kind"], entry["from"], entry["to"], entry["approved_by"]["login"]) == (
        "migration", "doing", "active", "lxz.chair",
    )  # fmt: skip
    assert {each["op"] for each in entry["deadlines"]} == {"carried", "started"}
    assert flaws(two) == []


def test_looking_back_sees_the_version_of_that_time(two: Workspace) -> None:
    advance(two, "2010-11-02T12:00")
    gone_over(two)
    advance(two, "2010-11-03T12:00")

    then = two.reader.show(ALPHA, as_of=local("2010-11-01T20:00"))

    assert (then["definition"], then["state"], then["facts"]) == (
        "errand@1",
        "doing",
        {"urgent": False, "cost_fen": 500},
    )
    assert [each["code"] for each in then["deadlines"]] == ["answer"]
    now = two.reader.show(ALPHA, as_of=local("2010-11-03T11:00"))
    assert (now["definition"], now["state"]) == ("errand@2", "active")
    assert {each["code"] for each in now["deadlines"]} == {"reply", "inspection"}


def test_life_goes_on_in_the_new_version_to_the_end(two: Workspace) -> None:
    gone_over(two)

    do(two, ALPHA, "submit", "alpha.liaison", docs="paper")
    do(two, ALPHA, "accept", "bgs.admin", grade="good")

    assert two.reader.show(ALPHA)["state"] == "closed"
    assert statuses(two, ALPHA) == {"reply": "met", "inspection": "met", "review_term": "met"}
    assert flaws(two) == []


def test_a_carried_clock_is_paused_put_off_and_fired_by_the_rule_it_began_with(two: Workspace) -> None:
    gone_over(two)
    do(two, ALPHA, "pause", "alpha.head", reason="等")
    advance(two, "2010-11-03T12:00")
    do(two, ALPHA, "resume", "alpha.head")
    assert clock_of(two, ALPHA, "reply")["last_day"] == "2010-11-08"
    extend(two, BETA, "reply", "bgs.admin", "2010-11-05", reason="缓")

    advance(two, "2010-11-12T12:00")

    assert clock_of(two, ALPHA, "reply")["breached_at"] == "2010-11-08T16:00:00Z"
    assert clock_of(two, BETA, "reply")["breached_at"] == "2010-11-05T16:00:00Z"
    assert "3" in str(clock_of(two, BETA, "reply")["derivation"])
    assert flaws(two) == []


def test_what_is_breached_stays_breached_and_the_ladder_goes_on_where_it_was(two: Workspace) -> None:
    advance(two, "2010-11-05T12:00")
    was = [(each["level"], each["recipient"]) for each in notices(two, ref=BETA)]

    gone_over(two)
    advance(two, "2010-11-20T12:00")

    assert clock_of(two, BETA, "reply")["breached_at"] == "2010-11-04T16:00:00Z"
    all_of_it = [(each["level"], each["recipient"]) for each in notices(two, ref=BETA)]
    assert all_of_it[: len(was)] == was
    assert len(all_of_it) == len(set(all_of_it)) > len(was)
    assert flaws(two) == []


def test_a_date_is_counted_by_the_new_rule_only_if_that_is_said_and_each_is_told_once(
    workspace: Workspace, tmp_path: Path
) -> None:
    published(workspace, version(tmp_path, ("sets: {checked", "recount: reply\n    sets: {checked")))

    plan = planned(workspace)
    moves = [(each.date.ref, each.date.before, each.date.last_day) for each in plan.dates.changes if each.moves]
    assert moves == [(ALPHA, "2010-11-04", "2010-11-08"), (BETA, "2010-11-04", "2010-11-08")]
    assert plan.dates.told == {"alpha.liaison": 1, "beta.liaison": 1}
    gone_over(workspace)
    gone_over(workspace)

    clock = clock_of(workspace, ALPHA, "reply")
    assert (clock["last_day"], clock["started_at"], clock["term"]) == (
        "2010-11-08",
        "2010-11-01T01:00:00Z",
        {"workdays": 5},
    )
    told = [each["recipient"] for each in notices(workspace) if each["kind"] == "recounted"]
    assert sorted(told) == ["alpha.liaison", "beta.liaison"]
    assert flaws(workspace) == []


def test_the_way_there_and_back_restores_everything(two: Workspace) -> None:
    open_one(two, "errand", "bgs.admin", "alpha", ref="errand/late")
    to_review(two, "errand/late")
    do(two, "errand/late", "send_back", "bgs.admin", reason="补充")
    extend(two, BETA, "answer", "bgs.admin", "2010-11-05", reason="缓")
    do(two, ALPHA, "pause", "alpha.head", reason="等")
    advance(two, "2010-11-09T12:00")
    refs = (ALPHA, BETA, "errand/late")
    before = {ref: standing(two, ref) for ref in refs}

    gone_over(two)
    assert {standing(two, ref)["row"][0] for ref in refs} != {before[ALPHA]["row"][0]}
    gone_over(two, 1)

    assert {ref: standing(two, ref) for ref in refs} == before
    assert flaws(two) == []
    gone_over(two)
    gone_over(two, 1)
    assert {ref: standing(two, ref) for ref in refs} == before
    assert flaws(two) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("states: {doing: active}", "states: {doing: active, todo: active}"), "todo and doing became active"),
        (("facts: {cost_fen: cost}", "facts: {cost_fen: null}"), "cost_fen (facts) was left behind"),
        (("deadlines: {answer: reply}", "deadlines: {answer: null}"), "answer (deadlines) was left behind"),
        (("sets: {checked: false}", "sets: {checked: false, urgent: true}"), "urgent was overwritten"),
    ],
)
def test_what_cannot_be_told_apart_any_more_has_no_way_back(
    change: tuple[str, str], reason: str, workspace: Workspace, tmp_path: Path
) -> None:
    published(workspace, version(tmp_path, change))
    gone_over(workspace)

    problems = planned(workspace, 1).as_json()["problems"]

    assert reason in " ".join(each["en"] for each in problems)


def test_what_happened_after_stands_against_the_way_back(two: Workspace) -> None:
    gone_over(two)
    correct(two, ALPHA, "alpha.head", reason="已核", checked=True)

    (problem,) = planned(two, 1).as_json()["problems"]

    assert (problem["code"], problem["refs"]) == ("fact", [ALPHA])


def test_an_order_for_the_matter_as_it_was_meets_a_conflict(two: Workspace) -> None:
    seen = two.reader.show(ALPHA)["version"]
    with others(two, 1) as (other,):
        gone_over(two)

        with pytest.raises(Conflict):
            do(other, ALPHA, "note_cost", "alpha.liaison", cost=7, if_version=seen)
        do(other, ALPHA, "note_cost", "alpha.liaison", cost=7)

    assert two.reader.show(ALPHA)["facts"]["cost"] == 7
    assert flaws(two) == []


def test_it_needs_the_administrator_and_a_second_person(two: Workspace) -> None:
    before, target = everything(two), find_version(two, "errand", 2)

    for login, approver in (("bgs.admin", "bgs.admin"), ("alpha.head", "lxz.chair"), ("bgs.admin", "alpha.head")):
        with pytest.raises(Forbidden):
            migrate(two, target, two.actor(login), two.actor(approver))

    assert everything(two) == before


def test_some_may_go_and_the_others_stay_on_their_version(two: Workspace) -> None:
    assert gone_over(two, 2, BETA)["migrated"] == 1

    assert [each["live"] for each in versions_of(two, "errand")["items"]] == [1, 1]
    do(two, ALPHA, "submit", "alpha.liaison", docs="report")
    do(two, BETA, "take", "beta.liaison")
    assert flaws(two) == []


def test_what_is_at_an_end_stays_where_it_was(two: Workspace) -> None:
    do(two, BETA, "drop", "bgs.admin", reason="撤")

    assert gone_over(two)["migrated"] == 1

    assert two.reader.show(BETA)["definition"] == "errand@1"


def test_once_more_changes_nothing_but_says_so(two: Workspace) -> None:
    gone_over(two)

    assert gone_over(two)["migrated"] == 0
    assert len(history(two, ALPHA)) == 5


def test_other_processes_and_looks_follow_at_once(two: Workspace) -> None:
    gone_over(two)

    fresh = again(two)
    assert fresh.reader.show(ALPHA)["definition"] == "errand@2"
    assert fresh.reader.board()["rows"]
    assert fresh.reader.listed()["items"]
    fire(two, "2010-11-30T12:00")
    fresh.close()
    assert flaws(two) == []


def test_the_campaigns_record_tells_who_ordered_it(two: Workspace) -> None:
    gone_over(two)

    rows = sql(two.database, "select kind, trigger, actor from entry where stream = 'definition/errand' order by seq")

    assert [row[0] for row in rows] == ["published", "migration_ordered", "migration_done"]
    assert rows[1][1:] == ("migration:errand@2:2", "bgs.admin")


def test_without_a_word_of_migrations_equal_codes_are_equal_things(workspace: Workspace, tmp_path: Path) -> None:
    published(workspace, version(tmp_path, more="", base=()))
    assert planned(workspace).sound
    gone_over(workspace)
    assert workspace.reader.show(ALPHA)["definition"] == "errand@2"
