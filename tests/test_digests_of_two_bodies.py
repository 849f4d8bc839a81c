"""Who works for two bodies: each body's notices go where that body is reached, and stay with it when he leaves one of them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from production import admin, hire, morning, producing, watch
from test_delivery_windows import copied
from test_digests import ON
from world import broken_links, flaws, notices

from engine.contacts import Contacts
from engine.firing import fire_due
from engine.held_desk import Choice, HeldDesk
from engine.orders import Actor, Open
from engine.rows import NoticeRow
from scheduler.dispatch import Dispatcher
from workflows.workspace import Workspace

BODIES = ("alpha", "beta")

DAYS = 12
"""In so many the errands are overdue."""

STAYS = 90
"""For how many days Li has the post at alpha."""


class Box:
    """A way out that keeps what went where."""

    def __init__(self) -> None:
        self.sent: list[NoticeRow] = []

    def send(self, notice: NoticeRow, _campaign: str) -> str:
        self.sent.append(notice)
        return "kept"

    def said(self) -> set[tuple[str, str]]:
        """Where each matter was told of, of those that went in a message of several."""
        return {
            (each.recipient, item["ref"]) for each in self.sent if each.items for item in json.loads(each.items or "[]")
        }


@pytest.fixture
def office(db_url: str, tmp_path: Path) -> Iterator[Workspace]:
    """Li is the liaison of both bodies, with two errands at each, all due; in production, on each system in turn."""
    with producing(db_url, copied(tmp_path, ON)) as workspace:
        hire(workspace, "li.ming", "beta.liaison")
        admin(workspace).grant("li.ming", "alpha", "liaison", workspace.clock.now() + timedelta(days=STAYS))
        desk = admin(workspace).actor
        for body in BODIES:
            for number in (1, 2):
                open_one_as(workspace, desk, body, f"errand/{body}-{number}")
        yield workspace


def open_one_as(workspace: Workspace, actor: Actor, body: str, ref: str) -> None:
    workspace.engine.execute(Open(kind="errand", body=body, ref=ref, title=ref), actor)


def later(office: Workspace, box: Box, days: int) -> None:
    """Let so many days pass, to the morning of a working day; what is due then goes."""
    watch(office).at = morning(office, days)
    fire_due(office.engine)
    Dispatcher(office, {"file": box, "console": box, "mail": box}).deliver()


def day_by_day(office: Workspace, box: Box) -> None:
    """Until all four errands are overdue; a scheduler that ran every day holds nothing."""
    for _ in range(DAYS):
        later(office, box, days=1)


def refs(pairs: set[tuple[str, str]], at: str) -> set[str]:
    return {ref.removeprefix("errand/")[:4] for where, ref in pairs if where == at}


def test_what_goes_to_the_duty_desks_of_two_bodies_rides_in_two_messages(office: Workspace) -> None:
    desk = Contacts(office.engine, admin(office).actor)
    for body in BODIES:
        desk.set(body, "mail", f"desk@{body}.example")
    box = Box()

    day_by_day(office, box)

    assert refs(box.said(), "desk@alpha.example") == {"alph"}
    assert refs(box.said(), "desk@beta.example") == {"beta"}


def test_what_is_released_goes_to_the_duty_desk_of_its_own_body_too(office: Workspace) -> None:
    desk = Contacts(office.engine, admin(office).actor)
    for body in BODIES:
        desk.set(body, "mail", f"desk@{body}.example")
    held, box = HeldDesk(office.engine, admin(office).actor), Box()
    held.hold(Choice(everything=True), "核查", "production")
    later(office, box, days=30)
    assert box.sent == []

    held.release(Choice(everything=True))
    later(office, box, days=3)

    assert refs(box.said(), "desk@alpha.example") == {"alph"}
    assert refs(box.said(), "desk@beta.example") == {"beta"}


def test_who_leaves_one_of_two_bodies_before_the_message_went_keeps_the_others_only(office: Workspace) -> None:
    held, box = HeldDesk(office.engine, admin(office).actor), Box()
    held.hold(Choice(everything=True), "核查", "production")
    day_by_day(office, box)
    held.release(Choice(everything=True))
    hire(office, "wang.li", "alpha.liaison")
    watch(office).at = morning(office, STAYS)

    for _ in range(3):
        Dispatcher(office, {"file": box, "console": box}).deliver()
        watch(office).later(minutes=1)

    told = [each for each in notices(office) if each["kind"] != "digest" and each["status"] == "sent"]
    assert {each["body"] for each in told if each["recipient"] == "li.ming"} == {"beta"}
    assert {each["body"] for each in told if each["recipient"] == "wang.li"} == {"alpha"}
    assert not [each for each in notices(office) if each["status"] == "owed"]
    assert refs(box.said(), "li.ming") == {"beta"} and refs(box.said(), "wang.li") == {"alph"}
    assert (flaws(office), broken_links(office)) == ([], [])
