"""The tables of the log over all entries: what waits for its place, the leaves and kept nodes of the tree, checkpoints."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.tables import big, instant, long_text


class LogPending(SQLModel, table=True):
    """An entry that has no place in the tree yet; written by the database itself in the transaction of the entry."""

    __tablename__ = "log_pending"
    id: int | None = Field(
        default=None,
        sa_type=BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
    )
    campaign_id: int = big()
    stream: str = long_text()
    seq: int
    hash: str = long_text()


class LogLeaf(SQLModel, table=True):
    """The place of an entry in the tree, and when it was given."""

    __tablename__ = "log_leaf"
    __table_args__ = (UniqueConstraint("campaign_id", "stream", "seq"),)
    campaign_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    idx: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    stream: str = long_text()
    seq: int
    hash: bytes = Field(sa_type=LargeBinary)
    sequenced_at: datetime = instant()


class LogNode(SQLModel, table=True):
    """The root of a full subtree of 16, 256, 4096, … leaves: what proofs are made of."""

    __tablename__ = "log_node"
    campaign_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    idx: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: bytes = Field(sa_type=LargeBinary)


class LogState(SQLModel, table=True):
    """The right edge of a campaign's tree; whoever holds this row's lock is the sequencer."""

    __tablename__ = "log_state"
    campaign_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int = big()
    frontier: str = long_text()
    epoch: int = 1
    sequenced_at: datetime = instant()
    since: datetime = instant()


class LogCheckpoint(SQLModel, table=True):
    """A signed checkpoint of the log."""

    __tablename__ = "log_checkpoint"
    campaign_id: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    epoch: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int = big(primary_key=True, sa_column_kwargs={"autoincrement": False})
    root: bytes = Field(sa_type=LargeBinary)
    note: str = long_text()
    created_at: datetime = instant()
