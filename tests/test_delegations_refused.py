"""What nobody gets by standing in: another's place by his own word, a century, a second answer, or both sides of a check."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from production import act, admin, hire, producing, refusal
from world import begin, everything, flaws, local

from engine.delegating import Delegations
from engine.orders import Actor, Correct, Do
from engine.verifying import verify
from workflows.workspace import Workspace

FIRST, LAST = local("2010-11-01"), local("2010-11-06")


def delegate(workspace: Workspace, login: str, to: str, since: datetime = FIRST, until: datetime = LAST) -> None:
    Delegations(workspace.engine, workspace.actor("bgs.admin")).make(login, to, since, until, "出差")


def deputy(workspace: Workspace, login: str, on_behalf: str) -> Actor:
    return workspace.deputy(workspace.actor(login), on_behalf)


def verified(workspace: Workspace) -> list[str]:
    with workspace.database.snapshot() as tx:
        return [each["code"] for each in verify(tx, workspace.campaign)["findings"]]


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    """Give the small campaign in production, on each system in turn."""
    with producing(db_url) as workspace:
        yield workspace


def test_an_administrator_does_not_put_himself_in_anothers_place(workspace: Workspace) -> None:
    before = everything(workspace)

    error = refusal(lambda: delegate(workspace, "alpha.head", "bgs.admin"))

    assert (error.code, error.exit_code) == ("to_oneself", 5)
    assert everything(workspace) == before


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [("2009-11-01", "2010-11-05", "from_past"), ("2010-10-31", "2010-11-05", "from_past"), ("2010-11-01", "2110-11-05", "too_long")],
)  # fmt: skip
def test_a_slip_in_the_year_makes_no_delegation(since: str, until: str, code: str, workspace: Workspace) -> None:
    error = refusal(lambda: delegate(workspace, "alpha.liaison", "beta.head", local(since), local(until)))

    assert (error.code, error.exit_code) == (code, 7)


def test_a_request_id_is_not_the_same_for_somebody_else(workspace: Workspace) -> None:
    delegate(workspace, "alpha.liaison", "beta.head")
    delegate(workspace, "alpha.head", "beta.head")
    once = Do(ref="errand/alpha", trigger="take", request_id="r1")
    workspace.engine.execute(once, deputy(workspace, "beta.head", "alpha.liaison"))

    assert workspace.engine.execute(once, deputy(workspace, "beta.head", "alpha.liaison")).replayed
    error = refusal(lambda: workspace.engine.execute(once, deputy(workspace, "beta.head", "alpha.head")))
    assert (error.code, error.exit_code) == ("request_id_reused", 6)


def test_who_acts_as_the_systems_owner_under_his_own_login_is_on_one_side_only(office: Workspace) -> None:
    token = hire(office, "li.ming", "alpha.liaison")
    admin(office).grant("li.ming", "alpha", "head")
    li = office.actor(token=token)
    owner = replace(li, auth="owner:0:root", key="os:0")
    correction = Correct(ref="errand/alpha", facts={"urgent": False}, reason="漏填")
    office.engine.execute(correction, li)
    act(office, owner, "errand/alpha", "take")
    act(office, owner, "errand/alpha", "submit", "report")

    error = refusal(
        lambda: office.engine.execute(Do(ref="errand/alpha", trigger="accept", facts={"grade": "good"}), li)
    )

    assert (error.exit_code, [each.kind for each in error.reasons]) == (5, ["distinct"])
    assert (flaws(office), verified(office)) == ([], [])


def test_a_delegation_that_ends_before_the_act_is_no_longer_one(workspace: Workspace) -> None:
    delegate(workspace, "alpha.liaison", "beta.head")
    looked_up = deputy(workspace, "beta.head", "alpha.liaison")
    Delegations(workspace.engine, workspace.actor("alpha.liaison")).end("alpha.liaison", "beta.head")
    before = everything(workspace)

    error = refusal(lambda: workspace.engine.execute(Do(ref="errand/alpha", trigger="take"), looked_up))

    assert (error.code, error.exit_code) == ("no_delegation", 5)
    assert everything(workspace) == before


def test_powers_leave_their_body_by_the_offices_word_only(workspace: Workspace) -> None:
    own = Delegations(workspace.engine, workspace.actor("alpha.liaison"))

    error = refusal(lambda: own.make("alpha.liaison", "beta.head", FIRST, LAST, "出差"))
    assert (error.exit_code, [each.kind for each in error.reasons]) == (5, ["delegation"])
    own.make("alpha.liaison", "alpha.head", FIRST, LAST, "出差")
    delegate(workspace, "alpha.head", "beta.head")


@pytest.mark.parametrize(
    ("login", "to"),
    [
        ("gongan.head", "wujia.head"),
        ("wujia.head", "gongan.officer"),
        ("jianchayuan.head", "fayuan.head"),
        ("fayuan.officer", "bgs.admin2"),
        ("other_police.head", "gongan.head"),
        ("bgs.admin2", "jianchayuan.officer"),
    ],
)
def test_police_procuratorate_and_court_are_stood_in_for_by_their_own_people_only(
    login: str, to: str, sqlite_url: str
) -> None:
    baodi = begin(sqlite_url, "baodi-2010")
    now = baodi.clock.now()
    desk = Delegations(baodi.engine, baodi.actor("bgs.admin"))

    error = refusal(lambda: desk.make(login, to, now, now + timedelta(days=2), "出差"))

    assert error.exit_code == 5 and "本机关人员" in error.reasons[0].zh
    desk.make("gongan.head", "gongan.officer", now, now + timedelta(days=2), "出差")
    baodi.close()
