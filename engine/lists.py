"""Lists of matters, a page at a time: one condition for the rows, their number, and every figure that leads to them."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from engine.campaign import Campaign
from engine.clock import to_us
from engine.errors import Invalid
from engine.list_lines import line_json as line_json  # noqa: PLC0414 - handed on
from engine.list_lines import nearest_of as nearest_of  # noqa: PLC0414
from engine.list_lines import open_rows_of as open_rows_of  # noqa: PLC0414
from engine.list_lines import rows_of as rows_of  # noqa: PLC0414
from engine.outlook import LIGHTS, has_late, has_light, has_standing, waits_for_body
from engine.particulars import has_amount, has_fact, has_text, lacks_fact
from engine.rows import M, MatterRow
from engine.steady import steady
from engine.store import Tx

ORDERS = ("urgency", "ref", "updated")
"""Red first and then by what turns red next; by reference; what was touched last first."""

MOST = 500
"""The longest page. PLACEHOLDER"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which matters: all that is given must fit.

    *state* is a leaf or a stage; *due_before* (exclusive) and *due_after* (inclusive) look at the next running deadline,
    *opened_from* and *opened_until* (exclusive) at the opening; *waiting_for* is a body whose act or receipt is awaited.
    *facts* are pairs of a fact of known values and one of them, *lacks* such as it must not say, *amounts* sums of money
    with their bounds in fen; *late* is the code of a deadline that was not kept, whether it was met afterwards or not,
    and *standing* says of a deadline how it was kept, as `engine.outlook.has_standing` reads it.
    """

    kind: str | None = None
    body: str | None = None
    state: str | None = None
    stage: str | None = None
    light: str | None = None
    due_before: datetime | None = None
    due_after: datetime | None = None
    waiting_for: str | None = None
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    closed: bool | None = None
    late: str | None = None
    standing: str | None = None
    facts: tuple[tuple[str, str], ...] = ()
    lacks: tuple[tuple[str, str], ...] = ()
    amounts: tuple[tuple[str, int | None, int | None], ...] = ()
    text: str | None = None

    def conditions(
        self,
        campaign: Campaign,
        now_us: int,
        sight: ColumnElement[bool] | None = None,
        personal: ColumnElement[bool] | bool = False,
    ) -> list[ColumnElement[bool]]:
        """The condition on a matter's row, for lists, totals, boards and figures alike.

        *sight* is what may be seen, *personal* where personal facts may be searched.
        """
        if self.kind is not None:
            campaign.kind(self.kind)
        if self.light is not None and self.light not in LIGHTS:
            raise Invalid(f"no light {self.light!r}; there are: {', '.join(LIGHTS)}", "light")
        found: list[ColumnElement[bool]] = [M.c.campaign_id == campaign.id]
        found += [
            M.c[name] == getattr(self, name) for name in ("kind", "body", "stage") if getattr(self, name) is not None
        ]
        if self.state is not None:
            found.append(or_(M.c.state == self.state, M.c.stage == self.state))
        if self.light is not None:
            found.append(has_light(self.light, now_us))
        if self.closed is not None:
            found.append(M.c.closed == int(self.closed))
        if self.waiting_for is not None:
            found.append(waits_for_body(self.waiting_for, campaign.parts))
        found += self._times()
        if self.late is not None:
            found.append(has_late(campaign.id, self.late, now_us))
        if self.standing is not None:
            found.append(has_standing(self.standing, now_us))
        found += [has_fact(code, value) for code, value in self.facts]
        found += [lacks_fact(code, value) for code, value in self.lacks]
        found += [has_amount(campaign, *each) for each in self.amounts]
        if self.text is not None:
            found.append(has_text(campaign, self.text, personal))
        return found if sight is None else [*found, sight]

    def _times(self) -> list[ColumnElement[bool]]:
        bounds = (
            (self.due_after, M.c.due_at.__ge__), (self.due_before, M.c.due_at.__lt__),
            (self.opened_from, M.c.opened_at.__ge__), (self.opened_until, M.c.opened_at.__lt__),
        )  # fmt: skip
        return [compare(to_us(at)) for at, compare in bounds if at is not None]

    def as_json(self) -> dict[str, Any]:
        """What is given, for a link to the list and for keeping it."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in said.items()
            if value not in (None, (), {})
        }


INSTANTS = ("due_before", "due_after", "opened_from", "opened_until")
TEXTS = ("kind", "body", "state", "stage", "light", "waiting_for", "late", "standing", "text")


def wanted_of(said: Mapping[str, Any]) -> Wanted:
    """The filter that `Wanted.as_json` says. Raises Invalid for anything else."""
    found: dict[str, Any] = {}
    for name, value in said.items():
        fits = False
        if name in TEXTS and isinstance(value, str):
            found[name], fits = value, True
        elif name in INSTANTS and isinstance(value, str):
            found[name], fits = _instant(value), True
        elif name == "closed" and isinstance(value, bool):
            found[name], fits = value, True
        elif name in ("facts", "lacks", "amounts") and isinstance(value, list | tuple):
            rows = [tuple(each) for each in value if isinstance(each, list | tuple)]
            fits = len(rows) == len(value) and all(_row_fits(name, row) for row in rows)
            found[name] = tuple(rows)
        if not fits:
            raise Invalid(f"a filter does not take {name}: {str(value)[:80]!r}", "filter")
    return Wanted(**found)


