"""Figures over matters and kept deadlines, counted by the database; each with the filter that lists what it counts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, text, union_all

from engine.ahead import COUNTED
from engine.boards import name_of
from engine.campaign import Campaign
from engine.clock import Clock, from_us, rfc3339, to_us
from engine.errors import Invalid
from engine.kept import Kept
from engine.lists import Wanted
from engine.machine import Compiled
from engine.outlook import LIGHTS, NARROW, light_at, standing_with
from engine.particulars import P, says_fact, says_in
from engine.rows import M
from engine.steady import entries, steady
from engine.store import Database, Tx

CELLS = ("body", "kind", "definition_id", "stage", "closed")
"""What is counted by in one pass, in the order of its index."""

AXES = ("body", "kind", "stage", "state", "light", "month")
"""What is counted by beside the facts of known values."""

MONTHS = 120
"""The most months that are counted one by one, the last ones. PLACEHOLDER"""

YES_NO = {"yes": {"zh": "是", "en": "yes"}, "no": {"zh": "否", "en": "no"}}
LIT = {
    "red": {"zh": "红灯", "en": "red"}, "yellow": {"zh": "黄灯", "en": "yellow"},
    "green": {"zh": "绿灯", "en": "green"}, "none": {"zh": "无", "en": "none"},
}  # fmt: skip


class Figures(Kept):
    """Count in one campaign of one database; *sight* is the condition of what may be seen.

    Axes that will be asked for one after the other are named in *together*: their facts are then counted in one pass.
    """

    def __init__(
        self, database: Database, campaign: Campaign, clock: Clock, sight: ColumnElement[bool] | None = None
    ) -> None:
        super().__init__(database, campaign, clock, sight)
        self.together: Sequence[str] = ()
        self._about: Any = None
        self._counted: dict[Any, list[Any]] = {}

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
            self._look_again(tx, wanted, now_us)
            whole = _sums((closed, count) for *_, closed, count in self._cells(tx, conditions))
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

    def _look_again(self, tx: Tx, wanted: Wanted, now_us: int) -> None:
        """Forget what was counted for other filters, or when less was on record."""
        timed = now_us if wanted.light or wanted.late or wanted.standing else 0
        if self._about != (entries(tx, self.campaign.id), wanted, timed):
            self._about, self._counted = (entries(tx, self.campaign.id), wanted, timed), {}

    def returned(self, wanted: Wanted, deadline: str) -> list[tuple[str, dict[str, str], Mapping[str, int]]]:
        """Of returns, body by body with its name: how many are ``owed``, how they stand with *deadline*, and ``zero``."""
        now_us = to_us(self.clock.now())
        conditions = wanted.conditions(self.campaign, now_us, self.sight)
        standing, zero = standing_with(deadline, now_us).label("standing"), case((says_fact("zero", "yes"), 1), else_=0)
        each = (
            select(M.c.body, standing, func.count(), func.sum(zero)).join(P, P.c.matter_id == M.c.id).where(*conditions)
        )
        found: dict[str, Counter[str]] = {}
        with self.database.snapshot() as tx:
            for body, stands, count, zeros in tx.select(each.group_by(M.c.body, text("standing"))):
                found.setdefault(body, Counter()).update({"owed": count, stands: count, "zero": int(zeros)})
        labels = self._labels("body")
        order = [code for code in labels if code in found] + sorted(found.keys() - labels.keys())
        return [(code, labels.get(code, {"zh": code, "en": code}), found[code]) for code in order]

    def _cells(self, tx: Tx, conditions: Sequence[ColumnElement[bool]]) -> list[Any]:
        """By body, kind and stage the closed ones and the open ones: what most axes are summed up from."""
        if CELLS not in self._counted:
            keys = [M.c[name] for name in CELLS]
            each = select(*keys, func.count()).where(*conditions).group_by(*keys)
            self._counted[CELLS] = steady(tx, self.campaign, each)
        return self._counted[CELLS]

    def _columns(
        self, tx: Tx, axis: str, wanted: Wanted, conditions: Sequence[ColumnElement[bool]], now_us: int
    ) -> list[Any]:
        counted: dict[str, list[Any]] = {}
        if axis in CELLS:
            at = CELLS.index(axis)
            rows = [(row[at], row[-2], row[-1]) for row in self._cells(tx, conditions)]
        else:
            column = M.c.state if axis == "state" else light_at(now_us)
            named = func.coalesce(column, "none").label("axis")  # no plain column: its order would lead to wide rows
            each = select(named, M.c.closed, func.count()).where(*conditions, NARROW)
            rows = steady(tx, self.campaign, each.group_by(text("axis"), M.c.closed))
        for code, closed, count in rows:
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
        values, (codes, rows) = self._values(code, wanted.kind), self._marked(tx, code, wanted, conditions)
        places = [(value, label, codes.index((code, value)) + 1) for value, label in values.items()]
        return [
            (
                value,
                label,
                _sums((row[0], row[place]) for row in rows),
                replace(wanted, facts=_with(wanted, code, value)),
            )
            for value, label, place in places
        ]

    def _marked(
        self, tx: Tx, code: str, wanted: Wanted, conditions: Sequence[ColumnElement[bool]]
    ) -> tuple[list[tuple[str, str]], list[Any]]:
        """Of the facts that are asked for together, pairs of fact and value, and how many say each, in one pass.

        What matters say is grouped before it is looked into, many say the same; the open ones apart from the closed ones,
        which is half the work of looking up each matter to see whether it is closed.
        """
        named = [each for each in self.together if each not in AXES] if code in self.together else [code]
        codes = [(each, value) for each in named for value in self._values(each, wanted.kind)]
        key = tuple(codes)
        if key not in self._counted:
            same = union_all(*(_said(closed, conditions) for closed in (0, 1))).subquery()
            sums = [func.sum(case((says_in(same.c.marks, *each), same.c.number), else_=0)) for each in codes]
            found = steady(tx, self.campaign, select(same.c.closed, *sums).group_by(same.c.closed))
            self._counted[key] = [[row[0], *(int(each or 0) for each in row[1:])] for row in found]
        return codes, self._counted[key]

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
        ends = select(func.min(M.c.opened_at), func.max(M.c.opened_at)).where(*conditions, NARROW)
        bounds = steady(tx, self.campaign, ends)[0]
        if bounds[0] is None:
            return []
        months = self._between(bounds[0], max(bounds[1], now_us))
        sums = [
            func.sum(case((and_(M.c.opened_at >= to_us(low), M.c.opened_at < to_us(high)), 1), else_=0))
            for low, high in months
        ]
        rows = steady(tx, self.campaign, select(M.c.closed, *sums).where(*conditions, NARROW).group_by(M.c.closed))
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


def _said(closed: int, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """How many of the matters that are *closed* or not say the same."""
    which = select(M.c.id).where(*conditions, NARROW, M.c.closed == closed)
    number = func.count().label("number")
    each = select(literal(closed).label("closed"), P.c.marks.label("marks"), number).where(P.c.matter_id.in_(which))
    return each.group_by(P.c.marks)


def _with(wanted: Wanted, code: str, value: str) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((*wanted.facts, (code, value))))


def _sums(counted: Iterable[Any]) -> tuple[int, int]:
    """The whole number and the open ones, from pairs of *closed* and a number."""
    pairs = [(closed, number or 0) for closed, number in counted]
    return sum(number for _, number in pairs), sum(number for closed, number in pairs if not closed)
