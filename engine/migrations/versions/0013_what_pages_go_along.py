"""What pages go along: open deadlines by their ends, those not kept, and the few notices that are held, dead, or urge."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEXES = (
    (
        "ix_deadline_open",
        "deadline",
        ["campaign_id", "breach_at", "id", "status", "code", "matter_id"],
        "stopped_at IS NULL",
    ),
    ("ix_deadline_late", "deadline", ["campaign_id", "code", "matter_id"], "status IN ('breached', 'late')"),
    ("ix_notice_held", "notice", ["campaign_id", "id"], "status = 'held'"),
    ("ix_notice_dead", "notice", ["campaign_id", "id"], "status = 'dead'"),
    ("ix_notice_urge", "notice", ["campaign_id", "body"], "kind = 'urge'"),
)


def upgrade() -> None:
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
