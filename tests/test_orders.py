"""Orders that are refused, and by whose word: stale, misspelt, misdated, by the wrong person, without a reason."""

from collections.abc import Callable
from typing import Any

import pytest
import world
from production import act, hire, producing
from world import advance, attach, correct, do, everything, extend, flaws, history, open_one, set_clock, to_review

from engine.errors import Conflict, DubanError, Forbidden, Invalid, NotFound, Refused, Usage
from engine.orders import Attach, Correct, Do, Open
from workflows.workspace import Workspace


def refused(workspace: Workspace, work: Callable[[], object]) -> DubanError:
    """The refusal of *work*, which has changed nothing."""
    before = everything(workspace)
    with pytest.raises(DubanError) as caught:
        work()
    assert everything(workspace) == before
    return caught.value


def kinds(error: DubanError) -> list[str]:
    return [reason.kind for reason in error.reasons]


def every_order(workspace: Workspace, **extra: Any) -> dict[str, Callable[[], Any]]:
    """Each kind of order, one that would be carried out."""
    return {
        "do": lambda: do(workspace, "errand/alpha", "take", "alpha.liaison", **extra),
        "correct": lambda: correct(workspace, "errand/alpha", "alpha.head", **{"reason": "漏填", **extra}, urgent=True),
        "attach": lambda: attach(workspace, "errand/alpha", "alpha.liaison", "report", **extra),
        "extend": lambda: extend(
            workspace, "errand/alpha", "answer", "bgs.admin", "2010-11-20", **{"reason": "来函", **extra}
        ),
    }


@pytest.mark.parametrize("kind", ["do", "correct", "attach", "extend"])
def test_an_order_for_a_version_that_is_past_is_a_conflict(kind: str, workspace: Workspace) -> None:
    do(workspace, "errand/alpha", "note_cost", "alpha.liaison", cost_fen=5, if_version=1)

    for stale in (0, 1, 3):
        error = refused(workspace, every_order(workspace, if_version=stale)[kind])
        assert (type(error), error.code, error.exit_code) == (Conflict, "stale_version", 6)
        assert f"at version 2, not {stale}" in error.message

    assert every_order(workspace, if_version=2)[kind]().matter.version == 3


@pytest.mark.parametrize("kind", ["do", "correct", "attach", "extend"])
def test_no_order_is_dated_in_the_future(kind: str, workspace: Workspace) -> None:
    error = refused(workspace, every_order(workspace, occurred="2010-11-01T09:02:01")[kind])

    assert (type(error), error.code, error.exit_code) == (Invalid, "future", 7)


@pytest.mark.parametrize("kind", ["do", "correct", "attach", "extend"])
def test_nothing_happens_to_a_matter_before_it_was_opened(kind: str, workspace: Workspace) -> None:
    set_clock(workspace, "2010-11-02T10:00")

    error = refused(workspace, every_order(workspace, occurred="2010-11-01T08:59:59")[kind])

    assert (type(error), error.code, error.exit_code) == (Invalid, "before_opening", 7)
    assert every_order(workspace, occurred="2010-11-01T09:00")[kind]().matter.version == 2


def test_an_act_told_late_keeps_both_its_instants_and_the_first_counts(workspace: Workspace) -> None:
    correct(workspace, "errand/alpha", "alpha.head", reason="漏填", urgent=False)
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    set_clock(workspace, "2010-11-04T20:00")

    said = do(
        workspace, "errand/alpha", "submit", "alpha.liaison", docs="report", occurred="2010-11-03T10:00"
    ).as_json()

    assert (said["entry"]["occurred_at"], said["entry"]["recorded_at"]) == (
        "2010-11-03T02:00:00Z",
        "2010-11-04T12:00:00Z",
    )
    assert [(each["code"], each["status"], each["stopped_at"]) for each in said["deadlines_stopped"]] == [
        ("answer", "met", "2010-11-03T02:00:00Z")
    ]
    assert [each["started_at"] for each in said["deadlines_started"]] == ["2010-11-03T02:00:00Z"]


def test_a_breach_cannot_be_dated_away(workspace: Workspace) -> None:
    correct(workspace, "errand/alpha", "alpha.head", reason="漏填", urgent=False)
    do(workspace, "errand/alpha", "take", "alpha.liaison")
    advance(workspace, "2010-11-08T10:00")
    assert world.statuses(workspace, "errand/alpha") == {"answer": "breached"}

    do(workspace, "errand/alpha", "submit", "alpha.liaison", docs="report", occurred="2010-11-03T10:00")

    clock = world.clock_of(workspace, "errand/alpha", "answer")
    assert (clock["status"], clock["breached_at"]) == ("met", "2010-11-04T16:00:00Z"), "in time, and not known in time"


