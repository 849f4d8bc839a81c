"""Whose the accounts are has one answer: of the policy's sight, of the pages, and of the engine that does it."""

from collections.abc import Iterator

import pytest
from house import House
from production import TUESDAY, Watch, admin, refusal
from test_vouching import settled
from world import begin

from engine.accounts import Accounts
from workflows.workspace import Workspace


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Workspace]:
    """Give the campaign of Baodi in production, which names the three administrators."""
    found = begin(sqlite_url, "baodi-2010", rehearsal=False, late=True, clock=Watch(TUESDAY))
    yield found
    found.close()


def test_the_office_keeps_the_accounts_until_a_security_administrator_is_there(office: Workspace) -> None:
    house = House(office)
    clerk = settled(house, "clerk", "bgs.admin")

    def answers() -> tuple[bool, bool]:
        try:
            Accounts(office.engine, clerk).add(f"p{len(house.said('authz/p0'))}", "x")
        except Exception:  # noqa: BLE001 - whatever it is, it was not done
            return office.sight(clerk).may("accounts"), False
        return office.sight(clerk).may("accounts"), True

    assert answers() == (True, True)
    admin(office).add("an", "an")
    admin(office).grant("an", "bgs", "security")
    assert answers()[0] is True, "nobody sits on that post yet"
    house.room.activate("an", house.code("an"), "Guanlan-7 tides", "x")
    assert answers() == (False, False)
    assert office.sight(office.holder("an")).may("accounts")


def test_who_stands_in_for_a_security_administrator_keeps_no_accounts(office: Workspace) -> None:
    from engine.delegating import Delegations

    house = House(office)
    an, bao = settled(house, "an", "bgs.security"), settled(house, "bao", "bgs.security")
    li = settled(house, "li", "bgs.liaison")
    now = office.clock.now()
    Delegations(office.engine, an).make("an", "li", now, now.replace(day=now.day + 2), "出差")

    assert not office.sight(li).may("accounts") and office.sight(bao).may("accounts")
    assert refusal(lambda: Accounts(office.engine, office.deputy(li, "an")).add("x", "x")).exit_code == 5
