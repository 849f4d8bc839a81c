"""Checking for rows that hang on nothing: of no campaign, no matter, no deadline; no program of ours has written them."""

from sqlalchemy import Table, exists, func, select
from sqlmodel import SQLModel

from engine.publishing import C
from engine.rows import D, E, M
from engine.store import Statement, Tx
from engine.verify_findings import Findings

UNHEARD = Statement(select(C.c.code).where(~exists().where(E.c.campaign_id == C.c.id)))


def check_strays(tx: Tx, found: Findings) -> None:
    """Find rows whose campaign, matter or deadline is not there, or is another campaign's."""
    for (code,) in tx.rows(UNHEARD):
        found.add("stray", f"the campaign {code} has not one entry")
    for name, table in sorted(SQLModel.metadata.tables.items()):
        for column, of in (("campaign_id", C), ("matter_id", M), ("deadline_id", D)):
            if column in table.c and table is not of:
                count = tx.rows(_lost(table, column, of))[0][0]
                if count:
                    found.add("stray", f"{count} rows of {name} belong to a {of.name} that is not there, or not theirs")


def _lost(table: Table, column: str, of: Table) -> Statement:
    same = of.c.id == table.c[column]
    if of is not C and "campaign_id" in table.c:
        same = same & (of.c.campaign_id == table.c.campaign_id)
    return Statement(select(func.count()).select_from(table).where(table.c[column].is_not(None), ~exists().where(same)))
