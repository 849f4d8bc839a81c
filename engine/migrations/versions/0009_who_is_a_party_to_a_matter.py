"""Who is a party to a matter, filled for the matters that are there; the reporter's vault; who asked for what is not his."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FLAGGED = {"case", "penalty"}
"""Kinds that the procuratorate sees once one of these facts is true."""

FLAGS = ("must_transfer", "threshold_met")


def upgrade() -> None:
    op.create_table(
        "party",
        sa.Column("matter_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("matter_id", "body", name=op.f("pk_party")),
    )
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.create_index("ix_party_body", ["campaign_id", "body", "matter_id"], unique=False)
    _fill(op.get_bind())
    op.create_table(
        "vault_item",
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "name", name=op.f("pk_vault_item")),
    )
    op.create_table(
        "vault_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_trace", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_request")),
    )
    op.create_table(
        "denial",
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "login", "hour", "what", name=op.f("pk_denial")),
    )


def _fill(connection: sa.Connection) -> None:
    """Write the parties of every matter: what the columns tell in SQL, who may act by the definitions."""
    parts = {row[0]: _parts(json.loads(row[1])) for row in connection.execute(sa.text("SELECT id, doc FROM campaign"))}
    docs = connection.execute(sa.text("SELECT id, doc FROM definition_version"))
    machines = {row[0]: json.loads(row[1]) for row in docs}
    found: set[tuple[int, str, int]] = set()
    matters = sa.text("SELECT id, campaign_id, definition_id, kind, body, state, data FROM matter")
    for ident, campaign, definition, kind, body, state, data in connection.execute(matters):
        facts = json.loads(data)["facts"]
        bodies = {body, *_acting(machines[definition], state, body, facts, parts[campaign])}
        if kind in FLAGGED and any(facts.get(name) is True for name in FLAGS):
            bodies.add(parts[campaign].get("procuratorate", ""))
        found |= {(ident, each, campaign) for each in bodies if each}
    for told in (
        "SELECT DISTINCT matter_id, owner_body, campaign_id FROM deadline",
        "SELECT DISTINCT m.id, n.body, m.campaign_id FROM notice n JOIN matter m ON m.campaign_id = n.campaign_id "
        "AND m.ref = n.ref WHERE n.kind IN ('copy', 'handover')",
    ):
        found |= {(row[0], row[1], row[2]) for row in connection.execute(sa.text(told)) if row[1]}
    openers = "SELECT m.id, e.record, m.campaign_id FROM entry e JOIN matter m ON m.campaign_id = e.campaign_id "
    openers += "AND e.stream = 'matter/' || m.ref WHERE e.seq = 1 AND e.kind = 'opened'"
    for ident, record, campaign in connection.execute(sa.text(openers)):
        opener = json.loads(record).get("body")
        found |= {(ident, opener, campaign)} if opener else set()
    add = sa.text("INSERT INTO party (matter_id, body, campaign_id) VALUES (:matter, :body, :campaign)")
    rows = [{"matter": matter, "body": body, "campaign": campaign} for matter, body, campaign in sorted(found)]
    for start in range(0, len(rows), 1000):
        connection.execute(add, rows[start : start + 1000])


def _parts(doc: Mapping[str, Any]) -> dict[str, str]:
    parts: dict[str, str] = {}
    for body in doc["bodies"]:
        parts.setdefault(body["part"], body["code"])
    return parts


def _acting(
    doc: Mapping[str, Any], state: str, body: str, facts: Mapping[str, Any], parts: Mapping[str, str]
) -> Iterator[str]:
    """The bodies of the roles that may act in *state* or that it waits for; ``*`` where any body may."""
    scopes = _scopes(doc["states"], state)
    roles = {role for arrow in doc["transitions"] if scopes.keys() & {*arrow["from"]} for role in arrow["role"]}
    waiting: list[str] = next((each["waits_for"] for each in reversed(scopes.values()) if each.get("waits_for")), [])
    for role in {*roles, *waiting} - {"system"}:
        for source in doc["roles"][role]["of"].split("|"):
            kind, _, name = source.partition(":")
            named = {"matter": body, "any": "*", "fact": facts.get(name), "part": parts.get(name)}[kind]
            if named:
                yield str(named)
                break


def _scopes(states: Mapping[str, Any], state: str) -> dict[str, Any]:
    """The stages that hold *state*, outermost first, and itself."""
    for code, spec in states.items():
        below = _scopes(spec.get("states", {}), state)
        if below or (code == state and not spec.get("states")):
            return {code: spec, **below}
    return {}
