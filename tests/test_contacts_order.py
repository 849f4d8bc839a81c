"""Whom a notice finds: the person, the post, the body's duty desk; the next way when one fails; the successor of who left."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from commandline import Office, small_office
from production import admin, hire, producing, watch
from test_delivery_windows import copied
from world import SAMPLES, fire, flaws, local, notices, set_clock, sql

from engine.clock import to_us
from engine.contacts import Contacts
from engine.delegating import Delegations
from engine.errors import Invalid
from engine.firing import fire_due
from engine.forecasting import foresee
from engine.notice_ledger import Ledger
from engine.rows import NoticeRow
from engine.verifying import verify
from scheduler.addresses import flaw
from scheduler.channels import PermanentFailure
from scheduler.dispatch import Dispatcher
from scheduler.robots import DingTalk
from scheduler.unreached import unreachable_bodies
from workflows.workspace import Workspace

DUE = "2010-11-03T09:00"


class Kept:
    """A channel that keeps to which address each notice went, or refuses all."""

    def __init__(self, *, shut: bool = False) -> None:
        self.addresses: list[str] = []
        self.shut = shut

    def send(self, notice: NoticeRow, campaign: str) -> str:
        if self.shut:
            raise PermanentFailure("no such mailbox")
        self.addresses.append(notice.recipient)
        return "kept"


def contacts(workspace: Workspace, login: str = "bgs.admin") -> Contacts:
    return Contacts(workspace.engine, workspace.actor(login))


def test_the_duty_desk_of_a_body_is_told_where_nothing_nearer_is_known(workspace: Workspace) -> None:
    contacts(workspace).set("alpha", "mail", "desk@alpha.example")
    contacts(workspace).set("beta", "mail", "desk@beta.example")
    contacts(workspace).set("beta.liaison", "mail", "li@beta.example")
    fire(workspace, DUE)
    mail = Kept()

    assert Dispatcher(workspace, {"mail": mail, "console": Kept()}).deliver() == (2, 0)

    assert sorted(mail.addresses) == ["desk@alpha.example", "li@beta.example"]


def test_a_way_of_the_second_rank_is_taken_only_when_the_first_has_failed_for_good(workspace: Workspace) -> None:
    contacts(workspace).set("alpha.liaison", "phone", "13800000000", rank=2)
    contacts(workspace).set("alpha.liaison", "mail", "li@alpha.example")
    fire(workspace, DUE)
    mail, phone = Kept(shut=True), Kept()
    dispatcher = Dispatcher(workspace, {"mail": mail, "phone": phone, "console": Kept()})

    assert {each["channel"] for each in notices(workspace, ref="errand/alpha")} == {"mail"}
    dispatcher.deliver()
    dispatcher.deliver()

    assert phone.addresses == ["13800000000"]
    told = {each["channel"]: each["status"] for each in notices(workspace, ref="errand/alpha")}
    assert told == {"mail": "dead", "phone": "sent"}
    dispatcher.deliver()
    assert len(notices(workspace, ref="errand/alpha")) == 2, "beyond the last rank there is nothing"
    with pytest.raises(Invalid):
        contacts(workspace).set("alpha.liaison", "mail", "x@y.example", rank=0)


@pytest.mark.parametrize(
    ("address", "sound"),
    [
        ("13800000000", True),
        ("li.ming", True),
        ("12345", False),
        ("李明", False),
        ("a b", False),
        ("1380000000", False),
    ],
)
def test_a_robots_address_is_a_mobile_number_or_a_members_id(address: str, sound: bool, workspace: Workspace) -> None:
    robot = DingTalk("", "t", "", workspace.clock.now)

    assert (flaw(robot, address) == "") is sound


@pytest.fixture
def office(db_url: str, tmp_path: Path) -> Iterator[Workspace]:
    """Give the small campaign in production, on each system in turn; a month without a turn is no outage in it."""
    with producing(db_url, copied(tmp_path, "hold_after_hours: 8784, days: all")) as workspace:
        yield workspace


def last_rung(office: Workspace) -> datetime:
    """When the last notice of alpha's errand is meant to go: at nine of a working day."""
    now = office.clock.now()
    with office.database.snapshot() as tx:
        coming = foresee(tx, office.campaign, office.people, office.reader.matters(tx), now, now + timedelta(days=30))
    return max(each.at for each in coming if each.ref == "errand/alpha")


def owed(office: Workspace) -> None:
    """Let alpha's reminder fall due and go to whoever is valid at that moment."""
    watch(office).at = last_rung(office)
    fire_due(office.engine)


