"""The tables that are searched and counted: what each matter is about."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from engine.tables import big, ident, instant, long_text


class Particulars(SQLModel, table=True):
    """What a matter is about; `engine.particulars` says how it is put down."""

    matter_id: int = ident()
    campaign_id: int = big()
    words: str = long_text()
    personal: str = long_text()
    marks: str = long_text()


class Amount(SQLModel, table=True):
    """A sum of money among a matter's facts, in fen."""

    __table_args__ = (Index("ix_amount_value", "campaign_id", "fact", "value", "matter_id"),)
    matter_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    campaign_id: int = big()
    fact: str = long_text(primary_key=True)
    value: int = big()


class SavedView(SQLModel, table=True):
    """A filter that somebody keeps under a name of his own."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("campaign_id", "login", "name"),)
    id: int = ident()
    campaign_id: int = big()
    login: str = long_text()
    name: str = long_text()
    filter: str = long_text()
    saved_at: datetime = instant()
