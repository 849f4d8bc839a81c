"""Taking lists out of the house: who may, how much at once, with a fresh proof where it is much, and on record."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import Refused
from engine.exports import note_export
from engine.step_up import ROWS_WITHOUT
from web.console.visit import Visit

MOST_EXPORTED = 20_000
"""Rows that are handed out at once. PLACEHOLDER"""


def take_out(
    visit: Visit, what: str, rows: int, write: Callable[[], bytes], about: Mapping[str, Any], *, audit: bool = False
) -> bytes:
    """The list *what* of so many *rows* as *write* gives it, entered with what it is *about*.

    *audit*: also for who takes out only what serves an audit. Raises Forbidden, Refused for more rows than are handed out at
    once, and `ProveAgain` for many without a fresh proof.
    """
    sight = visit.sight
    if not visit.may_export and not (audit and sight.may("exports_audit")):
        sight.require("exports_own", "导出", "export")
    if rows > MOST_EXPORTED:
        raise Refused(f"the list has {rows} rows, {MOST_EXPORTED} at most are exported; narrow it down", "too_many")
    if rows > ROWS_WITHOUT:
        visit.require_step_up("export")
    written = write()
    note_export(visit.workspace.engine, visit.actor, what, written, {**about, "rows": rows})
    return written
