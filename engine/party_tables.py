"""The table of who is a party to which matter: what lists of what somebody may see are narrowed by."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from engine.tables import big, long_text


class Denial(SQLModel, table=True):
    """How often somebody asked in one hour for what is not his. *hour* counts from 1970."""

    campaign_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    login: str = long_text(primary_key=True)
    hour: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    what: str = long_text(primary_key=True)
    times: int = 0


class Party(SQLModel, table=True):
    """A body that is or was a party to a matter; the body ``*`` stands for all. Written with the matter's own row."""

    __table_args__ = (Index("ix_party_body", "campaign_id", "body", "matter_id"),)
    matter_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    body: str = long_text(primary_key=True)
    campaign_id: int = big()
