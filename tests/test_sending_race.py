"""What becomes of a notice while it is being sent: its row and the record say one thing, so that nobody is accused."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from racing import beside, once_called
from test_delivery_windows import copied
from test_digests import DUE, ON, Told, by
from world import advance, begin, fire, notices, open_one, others

from engine import notice_desk
from engine.contacts import Contacts
from engine.notice_desk import NoticeDesk
from engine.rows import NoticeRow
from engine.verifying import verify
from scheduler.dispatch import LEASE, Dispatcher
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
