"""Digests of second factors, who confirmed an account, codes for a lost second factor, browsers that are known."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _at(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    with op.batch_alter_table("credential", schema=None) as batch_op:
        for column in (_text("totp_digest", True), _text("issued_by", True), _text("confirmed_by", True)):
            batch_op.add_column(column)
        batch_op.add_column(_at("confirmed_at", True))
    op.create_table(
        "recovery_code",
        _text("id"), _text("login"), _text("hash"), _at("made_at"), _at("used_at", True), _at("revoked_at", True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )  # fmt: skip
    op.create_index("ix_recovery_code_login", "recovery_code", ["login"])
    op.create_table(
        "known_device",
        _text("id"), _text("login"), _text("hash"), _at("made_at"), _at("seen_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
    )  # fmt: skip
    op.create_index("ix_known_device_login", "known_device", ["login"])
    connection = op.get_bind()
    held = sa.table("credential", sa.column("login"), sa.column("totp_secret"), sa.column("totp_digest"))
    for login, secret in connection.execute(
        sa.select(held.c.login, held.c.totp_secret).where(held.c.totp_secret.is_not(None))
    ).all():
        digest = hashlib.sha256(secret.encode()).hexdigest()
        connection.execute(held.update().where(held.c.login == login).values(totp_digest=digest))
