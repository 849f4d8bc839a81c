"""Whoever has the database in his hands: he edits rows; if he is smart he works out every hash anew; a thief has the key."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import text
from sqlmodel import SQLModel

from engine.canonical import ZERO_HASH, canonical, leaf_hash
from engine.checkpoints import CHECKPOINTS
from engine.hashes import hash_of
from engine.log_entries import origin_of
from engine.merkle import Frontier
from engine.outlook import set_outlook
from engine.particulars import UPDATE_PARTICULARS, particulars_of
from engine.replay import replay, row_then
from engine.rows import (
    DEADLINES_OF_REF,
    INSERT_ENTRY,
    INSERT_PRIVATE,
    MATTER_BY_REF,
    UPDATE_MATTER,
    DeadlineRow,
    MatterRow,
)
from engine.sequencing import ADD_LEAF, ADD_NODE, MOVE_STATE
from engine.signed_notes import Checkpoint, sign
from engine.store import Statement, Tx
from workflows.workspace import Workspace

LOCKS = ("entry", "firing", "log_leaf", "log_node", "log_checkpoint")
FREE = {
    "sqlite": [f"DROP TRIGGER {table}_no_{verb}" for table in LOCKS for verb in ("update", "delete")]
    + ["DROP TRIGGER entry_pending"],
    "postgresql": [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in LOCKS],
}
"""What he does first: what was append-only is so no more, and new entries are not noted."""

COLUMNS = (
    "kind",
    "trigger",
    "src",
    "dst",
    "actor",
    "occurred_at",
    "recorded_at",
    "request_id",
    "request_mark",
    "record",
)
INSTANTS = ("occurred_at", "recorded_at")


class Attacker:
    """One with the database in his hands, inside a transaction; *level* is naive, smart or thief."""

    def __init__(self, workspace: Workspace, tx: Tx, level: str, stolen: Any) -> None:
        self.workspace, self.tx, self.level, self.stolen = workspace, tx, level, stolen
        self.campaign = workspace.campaign
        self.lent: dict[Any, Any] = {}
        for statement in FREE[workspace.database.wire.name]:
            self.sql(statement)

    def sql(self, statement: str, **values: Any) -> None:
        self.tx.write(Statement(text(statement)), values)
        self.tx.flush()

    def read(self, statement: str, **values: Any) -> list[Any]:
        return [tuple(row) for row in self.tx.rows(Statement(text(statement)), **values)]

    def stream(self, stream: str) -> list[dict[str, Any]]:
        """The entries of a stream as he may rewrite them."""
        asked = f"select {', '.join(COLUMNS)} from entry where stream = :stream order by seq"
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in self.read(asked, stream=stream)]
        return [{**row, "was": (stream, seq)} for seq, row in enumerate(rows, start=1)]

    def edit(self, stream: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
        """Rewrite a stream; whoever is smart fits every number, link and hash to it, and the row as well."""
        rows = change(self.stream(stream))
        self.sql("delete from entry where stream = :stream", stream=stream)
        if self.level != "naive":
            self.move_private(stream, rows)
        last = ZERO_HASH
        for seq, row in enumerate(rows, start=1):
            body = json.loads(row["record"])
            if self.level != "naive":
                body.update(seq=seq, prev=last, stream=stream)
                row["record"] = canonical(body)
            last = leaf_hash(row["record"], self.campaign.log) if self.level != "naive" else row.get("hash", last)
            number = seq if self.level != "naive" else row.get("seq", body["seq"])
            digest = last if self.level != "naive" else leaf_hash(canonical(body), self.campaign.log)
            values = {**row, "campaign_id": self.campaign.id, "stream": stream, "seq": number, "hash": digest}
            self.tx.write(
                INSERT_ENTRY, {name: values[name] for name in (*COLUMNS, "campaign_id", "stream", "seq", "hash")}
            )
        self.tx.flush()
        if self.level != "naive" and stream.startswith("matter/") and rows:
            self.fit_row(stream)

    def move_private(self, stream: str, rows: list[dict[str, Any]]) -> None:
        """Let the private values follow their entries."""
        kept = {}
        asked = "select stream, seq, field, salt, value from entry_private"
        for was, seq, field, salt, value in self.read(asked):
            kept.setdefault((was, seq), []).append((field, salt, value))
        self.sql("delete from entry_private where stream = :stream", stream=stream)
        for number, row in enumerate(rows, start=1):
            for field, salt, value in {**kept, **self.lent}.get(row["was"], ()):
                values = {"campaign_id": self.campaign.id, "stream": stream, "seq": number, "field": field}
                self.tx.write(INSERT_PRIVATE, {**values, "salt": salt, "value": value})
        self.lent |= kept
        self.tx.flush()

    def fit_row(self, stream: str) -> None:
        where = {"campaign_id": self.campaign.id, "ref": stream.removeprefix("matter/")}
        row = self.tx.row(MATTER_BY_REF, **where)
        assert row is not None
        now = MatterRow(*row)
        then = row_then(self.campaign, now, replay(self.tx, self.campaign, now))
        then.seq_before = now.seq
        machine, data = self.campaign.machines[then.definition_id], json.loads(then.data)
        clocks = [DeadlineRow(*each) for each in self.tx.rows(DEADLINES_OF_REF, **where)]
        handed = data["marks"].get("handed", {})
        set_outlook(then, machine, self.campaign.machines, clocks, data["facts"], handed)
        self.tx.put(UPDATE_MATTER, [then])
        self.tx.write(UPDATE_PARTICULARS, {**particulars_of(machine, then, data["facts"]), "b_matter_id": then.id})
        self.tx.flush()

    def finish(self) -> None:
        """Let the smart one build the tree anew, and the thief sign it."""
        if self.level == "naive":
            return
        times = sorted({at for (at,) in self.read("select sequenced_at from log_leaf")})
        waiting = {(stream, seq) for stream, seq in self.read("select stream, seq from log_pending")}
        entries = self.read("select recorded_at, stream, seq, hash from entry order by recorded_at, stream, seq")
        order = [
            (stream, seq, digest, next((at for at in times if at >= recorded), times[-1]))
            for recorded, stream, seq, digest in entries
            if (stream, seq) not in waiting
        ]
        self.build(order)

    def build(self, order: Iterable[tuple[str, int, str, int]]) -> None:
        ident = self.campaign.id
        tree = Frontier(hash_of(self.campaign.log))
        roots = {}
        for table in ("log_leaf", "log_node"):
            self.sql(f"delete from {table}")
        at = 0
        for stream, seq, digest, at in order:
            leaf = bytes.fromhex(digest)
            values = {"campaign_id": ident, "idx": tree.size, "stream": stream, "seq": seq, "hash": leaf}
            self.tx.write(ADD_LEAF, {**values, "sequenced_at": at})
            for level, idx, root in tree.append(leaf):
                self.tx.write(ADD_NODE, {"campaign_id": ident, "level": level, "idx": idx, "hash": root})
            roots[tree.size] = tree.root()
        state = {"size": tree.size, "frontier": tree.text(), "epoch": 1, "sequenced_at": at}
        self.tx.write(MOVE_STATE, {"b_campaign_id": ident, **state})
        self.tx.flush()
        if self.level == "thief":
            self.sign(roots)

    def sign(self, roots: dict[int, bytes]) -> None:
        for epoch, size, *_ in self.tx.rows(CHECKPOINTS, campaign_id=self.campaign.id):
            if size not in roots:
                self.sql("delete from log_checkpoint where size = :size", size=size)
                continue
            note = sign(Checkpoint(origin_of(self.campaign.log, epoch), size, roots[size]), self.stolen)
            self.sql(
                "update log_checkpoint set note = :note, root = :root where size = :size",
                note=note,
                root=roots[size],
                size=size,
            )


def dumped(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """A backup: every row of every table."""
    with workspace.database.glance() as connection:
        return {
            name: [dict(row._mapping) for row in connection.execute(table.select())]
            for name, table in SQLModel.metadata.tables.items()
        }


def restored(workspace: Workspace, backup: dict[str, list[dict[str, Any]]]) -> None:
    """Put a backup back, behind the program's back."""
    sqlite = workspace.database.wire.name == "sqlite"
    with workspace.database.schema() as connection:
        kept = []
        if sqlite:
            kept = [row[0] for row in connection.execute(text("select sql from sqlite_master where type = 'trigger'"))]
            for row in connection.execute(text("select name from sqlite_master where type = 'trigger'")).fetchall():
                connection.execute(text(f"drop trigger {row[0]}"))
        else:
            connection.execute(text("set local session_replication_role = replica"))
        for name, table in SQLModel.metadata.tables.items():
            connection.execute(table.delete())
            if backup[name]:
                connection.execute(table.insert(), backup[name])
        for statement in kept:
            connection.exec_driver_sql(statement)
