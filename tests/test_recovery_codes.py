"""A lost second factor: a recovery code stands for it once, on record, and its holder is told."""

import threading
from collections.abc import Iterator

import pytest
from house import CHEAPLY, GOOD, OTHER, House
from production import admin, producing, refusal
from test_log import sequenced
from world import everything, notices, others, sql

from engine import recovery_codes
from engine.errors import DubanError
from engine.sessions import Sessions
from engine.verifying import Scope, verify
from workflows.workspace import Workspace


@pytest.fixture
def house(db_url: str) -> Iterator[House]:
    with producing(db_url) as office:
        yield House(office)


def enrolled(house: House, login: str = "shen") -> tuple[str, list[str]]:
    """An administrator's secret, and the recovery codes that came with it."""
    admin(house.office).add(login, login)
    admin(house.office).grant(login, "bgs", "admin")
    said = house.room.activate(login, house.code(login), GOOD, "x")
    return said["totp_secret"], said["recovery_codes"]


def findings(house: House) -> list[str]:
    sequenced(house.office)
    with house.office.database.snapshot() as tx:
        return [each["code"] for each in verify(tx, house.office.campaign, Scope())["findings"]]


def test_a_recovery_code_stands_once_for_a_code_of_the_moment_and_its_holder_is_told(house: House) -> None:
    _, codes = enrolled(house)
    assert len({*codes}) == recovery_codes.COUNT
    kept = repr(everything(house.office))
    assert not any(code in kept for code in codes)

    assert house.attempt("shen", OTHER, code=codes[0]) == "sign_in_failed"
    assert house.attempt("shen", code=codes[0].lower().replace("-", " ")).startswith("ds_")
    assert house.attempt("shen", code=codes[0]) == "sign_in_failed"
    wrong = codes[1][:-1] + ("3" if codes[1][-1] == "2" else "2")
    assert house.attempt("shen", code=wrong) == "sign_in_failed"

    assert house.said("authz/shen")[-1] == "recovery_used"
    (told,) = [each for each in notices(house.office) if each["kind"] == "recovery_used"]
    assert told["recipient"] == "shen" and "尚余7个" in told["text"]
    assert findings(house) == []
    sql(house.office.database, "update recovery_code set used_at = null")
    assert findings(house) == ["access_differs"], "a used code is not made good again"


def test_with_a_recovery_code_a_new_second_factor_is_taken_and_the_old_codes_end(house: House) -> None:
    secret, codes = enrolled(house)

    said = house.room.enrol("shen", GOOD, codes[0], "x")

    assert said["totp_secret"] != secret and set(said["recovery_codes"]).isdisjoint(codes)
    assert house.attempt("shen", code=codes[1]) == "sign_in_failed"
    assert house.attempt("shen", code=house.now_code(said["totp_secret"])).startswith("ds_")
    fresh = house.room.recovery_codes("shen", GOOD, said["recovery_codes"][0], "x")["recovery_codes"]
    assert house.attempt("shen", code=said["recovery_codes"][1]) == "sign_in_failed"
    assert house.attempt("shen", code=fresh[0]).startswith("ds_")
    assert findings(house) == []


def test_without_a_second_factor_there_is_nothing_to_recover(house: House) -> None:
    house.settle("li", "alpha.head")
    assert refusal(lambda: house.room.recovery_codes("li", GOOD, "", "x")).code == "no_second_factor"
    assert house.attempt("li").startswith("ds_")


def test_one_recovery_code_lets_one_of_two_in(house: House) -> None:
    _, codes = enrolled(house)
    ended = []

    def show(other: Workspace) -> None:
        try:
            Sessions(other.engine, house.office.clock, CHEAPLY).sign_in("shen", GOOD, codes[0], "x")
            ended.append("in")
        except DubanError as error:
            ended.append(error.code)

    with others(house.office, 2) as nodes:
        for node in nodes:
            node.clock = node.engine.clock = house.office.clock
        threads = [threading.Thread(target=show, args=(node,)) for node in nodes]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    assert sorted(ended) == ["in", "sign_in_failed"]


def test_codes_of_another_login_and_of_before_an_activation_open_nothing(house: House) -> None:
    _, codes = enrolled(house)
    _, theirs = enrolled(house, "wang")

    assert house.attempt("shen", code=theirs[0]) == "sign_in_failed"
    house.room.activate("shen", house.code("shen"), OTHER, "x")
    assert house.attempt("shen", OTHER, code=codes[0]) == "sign_in_failed"
