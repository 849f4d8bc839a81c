"""Who is away lets somebody stand in: for a time, for what he holds himself, on the record, and never on both sides."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from production import act, admin, hire, producing, refusal, watch
from world import broken_links, everything, fire, flaws, history, local, notices, set_clock, sql, to_review

from engine.delegating import Delegations
from engine.firing import fire_due
from engine.notice_desk import NoticeDesk
from engine.orders import Actor, Do
from engine.verifying import verify
from workflows.workspace import Workspace

FIRST, LAST = local("2010-11-01"), local("2010-11-06")


def delegate(
    workspace: Workspace, login: str, to: str, by: str | Actor = "bgs.admin", since: datetime = FIRST,
    until: datetime = LAST, **where: str,
) -> dict[str, Any]:  # fmt: skip
    actor = workspace.actor(by) if isinstance(by, str) else by
    return Delegations(workspace.engine, actor).make(login, to, since, until, "出差", **where)


def deputy(workspace: Workspace, login: str, on_behalf: str) -> Actor:
    return workspace.deputy(workspace.actor(login), on_behalf)


def order(workspace: Workspace, actor: Actor, ref: str, trigger: str, **facts: Any) -> None:
    workspace.engine.execute(Do(ref=ref, trigger=trigger, facts=facts), actor)


def test_who_stands_in_acts_for_the_post_and_the_entry_names_both(workspace: Workspace) -> None:
    assert refusal(lambda: order(workspace, workspace.actor("beta.head"), "errand/alpha", "take")).exit_code == 3
    delegate(workspace, "alpha.liaison", "beta.head")

    order(workspace, deputy(workspace, "beta.head", "alpha.liaison"), "errand/alpha", "take")

    last = history(workspace, "errand/alpha")[-1]
    assert (last["actor"], last["on_behalf_of"], last["body"]) == ("beta.head", "alpha.liaison", "alpha")
    (record,) = sql(workspace.database, "select record from entry where stream = 'authz/alpha.liaison'")
    said = json.loads(record[0])
    assert (said["trigger"], said["actor"], said["account"]["posts"]) == (
        "delegate",
        "bgs.admin",
        ["alpha.liaison"],
    )
    assert "出差" not in record[0], "why somebody is away is a commitment only"
    assert (flaws(workspace), verified(workspace)) == ([], [])


def verified(workspace: Workspace) -> list[str]:
    with workspace.database.snapshot() as tx:
        return [each["code"] for each in verify(tx, workspace.campaign)["findings"]]


def test_he_has_only_the_absent_persons_posts_then_and_only_within_its_days(workspace: Workspace) -> None:
    delegate(workspace, "alpha.liaison", "beta.head", since=local("2010-11-02"), until=local("2010-11-03"))

    assert refusal(lambda: deputy(workspace, "beta.head", "alpha.liaison")).code == "no_delegation"
    set_clock(workspace, "2010-11-02")
    assert deputy(workspace, "beta.head", "alpha.liaison").posts == {("alpha", "liaison")}
    set_clock(workspace, "2010-11-02T23:59")
    assert deputy(workspace, "beta.head", "alpha.liaison")
    set_clock(workspace, "2010-11-03")
    error = refusal(lambda: deputy(workspace, "beta.head", "alpha.liaison"))
    assert (error.exit_code, error.reasons[0].kind) == (5, "delegation")


def test_one_person_never_acts_on_both_sides(workspace: Workspace) -> None:
    """Alpha's liaison submits; whoever submitted, or for whom, accepts nothing, in whose name ever."""
    delegate(workspace, "alpha.head", "alpha.liaison")
    delegate(workspace, "alpha.liaison", "alpha.head")
    to_review(workspace)

    error = refusal(
        lambda: order(
            workspace, deputy(workspace, "alpha.liaison", "alpha.head"), "errand/alpha", "accept", grade="good"
        )
    )

    assert (error.exit_code, [each.kind for each in error.reasons]) == (5, ["distinct"])
    order(workspace, workspace.actor("alpha.head"), "errand/alpha", "accept", grade="good")


