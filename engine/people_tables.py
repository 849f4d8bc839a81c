"""The tables of people: logins, the posts they hold, their tokens."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

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


class Token(SQLModel, table=True):
    """A personal token; only its hash is stored."""

    __tablename__ = "access_token"
    id: str = long_text(primary_key=True)
    login: str = long_text()
    hash: str = long_text()
    created_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(default=None)
