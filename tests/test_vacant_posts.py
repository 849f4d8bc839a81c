"""A post that nobody holds has been told nothing: what is owed to it is put aside, and goes to its holder as soon as it has one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from production import admin, hire, morning, producing, watch
from racing import once_called
from test_contacts_order import Kept
from test_delivery_windows import copied
from world import notices, sql

from engine.contacts import Contacts
from engine.dialect_errors import Deadlocked
from engine.firing import fire_due
from engine.knowing import knew
from engine.notice_desk import NoticeDesk
from engine.problem_words import worded
from engine.verifying import verify
from scheduler import vacant
from scheduler.channels import FileChannel
from scheduler.dispatch import Dispatcher
from workflows.workspace import Workspace


@pytest.fixture(params=["digest: {default: off}", "digest: {default: on}"])
def office(db_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """Give the small campaign in production, where only its administrator holds a post, on each system in turn."""
    with owing(db_url, tmp_path, request.param) as workspace:
        yield workspace


@contextmanager
def owing(url: str, folder: Path, digest: str) -> Iterator[Workspace]:
    with producing(url, copied(folder, f"hold_after_hours: 8784, days: all, {digest}")) as workspace:
        watch(workspace).at = morning(workspace, 30)
        fire_due(workspace.engine)
        yield workspace


def send(office: Workspace, folder: Path) -> Dispatcher:
    """Deliver in an hour of delivery what is due; return who did it."""
    watch(office).at = morning(office, 1)
    dispatcher = Dispatcher(office, {office.campaign.channel: FileChannel(folder)})
    dispatcher.deliver()
    return dispatcher


def statuses(office: Workspace, recipient: str) -> set[str]:
    return {each["status"] for each in notices(office, ref="errand/alpha") if each["recipient"] == recipient}


def findings(office: Workspace) -> list[str]:
    """What a check of the record finds."""
    with office.database.snapshot() as tx:
        return [each["message"] for each in verify(tx, office.campaign)["findings"]]


def test_nobody_is_on_record_as_told_in_an_empty_post(office: Workspace, tmp_path: Path) -> None:
    send(office, tmp_path / "out")

    assert statuses(office, "alpha.liaison") == {"dead"}
    assert {each["who"] for each in knew(office.reader, "errand/alpha")["items"]} == {"bgs.admin"}
    assert not any(b"alpha.liaison@" in each.read_bytes() for each in (tmp_path / "out").iterdir())
    (why,) = {
        each["last_error"] for each in notices(office, ref="errand/alpha") if each["recipient"] == "alpha.liaison"
    }
    assert "alpha.liaison岗位空缺" in worded(why, "zh")
    assert findings(office) == []


def test_its_holder_gets_it_when_it_is_filled(office: Workspace, tmp_path: Path) -> None:
    dispatcher = send(office, tmp_path / "out")
    hire(office, "wang.li", "alpha.liaison")
    watch(office).later(days=9)

    dispatcher.deliver()

    assert statuses(office, "wang.li") == {"sent"}
    assert statuses(office, "alpha.liaison") == {"cancelled"}
    assert "wang.li" in {each["who"] for each in knew(office.reader, "errand/alpha")["items"]}
    assert findings(office) == []


def test_its_holder_gets_it_though_it_met_another_when_it_was_owed_again(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def met() -> None:
        raise Deadlocked("met another sender")

    with owing(sqlite_url, tmp_path, "digest: {default: off}") as office:
        dispatcher = send(office, tmp_path / "out")
        hire(office, "wang.li", "alpha.liaison")
        watch(office).later(days=9)
        once_called(monkeypatch, vacant, "owe_again", met)
        dispatcher.deliver()

        assert statuses(office, "wang.li") == {"sent"}


def test_a_post_with_a_contact_is_told_there(office: Workspace, tmp_path: Path) -> None:
    Contacts(office.engine, admin(office).actor).set("alpha", office.campaign.channel, "desk")

    send(office, tmp_path / "out")

    assert statuses(office, "alpha.liaison") == {"sent"}


def test_a_group_reads_what_goes_to_an_empty_post(office: Workspace) -> None:
    watch(office).at = morning(office, 1)
    group = Kept()

    Dispatcher(office, {office.campaign.channel: group}).deliver()

    assert "alpha.liaison" in group.addresses


def test_what_was_put_aside_for_a_post_and_still_matters_is_found_and_goes_when_a_contact_is_said(
    office: Workspace, tmp_path: Path
) -> None:
    send(office, tmp_path / "out")
    desk = NoticeDesk(office.engine, admin(office).actor)
    waiting = desk.wanted("alpha.liaison")
    dead = {each["id"] for each in notices(office, status="dead") if each["recipient"] == "alpha.liaison"}
    assert set(waiting) <= dead and waiting and set(waiting) <= set(desk.wanted("alpha"))

    Contacts(office.engine, admin(office).actor).set("alpha.liaison", "file", "zhiban@alpha.example")
    for ident in waiting:
        desk.retry(ident)
    send(office, tmp_path / "out")

    assert {each["status"] for each in notices(office) if each["id"] in waiting} == {"sent"}
    assert desk.wanted("alpha.liaison") == [] and findings(office) == []


def test_what_was_put_aside_in_a_matter_that_is_done_is_not_offered(office: Workspace, tmp_path: Path) -> None:
    send(office, tmp_path / "out")
    desk = NoticeDesk(office.engine, admin(office).actor)
    assert desk.wanted("alpha")

    sql(office.database, "UPDATE matter SET closed = 1")

    assert desk.wanted("alpha") == []
