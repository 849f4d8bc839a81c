"""The hand that speaks to PostgreSQL: what the driver would say, in fewer journeys, and nothing lost when it goes wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from pgtemp import PgTemp
from psycopg import errors

from engine import postgres_hand
from engine.postgres_hand import MOST_KNOWN, PREPARED_AT, Hand

PUT = "INSERT INTO paper (id, words) VALUES (%s::BIGINT, %s::VARCHAR)"


@pytest.fixture(scope="module")
def room(pg_server: PgTemp) -> Iterator[str]:
    with pg_server.database() as url:
        yield url.replace("+psycopg", "")


@pytest.fixture
def hand(room: str) -> Iterator[Hand]:
    with psycopg.connect(room, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS paper")
        connection.execute("CREATE TABLE paper (id BIGINT PRIMARY KEY, words VARCHAR)")
        yield Hand(connection)


def papers(hand: Hand) -> list[Any]:
    return hand.ask([("SELECT id, words FROM paper ORDER BY id", None)])[0]


def prepared(hand: Hand) -> int:
    return int(hand.connection.execute("SELECT count(*) FROM pg_prepared_statements", prepare=False).fetchall()[0][0])


SAID = [
    ("SELECT %s::BIGINT, %s::INTEGER, %s::VARCHAR, %s::BOOLEAN", (1 << 60, -7, "督办 '\\ %", True)),
    ("SELECT %s::BIGINT, %s::VARCHAR, %s::BYTEA, %s::BYTEA", (None, "", b"\x00\xff\\", b"")),
    ("SELECT %s::TIMESTAMPTZ, %s::NUMERIC", (datetime(2010, 11, 1, tzinfo=UTC), Decimal("1.50"))),
    ("SELECT %s::JSONB, %s::INTEGER[]", ('{"部门": [1, null]}', [3, 1])),
    ("SELECT %s, %s + 1, 5 %% 3, 'a%%b'", ("text", 41)),
    ("SELECT 'a%b', 7", None),
    ("SELECT 'a%%b', 7", ()),
    ("SELECT generate_series(1, 3) WHERE false", ()),
]


def test_it_reads_and_writes_values_as_the_driver_does_prepared_or_not(hand: Hand) -> None:
    by_driver = [hand.connection.execute(sql, params).fetchall() for sql, params in SAID]

    for _ in range(PREPARED_AT + 1):
        assert hand.ask(SAID) == by_driver
    assert prepared(hand) == len(SAID) - 1, "one says no types of its parameters"


def test_what_fails_is_named_and_nothing_after_it_is_done(hand: Hand) -> None:
    hand.ask([("BEGIN", None)])
    hand.tell([(PUT, (1, "one"))])

    with pytest.raises(errors.UniqueViolation) as caught:
        hand.commit([(PUT, (2, "two")), (PUT, (1, "again")), (PUT, (3, "three"))])
    assert caught.value.diag.constraint_name == "paper_pkey"
    with pytest.raises(errors.InFailedSqlTransaction):
        hand.commit([])
    hand.rollback()

    assert papers(hand) == []
    hand.ask([("BEGIN", None)])
    hand.commit([(PUT, (1, "one"))])
    assert papers(hand) == [(1, "one")]


def test_a_transaction_that_had_failed_is_not_taken_for_committed(hand: Hand) -> None:
    hand.connection.execute("BEGIN")
    with pytest.raises(errors.DivisionByZero):
        hand.ask([("SELECT 1 / 0", None)])

    with pytest.raises(errors.InFailedSqlTransaction):
        hand.commit([])


def test_a_statement_that_was_never_prepared_because_another_failed_is_prepared_later(hand: Hand) -> None:
    sql, divide = "SELECT %s::INTEGER", "SELECT 1 / %s::INTEGER"
    for _ in range(PREPARED_AT - 1):
        hand.ask([(divide, (1,)), (sql, (7,))])

    with pytest.raises(errors.DivisionByZero):
        hand.ask([(divide, (0,)), (sql, (7,))])

    assert hand.ask([(sql, (7,)), (divide, (1,))]) == [[(7,)], [(1,)]]
    assert prepared(hand) == 2


def test_a_value_that_cannot_be_written_is_refused_before_anything_is_sent(hand: Hand) -> None:
    with pytest.raises(psycopg.DataError):
        hand.tell([(PUT, (1, "one")), (PUT, (2, "\x00"))])

    assert papers(hand) == []


def test_it_forgets_statements_that_do_not_come_again(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_KNOWN > 100
    monkeypatch.setattr(postgres_hand, "MOST_KNOWN", 20)

    most = 0
    for number in range(100):
        assert hand.ask([("SELECT %s::INTEGER", (number,)), (f"SELECT {number}", ())]) == [[(number,)], [(number,)]]
        most = max(most, len(hand._known))

    assert most <= 22
    assert prepared(hand) <= 1


def test_a_table_that_was_changed_under_a_prepared_statement_costs_one_try(hand: Hand) -> None:
    sql = "SELECT * FROM paper"
    for number in range(PREPARED_AT):
        hand.ask([(PUT, (number, "words")), (sql, ())])
    hand.tell([("ALTER TABLE paper ADD COLUMN more BIGINT", None)])

    with pytest.raises(errors.FeatureNotSupported):
        hand.ask([(sql, ())])

    assert [row[2] for row in hand.ask([(sql, ())])[0]] == [None] * PREPARED_AT


def test_much_goes_both_ways_at_once(hand: Hand) -> None:
    long = "督" * 300_000
    hand.ask([("BEGIN", None)])
    found = hand.ask([("SELECT %s::VARCHAR", (long,)) for _ in range(8)])
    hand.commit([(PUT, (number, long)) for number in range(10)])

    assert found == [[(long,)]] * 8
    assert hand.ask([("SELECT count(*), min(length(words)) FROM paper", None)]) == [[(10, 300_000)]]


def test_reads_that_go_on_leave_room_for_others_between(hand: Hand) -> None:
    hand.ask([("BEGIN", None)])
    first = hand.stream(("SELECT * FROM generate_series(1, %s::INTEGER)", (7,)), 3)
    second = hand.stream(("SELECT * FROM generate_series(11, 14)", None), 2)

    found = [next(first), next(second), hand.ask([("SELECT 5", None)])[0], next(first), next(second), next(first)]
    assert [[row[0] for row in rows] for rows in found] == [[1, 2, 3], [11, 12], [5], [4, 5, 6], [13, 14], [7]]
    assert (list(first), list(second)) == ([], [])
    assert hand.ask([("SELECT count(*) FROM pg_cursors WHERE name LIKE 'duban%%'", ())]) == [[(0,)]]
    hand.commit([])


def test_a_read_that_is_left_in_the_middle_ends_with_its_transaction(hand: Hand) -> None:
    hand.ask([("BEGIN", None)])
    left = hand.stream(("SELECT 1 / (4 - n) FROM generate_series(1, 9) AS n", None), 3)
    assert len(next(left)) == 3
    left.close()

    hand.rollback()

    assert papers(hand) == []
    assert hand.ask([("SELECT count(*) FROM pg_cursors WHERE name LIKE 'duban%%'", ())]) == [[(0,)]]


def test_what_goes_wrong_in_a_read_that_goes_on_is_told(hand: Hand) -> None:
    hand.ask([("BEGIN", None)])
    going = hand.stream(("SELECT 1 / (4 - n) FROM generate_series(1, 9) AS n", None), 3)
    assert len(next(going)) == 3

    with pytest.raises(errors.DivisionByZero):
        next(going)
    hand.rollback()
    assert papers(hand) == []


def test_an_interrupted_wait_is_called_off_at_the_server(hand: Hand, room: str) -> None:
    hand.ask([("BEGIN", None)])

    def interrupt(*_: object) -> None:
        _until(room, "EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep')")
        raise KeyboardInterrupt

    hand._poll = type("Interrupted", (), {"poll": interrupt})()
    with pytest.raises(KeyboardInterrupt):
        hand.ask([("SELECT pg_sleep(50)", None)])
    with pytest.raises(psycopg.OperationalError):
        hand.rollback()
    hand.connection.close()

    _until(room, "NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep')")


def test_a_server_that_leaves_is_told_by_what_it_said(hand: Hand, room: str) -> None:
    hand.ask([("BEGIN", None)])

    with pytest.raises(psycopg.OperationalError):
        hand.ask([("SELECT pg_terminate_backend(pg_backend_pid())", None), ("SELECT 1", None)])
    with pytest.raises(psycopg.OperationalError):
        hand.rollback()


def test_a_process_that_hangs_in_the_middle_is_ended_by_the_limit_on_idle_sessions(hand: Hand, room: str) -> None:
    hand.tell([("SET idle_in_transaction_session_timeout = 50", None)])
    hand.ask([("BEGIN", None), ("SELECT 1", None)])

    _until(room, f"NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = {hand.connection.info.backend_pid})")
    with pytest.raises(psycopg.Error):
        hand.ask([("SELECT 1", None)])


def _until(room: str, what: str) -> None:
    """Wait until it is so, by a session of its own, for a few seconds at most."""
    with psycopg.connect(room, autocommit=True) as other:
        for _ in range(1000):
            if other.execute(f"SELECT {what}").fetchall() == [(True,)]:
                return
            other.execute("SELECT pg_sleep_for('5 ms')")
    raise AssertionError(what)
