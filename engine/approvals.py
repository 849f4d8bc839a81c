"""When a matter and its documents were approved: the instant of the act that its machine calls an approval."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select

from engine.history import stream_of
from engine.machine import Compiled
from engine.rows import A, E, MatterRow
from engine.store import Tx


@dataclass(frozen=True, slots=True)
class Approvals:
    """The last approval of a matter, and of each of its documents by kind, in microseconds."""

    at: int | None = None
    of: Mapping[str, int] = field(default_factory=dict)


def approvals(tx: Tx, matter: MatterRow, machine: Compiled, now_us: int) -> Approvals:
    """Read the approvals entered up to *now_us*; a document brought after its approval is not approved.

    Three times of an act are kept apart: when it occurred, when it was recorded, and when what it did was approved.
    """
    papers: dict[str, set[str]] = {}
    for arrow in machine.doc.transitions:
        if arrow.approves:
            papers.setdefault(arrow.trigger, set()).update((*arrow.needs, *arrow.needs_new))
    if not papers:
        return Approvals()
    entries = tx.select(
        select(E.c.seq, E.c.trigger, E.c.occurred_at)
        .where(E.c.campaign_id == matter.campaign_id, E.c.stream == stream_of(matter.ref), E.c.recorded_at <= now_us)
        .order_by(E.c.seq)
    )
    newest = dict(
        tx.select(
            select(A.c.kind, func.max(A.c.seq))
            .where(A.c.matter_id == matter.id, A.c.attached_at <= now_us)
            .group_by(A.c.kind)
        )
    )
    given = [(seq, trigger, occurred) for seq, trigger, occurred in entries if trigger in papers]
    of = {
        kind: occurred
        for seq, trigger, occurred in given
        for kind in papers[trigger]
        if newest.get(kind, seq + 1) <= seq
    }  # fmt: skip
    return Approvals(given[-1][2] if given else None, of)
