"""What one deadline does when it is due: its rungs become notices, its breach an entry, its followers orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from engine.campaign import Campaign
from engine.campaign_schema import OpensSpec, RungSpec
from engine.clock import from_us, to_us
from engine.clock_ends import due_of
from engine.definition_schema import DeadlineSpec
from engine.desk import Desk
from engine.findings import tell_finding
from engine.held import Held
from engine.history import Line
from engine.in_hand import hold_id
from engine.marks import said
from engine.moving import attempt
from engine.notices import compose, matter_values
from engine.opening import open_child
from engine.orders import SYSTEM, Do
from engine.rows import DeadlineRow, MatterRow
from engine.sheaf import Sheaf
from engine.sheets import standing, until
from engine.watches import review


@dataclass(frozen=True, slots=True)
class Step:
    """One rung that has come: its index, when it was planned, and its definition."""

    rung: int
    planned: datetime
    spec: RungSpec


def fire_matter(sheaf: Sheaf, held: Held, wanted: set[int]) -> int:
    """Fire those of the *wanted* deadlines of one locked matter that are due, in the order in which they fell due; return how many.

    What is to be written goes into the *sheaf*, and the orders that follow wait until it is written.
    """
    now_us = sheaf.now_us
    due = [
        row
        for row in held.clocks.rows
        if row.id in wanted and row.next_fire_at is not None and row.next_fire_at <= now_us
    ]
    due.sort(key=lambda row: (row.next_fire_at or 0, row.id))
    seq = held.row.seq
    follow: list[tuple[str, int]] = []
    for row in due:
        if row.code in held.machine.monitors:
            tell_finding(sheaf, held, row)
        else:
            follow += _fire(sheaf, held, row)
    sheaf.bind(held, seq)
    sheaf.later += [partial(_follow, sheaf.desk, held.row, trigger, at_us) for trigger, at_us in follow]
    return len(due)


def _follow(desk: Desk, row: MatterRow, trigger: str, at_us: int) -> None:
    """Let the matter do what its deadline calls for, if its machine lets it, as an order through the one road."""
    fresh = hold_id(desk.tx, desk.campaign, row.id, desk.now)
    attempt(desk, fresh, Do(ref=row.ref, trigger=trigger, occurred_at=from_us(at_us)))


def _fire(sheaf: Sheaf, held: Held, row: DeadlineRow) -> list[tuple[str, int]]:
    """Fire one deadline: breach it if its time is over, merge the rungs that have come, move its pointer.

    Returns the triggers to fire afterwards with the instant they count from.
    """
    desk, spec = sheaf.desk, held.clocks.ruled(row)
    follow: list[tuple[str, int]] = []
    end = due_of(row)
    steps = held.clocks.steps(row, spec, end)
    rungs = desk.campaign.rungs[spec.ladder]
    come = [Step(index, at, rungs[index]) for index, at in steps[row.rung :] if at <= desk.now]
    before = [step for step in come if step.planned < end.breach_at]
    for step in before:
        _enter_rung(sheaf, held, row, step, merged=step is not come[-1])
    if row.status == "running" and row.breach_at <= sheaf.now_us:
        follow += _breach(sheaf, held, row, spec)
    elif row.status == "breached" and row.next_fire_at == row.armed_at and spec.on_breach and not come:
        follow.append((spec.on_breach, row.breach_at))
    for step in come[len(before) :]:
        _enter_rung(sheaf, held, row, step, merged=step is not come[-1])
    if come and row.stopped_at is None:
        _tell(sheaf, held, row, spec, come)
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


def _breach(sheaf: Sheaf, held: Held, row: DeadlineRow, spec: DeadlineSpec) -> list[tuple[str, int]]:
    """The time is over: a timer ends and fires its trigger, a duty is breached for ever."""
    held.clocks.effects.clear()
    if spec.timer:
        held.clocks.run_out(row, held.row.seq + 1)
        _review(sheaf.desk, held, row)
        _enter(sheaf, held, row, "run_out", row.breach_at, {})
        return [(spec.on_expire, row.breach_at)] if spec.on_expire else []
    held.clocks.breach(row)
    _review(sheaf.desk, held, row)
    _enter(sheaf, held, row, "breach", row.breach_at, {})
    return [(spec.on_breach, row.breach_at)] if spec.on_breach else []


def _review(desk: Desk, held: Held, row: DeadlineRow) -> None:
    """Look at the monitors again: what has just run out may be what one of them waits for."""
    at = from_us(row.breach_at)
    review(held.clocks, held.after(desk.campaign, desk.actor, held.row.state, {}, at), at, held.row.seq + 1)


def _enter_rung(sheaf: Sheaf, held: Held, row: DeadlineRow, step: Step, *, merged: bool) -> None:
    held.clocks.effects.clear()
    said = {"rung": step.rung, "rung_label": step.spec.label.zh, "circles": list(step.spec.to), "merged": merged}
    _enter(sheaf, held, row, "rung", to_us(step.planned), said)


def _enter(sheaf: Sheaf, held: Held, row: DeadlineRow, what: str, effective_us: int, said: Mapping[str, Any]) -> None:
    state = held.row.state
    line = Line("deadline", SYSTEM, effective_us, sheaf.now_us, row.code, state, state)
    sheaf.enter(held, line, {"event": what, "deadline": str(row.id), "epoch": row.epoch, **said})


def _tell(sheaf: Sheaf, held: Held, row: DeadlineRow, spec: DeadlineSpec, come: Sequence[Step]) -> None:
    """Owe one message a recipient at the highest rung, to everybody whom the rungs that have come would have told.

    If that rung belongs before a breach that has come meanwhile, it would ask for what can no longer be done in time:
    then the message says that the deadline is over, and that the reminder was missed.
    """
    desk, top = sheaf.desk, come[-1]
    now_us, top_us = sheaf.now_us, to_us(top.planned)
    sheaf.firings += [
        {
            "deadline_id": row.id, "epoch": row.epoch, "rung": step.rung, "planned_at": to_us(step.planned),
            "fired_at": now_us, "merged": int(step is not top),
        }
        for step in come
    ]  # fmt: skip
    values = {**matter_values(desk.campaign, held.machine, held.row), **_values(sheaf, row, spec, top)}
    missed = row.status == "breached" and top_us < row.breach_at
    for recipient, (body, circle) in reached_by(desk, held, row, spec, come).items():
        dedup = f"d:{row.id}:{row.epoch}:{top.rung}:{recipient}"
        sheaf.owed.append(
            compose(
                desk.campaign, kind="overdue" if missed else top.spec.kind, template="missed" if missed else top.spec.text,
                recipient=recipient, body=body, planned_us=top_us, now_us=now_us, dedup=dedup, values=values,
                ref=held.row.ref, deadline_id=row.id, level=top.rung, entry_seq=held.row.seq, which=(top.spec.at, circle),
                urgent=by_the_hour(spec, top),
            )
        )  # fmt: skip
    for step in come:
        if step.spec.opens is not None:
            sheaf.later.append(partial(_open, desk, held, row, spec, step, step.spec.opens))


def _values(sheaf: Sheaf, row: DeadlineRow, spec: DeadlineSpec, top: Step) -> dict[str, Any]:
    """The values of `deadline_values`, worked out once for all deadlines of the batch that end alike."""
    key = (id(spec), top.rung, row.last_day, row.breach_at, row.owner_body)  # the rule is kept, so its id is its own
    kept: tuple[DeadlineSpec, dict[str, Any]] | None = sheaf.memo.get(key)
    if kept is None:
        kept = sheaf.memo[key] = (spec, deadline_values(sheaf.desk, row, spec, top))
    return kept[1]


def by_the_hour(spec: DeadlineSpec, step: Step) -> bool:
    """Whether a rung is a matter of hours: its period is counted in them, or the ladder puts it at an exact one."""
    return (spec.term is not None and spec.term.hours is not None) or step.spec.at.endswith("h")


def deadline_values(desk: Desk, row: DeadlineRow, spec: DeadlineSpec, top: Step, lang: str = "zh") -> dict[str, Any]:
    """What a text may say of a deadline whose rung *top* has come, as of the desk's instant."""
    today = desk.now.astimezone(desk.campaign.zone).date()
    left = (due_of(row).last_day - today).days
    breach = from_us(row.breach_at).astimezone(desk.campaign.zone)
    return {
        "label": getattr(spec.label, lang),
        "basis": spec.basis,
        "mark": said(spec.mark, lang),
        "last_day": row.last_day,
        "breach_at": breach.strftime("%Y-%m-%d %H:%M"),
        "until": until(due_of(row).last_day, breach, lang),
        "standing": standing(left, over=to_us(desk.now) >= row.breach_at, lang=lang),
        "owner": desk.campaign.body_name(row.owner_body, lang),
        "level": top.rung,
        "rung": getattr(top.spec.label, lang),
        "days_left": max(left, 0),
        "days_over": max(-left, 0),
    }


def reached_by(
    desk: Desk, held: Held, row: DeadlineRow, spec: DeadlineSpec, come: Sequence[Step]
) -> dict[str, tuple[str, str]]:
    """Everybody in the circles of *come*: recipient to body and circle, in the order of the rungs."""
    directory = desk.people.directory(desk.tx, desk.now)
    reached: dict[str, tuple[str, str]] = {}
    for circle in dict.fromkeys(name for step in come for name in step.spec.to):
        body, posts = _circle(desk.campaign, held, row, spec, circle)
        if body:
            for recipient in directory.reach(body, posts):
                reached.setdefault(recipient, (body, circle))
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
