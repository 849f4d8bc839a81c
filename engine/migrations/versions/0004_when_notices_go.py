"""When notices go: what is urgent, what rode in which digest, what a digest holds, what was held and released."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("urgent", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("digest_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("items", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("released_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_notice_digest",
        "notice",
        ["digest_id"],
        unique=False,
        sqlite_where=sa.text("digest_id IS NOT NULL"),
        postgresql_where=sa.text("digest_id IS NOT NULL"),
    )
