"""Which clocks an order reads: those that have not ended, and the last of each code whose breach is asked for.

The others only grow in number with a matter's age. `Held.all_clocks` reads them for whatever needs them after all.
"""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal_column, or_, select

from engine.campaign import Campaign
from engine.rows import THIS_MATTER, UNSAID, D
from engine.store import Statement

ANY_CODE: ColumnElement[bool] = D.c.code >= literal_column("''")
"""True of every clock; it leads SQLite's planner to the narrow index of those that have not ended."""


class ClockReads:
    """The statements that read the clocks of a matter, *by_id* and *by_ref*, with the last of each of *codes*."""

    def __init__(self, codes: frozenset[str]) -> None:
        self.codes = codes
        self.by_id, self.by_ref = _statement(bindparam("id"), codes), _statement(THIS_MATTER, codes)


def _statement(matter: Any, codes: frozenset[str]) -> Statement:
    running: ColumnElement[bool] = D.c.stopped_at.is_(None)
    mine = select(*UNSAID).where(D.c.matter_id == matter)
    if not codes:
        return Statement(mine.where(running, ANY_CODE), whole=True)
    asked: list[ColumnElement[str]] = [
        literal_column(f"'{code}'") for code in sorted(codes)
    ]  # names of our own, checked when they were read
    last = select(func.max(D.c.id)).where(D.c.matter_id == matter, D.c.code.in_(asked)).group_by(D.c.code)
    return Statement(mine.where(or_(running, D.c.id.in_(last))).order_by(D.c.id), whole=True)


def clock_reads(campaign: Campaign, kind: str | None) -> ClockReads:
    """How an order reads the clocks of a matter of *kind*; None: of any kind that has been worked with so far.

    A matter whose own version of the definition asks for more must be given all its clocks.
    """
    key = len(campaign.machines) if kind is None else kind
    found: ClockReads | None = campaign.clock_reads.get(key)
    if found is None:
        machines = list(campaign.machines.values()) if kind is None else [campaign.kind(kind)]
        codes = frozenset().union(*(machine.asks_breach for machine in machines))
        found = campaign.clock_reads[key] = ClockReads(codes)
    return found
