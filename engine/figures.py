"""Figures over matters and kept deadlines, counted by the database; each with the filter that lists what it counts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select, text

from engine.boards import name_of
from engine.campaign import Campaign
from engine.clock import Clock, from_us, rfc3339, to_us
from engine.errors import Invalid
from engine.lists import Page, Wanted, cursor_of, read_cursor
from engine.machine import Compiled
from engine.outlook import LIGHTS, light_at
from engine.particulars import COUNTED, P, says_fact
from engine.rows import D, M
from engine.shapes import at
from engine.store import Database, Tx

COLUMNS = ("body", "kind", "stage", "state")

AXES = (*COLUMNS, "light", "month")
"""What is counted by beside the facts of known values."""

MONTHS = 120
"""The most months that are counted one by one, the last ones. PLACEHOLDER"""

ENDED = {"met": ("met",), "late": ("late", "breached")}
"""Statuses of a deadline of which it is known whether it was kept: kept, or not."""

KEPT = "kept"
"""The order of the lists of deadlines that were kept or not, in their cursors."""

YES_NO = {"yes": {"zh": "是", "en": "yes"}, "no": {"zh": "否", "en": "no"}}
LIT = {
    "red": {"zh": "红灯", "en": "red"}, "yellow": {"zh": "黄灯", "en": "yellow"},
    "green": {"zh": "绿灯", "en": "green"}, "none": {"zh": "无", "en": "none"},
}  # fmt: skip


class Figures:
    """Count in one campaign of one database; *sight* is the condition of what may be seen."""

    def __init__(
        self, database: Database, campaign: Campaign, clock: Clock, sight: ColumnElement[bool] | None = None
    ) -> None:
        self.database, self.campaign, self.clock, self.sight = database, campaign, clock, sight

    def axes(self) -> dict[str, dict[str, str]]:
        """What can be counted by, with its name."""
        named = {
            "body": {"zh": "单位", "en": "body"}, "kind": {"zh": "事项类型", "en": "kind"},
            "stage": {"zh": "阶段", "en": "stage"}, "state": {"zh": "状态", "en": "state"},
            "light": {"zh": "灯", "en": "light"}, "month": {"zh": "月份", "en": "month of opening"},
        }  # fmt: skip
        for machine in self._machines():
            for code, spec in machine.doc.facts.items():
                if spec.type in COUNTED and not spec.personal:
                    named.setdefault(code, spec.label.model_dump())
        return named

    def by(self, axis: str, wanted: Wanted | None = None) -> dict[str, Any]:
        """How many matters fit, and how many of them are open, one row a value of *axis*. Raises Invalid for another axis.

        A matter with several values of a fact counts in each of their rows; a row's *filter* lists what it counts.
        """
        wanted, axes = wanted or Wanted(), self.axes()
        if axis not in axes:
            raise Invalid(f"nothing is counted by {axis!r}; there are: {', '.join(axes)}", "axis")
        now_us = to_us(self.clock.now())
        conditions = wanted.conditions(self.campaign, now_us, self.sight)
        with self.database.snapshot() as tx:
            whole = _sums(tx.select(select(M.c.closed, func.count()).where(*conditions).group_by(M.c.closed)))
            if axis == "month":
                rows = self._months(tx, wanted, conditions, now_us)
            elif axis in AXES:
                rows = self._columns(tx, axis, wanted, conditions, now_us)
            else:
                rows = self._facts(tx, axis, wanted, conditions)
        found = [
            {"code": code, "label": label, "count": count, "open": open_, "filter": row.as_json()}
            for code, label, (count, open_), row in rows
        ]
        return {
            "axis": axis, "label": axes[axis], "as_of": rfc3339(from_us(now_us)), "total": whole[0], "open": whole[1],
            "filter": wanted.as_json(), "rows": found,
        }  # fmt: skip

    def _columns(
        self, tx: Tx, axis: str, wanted: Wanted, conditions: Sequence[ColumnElement[bool]], now_us: int
    ) -> list[Any]:
        column: Any = M.c[axis] if axis in COLUMNS else func.coalesce(light_at(now_us), "none")
        named = column.label("axis")
        counted: dict[str, list[Any]] = {}
        for code, closed, count in tx.select(
            select(named, M.c.closed, func.count()).where(*conditions).group_by(text("axis"), M.c.closed)
        ):
            counted.setdefault(code, []).append((closed, count))
        labels = self._labels(axis)
        order = [code for code in labels if code in counted] + sorted(counted.keys() - labels.keys())
        return [
            (code, labels.get(code, {"zh": code, "en": code}), _sums(counted[code]), replace(wanted, **{axis: code}))  # type: ignore[arg-type]
            for code in order
        ]

    def _labels(self, axis: str) -> dict[str, dict[str, str]]:
        if axis == "light":
            return {light: LIT[light] for light in LIGHTS}
        if axis == "body":
            return {code: name_of(self.campaign, code) for code in self.campaign.bodies}
        machines = self._machines()
        if axis == "kind":
            return {machine.kind: machine.doc.label.model_dump() for machine in machines}
        found: dict[str, dict[str, str]] = {}
        for machine in machines:
            if axis == "stage":
                for code, spec in machine.doc.states.items():
                    found.setdefault(code, spec.label.model_dump())
            else:
                for code, leaf in machine.tree.leaves.items():
                    found.setdefault(code, leaf.label.model_dump())
        return found

    def _machines(self) -> list[Compiled]:
        return [self.campaign.kind(kind) for kind in self.campaign.machines.newest]

    def _facts(self, tx: Tx, code: str, wanted: Wanted, conditions: Sequence[ColumnElement[bool]]) -> list[Any]:
        values = self._values(code, wanted.kind)
        sums = [func.sum(case((says_fact(code, value), 1), else_=0)) for value in values]
        statement = select(M.c.closed, *sums).join(P, P.c.matter_id == M.c.id).where(*conditions).group_by(M.c.closed)
        rows = tx.select(statement)
        return [
            (
                value,
                label,
                _sums((row[0], row[number]) for row in rows),
                replace(wanted, facts=_with(wanted, code, value)),
            )
            for number, (value, label) in enumerate(values.items(), start=1)
        ]

    def _values(self, code: str, kind: str | None) -> dict[str, dict[str, str]]:
        """The values a fact can have in any of the kinds, with their names."""
        found: dict[str, dict[str, str]] = {}
        for machine in self._machines():
            spec = machine.doc.facts.get(code)
            if spec is None or spec.type not in COUNTED or kind not in (None, machine.kind):
                continue
            if spec.type == "bool":
                found |= YES_NO
            elif spec.type == "body":
                found |= {body: name_of(self.campaign, body) for body in self.campaign.bodies}
            elif spec.taxonomy:
                found |= {each.code: each.name.model_dump() for each in self.campaign.doc.taxonomies[spec.taxonomy]}
            else:
                named = {value: label.model_dump() for value, label in spec.value_labels.items()}
                found |= {value: named.get(value, {"zh": value, "en": value}) for value in spec.values}
        return found

    def _months(self, tx: Tx, wanted: Wanted, conditions: Sequence[ColumnElement[bool]], now_us: int) -> list[Any]:
        bounds = tx.select(select(func.min(M.c.opened_at), func.max(M.c.opened_at)).where(*conditions))[0]
        if bounds[0] is None:
            return []
        months = self._between(bounds[0], max(bounds[1], now_us))
        sums = [
            func.sum(case((and_(M.c.opened_at >= to_us(low), M.c.opened_at < to_us(high)), 1), else_=0))
            for low, high in months
        ]
        rows = tx.select(select(M.c.closed, *sums).where(*conditions).group_by(M.c.closed))
        found = []
        for number, (low, high) in enumerate(months, start=1):
            code = low.strftime("%Y-%m")
            inside = replace(
                wanted,
                opened_from=max(low, wanted.opened_from or low),
                opened_until=min(high, wanted.opened_until or high),
            )
            found.append((code, {"zh": code, "en": code}, _sums((row[0], row[number]) for row in rows), inside))
        return found

    def _between(self, first_us: int, last_us: int) -> list[tuple[datetime, datetime]]:
        """The months of the campaign's zone from one instant to another, the last ones if they are too many."""
        first, last = (from_us(us).astimezone(self.campaign.zone) for us in (first_us, last_us))
        numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        return [(self._month(number), self._month(number + 1)) for number in numbers][-MONTHS:]

    def _month(self, number: int) -> datetime:
        return datetime(number // 12, number % 12 + 1, 1, tzinfo=self.campaign.zone)

    def kept(self) -> dict[str, Any]:
        """How many deadlines of each body and kind were kept and how many not; timers and watches are nobody's.

        *by_record* are those kept of which that was also entered in time.
        """
        columns = (D.c.owner_body, D.c.definition_id, D.c.status, D.c.breached_at.is_(None).label("in_time"))
        found: dict[tuple[str, str], dict[str, int]] = {}
        with self.database.snapshot() as tx:
            rows = tx.select(select(*columns, func.count()).where(*self._ended()).group_by(*columns))
        for body, ident, status, in_time, count in rows:
            cell = found.setdefault((body, self.campaign.machines[ident].kind), {"met": 0, "by_record": 0, "late": 0})
            cell["met" if status in ENDED["met"] else "late"] += count
            cell["by_record"] += count if in_time and status in ENDED["met"] else 0
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
        columns = (D.c.id, M.c.ref, M.c.title, D.c.code, D.c.status, D.c.last_day, D.c.stopped_at, D.c.owner_body,
                   D.c.definition_id, D.c.breach_at)  # fmt: skip
        statement = select(*columns).join(M, M.c.id == D.c.matter_id).where(*where).order_by(D.c.breach_at, D.c.id)
        limit = page.limit if page is not None else None
        if page is not None and page.cursor is not None:
            at_us, ident = read_cursor(page.cursor, KEPT)
            statement = statement.where(or_(D.c.breach_at > at_us, and_(D.c.breach_at == at_us, D.c.id > ident)))
        with self.database.snapshot() as tx:
            rows = tx.select(statement if limit is None else statement.limit(limit + 1))
            whole = tx.select(select(func.count()).select_from(D).where(*where))[0][0]
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


def _with(wanted: Wanted, code: str, value: str) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((*wanted.facts, (code, value))))


def _sums(counted: Iterable[Any]) -> tuple[int, int]:
    """The whole number and the open ones, from pairs of *closed* and a number."""
    pairs = [(closed, number or 0) for closed, number in counted]
    return sum(number for _, number in pairs), sum(number for closed, number in pairs if not closed)
