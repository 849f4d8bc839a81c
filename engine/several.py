"""Several figures at once: how many matters fit each of many filters, and the first of them with their deadlines."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select

from engine.clock import to_us
from engine.contents import contents
from engine.lists import Page, Wanted, line_json, page_of, rows_of
from engine.outlook import NARROW
from engine.particulars import P, says_fact
from engine.rows import D, DeadlineRow, M, MatterRow
from engine.shapes import deadline_json
from engine.steady import steady
from engine.store import Tx
from engine.viewing import View
from engine.watches import WATCHED


def numbers(view: View, filters: Sequence[Wanted]) -> list[int]:
    """How many matters that *view* sees fit each of *filters*, in their order; those that ask for no time in one pass."""
    now_us = to_us(view.clock.now())
    plain = [each for each in filters if _is_plain(each)]
    with view.database.snapshot() as tx:
        found = dict(zip(plain, _counted(tx, view, plain), strict=True)) if plain else {}
        for each in filters:
            if each not in found:
                whole = select(func.count()).select_from(M)
                conditions = each.conditions(view.campaign, now_us, view.seen(), view.searched())
                found[each] = steady(tx, view.campaign, whole.where(*conditions))[0][0]
    return [found[each] for each in filters]


def _is_plain(wanted: Wanted) -> bool:
    """Whether a filter names nothing but kind, state, stage and facts."""
    said = Wanted(kind=wanted.kind, state=wanted.state, stage=wanted.stage, facts=wanted.facts, lacks=wanted.lacks)
    return wanted.kind is not None and said == wanted


def _counted(tx: Tx, view: View, filters: Sequence[Wanted]) -> list[int]:
    sums = [func.sum(case((_fits(each), 1), else_=0)) for each in filters]
    kinds = M.c.kind.in_(sorted({each.kind or "" for each in filters}))
    whole = select(*sums).select_from(M).join(P, P.c.matter_id == M.c.id)
    where = (M.c.campaign_id == view.campaign.id, NARROW, kinds, *view.within())
    return [int(each or 0) for each in steady(tx, view.campaign, whole.where(*where))[0]]


def _fits(wanted: Wanted) -> ColumnElement[bool]:
    found: list[ColumnElement[bool]] = [M.c.kind == wanted.kind]
    if wanted.state is not None:
        found.append(or_(M.c.state == wanted.state, M.c.stage == wanted.state))
    if wanted.stage is not None:
        found.append(M.c.stage == wanted.stage)
    found += [says_fact(*each) for each in wanted.facts]
    found += [not_(says_fact(*each)) for each in wanted.lacks]
    return and_(*found)


def first_with_clocks(
    view: View, asked: Sequence[tuple[Wanted, Collection[str]]], limit: int
) -> list[list[dict[str, Any]]]:
    """For each filter with its codes the first *limit* matters that fit, what hurts most first.

    Each has its latest deadline of each of the codes. All are read together.
    """
    campaign, now = view.campaign, view.clock.now()
    with view.database.snapshot() as tx:
        idents = []
        for wanted, _ in asked:
            conditions = wanted.conditions(campaign, to_us(now), view.seen(), view.searched())
            idents.append(page_of(tx, conditions, Page("urgency", limit))[0])
        read = rows_of(tx, list(dict.fromkeys(ident for some in idents for ident in some)))
        hidden = view.hidden(tx, [matter for matter, _ in read])
    found = {matter.id: (matter, rows) for matter, rows in read}
    return [
        [_with_clocks(view, *found[ident], codes, now, masked=ident in hidden) for ident in some]
        for some, (_, codes) in zip(idents, asked, strict=True)
    ]


def all_with_clocks(view: View, kind: str, under: str, codes: Collection[str]) -> list[dict[str, Any]]:
    """Every matter of *kind* that *view* sees and whose reference begins with *under*, each with its latest deadlines of *codes*."""
    now = view.clock.now()
    named = (M.c.campaign_id == view.campaign.id, M.c.kind == kind, M.c.ref.startswith(under, autoescape=True))
    with view.database.snapshot() as tx:
        found = tx.select(select(M.c.id).where(*named, *view.within()).order_by(M.c.ref))
        read = rows_of(tx, [row[0] for row in found])
        hidden = view.hidden(tx, [matter for matter, _ in read])
    return [_with_clocks(view, *pair, codes, now, masked=pair[0].id in hidden) for pair in read]


def days_of(view: View, kind: str, under: str, ending: str, code: str) -> list[tuple[str, str, int]]:
    """Matters of *kind* that *view* sees, whose reference begins with *under* and ends with *ending*: with the deadline *code*.

    Each with its reference, the last day and the instant of breach in microseconds, the earliest first.
    """
    named = (M.c.ref.startswith(under, autoescape=True), M.c.ref.endswith(ending, autoescape=True))
    statement = (
        select(M.c.ref, D.c.last_day, D.c.breach_at)
        .join(D, D.c.matter_id == M.c.id)
        .where(M.c.campaign_id == view.campaign.id, M.c.kind == kind, *named, D.c.code == code, *view.within())
        .order_by(D.c.breach_at, M.c.ref)
    )
    with view.database.snapshot() as tx:
        return [(row[0], row[1], row[2]) for row in tx.select(statement)]


def _with_clocks(
    view: View, matter: MatterRow, rows: Sequence[DeadlineRow], codes: Collection[str], now: datetime, *, masked: bool
) -> dict[str, Any]:
    campaign = view.campaign
    line = line_json(campaign, matter, rows, now, masked=masked)
    ordered = sorted(rows, key=lambda row: (row.breach_at, row.id))
    latest = {row.code: row for row in ordered if row.code in codes and row.status not in WATCHED}
    machine, facts = campaign.machines[matter.definition_id], contents(matter.data)["facts"]
    line["clocks"] = [deadline_json(campaign, machine, row, matter.ref, to_us(now), facts) for row in latest.values()]
    return line
