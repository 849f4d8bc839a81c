"""The tables, written once for both databases. Instants are integers of microseconds since 1970, UTC."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from engine.clock import from_us, to_us
from engine.partial_index import partial

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An aware instant stored as microseconds since 1970: equal, exact and comparable on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:  # noqa: ARG002 - the signature is SQLAlchemy's
        return to_us(value) if isinstance(value, datetime) else value

    def process_result_value(self, value: Any, dialect: Any) -> Any:  # noqa: ARG002
        return None if value is None else from_us(value)


def instant(**extra: Any) -> Any:
    """A column of instants."""
    return Field(sa_type=Instant, **extra)


def long_text(**extra: Any) -> Any:
    """A column of text of any length."""
    return Field(sa_type=Text, **extra)


def ident() -> Any:
    """A key of 64 bits that we make ourselves; on SQLite the name that makes it the row's own number, with no index."""
    wide = BigInteger().with_variant(Integer(), "sqlite")
    return Field(sa_type=wide, primary_key=True, sa_column_kwargs={"autoincrement": False})


def big(**extra: Any) -> Any:
    """A column of 64-bit integers."""
    return Field(sa_type=BigInteger, **extra)


def table_of(model: type[SQLModel]) -> Table:
    """The SQLAlchemy table of a model, for statements of the hot path."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


class Meta(SQLModel, table=True):
    """What the database itself is: its identity, mode, virtual clock and channel."""

    key: str = long_text(primary_key=True)
    value: str = long_text()


class CampaignRow(SQLModel, table=True):
    """A campaign as it was opened: its file (*source*) and what was read from it (*doc*)."""

    __tablename__ = "campaign"
    id: int = ident()
    code: str = long_text(unique=True)
    doc: str = long_text()
    source: str = long_text()
    digest: str = long_text()
    opened_at: datetime = instant()


class DefinitionVersion(SQLModel, table=True):
    """A published definition, never updated: a change is a new version."""

    __tablename__ = "definition_version"
    __table_args__ = (UniqueConstraint("kind", "version"),)
    id: int = ident()
    kind: str = long_text()
    version: int
    digest: str = long_text()
    doc: str = long_text()
    source: str = long_text()
    published_at: datetime = instant()
    published_by: str = long_text()


UNLIT = 2**62 + 1
"""When a matter turns red that has no light, being closed or without a deadline that counts: after `engine.outlook.NEVER`."""

LOOKED_AT = ("yellow_at", "due_at", "kind", "body", "definition_id", "stage", "state", "closed", "opened_at", "awaits")
"""What a board and a list look at beside the order of urgency: all in one narrow index, so that no wide row is read."""

COUNTED_BY = ("body", "kind", "definition_id", "stage", "closed", "red_at", "yellow_at")
"""What a board counts by, in the order of its index, so that the groups come out without sorting."""


class Matter(SQLModel, table=True):
    """Where a matter stands now; its history can always rebuild this row."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "ref"),
        UniqueConstraint("campaign_id", "kind", "year", "number"),
        Index("ix_matter_board", "campaign_id", *COUNTED_BY),
        Index("ix_matter_updated", "campaign_id", "updated_at", "id"),
        Index("ix_matter_outlook", "campaign_id", "red_at", "id", *LOOKED_AT),
        partial("ix_matter_parent", "parent_id", where="parent_id IS NOT NULL"),
    )
    id: int = ident()
    campaign_id: int = big()
    definition_id: int = big()
    kind: str = long_text()
    ref: str = long_text()
    year: int | None = None
    number: int | None = None
    body: str = long_text()
    title: str = long_text()
    parent_id: int | None = big(default=None)
    state: str = long_text()
    stage: str = long_text()
    closed: int = 0
    version: int
    seq: int
    head: str = long_text()
    data: str = long_text()
    opened_at: datetime = instant()
    updated_at: datetime = instant()
    red_at: int = big(default=UNLIT, sa_column_kwargs={"server_default": str(UNLIT)})
    yellow_at: int = big(default=UNLIT, sa_column_kwargs={"server_default": str(UNLIT)})
    due_at: datetime | None = instant(default=None)
    awaits: str = long_text(default="", sa_column_kwargs={"server_default": ""})


class Entry(SQLModel, table=True):
    """One line of history. *record* is the chained, canonical text; the other columns are copies for queries."""

    __table_args__ = (
        Index("ix_entry_at", "campaign_id", "recorded_at"),
        partial("ux_entry_request", "campaign_id", "request_id", where="request_id IS NOT NULL", unique=True),
    )
    campaign_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    stream: str = long_text(primary_key=True)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str = long_text()
    trigger: str = long_text()
    src: str = long_text()
    dst: str = long_text()
    actor: str = long_text()
    occurred_at: datetime = instant()
    recorded_at: datetime = instant()
    request_id: str | None = long_text(default=None)
    request_mark: str | None = long_text(default=None)
    record: str = long_text()
    hash: str = long_text()


