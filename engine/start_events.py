"""When a clock may have begun: not in the future, not before the matter was, not before the document was sent."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from engine import reasons as because
from engine.clock import from_us, rfc3339
from engine.desk import Desk
from engine.errors import Invalid, Refused
from engine.held import Held
from engine.machine import Arrow, Compiled

FUTURE_TOLERANCE = timedelta(minutes=2)
"""An act may be dated this far ahead of our clock (clocks differ), not further. PLACEHOLDER"""


def refuse_future_starts(machine: Compiled, stated: Mapping[str, Any], now: datetime) -> None:
    """Raise Invalid for a start event that is stated and has not happened yet."""
    if machine.start_facts.isdisjoint(stated):
        return
    for fact in sorted(machine.start_facts & stated.keys()):
        if datetime.fromisoformat(stated[fact]) > now + FUTURE_TOLERANCE:
            raise Invalid(f"{fact} {stated[fact]} lies in the future (now {rfc3339(now)})", "future")


def refuse_impossible_starts(
    desk: Desk, held: Held, arrow: Arrow, stated: Mapping[str, Any], occurred: datetime
) -> None:
    """Raise Invalid or Refused if a stated start event is in the future, before the opening or before the sending."""
    if not held.machine.start_facts.isdisjoint(stated):
        refuse_future_starts(held.machine, stated, desk.now)
        _refuse_before_opening(desk, held, stated)
    for code in desk.campaign.plans[held.machine.id].of(arrow).rebase:
        _refuse_before_first_start(held, code, stated, occurred)


def _refuse_before_opening(desk: Desk, held: Held, stated: Mapping[str, Any]) -> None:
    since = desk.since(held)
    for fact in sorted(held.machine.start_facts & stated.keys()):
        if datetime.fromisoformat(stated[fact]) < since:
            raise Invalid(
                f"{fact} {stated[fact]} lies before {held.row.ref} was opened ({rfc3339(since)})", "before_opening"
            )


def _refuse_before_first_start(held: Held, code: str, stated: Mapping[str, Any], occurred: datetime) -> None:
    """A clock counted again from the receipt of a document cannot begin before the document went out."""
    row, spec = held.clocks.open_row(code), held.machine.deadline(code)
    if row is None:
        return
    said = stated.get(spec.start_fact) if spec.start_fact else None
    began, sent = datetime.fromisoformat(said) if said else occurred, from_us(row.started_at)
    if began < sent:
        reason = because.before_sending(spec.label, rfc3339(began), rfc3339(sent))
        raise Refused(f"{held.row.ref}: {reason.en}", "received_before_sent", [reason])
