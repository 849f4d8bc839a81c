"""Whoever is interrupted while a transaction begins, or finds the database changed, leaves a connection that serves the next."""

import contextlib
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import Integer, MetaData, Table, column, insert, select, text
from sqlalchemy.schema import Column

from engine.dialect import SqliteWire
from engine.postgres_hand import PREPARED_AT, Hand
from engine.store import Database, Statement

PAPER = Table("paper", MetaData(), Column("id", Integer, primary_key=True, autoincrement=False))
PUT, GET = Statement(insert(PAPER)), Statement(select(PAPER.c.id).order_by(PAPER.c.id))


def made(url: str) -> Database:
    database = Database(url)
    with database.schema() as connection:
        connection.execute(text("CREATE TABLE paper (id INTEGER PRIMARY KEY)"))
    return database


def once(of: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """The same, interrupted when it is called first, before or after it has done what it does."""
    calls: list[int] = []

    def interrupted(*given: Any, **named: Any) -> Any:
        calls.append(1)
        found = of(*given, **named) if after or len(calls) > 1 else None
        if len(calls) == 1:
            raise KeyboardInterrupt
        return found

    return interrupted


@pytest.mark.parametrize("after", [False, True])
def test_who_is_interrupted_while_a_view_begins_leaves_nothing_open(
    db_url: str, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    database = made(db_url)
    where, what = (SqliteWire, "fetch") if database.wire.name == "sqlite" else (Hand, "ask" if after else "_next")
    with monkeypatch.context() as patch:
        patch.setattr(where, what, once(getattr(where, what), after=after))
        with pytest.raises(KeyboardInterrupt), database.snapshot() as tx:
            tx.rows(GET)

    with database.tx() as tx:
        tx.rows(GET)
        tx.write(PUT, {"id": 1})
    with database.snapshot() as tx:
        assert tx.rows(GET) == [(1,)]
    database.close()


def test_a_hand_that_was_interrupted_takes_no_old_answer_for_a_new_one(pg_url: str) -> None:
    with contextlib.closing(psycopg.connect(pg_url.replace("+psycopg", ""), autocommit=True)) as connection:
        hand = Hand(connection)
        hand._send([hand._bound("SELECT 1", None)])

        for _ in range(2):
            with pytest.raises(psycopg.OperationalError, match="interrupted"):
                hand.ask([("SELECT 2", None)])


def test_a_table_that_was_changed_meanwhile_is_read_all_the_same(pg_url: str) -> None:
    database = made(pg_url)
    every = Statement(select(PAPER.c.id, column("more")).select_from(PAPER))
    with database.schema() as connection:
        connection.execute(text("ALTER TABLE paper ADD COLUMN more INTEGER"))
    for _ in range(PREPARED_AT):
        with database.snapshot() as tx:
            tx.rows(every)
    with database.schema() as connection:
        connection.execute(text("ALTER TABLE paper ALTER COLUMN more TYPE VARCHAR"))

    with database.snapshot() as tx:
        assert tx.rows(every) == []
    database.close()


def test_what_waits_in_memory_is_seen_by_whoever_glances_or_copies() -> None:
    database = made("sqlite://")
    database.keep()
    for number in (1, 2):
        with database.tx() as tx:
            tx.write(PUT, {"id": number})
        assert database.behind is not None
        assert database.behind.waiting == 1
        look = database.glance if number == 1 else database.still
        with look():
            assert database.behind.waiting == 0
    database.close()
