"""Whether a process still works with what the database holds, and whether dates wait to be counted again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal_column, select, text, union_all

from engine.campaign import Campaign
from engine.publishing import get_meta, set_meta
from engine.roster import note
from engine.rows import LOCK_MATTER, LOCK_MATTER_BY_ID, OUTLOOK
from engine.store import Statement, Tx
from engine.tables import Meta, table_of
from engine.who import WHO

K = table_of(Meta)

STAMP = "stamp"
"""The property that every change of the calendar or of a campaign moves."""

WAITS = "recount:{}"
"""The property that says what is to be counted again, for the campaign with this id; empty or missing: nothing."""

_ASKED: list[ColumnElement[str]] = [literal_column(f"'{STAMP}'"), literal_column(f"'{WHO}'"), bindparam("waits")]

STATE = Statement(union_all(*(select(K.c.key, K.c.value).where(K.c.key == key) for key in _ASKED)))
"""Both and that of who is who, read with every order and every firing in the round trip of its first read."""


def _bearing(statement: Statement) -> Statement:
    """Reads the same rows, each with the values of `STATE` at its end, None for one that is missing.

    It leaves out the outlook, which whatever holds a matter sets anew before it writes, but for when its light turns red.
    """
    expression: Any = statement.expression
    columns = [each for each in expression.selected_columns if each.name not in OUTLOOK[1:]]
    values = [select(K.c.value).where(K.c.key == key).scalar_subquery() for key in _ASKED]
    return Statement(expression.with_only_columns(*columns, *values), whole=True, apart=statement.apart)


BEARING = {each: _bearing(each) for each in (LOCK_MATTER, LOCK_MATTER_BY_ID)}
"""What to read instead where a statement more costs more than three values, and nobody writes meanwhile (SQLite)."""


ALONE = Statement(text(""), lock="meta_alone")
"""Waits for every transaction that has read the stamp and keeps others from it, where there is more than one writer.

Who reads a row holds its table until the end, so orders pay nothing for it.
"""

Read = tuple[Statement, Mapping[str, Any]]
Reads = Sequence[Read]


class Stale(Exception):
    """What the process knows is of yesterday: look again, count again what waits, then try again. Nothing was written."""


def state_of(campaign: Campaign) -> tuple[Statement, Mapping[str, Any]]:
    """The read to go along."""
    return STATE, {"waits": f"recount:{campaign.id}"}


def state_in(tx: Tx, campaign: Campaign) -> dict[str, str]:
    """What `state_of` reads."""
    if tx.mirror is not None:
        known: dict[str, str] = tx.mirror.properties.among(tx, (STAMP, WHO, WAITS.format(campaign.id)))
        return known
    return dict(tx.fetch(state_of(campaign))[0])


def stamp_of(tx: Tx) -> str:
    """The stamp of the database."""
    return get_meta(tx, STAMP) or "0"


def hold_stamp(tx: Tx) -> None:
    """Wait for the orders under way and keep others from the stamp until the end, before anything is decided by it.

    What is looked at after it stays so: whoever changes calendar or campaign at the same moment does so before or after.
    """
    tx.write(ALONE, {})


def move_stamp(tx: Tx) -> str:
    """Tell every process to look at calendar and campaign anew; return the new stamp.

    Orders under way are waited for: what one of them opens or starts by the old calendar is there to be counted again.
    """
    hold_stamp(tx)
    stamp = str(int(stamp_of(tx)) + 1)
    set_meta(tx, STAMP, stamp)
    return stamp


def must_be_current(campaign: Campaign, state: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """Raise Stale unless *campaign* was made from what the database holds; return what waits to be counted again."""
    return _current(campaign, dict(state))


def _current(campaign: Campaign, state: Mapping[str, str]) -> str:
    if state.get(STAMP, "0") != campaign.stamp:
        raise Stale
    return state.get(f"recount:{campaign.id}", "")


def waiting(tx: Tx, campaign: Campaign, reads: Reads) -> tuple[str, list[list[Any]]]:
    """Do the *reads* of an order; raise Stale, or return what waits to be counted again, and what was read.

    Where nobody else can write before the end of the transaction, the stamp is read once in it.
    """
    known: dict[int, dict[str, str]] = tx.memo.setdefault("state", {})
    state = known.get(campaign.id)
    if state is not None:
        return _current(campaign, state), tx.fetch(*reads) if reads else []
    if tx.mirror is not None:
        state, found = state_in(tx, campaign), tx.fetch(*reads) if reads else []
    elif tx.alone and reads and reads[0][0] in BEARING:
        state, found = _borne(tx, campaign, *reads)
    else:
        *found, rows = tx.fetch(*reads, state_of(campaign))
        state = dict(rows)
    note(tx, state)
    if tx.alone:
        known[campaign.id] = state
    return _current(campaign, state), found


def _borne(tx: Tx, campaign: Campaign, first: Read, *others: Read) -> tuple[dict[str, str], list[list[Any]]]:
    """Do the reads of an order; the row of the *first* brings the state along. Where there is none it is read by itself."""
    statement, where = first
    counting = f"recount:{campaign.id}"
    found = tx.fetch((BEARING[statement], {**where, "waits": counting}), *others)
    if not found[0]:
        return state_in(tx, campaign), found
    row = found[0][0]
    waits, who, stamp = row.pop(), row.pop(), row.pop()
    return {STAMP: stamp or "0", WHO: who or "", counting: waits or ""}, found


def must_be_counted(waits: str, matter_id: int) -> None:
    """Raise Stale for a matter whose dates wait to be counted again: nothing is judged by a date that no longer holds."""
    if waits and matter_id > json.loads(waits)["after"]:
        raise Stale
