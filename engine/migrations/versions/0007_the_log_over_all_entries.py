"""The log over all entries: its tree, its checkpoints, and what waits for a place in it."""

import sqlalchemy as sa
from alembic import op

from engine.append_only import log_rules

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_pending",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_pending")),
    )
    op.create_table(
        "log_leaf",
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sequenced_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "idx", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("campaign_id", "stream", "seq", name=op.f("uq_log_leaf_campaign_id_stream_seq")),
    )
    op.create_table(
        "log_node",
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "level", "idx", name=op.f("pk_log_node")),
    )
    op.create_table(
        "log_state",
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequenced_at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_log_state")),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "epoch", "size", name=op.f("pk_log_checkpoint")),
    )
    op.execute(
        "INSERT INTO log_pending (campaign_id, stream, seq, hash) "
        "SELECT campaign_id, stream, seq, hash FROM entry ORDER BY campaign_id, recorded_at, stream, seq"
    )
    op.execute(
        "INSERT INTO log_state (campaign_id, size, frontier, epoch, sequenced_at, since) "
        "SELECT campaign_id, 0, '', 1, 0, max(recorded_at) FROM entry GROUP BY campaign_id"
    )
    for statement in log_rules(op.get_bind().dialect.name):
        op.execute(statement)