def test_what_was_done_for_somebody_is_his_act_too(workspace: Workspace) -> None:
    delegate(workspace, "alpha.liaison", "beta.head")
    delegate(workspace, "alpha.head", "alpha.liaison")
    delegate(workspace, "alpha.head", "beta.head")
    delegate(workspace, "alpha.head", "beta.liaison")
    _review_by(workspace, deputy(workspace, "beta.head", "alpha.liaison"))

    def accept(actor: Actor) -> Any:
        return refusal(lambda: order(workspace, actor, "errand/alpha", "accept", grade="good")).reasons[0].kind

    assert accept(deputy(workspace, "beta.head", "alpha.head")) == "distinct", "he submitted it for another"
    assert accept(deputy(workspace, "alpha.liaison", "alpha.head")) == "distinct", "it was submitted for him"
    assert verified(workspace) == [], "the replay knows both"
    order(workspace, deputy(workspace, "beta.liaison", "alpha.head"), "errand/alpha", "accept", grade="good")


def _review_by(workspace: Workspace, actor: Actor) -> None:
    from world import correct, papers

    correct(workspace, "errand/alpha", "alpha.head", reason="漏填", urgent=False)
    order(workspace, actor, "errand/alpha", "take")
    workspace.engine.execute(Do(ref="errand/alpha", trigger="submit", documents=papers(workspace, "report")), actor)


def test_he_is_told_as_well_while_it_stands_and_acknowledges(workspace: Workspace) -> None:
    delegate(workspace, "alpha.liaison", "beta.head", until=local("2010-11-04"))

    fire(workspace, "2010-11-03T09:00")
    assert {each["recipient"] for each in notices(workspace, ref="errand/alpha")} == {"alpha.liaison", "beta.head"}
    sql(workspace.database, "update notice set status = 'sent'")
    for each in notices(workspace, ref="errand/alpha"):
        NoticeDesk(workspace.engine, deputy(workspace, "beta.head", "alpha.liaison")).acknowledge(each["id"])

    fire(workspace, "2010-11-04T09:00")
    later = [each for each in notices(workspace, ref="errand/alpha") if each["planned_at"] > "2010-11-03T02"]
    assert {each["recipient"] for each in later} == {"alpha.liaison"}


@pytest.mark.parametrize(
    ("login", "to", "by", "where", "code", "exit_code"),
    [
        ("alpha.head", "alpha.head", "alpha.head", {}, "to_oneself", 5),
        ("alpha.head", "beta.head", "beta.head", {}, "forbidden", 5),
        ("alpha.head", "beta.head", "alpha.head", {"body": "beta"}, "not_held", 5),
        ("alpha.head", "beta.head", "alpha.head", {"post": "liaison"}, "not_held", 5),
        ("nobody", "beta.head", "bgs.admin", {}, "no_login", 3),
        ("alpha.head", "nobody", "bgs.admin", {}, "no_login", 3),
        ("alpha.head", "beta.head", "bgs.admin", {"until": FIRST}, "until_before_from", 7),
        (
            "alpha.head", "beta.head", "bgs.admin",
            {"since": FIRST - timedelta(days=9), "until": FIRST - timedelta(days=1)}, "until_past", 7,
        ),
    ],
)  # fmt: skip
def test_what_may_not_be_delegated_is_refused_with_the_reason(
    login: str, to: str, by: str, where: dict[str, Any], code: str, exit_code: int, workspace: Workspace
) -> None:
    before = everything(workspace)

    error = refusal(lambda: delegate(workspace, login, to, by=by, **where))

    assert (error.code, error.exit_code) == (code, exit_code)
    assert exit_code != 5 or error.reasons
    assert everything(workspace) == before


def test_nobody_passes_on_what_he_only_stands_in_for(workspace: Workspace) -> None:
    delegate(workspace, "alpha.head", "beta.head")

    onward = refusal(lambda: delegate(workspace, "beta.head", "beta.liaison", by="beta.head", body="alpha"))
    in_anothers_name = refusal(
        lambda: delegate(workspace, "alpha.head", "beta.liaison", by=deputy(workspace, "beta.head", "alpha.head"))
    )

    assert (onward.code, in_anothers_name.code) == ("chained", "chained")
    assert workspace.deputies(deputy(workspace, "beta.head", "alpha.head")) == {}
    assert workspace.deputies(workspace.actor("beta.liaison")) == {}


