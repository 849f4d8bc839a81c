"""What becomes of a notice while it is being sent: its row and the record say one thing, so that nobody is accused."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from racing import beside, once_called
from test_delivery_windows import copied
from test_digests import DUE, ON, Shut, Told, by
from world import SILENT, advance, begin, fire, local, notices, open_one, others, sql

from engine import holding, notice_desk, recounting
from engine.clock import to_us
from engine.contacts import Contacts
from engine.notice_desk import NoticeDesk
from engine.rows import NoticeRow
from engine.verifying import verify
from scheduler.channels import PermanentFailure
from scheduler.claims import LEASE
from scheduler.dispatch import Dispatcher
from scheduler.turn import Turn
from workflows.workspace import Workspace


class Slow(Told):
    """A channel on whose way something happens, once."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act = act

    def send(self, notice: NoticeRow, campaign: str) -> str:
        act, self.act = self.act, lambda: None
        act()
        return super().send(notice, campaign)


@pytest.fixture
def workspace(sqlite_url: str) -> Iterator[Workspace]:
    """Alpha's liaison is reached by two ways, and a reminder is owed by both."""
    found = begin(sqlite_url)
    office = Contacts(found.engine, found.actor("bgs.admin"))
    for channel in ("console", "file"):
        office.set("alpha.liaison", channel, channel)
    fire(found, "2010-11-03T10:00")
    yield found
    found.close()


def stands(workspace: Workspace) -> list[str]:
    """How the two stand; the record must agree."""
    with workspace.database.snapshot() as tx:
        assert verify(tx, workspace.campaign)["findings"] == []
    return sorted(each["status"] for each in notices(workspace) if each["recipient"] == "alpha.liaison")


def received(workspace: Workspace) -> None:
    (sent,) = (each for each in notices(workspace, status="sent") if each["recipient"] == "alpha.liaison")
    NoticeDesk(workspace.engine, workspace.actor("alpha.liaison")).acknowledge(sent["id"])


def test_what_goes_one_way_while_it_is_acknowledged_by_another_went(workspace: Workspace) -> None:
    channels = {"console": Told(), "file": Slow(partial(received, workspace))}

    Dispatcher(workspace, channels, hand=1).deliver()

    assert stands(workspace) == ["acknowledged", "sent"]


@pytest.mark.parametrize(("goes", "became"), [(True, "sent"), (False, "cancelled")])
def test_what_was_cancelled_when_its_claim_was_over_is_on_record_as_it_ended(
    goes: bool, became: str, workspace: Workspace
) -> None:
    def cancelled_too_late() -> None:
        with workspace.database.tx() as tx:
            workspace.move_clock(tx, workspace.clock.now() + LEASE)
        received(workspace)
        if not goes:
            raise PermanentFailure("no such address")

    Dispatcher(workspace, {"console": Told(), "file": Slow(cancelled_too_late)}, hand=1).deliver()

    assert stands(workspace) == ["acknowledged", became]


def test_what_took_longer_than_its_claim_is_put_down_by_who_has_sent_it_since(workspace: Workspace) -> None:
    with others(workspace, 1) as (other,):

        def lapse() -> None:
            for wait, node in ((LEASE, other), (timedelta(minutes=1), workspace)):
                with node.database.tx() as tx:
                    node.move_clock(tx, max(workspace.clock.now(), other.clock.now()) + wait)
                Dispatcher(other, by(Told())).deliver()

        Dispatcher(workspace, by(Slow(lapse))).deliver()

    assert stands(workspace) == ["sent", "sent"]


def test_a_notice_is_acknowledged_once_though_its_digest_is_at_the_same_moment(
    pg_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = begin(pg_url, copied(tmp_path, ON))
    open_one(office, "errand", "bgs.admin", body="alpha", ref="errand/more-1", title="差事1号")
    advance(office, DUE)
    digest = next(each for each in notices(office) if each["kind"] == "digest" and each["body"] == "alpha")
    riding = [each["id"] for each in notices(office) if each["digest"] == digest["id"]]

    with others(office, 1) as (other,), beside(office) as second:
        head = NoticeDesk(other.engine, other.actor("alpha.head"))
        once_called(monkeypatch, notice_desk, "hold_members", lambda: second.begin(lambda: head.acknowledge(riding[0])))
        NoticeDesk(office.engine, office.actor("alpha.liaison")).acknowledge(digest["id"])

    with office.database.snapshot() as tx:
        assert verify(tx, office.campaign)["findings"] == []
    assert {each["status"] for each in notices(office) if each["id"] in riding} == {"acknowledged"}
    office.close()


@pytest.fixture
def owing(pg_url: str) -> Iterator[Workspace]:
    """Reminders are owed, and nobody has begun to send them."""
    found = begin(pg_url)
    fire(found, "2010-11-03T10:00")
    yield found
    found.close()


def acts(workspace: Workspace, trigger: str) -> list[str]:
    """The notices to which this was done, by the record, which verification must hold for true."""
    with workspace.database.snapshot() as tx:
        assert verify(tx, workspace.campaign)["findings"] == []
    records = [
        json.loads(text) for (text,) in sql(workspace.database, "select record from entry where kind = 'notice'")
    ]
    return sorted(ident for each in records if each["trigger"] == trigger for ident in each["notices"])


def test_of_two_schedulers_that_come_back_at_one_moment_one_puts_aside(
    owing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed = sorted(each["id"] for each in notices(owing, status="owed"))
    Turn(owing, SILENT).advance(local("2010-12-06T09:30"), without_scheduler=True)

    with others(owing, 1) as (other,):
        once_called(monkeypatch, holding, "_stale", lambda: Dispatcher(other, SILENT).deliver())
        Dispatcher(owing, SILENT).deliver()

    assert acts(owing, "hold") == owed


def test_what_another_scheduler_is_sending_by_now_is_not_put_aside(
    owing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    Turn(owing, SILENT).advance(local("2010-12-06T09:30"), without_scheduler=True)

    with others(owing, 1) as (other,):
        sender = Dispatcher(other, SILENT)
        claim = partial(sender._claim, due=other.clock.now(), first_of_all=False)
        once_called(monkeypatch, holding, "_stale", lambda: other.engine.in_transaction(claim))
        Dispatcher(owing, SILENT).deliver()

    assert acts(owing, "hold") == []


def test_what_somebody_has_begun_to_send_is_not_taken_back(owing: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = {deadline for (deadline,) in sql(owing.database, "select deadline_id from notice")}

    with others(owing, 1) as (other,), owing.database.tx() as tx:
        once_called(monkeypatch, recounting, "NoticeRow", lambda: Dispatcher(other, by(Shut())).deliver())
        recounting.take_back(tx, owing.campaign, moved, to_us(owing.clock.now()))

    assert acts(owing, "drop") == []
