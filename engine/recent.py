"""What has happened lately in a campaign: acts on matters and notices sent, as far as somebody sees them."""

from typing import Any

from sqlalchemy import func, select

from engine.reading import Reader
from engine.rows import E, M, N
from engine.shapes import at

ACTS = ("opened", "moved", "deadline", "corrected", "extension", "document")
"""Kinds of entries that are told; what they are called is told by the edges."""

STREAM = "matter/"

NEWEST = 2_000
"""Of so many notices, the ones made last, those that went out last are told: one held for longer is not among them. PLACEHOLDER"""


def happenings(reader: Reader, limit: int) -> list[dict[str, Any]]:
    """The latest acts and what deadlines did by themselves, newest first: ``ref, title, body, kind, trigger, from, to, actor``."""
    ref = func.substr(E.c.stream, len(STREAM) + 1)
    statement = (
        select(
            E.c.stream, E.c.seq, E.c.kind, E.c.trigger, E.c.src, E.c.dst, E.c.actor, E.c.recorded_at, M.c.ref, M.c.title,
            M.c.body, M.c.definition_id,
        )
        .join(M, (M.c.campaign_id == E.c.campaign_id) & (M.c.ref == ref))
        .where(E.c.campaign_id == reader.campaign.id, E.c.kind.in_(ACTS), E.c.stream.like(STREAM + "%"))
        .where(*reader.within(few=True))
        .order_by(E.c.recorded_at.desc(), E.c.stream, E.c.seq.desc())
        .limit(limit)
    )  # fmt: skip
    with reader.database.snapshot() as tx:
        rows = tx.select(statement)
    found = []
    for _, _, kind, trigger, src, dst, actor, recorded, matter, title, body, definition in rows:
        machine = reader.campaign.machines[definition]
        leaf, before = machine.tree.leaves.get(dst), machine.tree.leaves.get(src)
        named = machine.triggers.get(trigger) or (
            machine.doc.deadlines[trigger].label if trigger in machine.doc.deadlines else None
        )
        found.append({
            "kind": kind, "trigger": trigger, "label": named.model_dump() if named else None, "actor": actor,
            "at": at(recorded), "ref": matter, "title": title, "body": body,
            "from": before.label.model_dump() if before else None, "to": leaf.label.model_dump() if leaf else None,
        })  # fmt: skip
    return found


def told_lately(reader: Reader, limit: int) -> list[dict[str, Any]]:
    """The latest notices that went out, newest first: ``id, kind, recipient, body, subject, sent_at, ref``."""
    names = ("id", "kind", "recipient", "body", "subject", "sent_at", "ref")
    newest = select(N.c.id).order_by(N.c.id.desc()).limit(NEWEST).subquery()
    statement = (
        select(*(N.c[name] for name in names))
        .where(N.c.id.in_(select(newest.c.id)))
        .where(N.c.campaign_id == reader.campaign.id, N.c.sent_at.is_not(None), *reader.notices_within(few=True))
        .order_by(N.c.sent_at.desc(), N.c.id.desc())
        .limit(limit)
    )
    with reader.database.snapshot() as tx:
        rows = tx.select(statement)
    return [{**dict(zip(names, row, strict=True)), "id": str(row[0]), "sent_at": at(row[5])} for row in rows]
