"""What one deadline does when it is due: its rungs become notices, its breach an entry, its followers orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.campaign import Campaign
from engine.campaign_schema import OpensSpec, RungSpec
from engine.clock import from_us, to_us
from engine.deadlines import due_of
from engine.definition_schema import DeadlineSpec
from engine.desk import Desk
from engine.findings import tell_finding
from engine.held import Held, hold_id
from engine.history import Line
from engine.marks import said
from engine.moving import attempt
from engine.notices import compose, matter_values
from engine.opening import open_child
from engine.orders import SYSTEM, Do, Order
from engine.rows import INSERT_FIRING, DeadlineRow, NoticeRow
from engine.watches import review


@dataclass(frozen=True, slots=True)
class Step:
    """One rung that has come: its index, when it was planned, and its definition."""

    rung: int
    planned: datetime
    spec: RungSpec


def fire_matter(desk: Desk, held: Held, wanted: set[int]) -> int:
    """Fire those of the *wanted* deadlines of one locked matter that are due, in the order in which they fell due; return how many."""
    now_us = to_us(desk.now)
    due = [
        row
        for row in held.clocks.rows
        if row.id in wanted and row.next_fire_at is not None and row.next_fire_at <= now_us
    ]
    due.sort(key=lambda row: (row.next_fire_at or 0, row.id))
    owed: list[NoticeRow] = []
    firings: list[dict[str, Any]] = []
    seq = held.row.seq
    follow: list[tuple[str, int]] = []
    for row in due:
        if row.code in held.machine.monitors:
            tell_finding(desk, held, row, owed, firings)
        else:
            follow += _fire(desk, held, row, owed, firings)
    held.save(desk.tx, seq)
    desk.tx.write_many(INSERT_FIRING, firings)
    desk.owe(owed)
    for trigger, at_us in follow:
        fresh = hold_id(desk.tx, desk.campaign, held.row.id, desk.now)
        attempt(desk, fresh, Do(ref=held.row.ref, trigger=trigger, occurred_at=from_us(at_us)))
    return len(due)


def _fire(
    desk: Desk, held: Held, row: DeadlineRow, owed: list[NoticeRow], firings: list[dict[str, Any]]
) -> list[tuple[str, int]]:
    """Fire one deadline: breach it if its time is over, merge the rungs that have come, move its pointer.

    Returns the triggers to fire afterwards with the instant they count from.
    """
    spec = held.clocks.ruled(row)
    follow: list[tuple[str, int]] = []
    end = due_of(row)
    steps = held.clocks.steps(row, spec, end)
    rungs = desk.campaign.rungs[spec.ladder]
    come = [Step(index, at, rungs[index]) for index, at in steps[row.rung :] if at <= desk.now]
    before = [step for step in come if step.planned < end.breach_at]
    for step in before:
        _enter_rung(desk, held, row, step, merged=step is not come[-1])
    if row.status == "running" and row.breach_at <= to_us(desk.now):
        follow += _breach(desk, held, row, spec)
    elif row.status == "breached" and row.next_fire_at == row.armed_at and spec.on_breach and not come:
        follow.append((spec.on_breach, row.breach_at))
    for step in come[len(before) :]:
        _enter_rung(desk, held, row, step, merged=step is not come[-1])
    if come and row.stopped_at is None:
        _tell(desk, held, row, spec, come, owed, firings)
    if row.stopped_at is None:
        row.rung += len(come)
        row.next_fire_at = _next(row, steps)
        row.dirty = True
    return follow


def _next(row: DeadlineRow, steps: Sequence[tuple[int, datetime]]) -> int | None:
    upcoming = to_us(steps[row.rung][1]) if row.rung < len(steps) else None
    if row.status == "running":
        return min(upcoming, row.breach_at) if upcoming is not None else row.breach_at
    return upcoming


def _breach(desk: Desk, held: Held, row: DeadlineRow, spec: DeadlineSpec) -> list[tuple[str, int]]:
    """The time is over: a timer ends and fires its trigger, a duty is breached for ever."""
    held.clocks.effects.clear()
    if spec.timer:
        held.clocks.run_out(row, held.row.seq + 1)
        _review(desk, held, row)
        _enter(desk, held, row, "run_out", row.breach_at, {})
        return [(spec.on_expire, row.breach_at)] if spec.on_expire else []
    held.clocks.breach(row)
    _review(desk, held, row)
    _enter(desk, held, row, "breach", row.breach_at, {})
    return [(spec.on_breach, row.breach_at)] if spec.on_breach else []


def _review(desk: Desk, held: Held, row: DeadlineRow) -> None:
    """Look at the monitors again: what has just run out may be what one of them waits for."""
    at = from_us(row.breach_at)
    review(held.clocks, held.after(desk.campaign, desk.actor, held.row.state, {}, at), at, held.row.seq + 1)


def _enter_rung(desk: Desk, held: Held, row: DeadlineRow, step: Step, *, merged: bool) -> None:
    held.clocks.effects.clear()
    said = {"rung": step.rung, "rung_label": step.spec.label.zh, "circles": list(step.spec.to), "merged": merged}
    _enter(desk, held, row, "rung", to_us(step.planned), said)


def _enter(desk: Desk, held: Held, row: DeadlineRow, what: str, effective_us: int, said: Mapping[str, Any]) -> None:
    """Write the chained entry of something a deadline did; it leaves the matter's version alone."""
    state = held.row.state
    line = Line("deadline", SYSTEM, effective_us, desk.recorded_us(held), row.code, state, state)
    body = desk.enter(
        held,
        Order(),
        line,
        {},
        version=False,
        more={"event": what, "deadline": str(row.id), "epoch": row.epoch, **said},
    )
    body.pop("private")
    held.clocks.effects.clear()


