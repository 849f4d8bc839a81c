"""A long read is taken some rows at a time; what is read in between neither ends it nor is ended by it."""

from sqlalchemy import select
from world import begin, sql

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
