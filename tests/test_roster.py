"""Who is told, and how, is remembered from one order to the next, and never longer than it holds."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from production import admin, hire, producing, watch
from world import again, begin

from engine.contacts import Contacts
from engine.delegating import Delegations
from engine.store import Tx
from engine.ways import ways_of
from workflows.workspace import Workspace


@pytest.fixture
def office(db_url: str) -> Iterator[Workspace]:
    with producing(db_url) as workspace:
        yield workspace


@pytest.fixture
def elsewhere(office: Workspace) -> Iterator[Workspace]:
    """The same database, as another process knows it."""
    found = again(office)
    found.clock = found.engine.clock = office.clock
    yield found
    found.close()


def reached(office: Workspace) -> list[str]:
    with office.database.snapshot() as tx:
        return list(office.people.directory(tx, office.clock.now()).reach("alpha", ["liaison"]))


def addresses(office: Workspace, holder: str = "alpha") -> list[str]:
    with office.database.snapshot() as tx:
        return [way.address for way in ways_of(tx, office.campaign.id).get(holder, ())]


def reads(office: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read from now on."""
    found: list[str] = []
    whole = Tx._read
    monkeypatch.setattr(Tx, "_read", lambda tx, ready: found.extend(sql for sql, _ in ready) or whole(tx, ready))
    return found


def test_what_is_known_is_not_read_again(office: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    first = reached(office), addresses(office)
    found = reads(office, monkeypatch)

    assert (reached(office), addresses(office)) == first

    assert len(found) == 2
    assert all(" meta" in sql.replace("\n", " ") for sql in found)


def test_another_process_knows_of_a_new_holder_a_new_address_and_a_disabled_account_at_once(
    office: Workspace, elsewhere: Workspace
) -> None:
    assert (reached(elsewhere), addresses(elsewhere)) == (["alpha.liaison"], [])

    hire(office, "li.ming", "alpha.liaison")
    assert reached(elsewhere) == ["li.ming"]

    Contacts(office.engine, admin(office).actor).set("alpha", "mail", "desk@alpha.example")
    assert addresses(elsewhere) == ["desk@alpha.example"]
    Contacts(office.engine, admin(office).actor).drop("alpha", "mail")
    assert addresses(elsewhere) == []

    admin(office).disable("li.ming")
    assert reached(elsewhere) == ["alpha.liaison"]


def test_a_post_and_a_delegation_begin_and_end_by_their_dates_with_nobody_changing_anything(
    office: Workspace, elsewhere: Workspace
) -> None:
    hire(office, "li.ming", "alpha.liaison", until=office.clock.now() + timedelta(days=9))
    hire(office, "wang.li", "beta.head")
    now = office.clock.now()
    Delegations(office.engine, admin(office).actor).make(
        "li.ming", "wang.li", now + timedelta(days=2), now + timedelta(days=4), "出差", "alpha", "liaison"
    )

    told = []
    for _ in range(10):
        told.append(reached(elsewhere))
        watch(office).later(days=1)

    assert told == [["li.ming"]] * 2 + [["li.ming", "wang.li"]] * 2 + [["li.ming"]] * 5 + [["alpha.liaison"]]


def test_what_is_changed_and_undone_is_known_to_nobody(office: Workspace) -> None:
    assert reached(office) == ["alpha.liaison"]

    with pytest.raises(ZeroDivisionError), office.database.tx() as tx:
        office.people.add(tx, "li.ming", "李明", office.clock.now())
        office.people.grant(tx, "li.ming", "alpha", "liaison", "test", office.clock.now())
        assert office.people.directory(tx, office.clock.now()).reach("alpha", ["liaison"]) == ["li.ming"]
        raise ZeroDivisionError

    assert reached(office) == ["alpha.liaison"]


def test_in_a_rehearsal_a_stand_in_is_known_and_forgotten_at_once(db_url: str) -> None:
    office = begin(db_url)
    desk, now = Delegations(office.engine, office.actor("bgs.admin")), office.clock.now()
    assert reached(office) == ["alpha.liaison"]

    desk.make("alpha.liaison", "beta.head", now, now + timedelta(days=3), "出差")
    assert reached(office) == ["alpha.liaison", "beta.head"]
    desk.end("alpha.liaison", "beta.head")
    assert reached(office) == ["alpha.liaison"]
    office.close()