def test_the_administrators_stand_in_gives_away_no_posts(workspace: Workspace) -> None:
    delegate(workspace, "bgs.admin", "alpha.head")

    error = refusal(lambda: _accounts(workspace, deputy(workspace, "alpha.head", "bgs.admin")).add("x", "x"))

    assert (error.code, error.exit_code) == ("chained", 5)


def _accounts(workspace: Workspace, actor: Actor) -> Any:
    from engine.accounts import Accounts

    return Accounts(workspace.engine, actor)


def test_a_delegation_is_ended_at_once_by_either_or_the_office_and_made_once_only(workspace: Workspace) -> None:
    delegate(workspace, "alpha.head", "beta.head")
    assert refusal(lambda: delegate(workspace, "alpha.head", "beta.head")).exit_code == 6
    desk = Delegations(workspace.engine, workspace.actor("beta.head"))
    assert [each["status"] for each in desk.listed()] == ["in_force"]
    assert Delegations(workspace.engine, workspace.actor("beta.liaison")).listed() == []
    stranger = Delegations(workspace.engine, workspace.actor("beta.liaison"))
    assert refusal(lambda: stranger.end("alpha.head", "beta.head")).exit_code == 5

    desk.end("alpha.head", "beta.head")

    assert refusal(lambda: deputy(workspace, "beta.head", "alpha.head")).exit_code == 5
    assert [each["status"] for each in desk.listed()] == ["ended"]
    assert refusal(lambda: desk.end("alpha.head", "beta.head")).exit_code == 3
    delegate(workspace, "alpha.head", "beta.head")
    assert broken_links(workspace) == []


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    """Give the small campaign in production, on each system in turn."""
    with producing(db_url) as workspace:
        yield workspace


def _away(office: Workspace, **until: Any) -> tuple[str, str]:
    """Li Ming, alpha's liaison, is away for a month; Wang Li, who sits at beta, stands in."""
    li, wang = hire(office, "li.ming", "alpha.liaison", **until), hire(office, "wang.li", "beta.head")
    now = office.clock.now()
    delegate(office, "li.ming", "wang.li", by=admin(office).actor, since=now, until=now + timedelta(days=30))
    return li, wang


def test_in_production_it_ends_when_either_is_disabled_or_loses_the_post(office: Workspace) -> None:
    wang = _away(office, until=office.clock.now() + timedelta(days=5))[1]
    assert act(office, office.deputy(office.actor(token=wang), "li.ming"), "errand/alpha", "take") == "doing"
    watch(office).later(days=5)
    assert refusal(lambda: office.deputy(office.actor(token=wang), "li.ming")).code == "no_delegation"
    assert [each["status"] for each in Delegations(office.engine, office.actor(token=wang)).listed()] == ["void"]
    admin(office).grant("li.ming", "alpha", "liaison")
    assert office.deputies(office.actor(token=wang)) == {}, "a post given anew revives no delegation"


@pytest.mark.parametrize("gone", ["li.ming", "wang.li"])
def test_a_disabled_account_ends_it_and_nobody_is_told_by_it(gone: str, office: Workspace) -> None:
    _away(office)
    assert _reached(office) == {"li.ming", "wang.li"}

    admin(office).disable(gone)

    assert _reached(office) == ({"alpha.liaison"} if gone == "li.ming" else {"li.ming"})


def _reached(office: Workspace) -> set[str]:
    with office.database.snapshot() as tx:
        return set(office.people.directory(tx, office.clock.now()).reach("alpha", ["liaison"]))


def test_in_production_only_oneself_or_the_office_delegates(office: Workspace) -> None:
    li, wang = hire(office, "li.ming", "alpha.liaison"), hire(office, "wang.li", "beta.head")
    now = office.clock.now()
    until = {"since": now, "until": now + timedelta(days=3)}

    assert (
        refusal(lambda: delegate(office, "li.ming", "wang.li", by=office.actor(token=wang), **until)).code
        == "forbidden"
    )
    admin(office).add("zhao", "zhao")
    error = refusal(lambda: delegate(office, "li.ming", "zhao", by=office.actor(token=li), **until))
    assert (error.code, error.exit_code) == ("no_post", 5)
    delegate(office, "li.ming", "wang.li", by=admin(office).actor, **until)
    fire_due(office.engine)
    assert "wang.li" in _reached(office)
