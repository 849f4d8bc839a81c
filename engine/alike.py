"""Matters that may be about the same facts as another one: the same person or unit, and something else besides.

Whoever opens a matter is told of them, and is held up by nothing. He is told only of what he sees with its personal facts.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true

from engine.clock import from_us
from engine.errors import Damaged
from engine.held import Held
from engine.in_hand import look
from engine.list_lines import line_json, open_rows_of
from engine.machine import Compiled
from engine.particulars import P, folded
from engine.rows import M
from engine.sight import Sight
from engine.store import Tx
from engine.viewing import View

SHORTEST, TELLING = 2, 4
"""The fewest characters of a name, and those from which on a name or place that stands within another is as good. PLACEHOLDER"""

MOST_LOOKED_AT, MOST_TOLD = 100, 5
"""How many matters with one of the names are looked at, the newest, and how many are told. PLACEHOLDER"""

NEAR = timedelta(days=90)
"""Matters that were opened within this time of each other are about the same time. PLACEHOLDER"""

OPENED = "opened_at"
"""What stands for the time of opening among what is the same."""

_BETWEEN = re.compile(r"[\s、，,;；/|（）()]+")


def alike(view: View, ref: str) -> dict[str, Any]:
    """The matters that may be about the same as *ref*, what is the same of each, and the act that merges it (``road``).

    Raises NotFound for a matter that the reader does not see.
    """
    with view.database.snapshot() as tx:
        held = view.look(tx, ref)
        items = [] if view.masks(tx, held.row) else _found(view, tx, held)
    return {"ref": ref, "items": items, "road": road_of(held)}


def road_of(held: Held) -> dict[str, Any] | None:
    """The act by which the matter is merged into another: one that asks for a matter, from where it stands."""
    for trigger, arrows in held.machine.arrows[held.row.state].items():
        for arrow in arrows:
            named = [code for code in arrow.spec.asks if held.machine.doc.facts[code].matter]
            if named:
                return {"trigger": trigger, "label": arrow.spec.label.model_dump(), "fact": named[0]}
    return None


def _found(view: View, tx: Tx, held: Held) -> list[dict[str, Any]]:
    names = {code: _names(held.facts.get(code)) for code in _persons(held.machine)}
    wanted = sorted({name for each in names.values() for name in each})
    if not wanted:
        return []
    found: list[tuple[int, list[str], Held]] = []
    for (other,) in tx.select(_with(view, held, wanted)):
        try:
            their = look(tx, view.campaign, other, view.clock.now())
        except Damaged:  # audit verify finds it; here it must hide no other
            continue
        same = _same(held, their, names)
        if len(same) > 1 and not _kin(held, their):
            found.append((len(same), same, their))
    found.sort(key=lambda each: (-each[0], -each[2].row.id))
    lines = {
        matter.id: (matter, rows) for matter, rows in open_rows_of(tx, [t.row.id for _, _, t in found[:MOST_TOLD]])
    }
    return [
        {
            **line_json(view.campaign, *lines[their.row.id], view.clock.now(), kept=True),
            "same": [{"code": code, "label": _label(held.machine, code)} for code in same],
        }
        for _, same, their in found[:MOST_TOLD]
    ]


def _with(view: View, held: Held, names: list[str]) -> Any:
    """The references of other matters that have one of the *names* among their personal words, where those are seen."""
    unmasked = view.sight.condition_unmasked() if isinstance(view.sight, Sight) else true()
    one: ColumnElement[bool] = or_(*(P.c.personal.contains(name, autoescape=True) for name in names))
    mine = and_(M.c.campaign_id == view.campaign.id, M.c.id != held.row.id)
    having = M.c.id.in_(select(P.c.matter_id).where(P.c.campaign_id == view.campaign.id, one))
    return select(M.c.ref).where(mine, having, unmasked, *view.within()).order_by(M.c.id.desc()).limit(MOST_LOOKED_AT)


def _persons(machine: Compiled) -> list[str]:
    """The facts that name whom a matter is about: what is personal, of words, and not sealed in the vault."""
    return [
        code for code, spec in machine.doc.facts.items() if spec.type == "text" and spec.personal and not spec.vault
    ]


def _names(value: Any) -> set[str]:
    said = _BETWEEN.split(folded(value)) if isinstance(value, str) else []
    return {name for name in said if len(name) >= SHORTEST}


def _same(mine: Held, theirs: Held, names: Mapping[str, set[str]]) -> list[str]:
    """The facts in which two matters agree, first who; empty if it is not about the same person or unit."""
    who = [code for code, each in names.items() if _any(each, _names(theirs.facts.get(code)))]
    if not who:
        return []
    found = [code for code in mine.machine.doc.facts if code not in who and _agree(mine, theirs, code)]
    near = abs(from_us(mine.row.opened_at) - from_us(theirs.row.opened_at)) <= NEAR
    return [*who, *found, *([OPENED] if near else [])]


def _any(ours: set[str], theirs: set[str]) -> bool:
    return any(one == other or _within(one, other) for one in ours for other in theirs)


def _within(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= TELLING and short in long


def _agree(mine: Held, theirs: Held, code: str) -> bool:
    """Say whether a fact that tells matters apart is the same in both: a place, goods, a day, or what opening asks for."""
    spec, other = mine.machine.doc.facts[code], theirs.machine.doc.facts.get(code)
    ours, them = mine.facts.get(code), theirs.facts.get(code)
    if other is None or other.type != spec.type or ours is None or them is None or spec.personal or spec.matter:
        return False
    given = mine.machine.doc.open
    if code not in (*given.asks, *given.optional):
        return False
    if spec.type == "enums":
        return bool(set(ours) & set(them))
    if spec.type == "text":
        return bool(folded(ours) == folded(them) or _within(folded(ours), folded(them)))
    asked = code in given.asks or code in theirs.machine.doc.open.asks
    return bool(ours == them) and (spec.type == "date" or (spec.type == "enum" and asked))


def _kin(one: Held, other: Held) -> bool:
    """Say whether one was opened by the other, or both by the same: that they agree is nothing new."""
    mine, theirs = one.row, other.row
    return mine.parent_id == theirs.id or theirs.parent_id == mine.id or mine.parent_id == theirs.parent_id is not None


def _label(machine: Compiled, code: str) -> dict[str, str]:
    return (
        {"zh": "开立时间相近", "en": "time of opening"}
        if code == OPENED
        else machine.doc.facts[code].label.model_dump()
    )
