"""Posts are held for a time, and a message finds whoever holds them, or the post itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from production import Watch, act, admin, hire, own_token, producing, refusal, watch
from world import SILENT, begin, everything, notices, sql

from engine.firing import fire_due
from scheduler.chores import Chores
from scheduler.turn import Turn
from workflows.workspace import Workspace


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    """Give the small campaign in production, on each system in turn."""
    with producing(db_url) as workspace:
        yield workspace


def test_a_disabled_person_is_refused_at_once_and_told_no_more(office: Workspace) -> None:
    secrets = [hire(office, "li.ming", "alpha.liaison"), own_token(office, "li.ming")]
    kept = hire(office, "wang.li", "beta.liaison")

    admin(office).disable("li.ming")

    assert [refusal(lambda each=each: office.actor(token=each)).code for each in secrets] == ["bad_token"] * 2
    assert refusal(lambda: own_token(office, "li.ming")).exit_code == 3
    assert office.actor(token=kept).login == "wang.li"
    if office.database.one_writer:
        assert refusal(lambda: office.actor("li.ming")).code == "unknown_login"
    watch(office).later(days=14)
    fire_due(office.engine)
    told = {each["recipient"] for each in notices(office) if each["kind"] in ("reminder", "overdue", "escalation")}
    assert "li.ming" not in told
    assert {"alpha.liaison", "wang.li"} <= told


def test_a_post_is_held_until_its_last_microsecond(office: Workspace) -> None:
    until = office.clock.now() + timedelta(hours=2)
    secret = hire(office, "li.ming", "alpha.liaison", until=until)

    watch(office).later(hours=2, microseconds=-1)
    assert office.actor(token=secret).posts == {("alpha", "liaison")}
    watch(office).later(microseconds=1)
    ended = office.actor(token=secret)

    assert ended.posts == frozenset()
    assert refusal(lambda: act(office, ended, "errand/alpha", "take")).exit_code == 3


def test_a_post_given_for_later_is_not_held_before(office: Workspace) -> None:
    secret = hire(office, "li.ming")
    with office.database.tx() as tx:
        office.people.grant(tx, "li.ming", "alpha", "liaison", "bgs.admin", office.clock.now() + timedelta(days=1))

    assert office.actor(token=secret).posts == frozenset()
    watch(office).later(days=1)
    assert office.actor(token=secret).posts == {("alpha", "liaison")}


def test_a_message_to_a_post_that_nobody_holds_goes_to_the_posts_own_address(office: Workspace) -> None:
    hire(office, "li.ming", "beta.liaison")
    watch(office).later(days=30)

    fire_due(office.engine)

    reached: dict[str, set[str]] = {}
    for each in notices(office):
        reached.setdefault(each["ref"], set()).add(each["recipient"])
    assert reached["errand/alpha"] == {"alpha.liaison", "alpha.head", "bgs.admin"}
    assert reached["errand/beta"] == {"li.ming", "beta.head", "bgs.admin"}
    assert Turn(office, SILENT).run()["failed"] == 0


def test_who_holds_one_post_twice_or_sits_for_two_bodies_stops_no_chore(db_url: str) -> None:
    office = begin(db_url, "baodi-2010", rehearsal=False, late=True)
    office.clock = office.engine.clock = office.reader.clock = Watch(
        datetime.fromisoformat("2010-12-15T01:00:00+00:00")
    )
    sql(office.database, "update campaign set opened_at = 0")
    sql(office.database, "update post_grant set valid_from = 0")
    hire(office, "li.ming", "wujia.liaison", "sifa.liaison", "bgs.admin", "bgs.admin", "lxz.chair")

    done = Chores(office).run()

    assert done == len(sql(office.database, "select 1 from chore_done")) > 0
    told = [(each["kind"], each["body"]) for each in notices(office) if each["recipient"] == "li.ming"]
    assert sorted(told) == [("chore", "bgs"), ("milestone", "bgs"), ("milestone", "bgs"), ("returns", "bgs")]
    office.close()


def test_a_post_is_not_given_until_a_time_that_is_past(office: Workspace) -> None:
    hire(office, "li.ming")
    before = everything(office)

    error = refusal(lambda: admin(office).grant("li.ming", "alpha", "head", office.clock.now()))

    assert (error.code, error.exit_code) == ("until_past", 7)
    assert everything(office)["post_grant"] == before["post_grant"]
