"""What a matter's row keeps for those who look over many: when its light turns, what is due next, and who is waited for.

The columns hold no time of looking, so they need no clock: at any instant from the last entry on, a comparison with
them gives the very light of `engine.lights`. The writers of a matter's row set them in the same transaction.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, not_, null, or_, select, text, union_all

from engine.errors import Invalid
from engine.machine import Compiled
from engine.rows import D, DeadlineRow, M, MatterRow
from engine.ruling import own_machine
from engine.seats import Seat
from engine.tables import UNLIT

NEVER = 2**62
"""Stands for an instant that does not come: the matter has a light, and nothing will turn it."""


FATES = ("running", "paused", "met", "late", "breached", "cancelled")
"""Statuses of deadlines; watches have others."""

LIGHTS = ("red", "yellow", "green", "none")
"""The lights of a matter, ``none`` for without any."""


class Ended(NamedTuple):
    """What clocks that have ended, and are not in hand, give to a matter's outlook.

    The earliest of them that was late was due at *red_at*, or if that is not *sure*, then or later; *lit* says whether one
    gives a light at all, None if that is not known.
    """

    red_at: int
    sure: bool = True
    lit: bool | None = None


ALL_IN_HAND = Ended(UNLIT, lit=False)
"""There are none."""

UNKNOWN = Ended(0, sure=False)


def ended_by(
    row: MatterRow, machine: Compiled, machines: Mapping[int, Compiled], clocks: Iterable[DeadlineRow]
) -> Ended:
    """What the outlook of *row*, as it was written last, tells of the clocks that ended; *clocks* are all that did not.

    One that ended late had turned the light red by the last entry.
    """
    if row.closed:
        return UNKNOWN
    red, seen, rests = row.red_at, UNLIT, False
    mine, timers = machine.id, machine.timers
    for clock in clocks:
        status = clock.status
        if status == "paused":
            rests = True
        if status not in ("running", "breached") or clock.stopped_at is not None:
            continue
        if clock.code in timers if clock.definition_id == mine else _timer(machine, machines, clock):
            continue
        seen = min(seen, clock.breach_at) if status == "running" else min(seen, clock.breach_at, row.updated_at)
    if red > seen:
        return UNKNOWN
    if red == seen:
        if red == UNLIT:
            return ALL_IN_HAND
        return Ended(UNLIT) if red > row.updated_at else Ended(red, sure=False)
    if red == NEVER:
        return Ended(UNLIT, lit=None if rests else True)
    return Ended(red, sure=red < row.updated_at)


def set_outlook(
    row: MatterRow,
    machine: Compiled,
    machines: Mapping[int, Compiled],
    clocks: Iterable[DeadlineRow],
    facts: Mapping[str, Any],
    handed: Mapping[str, Mapping[str, Any]],
    ended: Ended = ALL_IN_HAND,
) -> bool:
    """Set the outlook of *row* from its deadlines, its facts and its latest hand-overs; *ended* is said of other clocks.

    Say whether that was enough to tell: False asks for all of them.
    """
    red, yellow, due = ended.red_at if ended.sure else UNLIT, NEVER, None
    mine, timers = machine.id, machine.timers
    for clock in clocks:
        status = clock.status
        timer = clock.code in timers if clock.definition_id == mine else _timer(machine, machines, clock)
        if status == "running":
            breach = clock.breach_at
            if clock.stopped_at is None and (due is None or breach < due):
                due = breach
            if not timer:
                red, yellow = min(red, breach), min(yellow, clock.yellow_at)
        elif status in ("late", "breached"):
            if not timer:
                red = min(red, clock.breach_at, row.updated_at)
        elif status in ("met", "paused") and red == UNLIT and not timer:
            red = NEVER
    if red == UNLIT and ended.lit:
        red = NEVER
    row.red_at, row.yellow_at, row.due_at = (UNLIT, NEVER, due) if row.closed else (red, yellow, due)
    row.awaits = awaits_of(machine, row, facts, handed)
    return bool(row.closed) or ((ended.sure or red <= ended.red_at) and (red != UNLIT or ended.lit is not None))


def _timer(machine: Compiled, machines: Mapping[int, Compiled], clock: DeadlineRow) -> bool:
    return own_machine(machines, machine, clock).doc.deadlines[clock.code].timer


def awaits_of(
    machine: Compiled, row: MatterRow, facts: Mapping[str, Any], handed: Mapping[str, Mapping[str, Any]]
) -> str:
    """Who is waited for: ``|role>body|`` for an act, ``|code<body|`` for a receipt, ``|=body|`` for who has handed over.

    ``|code~body|`` is for whose hand-over came back.

    A part of the campaign stands as ``@part``, since the campaign may give it to another body; ``*`` is anybody.
    """
    key = "awaits", row.state, row.body
    always: str | None = None if handed else machine.standing.get(key)
    if always is not None:
        return always
    leaf = machine.tree.leaves[row.state]
    if leaf.final:
        return ""
    said = [f"{role}>{_place(machine, machine.seats[role], row.body, facts)}" for role in leaf.waits_for]
    if not handed and not any(kind == "fact" for role in leaf.waits_for for kind, _ in machine.seats[role].sources):
        machine.standing[key] = f"|{'|'.join(said)}|" if said else ""
    for code, each in sorted(handed.items()):
        if each["status"] == "sent":
            said.append(f"{code}<{each['to']}")
            if not machine.doc.handovers[code].goes_on:
                said.append(f"={each['from']}")
        elif each["status"] == "returned":
            said.append(f"{code}~{each['from']}")
    return f"|{'|'.join(said)}|" if said else ""


def _place(machine: Compiled, seat: Seat, body: str, facts: Mapping[str, Any]) -> str:
    """Where the posts of *seat* are, a part left by its name if it is what decides."""
    for kind, name in seat.sources:
        if kind == "part" and machine.parts.get(name):
            return f"@{name}"
        if kind == "matter":
            return body
        if kind == "any":
            return "*"
        found = facts.get(name) if kind == "fact" else machine.parts.get(name)
        if found:
            return str(found)
    return ""


def light_at(now_us: int) -> ColumnElement[str | None]:
    """The light of each matter at *now_us*, as an expression."""
    return case(
        (M.c.red_at <= now_us, "red"),
        (M.c.red_at == UNLIT, null()),
        (M.c.yellow_at <= now_us, "yellow"),
        else_="green",
    )


def lit(row: MatterRow, now_us: int) -> str | None:
    """The same of a row that was read."""
    if row.red_at <= now_us:
        return "red"
    if row.red_at == UNLIT:
        return None
    return "yellow" if row.yellow_at <= now_us else "green"


def has_light(light: str, now_us: int) -> ColumnElement[bool]:
    """Whether a matter has *light* (``none`` for without any) at *now_us*; a range of the index."""
    if light == "red":
        return M.c.red_at <= now_us
    if light == "none":
        return M.c.red_at == UNLIT
    lit = and_(M.c.red_at > now_us, M.c.red_at <= NEVER)
    return and_(lit, M.c.yellow_at <= now_us if light == "yellow" else M.c.yellow_at > now_us)


NARROW: ColumnElement[bool] = M.c.red_at <= UNLIT
"""True of every matter; it leads the planner to the narrow index, where *awaits* stands, past the wide rows."""


def waits_for_body(body: str, parts: Mapping[str, str]) -> ColumnElement[bool]:
    """Whether an act or a receipt of *body* is awaited; who has handed over has done his part."""
    places = [body, *(f"@{part}" for part, at in parts.items() if at == body)]
    act = or_(*(_says(f">{place}|") for place in places))
    return and_(NARROW, or_(and_(act, not_(_says(f"|={body}|"))), _says(f"<{body}|")))


def waits_for_role(role: str, bodies: Collection[str], parts: Mapping[str, str]) -> ColumnElement[bool]:
    """Whether an act of *role* is awaited at one of *bodies*, by whose posts it is held."""
    each = [
        and_(
            or_(
                *(
                    _says(f"|{role}>{place}|")
                    for place in (body, *(f"@{part}" for part, at in parts.items() if at == body))
                )
            ),
            not_(_says(f"|={body}|")),
        )
        for body in sorted(bodies)
    ]
    return and_(NARROW, or_(_says(f"|{role}>*|"), *each))


def waits_for_receipt(bodies: Collection[str]) -> ColumnElement[bool]:
    """Whether a receipt of one of *bodies* is awaited."""
    return and_(NARROW, or_(*(_says(f"<{body}|") for body in sorted(bodies))))


def awaits(token: str) -> ColumnElement[bool]:
    """Whether exactly this is awaited: a *token* as `awaits_of` writes it."""
    return and_(NARROW, _says(token))


def _says(token: str) -> ColumnElement[bool]:
    return M.c.awaits.contains(token, autoescape=True)


def has_late(campaign_id: int, code: str, now_us: int) -> ColumnElement[bool]:
    """Whether a matter has a deadline *code* that was not kept, be it met afterwards or not."""
    of = select(D.c.matter_id).where(D.c.campaign_id == campaign_id, D.c.code == code)
    known = of.where(text("status IN ('breached', 'late')"))  # written out as its index is
    over = of.where(D.c.stopped_at.is_(None), D.c.status == "running", D.c.breach_at <= now_us)
    return M.c.id.in_(union_all(known, over))


STANDINGS = ("on_time", "late", "missing", "open")
"""How a matter stands with a deadline: met in time, met late, over and not met, not yet due."""


def standing_with(code: str, now_us: int) -> ColumnElement[str]:
    """How a matter stands with the latest of its deadlines *code*, one of `STANDINGS`; nothing without such a deadline."""
    over = or_(D.c.status.in_(("breached", "cancelled")), D.c.breach_at <= now_us)
    said = case((D.c.status == "met", "on_time"), (D.c.status == "late", "late"), (over, "missing"), else_="open")
    ours = (D.c.matter_id == M.c.id, D.c.code == code, D.c.status.in_(FATES))
    latest = select(said).where(*ours).order_by(D.c.breach_at.desc(), D.c.id.desc()).limit(1)
    return latest.correlate(M).scalar_subquery()


def has_standing(said: str, now_us: int) -> ColumnElement[bool]:
    """Whether a matter stands so with a deadline, *said* as ``CODE:STANDING``. Raises Invalid for another standing."""
    code, _, standing = said.partition(":")
    if standing not in STANDINGS:
        raise Invalid(f"no standing {standing!r}; say CODE:STANDING, one of: {', '.join(STANDINGS)}", "standing")
    return standing_with(code, now_us) == standing
