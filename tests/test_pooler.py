"""Behind a pooler nothing that belongs to a session is relied on: it is found out, or said in the address."""

from collections.abc import Iterator

import psycopg
import pytest
from pgtemp import PgTemp
from sqlalchemy import text

from engine import pooler
from engine.dialect import parse_url
from engine.errors import Invalid
from engine.postgres_hand import PREPARED_AT
from engine.statement import Statement
from engine.store import Database

NAMED = Statement(text("SELECT count(*) FROM pg_prepared_statements"))
SET = text("SELECT current_setting('lock_timeout'), current_setting('transaction_isolation')")
LIMIT = Statement(SET)


@pytest.fixture(scope="module")
def room(pg_server: PgTemp) -> Iterator[str]:
    with pg_server.database() as url:
        yield url


def named(database: Database) -> int:
    """How many statements have a name, when each of some has been asked often enough to get one."""
    for _ in range(PREPARED_AT + 2):
        with database.tx() as tx:
            tx.rows(LIMIT)
    for _ in range(PREPARED_AT + 2):
        with database.schema() as connection:
            connection.execute(text("SELECT 1"))
    with database.snapshot() as tx:
        return int(tx.rows(NAMED)[0][0])


def limits(database: Database) -> list[tuple[str, str]]:
    """What an order, a look and a change of tables may wait for, and how they see what others do."""
    found = []
    for turn in (database.tx(), database.snapshot()):
        with turn as tx:
            found += [tuple(each) for each in tx.rows(LIMIT)]
    with database.schema() as connection:
        found += [tuple(each) for each in connection.execute(SET)]
    return found


def left_behind(database: Database) -> str:
    """What the session goes on with when a transaction is over."""
    return str(database._connect().connection.execute("SHOW lock_timeout").fetchone()[0])


LIMITED = [("10s", "read committed"), ("10s", "repeatable read"), ("10s", "read committed")]


def test_a_session_of_our_own_has_names_and_keeps_what_it_is_set_to(room: str) -> None:
    database = Database(room)

    assert named(database) > 0
    assert limits(database) == LIMITED and left_behind(database) == "10s"
    assert not database.wire.pooled
    database.close()


def test_with_the_option_nothing_is_named_and_each_transaction_is_limited_by_itself(room: str) -> None:
    database = Database(f"{room}&pooled=yes")

    assert named(database) == 0
    assert limits(database) == LIMITED and left_behind(database) == "0"
    with database.snapshot() as tx:
        tx.unhurried()
        name = tx.name_view()
        assert tx.select(text("SELECT current_setting('statement_timeout')")) == [("0",)]
        beside = Database(f"{room}&pooled=yes")
        with beside.snapshot() as other:
            other.take_view(name)
            assert other.rows(LIMIT)
        beside.close()
    assert database.scrub(())
    database.close()


def test_a_pooler_gives_itself_away_by_another_number_than_the_servers(
    room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", property(lambda _: 7))

    database = Database(room)

    assert named(database) == 0 and limits(database) == LIMITED
    assert database.wire.pooled
    database.close()


def test_a_pooler_that_refuses_settings_gets_none(room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooler, "OPTIONS", "-c no_such_setting=1")
    monkeypatch.setattr(pooler, "REFUSED", "no_such_setting")

    database = Database(room)

    assert named(database) == 0 and limits(database) == LIMITED
    database.close()


def test_an_address_that_says_something_else_of_it_is_refused() -> None:
    with pytest.raises(Invalid, match="pooled=maybe; use pooled=yes"):
        parse_url("postgresql://somebody@host/duban?pooled=maybe")
