"""What lists and boards look at: when a matter's light turns, what is due next, and who is waited for."""

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NEVER = 2**62
UNLIT = NEVER + 1
AT_ONCE = 1000

DUE = "(SELECT min(breach_at) FROM deadline WHERE matter_id = matter.id AND status = 'running' AND stopped_at IS NULL)"
OF = "FROM deadline d WHERE d.matter_id = matter.id AND"
YELLOW = f"CASE WHEN closed <> 0 THEN {NEVER} ELSE coalesce((SELECT min(d.yellow_at) {OF} d.status = 'running' AND"
RED = (
    f"CASE WHEN closed <> 0 THEN {UNLIT} ELSE coalesce((SELECT min(CASE WHEN d.status = 'running' THEN d.breach_at "
    f"WHEN d.status IN ('met', 'paused') THEN {NEVER} WHEN d.breach_at < matter.updated_at THEN d.breach_at "
    f"ELSE matter.updated_at END) {OF} d.status IN ('running', 'met', 'paused', 'late', 'breached') AND"
)


def upgrade() -> None:
    with op.batch_alter_table("matter", schema=None) as batch_op:
        for name in ("red_at", "yellow_at"):
            batch_op.add_column(sa.Column(name, sa.BigInteger(), server_default=str(UNLIT), nullable=False))
        batch_op.add_column(sa.Column("due_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("awaits", sa.Text(), server_default="", nullable=False))
    connection = op.get_bind()
    rows = connection.exec_driver_sql("SELECT id, doc FROM definition_version").fetchall()
    docs = {ident: json.loads(doc) for ident, doc in rows}
    timers = [
        (ident, code)
        for ident, doc in docs.items()
        for code, each in doc.get("deadlines", {}).items()
        if each.get("timer")
    ]
    none_of = " AND ".join(f"NOT (d.definition_id = {ident} AND d.code = '{code}')" for ident, code in timers)
    duty = none_of or "1 = 1"
    lights = f"yellow_at = {YELLOW} {duty}), {NEVER}) END, red_at = {RED} {duty}), {UNLIT}) END"
    connection.exec_driver_sql(f"UPDATE matter SET due_at = {DUE}, {lights}")  # noqa: S608 - our own codes
    _fill_awaits(connection, docs)
    _particulars(connection, docs)
    columns = [
        "yellow_at",
        "due_at",
        "kind",
        "body",
        "definition_id",
        "stage",
        "state",
        "closed",
        "opened_at",
        "awaits",
    ]
    op.drop_index("ix_matter_body", "matter")
    board = ["campaign_id", "body", "kind", "definition_id", "stage", "closed", "red_at", "yellow_at"]
    op.create_index("ix_matter_board", "matter", board)
    op.create_index("ix_matter_updated", "matter", ["campaign_id", "updated_at", "id"])
    op.create_index("ix_matter_outlook", "matter", ["campaign_id", "red_at", "id", *columns])
    _indexes()


def _indexes() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("campaign_id", "login", "name", name=op.f("uq_saved_view_campaign_id_login_name")),
    )
    still, sent = sa.text("stopped_at IS NULL"), sa.text("status = 'sent'")
    op.create_index(
        "ix_deadline_owner",
        "deadline",
        ["campaign_id", "owner_body", "breach_at"],
        sqlite_where=still,
        postgresql_where=still,
    )
    op.create_index(
        "ix_notice_unread", "notice", ["campaign_id", "recipient"], sqlite_where=sent, postgresql_where=sent
    )


def _particulars(connection: sa.Connection, docs: dict[int, Any]) -> None:
    op.create_table(
        "particulars",
        sa.Column(
            "matter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("personal", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("matter_id", name=op.f("pk_particulars")),
    )
    op.create_table(
        "amount",
        sa.Column("matter_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("matter_id", "fact", name=op.f("pk_amount")),
    )
    op.create_index("ix_amount_value", "amount", ["campaign_id", "fact", "value", "matter_id"])
    names = ("id", "campaign_id", "definition_id", "title", "ref", "data")
    matter = sa.table("matter", *(sa.column(name) for name in names))
    into, sums = _table("particulars", "words", "personal", "marks"), _table("amount", "fact", "value")
    after = None
    while True:
        page = sa.select(matter).order_by(matter.c.id).limit(AT_ONCE)
        found = connection.execute(page if after is None else page.where(matter.c.id > after)).fetchall()
        if not found:
            return
        after = found[-1].id
        said = [_said(row, docs[row.definition_id].get("facts", {})) for row in found]
        connection.execute(sa.insert(into), [each for each, _ in said])
        if amounts := [each for _, of in said for each in of]:
            connection.execute(sa.insert(sums), amounts)


def _table(name: str, *more: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(each) for each in ("matter_id", "campaign_id", *more)))


def _said(row: Any, specs: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    about = {"matter_id": row.id, "campaign_id": row.campaign_id}
    words, personal, marks, sums = [row.title, row.ref], list[str](), list[str](), list[dict[str, Any]]()
    for code, value in sorted(json.loads(row.data)["facts"].items()):
        spec = specs.get(code, {"type": "", "personal": False})
        kind, hidden = spec["type"], bool(spec.get("personal"))
        if value is not None and kind == "text":
            (personal if hidden else words).append(str(value))
        elif value is not None and kind in ("enum", "enums", "bool", "body") and not hidden:
            marks += [f"{code}={_mark(each)}" for each in (value if isinstance(value, list) else [value])]
        elif kind == "money" and not hidden and type(value) is int:
            sums.append({**about, "fact": code, "value": value})
    text = {"words": _folded(words), "personal": _folded(personal), "marks": f"|{'|'.join(marks)}|" if marks else ""}
    return {**about, **text}, sums


def _mark(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _folded(words: list[str]) -> str:
    return unicodedata.normalize("NFKC", "\n".join(words)).casefold()


def _fill_awaits(connection: sa.Connection, docs: dict[int, Any]) -> None:
    parts = {
        ident: {body["part"] for body in json.loads(doc)["bodies"]}
        for ident, doc in connection.exec_driver_sql("SELECT id, doc FROM campaign").fetchall()
    }
    leaves = {ident: dict(_leaves(doc["states"], (), final=False)) for ident, doc in docs.items()}
    matter = sa.table(
        "matter",
        *(sa.column(name) for name in ("id", "campaign_id", "definition_id", "body", "state", "data", "awaits")),
    )
    put = sa.update(matter).where(matter.c.id == sa.bindparam("b_id")).values(awaits=sa.bindparam("said"))
    after = None
    while True:
        page = sa.select(matter).order_by(matter.c.id).limit(AT_ONCE)
        found = connection.execute(page if after is None else page.where(matter.c.id > after)).fetchall()
        if not found:
            return
        after = found[-1].id
        said = [
            {
                "b_id": row.id,
                "said": _awaits(row, docs[row.definition_id], leaves[row.definition_id], parts[row.campaign_id]),
            }
            for row in found
        ]
        connection.execute(put, [each for each in said if each["said"]] or [{"b_id": 0, "said": ""}])


def _leaves(
    states: dict[str, Any], waits: tuple[str, ...], *, final: bool
) -> Iterator[tuple[str, tuple[bool, tuple[str, ...]]]]:
    for code, each in states.items():
        mine, over = tuple(each.get("waits_for") or waits), final or bool(each.get("final"))
        if each.get("states"):
            yield from _leaves(each["states"], mine, final=over)
        else:
            yield code, (over, mine)


def _awaits(row: Any, doc: dict[str, Any], leaves: dict[str, Any], parts: set[str]) -> str:
    final, waits = leaves[row.state]
    if final:
        return ""
    data = json.loads(row.data)
    said = [f"{role}>{_place(doc['roles'][role]['of'], row.body, data['facts'], parts)}" for role in waits]
    for code, each in sorted(data["marks"].get("handed", {}).items()):
        if each["status"] == "sent":
            said.append(f"{code}<{each['to']}")
            if not doc["handovers"][code].get("goes_on"):
                said.append(f"={each['from']}")
        elif each["status"] == "returned":
            said.append(f"{code}~{each['from']}")
    return f"|{'|'.join(said)}|" if said else ""


def _place(of: str, body: str, facts: dict[str, Any], parts: set[str]) -> str:
    for source in of.split("|"):
        kind, _, name = source.partition(":")
        if kind in ("matter", "any"):
            return body if kind == "matter" else "*"
        if kind == "part" and name in parts:
            return f"@{name}"
        if kind == "fact" and facts.get(name):
            return str(facts[name])
    return ""
