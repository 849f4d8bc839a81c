"""Deadlines kept and not kept, by body and kind, and which they are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select

from engine.boards import name_of
from engine.campaign import Campaign
from engine.clock import Clock, rfc3339
from engine.errors import Invalid
from engine.lists import Page, cursor_of, read_cursor
from engine.machine import Compiled
from engine.rows import D, M
from engine.shapes import at
from engine.steady import steady, tallied
from engine.store import Database

ENDED = {"met": ("met",), "late": ("late", "breached")}
"""Statuses of a deadline of which it is known whether it was kept: kept, or not."""

KEPT = "kept"
"""The order of the lists of deadlines that were kept or not, in their cursors."""


class Kept:
    """Say of one campaign of one database which deadlines were kept; *sight* is the condition of what may be seen."""

    def __init__(
        self, database: Database, campaign: Campaign, clock: Clock, sight: ColumnElement[bool] | None = None
    ) -> None:
        self.database, self.campaign, self.clock, self.sight = database, campaign, clock, sight

    def kept(self) -> dict[str, Any]:
        """How many deadlines of each body and kind were kept and how many not; timers and watches are nobody's.

        *by_record* are those kept of which that was also entered in time.
        """
        in_time = case((D.c.breached_at.is_(None), "yes"), else_="no")
        columns = (D.c.owner_body, D.c.definition_id, D.c.status, in_time)
        found: dict[tuple[str, str], dict[str, int]] = {}
        with self.database.snapshot() as tx:
            rows = tallied(tx, self.campaign, columns, self._ended())
        for body, ident, status, entered, count in rows:
            cell = found.setdefault(
                (body, self.campaign.machines[int(ident)].kind), {"met": 0, "by_record": 0, "late": 0}
            )
            cell["met" if status in ENDED["met"] else "late"] += count
            cell["by_record"] += count if entered == "yes" and status in ENDED["met"] else 0
        order = {code: number for number, code in enumerate(self.campaign.bodies)}
        shown = [
            {
                "body": body, "name": name_of(self.campaign, body), "kind": kind, **cell, "of": cell["met"] + cell["late"],
                "filters": {each: {"owner": body, "kind": kind, "ended": each} for each in ENDED},
            }
            for (body, kind), cell in sorted(found.items(), key=lambda each: (order.get(each[0][0], len(order)), each[0]))
        ]  # fmt: skip
        return {"as_of": rfc3339(self.clock.now()), "rows": shown}

    def kept_rows(self, owner: str | None, kind: str | None, ended: str, page: Page | None = None) -> dict[str, Any]:
        """The deadlines that one figure of `kept` counts: *ended* is ``met`` or ``late``; None: of every body or kind.

        Of a page with a limit also the *next* page's cursor. Raises Invalid.
        """
        if ended not in ENDED:
            raise Invalid(f"no such end of a deadline: {ended!r}; there are: {', '.join(ENDED)}", "ended")
        versions = [each.id for each in versions_of(self.campaign) if kind in (None, each.kind)]
        where = [*self._ended(), D.c.status.in_(ENDED[ended]), D.c.definition_id.in_(versions)]
        where += [D.c.owner_body == owner] if owner is not None else []
        names = ("code", "status", "last_day", "stopped_at", "owner_body", "definition_id", "breach_at")
        statement = select(D.c.id, D.c.matter_id, *(D.c[name] for name in names)).where(*where)
        statement = statement.order_by(D.c.breach_at, D.c.id)
        limit = page.limit if page is not None else None
        if page is not None and page.cursor is not None:
            at_us, ident = read_cursor(page.cursor, KEPT)
            statement = statement.where(or_(D.c.breach_at > at_us, and_(D.c.breach_at == at_us, D.c.id > ident)))
        with self.database.snapshot() as tx:
            few = (statement if limit is None else statement.limit(limit + 1)).subquery()
            said = select(few.c.id, M.c.ref, M.c.title, *(few.c[name] for name in names))
            said = said.join(M, M.c.id == few.c.matter_id).order_by(few.c.breach_at, few.c.id)
            rows = steady(tx, self.campaign, said)
            whole = steady(tx, self.campaign, select(func.count()).select_from(D).where(*where))[0][0]
        more = limit is not None and len(rows) > limit
        rows = rows[:limit] if more else rows
        following = cursor_of(KEPT, (rows[-1][9], rows[-1][0])) if more else None
        return {"items": [self._kept_row(row) for row in rows], "total": whole, "next": following}

    def _kept_row(self, row: Sequence[Any]) -> dict[str, Any]:
        names = ("id", "ref", "title", "code", "status", "last_day", "stopped_at", "owner")
        label = self.campaign.machines[row[8]].deadline(row[3]).label.model_dump()
        said = dict(zip(names, row[:8], strict=True))
        return {**said, "id": str(row[0]), "stopped_at": at(row[6]), "label": label}

    def _ended(self) -> list[ColumnElement[bool]]:
        timers = [
            and_(D.c.definition_id == machine.id, D.c.code.in_(codes))
            for machine in versions_of(self.campaign)
            if (codes := [code for code, spec in machine.doc.deadlines.items() if spec.timer])
        ]
        found = [
            D.c.campaign_id == self.campaign.id,
            D.c.status.in_([each for some in ENDED.values() for each in some]),
        ]
        found += [not_(or_(*timers))] if timers else []
        if self.sight is not None:
            found.append(D.c.matter_id.in_(select(M.c.id).where(self.sight)))
        return found


def versions_of(campaign: Campaign) -> list[Compiled]:
    """Every version of every kind that a matter of the campaign may follow."""
    idents = {*campaign.machines.newest.values(), *campaign.machines.by_digest.values()}
    return [campaign.machines[ident] for ident in sorted(idents)]
