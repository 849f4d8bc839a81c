"""A long read is taken some rows at a time; what is read in between neither ends it nor is ended by it."""

import pytest
from sqlalchemy import select, text
from world import begin, sql

from engine.errors import Unavailable
from engine.rows import MATTER_BY_REF, M
from engine.store import Statement

REFS = Statement(select(M.c.ref).order_by(M.c.ref))


def test_other_reads_go_between_the_rows_of_a_long_one(db_url: str) -> None:
    workspace = begin(db_url)
    campaign = workspace.campaign.id
    refs = [ref for (ref,) in sql(workspace.database, "select ref from matter order by ref")]
    found = []

    with workspace.database.snapshot() as tx:
        for rows in tx.stream(REFS, 1):
            for (ref,) in rows:
                found.append(tx.rows(MATTER_BY_REF, campaign_id=campaign, ref=ref)[0][4])

    assert len(refs) > 1
    assert found == refs
    assert sql(workspace.database, "select count(*) from matter")[0][0] == len(refs)
    workspace.close()


@pytest.mark.parametrize("wrong", [RuntimeError("the reader stumbled"), None])
def test_a_long_read_that_is_left_in_the_middle_leaves_the_way_free(db_url: str, wrong: Exception | None) -> None:
    workspace = begin(db_url)
    total = sql(workspace.database, "select count(*) from matter")[0][0]
    left = []

    for _ in range(3):
        try:
            with workspace.database.snapshot() as tx:
                left.append(tx.stream(REFS, 1))  # held, so that nobody ends it by forgetting it
                next(left[-1])
                if wrong is not None:
                    raise wrong
        except RuntimeError as error:
            assert error is wrong
        with workspace.database.snapshot() as tx:
            assert sum(len(rows) for rows in tx.stream(REFS, 2)) == total

    assert [list(each) for each in left] == [[], [], []]
    workspace.close()


@pytest.mark.parametrize("db_url", ["postgresql"], indirect=True)
def test_a_server_that_goes_away_in_a_long_read_is_called_unavailable_and_the_next_read_finds_it(db_url: str) -> None:
    workspace = begin(db_url)
    total = sql(workspace.database, "select count(*) from matter")[0][0]

    with pytest.raises(Unavailable), workspace.database.snapshot() as tx:
        going = tx.stream(REFS, 1)
        next(going)
        (pid,) = tx.rows(Statement(text("select pg_backend_pid()")))[0]
        sql(workspace.database, f"select pg_terminate_backend({pid})")
        list(going)

    with workspace.database.snapshot() as tx:
        assert sum(len(rows) for rows in tx.stream(REFS, 2)) == total
    workspace.close()