@pytest.mark.parametrize(
    ("said", "meant"), [("subbmit", "submit"), ("TAKE", "take"), ("notecost", "note_cost"), ("sendback", "send_back")]
)
def test_a_misspelt_trigger_is_told_with_the_one_that_was_meant(said: str, meant: str, workspace: Workspace) -> None:
    error = refused(workspace, lambda: do(workspace, "errand/alpha", said, "alpha.liaison"))

    assert (type(error), error.code, error.exit_code) == (Usage, "unknown_trigger", 2)
    assert error.hint == f"did you mean '{meant}'?"
    assert error.possible == ["note_cost", "take"]


def test_a_move_that_is_not_possible_here_says_what_was_asked_and_what_can_be_done(workspace: Workspace) -> None:
    error = refused(workspace, lambda: do(workspace, "errand/alpha", "accept", "alpha.liaison", grade="good"))

    assert (type(error), error.code, error.exit_code) == (Refused, "not_possible_here", 4)
    assert error.message == "errand/alpha in 'todo' cannot 'accept'; it can: note_cost, take"
    assert [reason.as_json()["text"]["zh"] for reason in error.reasons] == ["“待办”状态下不能“通过”"]
    assert error.possible == ["note_cost", "take"]


FORBIDDEN: dict[str, tuple[Callable[[Workspace], Any], str]] = {
    "the office in a clerk's place": (lambda at: do(at, "errand/alpha", "take", "bgs.admin"), "经办人"),
    "a clerk who corrects": (lambda at: correct(at, "errand/alpha", "alpha.liaison", reason="漏填", urgent=True), "负责人"),
    "a head who extends": (lambda at: extend(at, "errand/alpha", "answer", "alpha.head", "2010-11-20", reason="x"), "办公室"),
    "a head who opens": (lambda at: open_one(at, "errand", "alpha.head", "alpha"), "办公室或经办人"),
    "a clerk who opens for another body": (lambda at: open_one(at, "errand", "alpha.liaison", "beta"), "办公室或经办人"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORBIDDEN)
def test_the_wrong_person_is_told_whose_business_it_is(name: str, workspace: Workspace) -> None:
    work, whose = FORBIDDEN[name]

    error = refused(workspace, lambda: work(workspace))

    assert (type(error), error.exit_code, kinds(error)) == (Forbidden, 5, ["role"])
    assert whose in error.reasons[0].zh


def test_who_has_two_posts_is_still_one_person(sqlite_url: str) -> None:
    with producing(sqlite_url) as office:
        both = office.actor(token=hire(office, "li.ming", "alpha.liaison", "alpha.head"))
        head = office.actor(token=hire(office, "wang.fang", "alpha.head"))
        office.engine.execute(Correct(ref="errand/alpha", facts={"urgent": False}, reason="漏填"), both)
        act(office, both, "errand/alpha", "take")
        act(office, both, "errand/alpha", "submit", "report")

        error = refused(office, lambda: act(office, both, "errand/alpha", "accept", grade="good"))

        assert (type(error), kinds(error)) == (Forbidden, ["distinct"])
        assert "报送" in error.reasons[0].zh
        assert act(office, head, "errand/alpha", "accept", grade="good") == "closed"


def test_the_owner_of_the_machine_is_one_person_under_every_login(sqlite_url: str) -> None:
    with producing(sqlite_url) as office:
        for login, post in (("li.ming", "alpha.liaison"), ("wang.fang", "alpha.head")):
            hire(office, login, post)
        office.engine.execute(
            Correct(ref="errand/alpha", facts={"urgent": False}, reason="x"), office.actor("wang.fang")
        )
        act(office, office.actor("li.ming"), "errand/alpha", "take")
        act(office, office.actor("li.ming"), "errand/alpha", "submit", "report")

        error = refused(office, lambda: act(office, office.actor("wang.fang"), "errand/alpha", "accept", grade="good"))

        assert (type(error), kinds(error)) == (Forbidden, ["distinct"])
        assert {each["actor_auth"].split(":")[0] for each in history(office, "errand/alpha")[1:]} == {"owner"}
        token = hire(office, "zhao.lei", "alpha.head")
        assert act(office, office.actor(token=token), "errand/alpha", "accept", grade="good") == "closed"


@pytest.mark.parametrize("reason", [None, "", " \n"])
@pytest.mark.parametrize("kind", ["correct", "extend"])
def test_what_changes_a_record_or_a_date_needs_a_reason(kind: str, reason: str | None, workspace: Workspace) -> None:
    error = refused(workspace, every_order(workspace, reason=reason)[kind])

    assert (type(error), error.exit_code, kinds(error)) == (Refused, 4, ["reason"])


def test_a_correction_leaves_the_old_value_to_be_seen(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison", reporter="王某", size=8).ref

    correct(rich, ref, "alpha.head", reason="数错", size=3)
    correct(rich, ref, "alpha.head", reason="姓名有误", reporter="汪某")

    first, second, third = history(rich, ref)
    assert (first["facts"]["size"], first["facts"]["reporter"]) == (8, "王某")
    assert (second["kind"], second["facts"], second["reason"]) == ("corrected", {"size": 3}, "数错")
    assert (third["facts"], third["from"], third["to"]) == ({"reporter": "汪某"}, "fresh", "fresh")
    assert rich.reader.show(ref)["facts"] == {"reporter": "汪某", "size": 3}
    assert flaws(rich) == []


CORRECTIONS: dict[str, tuple[dict[str, Any], type[DubanError], str]] = {
    "of nothing": ({}, Invalid, "no_facts"),
    "of a fact that is not": ({"colour": "red"}, Invalid, "unknown_fact"),
    "to a wrong value": ({"cost_fen": -1}, Invalid, "bad_fact"),
}


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_correction_states_facts_that_there_are(name: str, workspace: Workspace) -> None:
    facts, kind, code = CORRECTIONS[name]

    error = refused(workspace, lambda: correct(workspace, "errand/alpha", "alpha.head", reason="漏填", **facts))

    assert (type(error), error.code) == (kind, code)


def test_what_was_once_true_stays_so_when_it_is_corrected(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison").ref
    correct(rich, ref, "alpha.head", reason="误填", approved=True)
    correct(rich, ref, "alpha.head", reason="更正", approved=False)

    (data,) = world.sql(rich.database, f"select data from matter where ref = '{ref}'")[0]

    assert '"ever":["approved"]' in data


OPENINGS: dict[str, tuple[dict[str, Any], type[DubanError], str]] = {
    "no such kind": ({"kind": "errant"}, NotFound, "no_kind"),
    "no such body": ({"body": "gamma"}, Invalid, "no_body"),
    "a fact not taken": ({"facts": {"grade": "good"}}, Invalid, "fact_not_asked"),
    "a reference taken": ({"ref": "errand/beta"}, Conflict, "ref_taken"),
    "a reference of another kind": ({"ref": "probe/1"}, Invalid, "ref"),
    "a reference that is none": ({"ref": "errand/../x y"}, Invalid, "ref"),
    "a title of two lines": ({"title": "一\n二"}, Invalid, "title"),
    "a title too long": ({"title": "长" * 401}, Invalid, "title"),
}


@pytest.mark.parametrize("name", OPENINGS)
def test_what_cannot_be_opened_is_refused_whole(name: str, workspace: Workspace) -> None:
    said, kind, code = OPENINGS[name]
    order = Open(**{"kind": "errand", "body": "alpha", **said})

    error = refused(workspace, lambda: workspace.engine.execute(order, workspace.actor("bgs.admin")))

    assert (type(error), error.code) == (kind, code)


def test_an_order_that_brings_nothing_or_comes_to_nobody_is_refused(workspace: Workspace) -> None:
    empty = Attach(ref="errand/alpha")

    error = refused(workspace, lambda: workspace.engine.execute(empty, workspace.actor("alpha.head")))

    assert (type(error), error.code) == (Invalid, "no_documents")
    for order in (Do(ref="errand/none", trigger="take"), Correct(ref="none", reason="x"), Attach(ref="")):
        missing = refused(workspace, lambda each=order: workspace.engine.execute(each, workspace.actor("alpha.head")))
        assert (type(missing), missing.code) == (NotFound, "no_matter")


def test_nothing_is_attached_to_what_is_closed(workspace: Workspace) -> None:
    to_review(workspace)
    do(workspace, "errand/alpha", "accept", "alpha.head", grade="fair")

    error = refused(workspace, lambda: attach(workspace, "errand/alpha", "alpha.head", "report"))

    assert (type(error), error.code) == (Refused, "closed")


def test_a_child_opens_under_its_condition_and_outlives_its_parent(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison", size=5, title="大件").ref

    said = do(rich, ref, "part", "alpha.liaison").as_json()

    (child,) = said["children"]  # of size 5 no errand comes
    assert rich.reader.show(child)["title"] == "大件"
    assert rich.reader.show(ref)["children"] == [child]
    do(rich, ref, "abandon", "alpha.liaison")
    do(rich, child, "abandon", "alpha.liaison")
    assert [each["trigger"] for each in history(rich, ref)] == ["open", "part", "abandon"]
    assert flaws(rich) == []


def test_a_parent_waits_for_the_last_of_its_children(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison", size=5).ref
    (child,) = do(rich, ref, "part", "alpha.liaison").as_json()["children"]
    (grandchild,) = do(rich, child, "part", "alpha.liaison").as_json()["children"]

    do(rich, grandchild, "abandon", "alpha.liaison")

    assert [rich.reader.show(each)["state"] for each in (ref, child)] == ["parted", "settled"]
    do(rich, child, "abandon", "alpha.liaison")
    assert rich.reader.show(ref)["state"] == "settled"


def test_a_move_whose_child_cannot_be_opened_does_not_happen(rich: Workspace) -> None:
    ref = open_one(rich, "probe", "alpha.liaison", size=5).ref
    rich.campaign.machines.newest = {**rich.campaign.machines.newest}
    del rich.campaign.machines.newest["probe"]

    error = refused(rich, lambda: do(rich, ref, "part", "alpha.liaison"))

    assert (type(error), error.code) == (NotFound, "no_kind")
