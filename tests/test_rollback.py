"""A transaction that failed leaves nothing behind, not even in what the driver remembers of its connection."""

from typing import Any

import pytest
from world import begin, sql

from engine.chores import DONE
from engine.dialect_errors import Clash
from engine.rows import INSERT_CHORE, INSERT_FIRING
from engine.store import Database


def chore(period: str) -> dict[str, Any]:
    return {"campaign_id": 1, "code": "c", "period": period, "done_at": 0}


def firing(rung: int) -> dict[str, Any]:
    return {"deadline_id": 1, "epoch": 0, "rung": rung, "planned_at": 0, "fired_at": 0, "merged": 0}


def test_what_stood_behind_a_failure_can_be_written_on_the_same_connection_afterwards(db_url: str) -> None:
    workspace = begin(db_url)
    database = Database(workspace.database.url)
    try:
        with pytest.raises(KeyError), database.tx() as tx:
            tx.rows(DONE, campaign_id=1)
            raise KeyError("before anything was prepared")
        with database.tx() as tx:
            tx.write(INSERT_CHORE, chore("a"))
            tx.write(INSERT_FIRING, firing(1))
        with pytest.raises(Clash), database.tx() as tx:
            tx.write(INSERT_CHORE, chore("a"))
            tx.write_many(INSERT_FIRING, [firing(2), firing(3)])

        with database.tx() as tx:
            tx.write_many(INSERT_FIRING, [firing(2), firing(3)])
    finally:
        database.close()

    assert sql(workspace.database, "select rung from firing order by 1") == [(1,), (2,), (3,)]
    workspace.close()
