"""The tables of what replaces something else: a campaign's files one after the other, notices of holidays by year."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from engine.tables import big, ident, instant, long_text


class CampaignVersion(SQLModel, table=True):
    """A campaign file as it once was or is: the first is the one that was opened, the last is that of the campaign's row."""

    __tablename__ = "campaign_version"
    campaign_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    doc: str = long_text()
    source: str = long_text()
    digest: str = long_text()
    stored_at: datetime = instant()
    stored_by: str = long_text()
    approved_by: str | None = long_text(default=None)


class CalendarNotice(SQLModel, table=True):
    """A notice of one year's holidays that the office has taken over; of several for one year the last counts."""

    __tablename__ = "calendar_notice"
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    year: int
    source: str = long_text()
    issued_on: str | None = long_text(default=None)
    document: str = long_text()
    imported_at: datetime = instant()
    imported_by: str = long_text()


class Proposal(SQLModel, table=True):
    """What one person proposes and another decides; *base* identifies the campaign's file that was in force then."""

    __table_args__ = (Index("ix_proposal_campaign", "campaign_id", "status", "id"),)
    id: int = ident()
    campaign_id: int = big()
    sort: str = long_text()
    content: str = long_text()
    digest: str = long_text()
    said: str = long_text()
    base: str = long_text()
    proposed_by: str = long_text()
    auth: str = long_text()
    person: str = long_text()
    proposed_at: datetime = instant()
    status: str = long_text()
    decided_by: str | None = long_text(default=None)
    decided_at: datetime | None = instant(default=None)
    reason: str | None = long_text(default=None)