class EntryPrivate(SQLModel, table=True):
    """A value that an entry only commits to; erasing the row keeps every proof whole."""

    __tablename__ = "entry_private"
    campaign_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    stream: str = long_text(primary_key=True)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    field: str = long_text(primary_key=True)
    salt: str = long_text()
    value: str = long_text()


ALSO_OPEN = ("status", "code", "matter_id")
"""What is looked at of an open deadline beside when it ends: with them its row need not be read."""


class Deadline(SQLModel, table=True):
    """A clock of a matter, with its ladder pointer: the row is the timer."""

    __table_args__ = (
        Index("ix_deadline_matter", "matter_id"),
        partial("ix_deadline_owner", "campaign_id", "owner_body", "breach_at", where="stopped_at IS NULL"),
        partial("ix_deadline_open", "campaign_id", "breach_at", "id", *ALSO_OPEN, where="stopped_at IS NULL"),
        partial("ix_deadline_late", "campaign_id", "code", "matter_id", where="status IN ('breached', 'late')"),
        partial("ix_deadline_due", "next_fire_at", where="next_fire_at IS NOT NULL"),
        partial("ux_deadline_open", "matter_id", "code", where="stopped_at IS NULL", unique=True),
    )
    id: int = ident()
    campaign_id: int = big()
    definition_id: int = big()
    matter_id: int = big()
    code: str = long_text()
    owner_body: str = long_text()
    status: str = long_text()
    started_at: datetime = instant()
    armed_at: datetime = instant()
    last_day: str = long_text()
    breach_at: datetime = instant()
    yellow_at: datetime = instant()
    provisional: int = 0
    paused_at: datetime | None = instant(default=None)
    stopped_at: datetime | None = instant(default=None)
    breached_at: datetime | None = instant(default=None)
    extensions: int = 0
    epoch: int = 0
    rung: int = 0
    next_fire_at: datetime | None = instant(default=None)
    moves: str = long_text(default="[]")
    opened_seq: int
    closed_seq: int | None = None
    counted: str = long_text(default="{}", sa_column_kwargs={"server_default": "{}"})


class Firing(SQLModel, table=True):
    """A rung that really fired; its key is the exactly-once guard."""

    deadline_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    epoch: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    rung: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    planned_at: datetime = instant()
    fired_at: datetime = instant()
    merged: int = 0


class Notice(SQLModel, table=True):
    """One message owed to one recipient over one channel."""

    __table_args__ = (
        partial("ix_notice_todo", "campaign_id", "next_try_at", where="status = 'owed'"),
        Index("ix_notice_ref", "campaign_id", "ref"),
        partial("ix_notice_unread", "campaign_id", "recipient", where="status = 'sent'"),
        partial("ix_notice_held", "campaign_id", "id", where="status = 'held'"),
        partial("ix_notice_dead", "campaign_id", "id", where="status = 'dead'"),
        partial("ix_notice_urge", "campaign_id", "body", where="kind = 'urge'"),
        partial("ix_notice_digest", "digest_id", where="digest_id IS NOT NULL"),
    )
    id: int = ident()
    campaign_id: int = big()
    ref: str | None = long_text(default=None)
    deadline_id: int | None = big(default=None)
    kind: str = long_text()
    level: int = 0
    recipient: str = long_text()
    body: str = long_text()
    channel: str = long_text()
    planned_at: datetime = instant()
    effective_at: datetime = instant()
    sent_at: datetime | None = instant(default=None)
    acknowledged_at: datetime | None = instant(default=None)
    status: str = long_text()
    subject: str = long_text()
    text: str = long_text()
    dedup: str = long_text(unique=True)
    entry_seq: int | None = None
    attempts: int = 0
    next_try_at: datetime = instant()
    lease_until: datetime | None = instant(default=None)
    worker: str | None = long_text(default=None)
    last_error: str | None = long_text(default=None)
    urgent: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    digest_id: int | None = big(default=None)
    items: str | None = long_text(default=None)
    released_at: datetime | None = instant(default=None)
    acknowledged_by: str | None = long_text(default=None)
    acknowledged_auth: str | None = long_text(default=None)


class Attachment(SQLModel, table=True):
    """A document of a matter; the bytes lie in the content store under their hash."""

    __table_args__ = (Index("ix_attachment_matter", "matter_id", "kind"),)
    id: int = ident()
    campaign_id: int = big()
    matter_id: int = big()
    seq: int
    kind: str = long_text()
    name: str = long_text()
    sha256: str = long_text()
    size: int = big()
    actor: str = long_text()
    attached_at: datetime = instant()


class ChoreDone(SQLModel, table=True):
    """A recurring chore or milestone that was done for a period; the key makes it once only."""

    __tablename__ = "chore_done"
    campaign_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    code: str = long_text(primary_key=True)
    period: str = long_text(primary_key=True)
    done_at: datetime = instant()
