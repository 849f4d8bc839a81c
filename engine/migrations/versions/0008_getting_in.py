"""Credentials, one-time codes, sessions, counters of failures, grants that wait; scope and issuer of tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _at(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "credential",
        _text("login"), _text("password"), _at("password_set_at"), _at("activated_at"), _text("activated_by", True),
        _text("totp_secret", True), sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_credential")),
    )  # fmt: skip
    op.create_table(
        "one_time_code",
        _text("id"), _text("login"), _text("hash"), _text("issued_by"), _at("made_at"), _at("expires_at"),
        _at("used_at", True), _at("revoked_at", True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
    )  # fmt: skip
    op.create_index("ix_one_time_code_login", "one_time_code", ["login"])
    op.create_table(
        "login_session",
        _text("id"), _text("login"), _text("hash"), _text("address"), _at("created_at"), _at("seen_at"),
        _at("stepped_up_at", True), _at("ended_at", True), _text("vouched_by", True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
    )  # fmt: skip
    op.create_index("ix_login_session_login", "login_session", ["login"])
    op.create_table(
        "throttle",
        _text("subject"), sa.Column("count", sa.BigInteger(), nullable=False), _at("since"), _at("until"),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_throttle")),
    )  # fmt: skip
    op.create_table(
        "grant_proposal",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        _text("login"), _text("body"), _text("post"), _at("valid_to", True), _text("proposed_by"),
        _text("proposed_persons"), _at("proposed_at"), _text("status"), _text("decided_by", True),
        _at("decided_at", True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_proposal")),
    )  # fmt: skip
    op.create_index("ix_grant_proposal_campaign", "grant_proposal", ["campaign_id"])
    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.add_column(_text("scope", True))
        batch_op.add_column(_text("issued_by", True))
        batch_op.add_column(_at("last_used_at", True))
