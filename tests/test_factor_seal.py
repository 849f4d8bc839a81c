"""Second factors lie sealed in the database under a key outside it."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from house import GOOD, House
from production import admin, producing
from test_log import sequenced
from world import again, sql

from engine.errors import Invalid, Unavailable
from engine.factor_seal import count_sealed, digest_of
from engine.schema_version import HEAD, upgrade
from engine.sealing_key import new_key_file
from engine.verifying import Scope, verify
from workflows.factor_key import factor_file


@pytest.fixture
def house(db_url: str) -> Iterator[House]:
    with producing(db_url) as office:
        yield House(office)


def stored(house: House, login: str) -> str:
    return str(sql(house.office.database, f"select totp_secret from credential where login = '{login}'")[0][0])


def findings(house: House) -> list[str]:
    sequenced(house.office)
    with house.office.database.snapshot() as tx:
        return [each["code"] for each in verify(tx, house.office.campaign, Scope())["findings"]]


def test_who_reads_the_database_has_nobodys_second_factor(house: House) -> None:
    secret = house.settle("shen", "bgs.admin")
    other = house.settle("wang", "bgs.admin")
    assert secret and other

    assert secret not in stored(house, "shen") and stored(house, "shen").startswith("sealed1.")
    assert house.attempt("shen", code=house.now_code(secret)).startswith("ds_")
    assert findings(house) == []
    sql(house.office.database, f"update credential set totp_secret = '{stored(house, 'wang')}' where login = 'shen'")
    assert house.attempt("shen", code=house.now_code(other)) == "second_factor_sealed", "each is bound to its login"
    sql(house.office.database, "update credential set totp_secret = 'JBSWY3DPEHPK3PXP' where login = 'shen'")
    assert findings(house) == ["access_differs"], "one in clear is known by itself, whatever digest stands beside it"


def test_a_secret_of_before_opens_in_clear_and_is_sealed_with_the_next_turn(house: House) -> None:
    secret = house.settle("shen", "bgs.admin")
    assert secret is not None
    sql(house.office.database, f"update credential set totp_secret = '{secret}', totp_digest = '{digest_of(secret)}'")

    assert house.attempt("shen", code=house.now_code(secret)).startswith("ds_")
    assert findings(house) == []


def test_a_database_of_before_is_brought_up_to_date(house: House) -> None:
    secret = house.settle("shen", "bgs.admin")
    database = house.office.database
    sql(database, f"update credential set totp_secret = '{secret}'")
    for table in ("recovery_code", "known_device"):
        sql(database, f"drop table {table}")
    for column in ("totp_digest", "issued_by", "confirmed_by", "confirmed_at"):
        sql(database, f"alter table credential drop column {column}")
    for index in ("ix_deadline_open", "ix_deadline_late", "ix_notice_held", "ix_notice_dead", "ix_notice_urge"):
        sql(database, f"drop index {index}")
    sql(database, "update alembic_version set version_num = '0011'")

    assert upgrade(database) == ("0011", HEAD)

    assert sql(database, "select totp_digest from credential where login = 'shen'") == [(digest_of(secret),)]
    assert house.attempt("shen", code=house.now_code(str(secret))).startswith("ds_")


def test_without_its_key_nobody_gets_a_second_factor_or_uses_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = house.settle("shen", "bgs.admin")
    house.settle("li", "alpha.head")
    monkeypatch.setenv("DUBAN_FACTOR_KEY", "/nonexistent/factor.key")
    office = again(house.office)
    office.clock = office.engine.clock = house.office.clock
    there = House(office)

    assert there.attempt("shen", code=house.now_code(str(secret))) == "no_second_factor_key"
    assert there.attempt("li").startswith("ds_"), "who has none comes in"
    admin(office).add("xin", "x")
    admin(office).grant("xin", "bgs", "admin")
    code = there.code("xin")
    with pytest.raises(Unavailable, match="no key"):
        there.room.activate("xin", code, GOOD, "x")
    office.close()
    house.room.activate("xin", code, GOOD, "x")


def test_a_local_database_makes_its_key_beside_it_once(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DUBAN_FACTOR_KEY")
    with producing(sqlite_url) as office:
        path = factor_file(office.database)
        assert path is not None and path.name == "duban.db.factor.key"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        house = House(office)
        house.settle("shen", "bgs.admin")
        with office.database.snapshot() as tx:
            assert count_sealed(tx) == (1, 0)
        path.unlink()
        assert house.attempt("shen") == "no_second_factor_key", "a lost key is not hidden by a new one"
        assert not path.exists()


@pytest.mark.parametrize("content", ["", "short", "QUJD\n", "x" * 5000])
def test_a_key_that_is_none_or_that_others_may_read_is_refused(
    content: str, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.key"
    new_key_file(path)
    with producing(sqlite_url) as office:
        monkeypatch.setenv("DUBAN_FACTOR_KEY", str(path))
        path.chmod(0o640)
        with pytest.raises(Invalid, match="chmod 600"):
            again(office).engine.factors()
        path.chmod(0o600)
        path.write_text(content)
        with pytest.raises(Invalid, match="no key of the second factor"):
            again(office).engine.factors()