def _row_fits(name: str, row: tuple[Any, ...]) -> bool:
    if name in ("facts", "lacks"):
        return len(row) == 2 and all(isinstance(each, str) for each in row)
    bounds = all(each is None or _number(each) for each in row[1:])
    return len(row) == 3 and isinstance(row[0], str) and bounds


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid(f"not an instant with its offset: {text[:80]!r}", "filter")
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page begins and how it is ordered; without a *limit* it is all there is."""

    order: str = "ref"
    limit: int | None = None
    cursor: str | None = None

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise Invalid(f"no order {self.order!r}; there are: {', '.join(ORDERS)}", "order")
        if self.limit is not None and not 1 <= self.limit <= MOST:
            raise Invalid(f"a page has 1 to {MOST} rows, not {self.limit}", "limit")


ALL = Page()
"""Everything, by reference."""


def total(tx: Tx, conditions: Sequence[ColumnElement[bool]], campaign: Campaign) -> int:
    """How many matters fit."""
    found: int = steady(tx, campaign, select(func.count()).select_from(M).where(*conditions))[0][0]
    return found


def page_of(tx: Tx, conditions: Sequence[ColumnElement[bool]], page: Page) -> tuple[list[int], str | None]:
    """The ids of a page's matters in its order, and the cursor of the next page if there is one. Raises Invalid."""
    keys, after = order_of(page)
    statement = select(*keys.values()).where(*conditions)
    if after is not None:
        statement = statement.where(after)
    down = page.order == "updated"
    statement = statement.order_by(*(key.desc() if down else key for key in keys.values()))
    if page.limit is not None:
        statement = statement.limit(page.limit + 1)
    rows = tx.select(statement)
    more = page.limit is not None and len(rows) > page.limit
    rows = rows[: page.limit] if more else rows
    at = list(keys).index("id")
    return [row[at] for row in rows], (cursor_of(page.order, rows[-1]) if more else None)


def order_of(page: Page) -> tuple[dict[str, Any], ColumnElement[bool] | None]:
    """The columns of the order, and what comes after the cursor."""
    names = {"urgency": ("red_at", "id"), "ref": ("ref", "id"), "updated": ("updated_at", "id")}[page.order]
    keys = {name: M.c[name] for name in names}
    if page.cursor is None:
        return keys, None
    first, second = keys.values()
    a, b = read_cursor(page.cursor, page.order)
    if page.order == "updated":
        return keys, and_(first <= a, or_(first < a, second < b))
    return keys, and_(first >= a, or_(first > a, second > b))


def cursor_of(order: str, row: Sequence[Any]) -> str:
    """The cursor that goes on after *row*, the key of the last matter of a page."""
    return base64.urlsafe_b64encode(json.dumps([order, *row]).encode()).decode().rstrip("=")


def read_cursor(cursor: str, order: str) -> tuple[Any, int]:
    """The place a cursor stands for. Raises Invalid for anything that this order did not give out."""
    try:
        said, first, second = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        whole = isinstance(first, str) if order == "ref" else _number(first)
        if said == order and whole and _number(second):
            return first, second
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise Invalid(f"not a cursor of a list by {order}: {cursor[:80]!r}; take `next` of the page before", "cursor")


def _number(value: Any) -> bool:
    return type(value) is int and abs(value) < 2**63


Hidden = Callable[[Tx, Sequence[MatterRow]], set[int]]
"""Gives the ids of those matters whose personal facts the reader does not see."""


def nothing_hidden(_tx: Tx, _matters: Sequence[MatterRow]) -> set[int]:
    """The machinery itself sees everything."""
    return set()


def listed(
    tx: Tx,
    campaign: Campaign,
    wanted: Wanted,
    now: datetime,
    page: Page,
    sight: ColumnElement[bool] | None = None,
    hidden: Hidden = nothing_hidden,
    personal: ColumnElement[bool] | bool = False,
) -> dict[str, Any]:
    """The matters that fit; of a page with a limit also their *total* number and the *next* page's cursor.

    *personal* is where words are looked for in personal facts too.
    """
    conditions = wanted.conditions(campaign, to_us(now), sight, personal)
    ids, after = page_of(tx, conditions, page)
    found = open_rows_of(tx, ids)
    out_of_sight = hidden(tx, [matter for matter, _ in found])
    items = [
        line_json(campaign, matter, rows, now, masked=matter.id in out_of_sight, kept=True) for matter, rows in found
    ]
    if page.limit is None:
        return {"items": items}
    return {"items": items, "next": after, "total": total(tx, conditions, campaign)}
