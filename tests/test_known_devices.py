"""Who guesses slows himself down, not a house behind one address nor the holder in a browser that is known."""

from collections.abc import Iterator

import pytest
from house import GOOD, OTHER, House
from production import admin, producing, watch
from world import sql

from engine import throttle
from engine.errors import DubanError


@pytest.fixture
def house(db_url: str) -> Iterator[House]:
    with producing(db_url) as office:
        yield House(office)


def attempt(house: House, login: str, password: str, device: str, address: str = "nat") -> str:
    try:
        return house.sessions.sign_in(login, password, "", address, device)[0]
    except DubanError as error:
        return error.code


def test_a_house_behind_one_address_signs_in_however_many_they_are(house: House) -> None:
    for number in range(throttle.PER_ADDRESS + 5):
        house.settle(f"p{number}", "alpha.officer")

    assert {house.attempt(f"p{number}", address="nat")[:3] for number in range(throttle.PER_ADDRESS + 5)} == {"ds_"}


def test_who_guesses_in_the_house_shuts_out_nobody_in_a_browser_that_is_known(house: House) -> None:
    for login in ("li", "wang"):
        house.settle(login, "alpha.head")
    device = house.sessions.remember("li", "")
    for number in range(throttle.PER_ADDRESS):
        house.attempt(f"nobody{number}", OTHER, address="nat")

    assert house.attempt("wang", address="nat") == "throttled"
    assert attempt(house, "wang", GOOD, device) == "throttled", "it is known to be li's, not wang's"
    assert attempt(house, "li", GOOD, device).startswith("ds_")
    for wrong in ("", device[:-1] + "x", device.replace("dk_", "dx_"), device + ".", "é" * 50, "x" * 10_000):
        assert attempt(house, "li", GOOD, wrong) in ("throttled", "ds_") or wrong.rstrip(".") == device


def test_who_guesses_at_one_account_shuts_out_its_holder_only_elsewhere(house: House) -> None:
    house.settle("li", "alpha.head")
    device = house.sessions.remember("li", "")
    for number in range(6):
        house.attempt("li", OTHER, address=f"a{number}")

    assert house.attempt("li", address="b") == "throttled"
    assert attempt(house, "li", GOOD, device).startswith("ds_")
    assert house.attempt("li", address="b") == "throttled", "and who guesses gains nothing by it"


def test_a_known_browser_guesses_no_more_than_another(house: House) -> None:
    house.settle("li", "alpha.head")
    device = house.sessions.remember("li", "")

    said = [attempt(house, "li", OTHER, device, f"a{number}") for number in range(12)]

    assert said == ["sign_in_failed"] * (throttle.PER_DEVICE + throttle.FREE_FAILURES) + ["throttled"] * 2
    watch(house.office).later(minutes=2)
    assert attempt(house, "li", GOOD, device, "z").startswith("ds_"), "as any other browser, after the wait"


def test_a_browser_keeps_those_who_share_it_and_a_disabled_person_is_known_nowhere(house: House) -> None:
    kept = ""
    for login in ("li", "wang"):
        house.settle(login, "alpha.head")
        kept = house.sessions.remember(login, kept)
    assert house.sessions.remember("li", kept) == kept
    assert len(sql(house.office.database, "select 1 from known_device")) == 2
    assert not any(each in repr(sql(house.office.database, "select * from known_device")) for each in kept.split("."))

    admin(house.office).disable("li")
    house.sessions.end_all("wang")

    assert sql(house.office.database, "select 1 from known_device") == []
