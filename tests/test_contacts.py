"""Who is told where: contacts by person and post, quiet hours, one message a way, and an alarm for whom nobody reaches."""

import json
from pathlib import Path

import pytest
from commandline import small_office
from mailserver import Postman, serving
from production import admin, hire, producing, watch
from world import advance, broken_links, everything, fire, flaws, local, notices, set_clock, sql

from engine.contacts import Contacts
from engine.errors import DubanError, Forbidden, Invalid, NotFound
from engine.firing import fire_due
from engine.orders import Open
from engine.rows import NoticeRow
from engine.ways import Way
from scheduler.dispatch import Dispatcher
from scheduler.unreached import Unreached
from workflows.workspace import Workspace

DUE = "2010-11-03T09:00"


class Kept:
    """A channel that keeps to which address each notice went."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def send(self, notice: NoticeRow, campaign: str) -> str:
        self.addresses.append(notice.recipient)
        return "kept"


def contacts(workspace: Workspace, login: str = "bgs.admin") -> Contacts:
    return Contacts(workspace.engine, workspace.actor(login))


def test_a_person_is_told_by_each_of_his_ways_at_the_address_known_when_it_is_sent(workspace: Workspace) -> None:
    contacts(workspace).set("alpha.liaison", "mail", "old@alpha.example")
    contacts(workspace).set("alpha.liaison", "group", "13800000000")
    fire(workspace, DUE)
    contacts(workspace, "alpha.liaison").set("alpha.liaison", "mail", "li@alpha.example")
    mail, group, usual = Kept(), Kept(), Kept()

    sent = Dispatcher(workspace, {"mail": mail, "group": group, "console": usual}).deliver()

    assert sent == (3, 0)
    assert (mail.addresses, group.addresses, usual.addresses) == (
        ["li@alpha.example"],
        ["13800000000"],
        ["beta.liaison"],
    )
    told = [(each["recipient"], each["channel"], each["status"]) for each in notices(workspace, ref="errand/alpha")]
    assert sorted(told) == [("alpha.liaison", "group", "sent"), ("alpha.liaison", "mail", "sent")]


def test_a_way_that_is_dropped_is_used_no_more(workspace: Workspace) -> None:
    contacts(workspace).set("alpha.liaison", "mail", "li@alpha.example")
    contacts(workspace).drop("alpha.liaison", "mail")

    fire(workspace, DUE)

    assert {each["channel"] for each in notices(workspace)} == {workspace.campaign.channel}
    assert contacts(workspace).listed() == []
    with pytest.raises(NotFound):
        contacts(workspace).drop("alpha.liaison", "mail")


def test_an_address_is_on_record_as_a_commitment_only(workspace: Workspace) -> None:
    contacts(workspace).set("alpha.liaison", "mail", "li@alpha.example")
    contacts(workspace).set("alpha.liaison", "mail", "wang@alpha.example")

    records = [row[0] for row in sql(workspace.database, "select record from entry where stream like 'contacts/%'")]
    assert [json.loads(record)["trigger"] for record in records] == ["contact_set", "contact_set"]
    assert not any("example" in record for record in records)
    assert contacts(workspace).listed() == [
        {"holder": "alpha.liaison", "channel": "mail", "address": "wang@alpha.example", "quiet": "", "rank": 1}
    ]
    kept = sql(workspace.database, "select address, ended_at is null from contact order by set_at, id")
    assert [(address, bool(is_open)) for address, is_open in kept] == [
        ("li@alpha.example", False), ("wang@alpha.example", True),
    ]  # fmt: skip
    assert broken_links(workspace) == []


@pytest.mark.parametrize(
    ("holder", "address", "quiet", "error"),
    [
        ("alpha.liaison", "", "", Invalid),
        ("alpha.liaison", "a\r\nBcc: x@y.z", "", Invalid),
        ("alpha.liaison", "x" * 255, "", Invalid),
        ("alpha.liaison", "a@b.example", "22-7", Invalid),
        ("alpha.liaison", "a@b.example", "25:00-07:00", Invalid),
        ("alpha.liaison", "a@b.example", "07:00-07:00", Invalid),
        ("alpha.nobody", "a@b.example", "", NotFound),
        ("nobody", "a@b.example", "", NotFound),
    ],
)
def test_what_is_no_contact_is_refused_and_nothing_kept(
    holder: str, address: str, quiet: str, error: type[DubanError], workspace: Workspace
) -> None:
    before = everything(workspace)

    with pytest.raises(error):
        contacts(workspace).set(holder, "mail", address, quiet)

    assert everything(workspace) == before


def test_everybody_says_how_he_is_reached_himself_and_nobody_for_another(workspace: Workspace) -> None:
    contacts(workspace, "alpha.liaison").set("alpha.liaison", "mail", "li@alpha.example")

    with pytest.raises(Forbidden):
        contacts(workspace, "beta.liaison").set("alpha.liaison", "mail", "spy@beta.example")

    assert contacts(workspace, "beta.liaison").listed() == []
    assert len(contacts(workspace).listed("alpha.liaison")) == 1


@pytest.mark.parametrize(
    ("quiet", "at", "free"),
    [
        ("22:00-07:00", "2010-11-03T23:30", "2010-11-04T07:00"),
        ("22:00-07:00", "2010-11-03T06:59", "2010-11-03T07:00"),
        ("22:00-07:00", "2010-11-03T07:00", "2010-11-03T07:00"),
        ("22:00-07:00", "2010-11-03T21:59", "2010-11-03T21:59"),
        ("08:30-09:30", "2010-11-03T09:00", "2010-11-03T09:30"),
        ("08:30-09:30", "2010-11-03T09:30", "2010-11-03T09:30"),
        ("", "2010-11-03T03:00", "2010-11-03T03:00"),
    ],
)
def test_quiet_hours_end_at_their_minute(quiet: str, at: str, free: str, workspace: Workspace) -> None:
    assert Way("mail", "x", quiet).free_at(local(at), workspace.campaign.zone) == local(free)


def test_what_comes_in_quiet_hours_waits_for_their_end(workspace: Workspace) -> None:
    contacts(workspace).set("alpha.liaison", "console", "li", "08:30-09:30")
    fire(workspace, DUE)
    channel = Kept()
    dispatcher = Dispatcher(workspace, {"console": channel})

    assert dispatcher.deliver() == (1, 0)
    assert dispatcher.next_at() == local("2010-11-03T09:30")
    set_clock(workspace, "2010-11-03T09:30")
    assert dispatcher.deliver() == (1, 0)

    assert channel.addresses == ["beta.liaison", "li"]


def test_the_office_hears_once_a_day_whom_nobody_reaches(db_url: str) -> None:
    with producing(db_url, at=local("2027-03-01T09:30")) as office:
        hire(office, "li.ming", "alpha.liaison")
        for body in ("alpha", "beta"):
            office.engine.execute(Open(kind="errand", body=body, ref=f"errand/{body}-2"), admin(office).actor)
        watch(office).at = local("2027-03-03T08:00")
        assert Unreached(office).run() == 0, "the hour of reminders has not come"
        watch(office).at = local("2027-03-03T10:00")
        fire_due(office.engine)

        first, again = Unreached(office).run(), Unreached(office).run()

        alarms = [each for each in notices(office) if each["kind"] == "unreachable"]
        assert {each["recipient"] for each in alarms} == {"bgs.admin"}
        assert (len(alarms[0]["text"].splitlines()) > first >= 1, again) == (True, 0)
        assert "beta.liaison：无人任职" in alarms[0]["text"] and "li.ming" not in alarms[0]["text"]
        watch(office).later(days=1)
        assert Unreached(office).run() == 0, "nothing more was owed to nobody"
        assert flaws(office) == []


def test_the_office_sets_contacts_and_mail_goes_there(tmp_path: Path) -> None:
    postman = Postman()
    with serving(postman) as port:
        path = tmp_path / "channels.yaml"
        path.write_text(
            "schema: channels/1\ndefault: screen\nchannels:\n  screen: {type: console}\n"
            f"  mail: {{type: smtp, host: 127.0.0.1, port: {port}, security: none, sender: o@x.example}}\n",
            "utf-8",
        )
        office = small_office(tmp_path, CHANNELS=str(path))
        wrong = office(
            "--json", "contact", "set", "alpha.liaison", "--channel", "mail", "--address", "nobody"
        ).politely()
        lost = office(
            "--json", "contact", "set", "alpha.liaison", "--channel", "mial", "--address", "a@b.example"
        ).politely()
        office.json("contact", "set", "alpha.liaison", "--channel", "mail", "--address", "li@alpha.example")
        office.json("clock", "advance", "--to", DUE)

    assert (wrong.code, wrong.json["error"]["code"]) == (7, "address")
    assert (lost.code, lost.json["error"]["code"]) == (7, "no_channel")
    assert [str(mail["To"]) for mail in postman.taken] == ["li@alpha.example"]
    assert "alpha.liaison" in office("contact", "list").out
    office.json("contact", "drop", "alpha.liaison", "--channel", "mail")
    assert office.json("contact", "list")["items"] == []


def test_nothing_of_it_slows_what_has_no_contacts(workspace: Workspace) -> None:
    advance(workspace, DUE)

    assert {(each["recipient"], each["status"]) for each in notices(workspace)} == {
        ("alpha.liaison", "sent"),
        ("beta.liaison", "sent"),
    }