def _tell(
    desk: Desk,
    held: Held,
    row: DeadlineRow,
    spec: DeadlineSpec,
    come: Sequence[Step],
    owed: list[NoticeRow],
    firings: list[dict[str, Any]],
) -> None:
    """Owe one message a recipient at the highest rung, to everybody whom the rungs that have come would have told.

    If that rung belongs before a breach that has come meanwhile, it would ask for what can no longer be done in time:
    then the message says that the deadline is over, and that the reminder was missed.
    """
    top, now_us = come[-1], to_us(desk.now)
    firings += [
        {
            "deadline_id": row.id, "epoch": row.epoch, "rung": step.rung, "planned_at": to_us(step.planned),
            "fired_at": now_us, "merged": int(step is not top),
        }
        for step in come
    ]  # fmt: skip
    values = {**matter_values(desk.campaign, held.machine, held.row), **deadline_values(desk, row, spec, top)}
    missed = row.status == "breached" and to_us(top.planned) < row.breach_at
    for recipient, body in reached_by(desk, held, row, spec, come).items():
        dedup = f"d:{row.id}:{row.epoch}:{top.rung}:{recipient}"
        owed.append(
            compose(
                desk.campaign, kind="overdue" if missed else top.spec.kind, template="missed" if missed else top.spec.text,
                recipient=recipient, body=body, planned_us=to_us(top.planned), now_us=now_us, dedup=dedup, values=values,
                ref=held.row.ref, deadline_id=row.id, level=top.rung, entry_seq=held.row.seq, urgent=by_the_hour(spec, top),
            )
        )  # fmt: skip
    for step in come:
        if step.spec.opens is not None:
            _open(desk, held, row, spec, step, step.spec.opens)


def by_the_hour(spec: DeadlineSpec, step: Step) -> bool:
    """Whether a rung is a matter of hours: its period is counted in them, or the ladder puts it at an exact one."""
    return (spec.term is not None and spec.term.hours is not None) or step.spec.at.endswith("h")


def deadline_values(desk: Desk, row: DeadlineRow, spec: DeadlineSpec, top: Step) -> dict[str, Any]:
    """What a text may say of a deadline whose rung *top* has come, as of the desk's instant."""
    today = desk.now.astimezone(desk.campaign.zone).date()
    left = (due_of(row).last_day - today).days
    breach = from_us(row.breach_at).astimezone(desk.campaign.zone)
    return {
        "label": spec.label.zh,
        "basis": spec.basis,
        "mark": said(spec.mark, "zh"),
        "last_day": row.last_day,
        "breach_at": breach.strftime("%Y-%m-%d %H:%M"),
        "owner": desk.campaign.body_name(row.owner_body),
        "level": top.rung,
        "rung": top.spec.label.zh,
        "days_left": max(left, 0),
        "days_over": max(-left, 0),
    }


def reached_by(desk: Desk, held: Held, row: DeadlineRow, spec: DeadlineSpec, come: Sequence[Step]) -> dict[str, str]:
    """Everybody in the circles of *come*: recipient to body, in the order of the rungs."""
    directory = desk.people.directory(desk.tx, desk.now)
    reached: dict[str, str] = {}
    for circle in dict.fromkeys(name for step in come for name in step.spec.to):
        body, posts = _circle(desk.campaign, held, row, spec, circle)
        if body:
            for recipient in directory.reach(body, posts):
                reached.setdefault(recipient, body)
    return reached


def _circle(
    campaign: Campaign, held: Held, row: DeadlineRow, spec: DeadlineSpec, circle: str
) -> tuple[str, Sequence[str]]:
    if circle == "owner":
        return row.owner_body, campaign.seat_posts(held.machine, spec.owner)
    if circle == "head":
        return row.owner_body, ("head",)
    return campaign.seat_body(held.machine, circle, held.row.body, held.facts), campaign.seat_posts(
        held.machine, circle
    )


def _open(desk: Desk, held: Held, row: DeadlineRow, spec: DeadlineSpec, step: Step, opens: OpensSpec) -> None:
    """Open what the rung opens (a supervision item, 督办件) for the late body, as a child of the late matter."""
    machine = desk.campaign.kind(opens.kind)
    known = {
        "source_ref": held.row.ref,
        "source_deadline": row.code,
        "requirement": f"{spec.label.zh}（{held.row.ref}，期限{row.last_day}）",
        "source_title": held.row.title,
    }
    takes = {*machine.doc.open.asks, *machine.doc.open.optional}
    facts = {**{name: value for name, value in known.items() if name in takes}, **opens.facts}
    title = f"{step.spec.label.zh}：{held.row.title}"[:200]
    open_child(desk, opens.kind, row.owner_body, facts, title, held.row, desk.now)