def sent_to(office: Workspace) -> set[str]:
    """Whom messages go to as soon as the window of delivery is open."""
    now = office.clock.now()
    watch(office).later(seconds=(office.campaign.delivery.free_us(to_us(now)) - to_us(now)) // 1_000_000 + 1)
    channel = Kept()
    Dispatcher(office, {"file": channel, "console": channel}).deliver()
    return {each["recipient"] for each in notices(office, ref="errand/alpha") if each["status"] == "sent"}


def test_who_left_before_it_was_sent_is_not_told_and_his_successor_is(office: Workspace) -> None:
    hire(office, "li.ming", "alpha.liaison")
    owed(office)
    assert "li.ming" in {each["recipient"] for each in notices(office, ref="errand/alpha")}
    hire(office, "wang.li", "alpha.liaison")
    admin(office).disable("li.ming")

    assert sent_to(office) == {"wang.li", "alpha.head", "bgs.admin"}

    old = [each for each in notices(office, ref="errand/alpha") if each["recipient"] == "li.ming"]
    assert {each["status"] for each in old} == {"cancelled"}
    shown = Ledger(office.database, office.campaign, office.clock).shown(old[0]["id"], addresses=False)
    assert [(act["what"], act["to"]) for act in shown["acts"]] == [("passed_on", ["wang.li"])]
    assert flaws(office) == []
    with office.database.snapshot() as tx:
        assert verify(tx, office.campaign)["findings"] == [], "nobody is accused of what was passed on"


def test_what_is_passed_on_is_on_record_as_owed_to_the_successor(office: Workspace) -> None:
    hire(office, "li.ming", "alpha.liaison")
    owed(office)
    hire(office, "wang.li", "alpha.liaison")
    admin(office).disable("li.ming")
    assert "wang.li" in sent_to(office)

    def found() -> list[str]:
        with office.database.snapshot() as tx:
            return [each["code"] for each in verify(tx, office.campaign)["findings"]]

    assert found() == []
    sql(office.database, "delete from notice where recipient = 'wang.li'")
    assert set(found()) == {"notice_gone"}


def test_without_a_successor_it_goes_to_the_posts_address_which_the_office_is_alarmed_of(office: Workspace) -> None:
    hire(office, "li.ming", "alpha.liaison", until=last_rung(office) + timedelta(hours=1))
    owed(office)
    watch(office).later(hours=2)

    assert sent_to(office) == {"alpha.liaison", "alpha.head", "bgs.admin"}


def test_what_was_owed_to_an_empty_post_goes_to_its_new_holder(office: Workspace) -> None:
    owed(office)
    hire(office, "wang.li", "alpha.liaison")

    assert sent_to(office) == {"wang.li", "alpha.head", "bgs.admin"}


def test_a_successor_who_was_told_already_is_told_once(office: Workspace) -> None:
    hire(office, "li.ming", "alpha.liaison")
    hire(office, "wang.li", "alpha.liaison")
    owed(office)
    admin(office).disable("li.ming")

    assert sent_to(office) == {"wang.li", "alpha.head", "bgs.admin"}
    assert len([each for each in notices(office, ref="errand/alpha") if each["recipient"] == "wang.li"]) == 1


def test_who_only_stood_in_is_not_told_after_that_has_ended(workspace: Workspace) -> None:
    desk = Delegations(workspace.engine, workspace.actor("bgs.admin"))
    desk.make("alpha.liaison", "beta.head", local("2010-11-01"), local("2010-11-30"), "出差")
    fire(workspace, DUE)
    desk.end("alpha.liaison", "beta.head")
    set_clock(workspace, "2010-11-03T09:01")

    Dispatcher(workspace, {"console": Kept()}).deliver()

    told = {each["recipient"]: each["status"] for each in notices(workspace, ref="errand/alpha")}
    assert told == {"alpha.liaison": "sent", "beta.head": "cancelled"}


def test_bodies_that_nothing_reaches_are_named_until_they_have_a_contact(office: Workspace) -> None:
    assert unreachable_bodies(office) == ["lxz", "alpha", "beta"]

    hire(office, "li.ming", "alpha.liaison")
    desk = Contacts(office.engine, admin(office).actor)
    desk.set("beta", "file", "desk")
    desk.set("lxz.chair", "file", "chair")

    assert unreachable_bodies(office) == []


def test_the_alarm_is_given_at_init_and_by_the_doctor(tmp_path: Path) -> None:
    office = Office(f"sqlite:///{tmp_path / 'duban.db'}")
    begun = office("--json", "init", "--campaign", str(SAMPLES / "small_campaign.yaml"), "--late")

    assert begun.json["unreachable_bodies"] == ["lxz", "alpha", "beta"]
    assert "甲局" in begun.err
    office.json("contact", "set", "alpha", "--channel", "file", "--address", "desk", "--rank", "2")
    assert office.json("doctor")["unreachable_bodies"] == ["lxz", "beta"]
    (row,) = office("contact", "list").rows
    assert (row["holder"], row["rank"]) == ("alpha", "2")
    assert office("contact", "set", "alpha", "--channel", "file", "--address", "x", "--rank", "0").politely().code == 7


def test_a_rehearsal_reaches_everybody(tmp_path: Path) -> None:
    assert small_office(tmp_path).json("doctor")["unreachable_bodies"] == []
