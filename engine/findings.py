"""A finding told: what did not happen in time becomes an entry of its matter and notices to those who should know."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.clock import from_us
from engine.desk import Desk
from engine.held import Held
from engine.history import Line
from engine.monitors import Monitor
from engine.notices import compose, matter_values
from engine.orders import SYSTEM
from engine.rows import DeadlineRow
from engine.sheaf import Sheaf
from engine.watches import told


def tell_finding(sheaf: Sheaf, held: Held, row: DeadlineRow) -> None:
    """Tell of one watch that is due, unless it has just ended: the key of its firing makes each telling once only."""
    planned = row.next_fire_at
    if planned is None or row.stopped_at is not None:
        return
    desk, monitor = sheaf.desk, held.machine.monitors[row.code]
    sheaf.firings.append(
        {"deadline_id": row.id, "epoch": row.epoch, "rung": row.rung, "planned_at": planned, "fired_at": sheaf.now_us,
         "merged": 0}
    )  # fmt: skip
    held.clocks.effects.clear()
    told(held.clocks, row, monitor)
    _enter(sheaf, held, monitor, planned)
    values = {**matter_values(desk.campaign, held.machine, held.row), **_values(desk, row, monitor)}
    for recipient, body in _reached(desk, held, monitor.spec.tell).items():
        sheaf.owed.append(
            compose(
                desk.campaign, kind="finding", recipient=recipient, body=body, planned_us=planned, now_us=sheaf.now_us,
                dedup=f"w:{row.id}:{row.rung}:{recipient}", values=values, ref=held.row.ref, deadline_id=row.id,
                entry_seq=held.row.seq,
            )
        )  # fmt: skip


def _enter(sheaf: Sheaf, held: Held, monitor: Monitor, planned: int) -> None:
    state = held.row.state
    line = Line("deadline", SYSTEM, planned, sheaf.now_us, monitor.code, state, state)
    sheaf.enter(held, line, {"event": "finding", "circles": list(monitor.spec.tell)})


def _values(desk: Desk, row: DeadlineRow, monitor: Monitor) -> Mapping[str, Any]:
    began = from_us(row.started_at).astimezone(desk.campaign.zone)
    return {
        "label": monitor.spec.label.zh,
        "basis": monitor.spec.basis,
        "mark": monitor.spec.mark,
        "last_day": row.last_day,
        "list": began.strftime("%Y-%m-%d %H:%M"),
        "days_over": max((desk.now - from_us(row.started_at)).days, 0),
    }


def _reached(desk: Desk, held: Held, circles: Sequence[str]) -> dict[str, str]:
    """Everybody in *circles*, roles of the machine or circles of the campaign: recipient to body."""
    directory = desk.people.directory(desk.tx, desk.now)
    reached: dict[str, str] = {}
    for circle in circles:
        body = desk.campaign.seat_body(held.machine, circle, held.row.body, held.facts)
        for recipient in directory.reach(body, desk.campaign.seat_posts(held.machine, circle)) if body else ():
            reached.setdefault(recipient, body)
    return reached
