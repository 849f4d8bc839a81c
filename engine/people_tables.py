"""The tables of people: logins, the posts they hold, who stands in for them, their tokens, and how they are reached."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from engine.partial_index import partial
from engine.tables import big, instant, long_text


class Person(SQLModel, table=True):
    """Somebody with a login."""

    login: str = long_text(primary_key=True)
    name: str = long_text()
    created_at: datetime = instant()
    disabled_at: datetime | None = instant(default=None)


class Grant(SQLModel, table=True):
    """A post at a body, held by a person for a time."""

    __tablename__ = "post_grant"
    __table_args__ = (Index("ix_post_grant_login", "login"),)
    id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    campaign_id: int = big()
    login: str = long_text()
    body: str = long_text()
    post: str = long_text()
    valid_from: datetime = instant()
    valid_to: datetime | None = instant(default=None)
    granted_by: str = long_text()


class Delegation(SQLModel, table=True):
    """A post for which somebody stands in for its holder, for a time. An ended row stays, for whoever asks later."""

    __table_args__ = (Index("ix_delegation_campaign", "campaign_id"),)
    id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    campaign_id: int = big()
    delegator: str = long_text()
    delegate: str = long_text()
    body: str = long_text()
    post: str = long_text()
    valid_from: datetime = instant()
    valid_to: datetime = instant()
    reason: str = long_text()
    made_by: str = long_text()
    made_at: datetime = instant()
    ended_at: datetime | None = instant(default=None)


class Token(SQLModel, table=True):
    """A personal token; only its hash is stored. No *scope* is everything its owner may; *issued_by* is who made it."""

    __tablename__ = "access_token"
    id: str = long_text(primary_key=True)
    login: str = long_text()
    hash: str = long_text()
    created_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(default=None)
    scope: str | None = long_text(default=None, nullable=True)
    issued_by: str | None = long_text(default=None, nullable=True)
    last_used_at: datetime | None = instant(default=None)


class FeedToken(SQLModel, table=True):
    """A secret under which one person's calendar feed is shown; only its hash is stored. A revoked row stays."""

    __tablename__ = "feed_token"
    id: str = long_text(primary_key=True)
    campaign_id: int = big()
    login: str = long_text()
    hash: str = long_text()
    made_at: datetime = instant()
    revoked_at: datetime | None = instant(default=None)


class Contact(SQLModel, table=True):
    """How a person or a post is reached over one channel. An ended row stays, for whoever asks later."""

    __table_args__ = (
        partial("ux_contact_open", "campaign_id", "holder", "channel", where="ended_at IS NULL", unique=True),
    )
    id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    campaign_id: int = big()
    holder: str = long_text()
    channel: str = long_text()
    address: str = long_text()
    quiet: str = long_text()
    rank: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    set_by: str = long_text()
    set_at: datetime = instant()
    ended_at: datetime | None = instant(default=None)
