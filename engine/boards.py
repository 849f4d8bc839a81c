"""Boards: how many matters stand where and with which light, counted by the database; now or as of an earlier instant.

As of an earlier instant a matter that nothing has happened to since is counted from its row like any other; only what
has changed since is replayed from its history.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from engine.campaign import Campaign
from engine.clock import rfc3339, to_us
from engine.outlook import LIGHTS, has_light
from engine.rows import DeadlineRow, M, MatterRow
from engine.shapes import light_of
from engine.store import Tx

Changed = Callable[[Tx, datetime], Iterable[tuple[MatterRow, Sequence[DeadlineRow]]]]
"""Gives the matters that something has happened to since an instant, as they were at it."""

WORST = ("red", "yellow", "green")


@dataclass(frozen=True, slots=True)
class Group:
    """Matters of one body, kind, version and stage with one light (``none`` for without any)."""

    body: str
    kind: str
    definition_id: int
    stage: str
    closed: bool
    light: str
    count: int


@dataclass(slots=True)
class Cell:
    """What is counted in one place of a board."""

    count: int = 0
    open: int = 0
    lights: dict[str, int] = field(default_factory=dict)

    def add(self, group: Group) -> None:
        """Count a group in."""
        self.count += group.count
        self.open += 0 if group.closed else group.count
        self.lights[group.light] = self.lights.get(group.light, 0) + group.count

    def as_json(self) -> dict[str, Any]:
        """The figures, with the worst light."""
        return {"count": self.count, "open": self.open, "light": worst_of(self.lights), "lights": self.lights}


def worst_of(lights: Mapping[str, int]) -> str | None:
    """The worst of the lights; None if there is none."""
    return next((each for each in WORST if each in lights), None)


def groups(
    tx: Tx,
    campaign: Campaign,
    now: datetime,
    conditions: Sequence[ColumnElement[bool]] = (),
    *,
    then: Changed | None = None,
) -> list[Group]:
    """Count the matters of the campaign that fit *conditions*; *then* is asked for what has changed since *now*, if given."""
    now_us = to_us(now)
    keys = [M.c[name] for name in ("body", "kind", "definition_id", "stage", "closed")]
    where = [M.c.campaign_id == campaign.id, *conditions]
    if then is not None:
        where.append(M.c.updated_at <= now_us)
    lights = [func.sum(case((has_light(light, now_us), 1), else_=0)) for light in LIGHTS]
    found = [
        Group(body, kind, ident, stage, bool(closed), light, count)
        for body, kind, ident, stage, closed, *counts in tx.select(select(*keys, *lights).where(*where).group_by(*keys))
        for light, count in zip(LIGHTS, counts, strict=True)
        if count
    ]
    for matter, rows in then(tx, now) if then is not None else ():
        shown = light_of(campaign, matter, rows, now) or "none"
        found.append(Group(matter.body, matter.kind, matter.definition_id, matter.stage, bool(matter.closed), shown, 1))
    return found


def board_json(campaign: Campaign, found: Iterable[Group], now: datetime) -> dict[str, Any]:
    """One row a body and kind: its stage (the least advanced), its worst light, and how many are in each stage."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for group in found:
        machine = campaign.machines[group.definition_id]
        row = rows.setdefault((group.body, group.kind), {"cell": Cell(), "counts": {}, "stages": set()})
        row["cell"].add(group)
        row["counts"][group.stage] = row["counts"].get(group.stage, 0) + group.count
        row["stages"].add((list(machine.doc.states).index(group.stage), group.definition_id, group.stage))
    order = {code: at for at, code in enumerate(campaign.bodies)}
    ordered = sorted(rows.items(), key=lambda each: (order.get(each[0][0], len(order)), each[0][0], each[0][1]))
    return {"as_of": rfc3339(now), "rows": [_row(campaign, *key, row) for key, row in ordered]}


def _row(campaign: Campaign, body: str, kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    _, definition_id, stage = min(row["stages"])
    states, cell = campaign.machines[definition_id].doc.states, row["cell"]
    return {
        "body": body, "name": name_of(campaign, body), "kind": kind,
        "kind_label": campaign.kind(kind).doc.label.model_dump(), "stage": stage,
        "stage_label": states[stage].label.model_dump(), "light": worst_of(cell.lights), "lights": cell.lights,
        "open": cell.open, "counts": row["counts"],
    }  # fmt: skip


def name_of(campaign: Campaign, body: str) -> dict[str, str]:
    """A body's name in both languages; its code where the campaign does not know it."""
    known = campaign.bodies.get(body)
    return known.name.model_dump() if known else {"zh": body, "en": body}


def phases_json(campaign: Campaign, found: Iterable[Group], kind: str) -> dict[str, Any]:
    """Bodies by the stages of *kind*: for a department's task the phases of the campaign. Raises NotFound for no kind."""
    machine = campaign.kind(kind)
    stages = [{"code": code, "label": spec.label.model_dump()} for code, spec in machine.doc.states.items()]
    return _matrix(campaign, (each for each in found if each.kind == kind), stages, lambda group: group.stage)


def kinds_json(campaign: Campaign, found: Iterable[Group]) -> dict[str, Any]:
    """Bodies by kinds."""
    kinds = [{"code": kind, "label": campaign.kind(kind).doc.label.model_dump()} for kind in campaign.machines.newest]
    return _matrix(campaign, found, kinds, lambda group: group.kind)


def _matrix(
    campaign: Campaign, found: Iterable[Group], columns: list[dict[str, Any]], place: Callable[[Group], str]
) -> dict[str, Any]:
    cells: dict[str, dict[str, Cell]] = {}
    for group in found:
        cells.setdefault(group.body, {}).setdefault(place(group), Cell()).add(group)
    known = {each["code"] for each in columns}
    older = {
        code for row in cells.values() for code in row
    } - known  # stages of versions that nobody begins with any more
    columns += [{"code": code, "label": {"zh": code, "en": code}} for code in sorted(older)]
    order = [code for code in campaign.bodies if code in cells] + sorted(cells.keys() - campaign.bodies.keys())
    rows = [
        {
            "body": body,
            "name": name_of(campaign, body),
            "cells": {code: cell.as_json() for code, cell in cells[body].items()},
        }
        for body in order
    ]
    return {"columns": columns, "rows": rows}


def duties_json(
    campaign: Campaign, pairs: Iterable[tuple[MatterRow, Sequence[DeadlineRow]]], now: datetime
) -> dict[str, Any]:
    """Duties by bodies: one row for what several bodies have to do each for itself, from the references ``kind/DUTY/BODY``."""
    rows: dict[str, dict[str, Any]] = {}
    for matter, clocks in pairs:
        code = matter.ref.removeprefix(f"{matter.kind}/").removesuffix(f"/{matter.body}")
        row = rows.setdefault(code, {"code": code, "title": matter.title, "cells": {}})
        label = campaign.machines[matter.definition_id].doc.states[matter.stage].label.model_dump()
        row["cells"][matter.body] = {
            "ref": matter.ref, "title": matter.title, "stage": matter.stage, "stage_label": label,
            "light": light_of(campaign, matter, clocks, now), "closed": bool(matter.closed),
        }  # fmt: skip
    bodies = {body for row in rows.values() for body in row["cells"]}
    order = [code for code in campaign.bodies if code in bodies] + sorted(bodies - campaign.bodies.keys())
    columns = [{"code": body, "label": name_of(campaign, body)} for body in order]
    return {"columns": columns, "rows": [rows[code] for code in sorted(rows, key=_by_number)]}


def _by_number(code: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (10**9, part) for part in code.split(".")]
