"""Deadlines as an iCalendar feed (RFC 5545): one event a deadline, the same for ever, moved and cancelled as the deadline is."""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from engine.campaign import Campaign
from engine.clock import from_us
from engine.clock_ends import due_of
from engine.contents import without
from engine.errors import Damaged
from engine.held import Held, unpack
from engine.ids import domain_of
from engine.rows import DeadlineRow, MatterRow
from engine.shapes import rule_of
from engine.watches import WATCHED

FRESH = timedelta(hours=1)
"""How often a reader may look for changes. PLACEHOLDER"""

SHOWN = timedelta(minutes=15)
"""How long before its end a deadline of hours is shown: calendars do not like what takes no time. PLACEHOLDER"""

DAY = timedelta(days=1)


def feed(
    campaign: Campaign, matters: Sequence[tuple[MatterRow, list[DeadlineRow]]], owners: Collection[str] | None, now: datetime,
    lang: str = "zh", damaged: list[str] | None = None,
) -> bytes:  # fmt: skip
    """Write the calendar of the deadlines that *owners* (body codes; None for all) have, in the order of their ends.

    A matter whose row is damaged keeps its deadlines, with a title that says so; its reference is added to *damaged*.
    """
    calendar = _calendar()
    calendar.add("x-wr-calname", getattr(campaign.doc.name, lang))
    calendar.add("x-wr-timezone", campaign.zone.key)
    calendar.add("refresh-interval", FRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    damaged = [] if damaged is None else damaged
    for event in _events(campaign, matters, owners, now, lang, damaged):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def calendar_of(campaign: Campaign, dates: Sequence[tuple[Held, DeadlineRow]], lang: str = "zh") -> bytes | None:
    """Write the calendar of a few deadlines alone, the same events as in the feed; None if none is a date of anybody's."""
    open_ones = [
        (held, row)
        for held, row in dates
        if row.stopped_at is None and row.status not in WATCHED and not rule_of(campaign, held.machine, row).timer
    ]
    calendar = _calendar()
    for held, row in open_ones:
        calendar.add_component(_event(campaign, held, row, lang))
    return bytes(calendar.to_ical()) if open_ones else None


def _calendar() -> Calendar:
    calendar = Calendar()
    for key, value in (("prodid", "-//duban//deadlines//ZH"), ("version", "2.0"), ("method", "PUBLISH")):
        calendar.add(key, value)
    return calendar


def _events(
    campaign: Campaign, matters: Sequence[tuple[MatterRow, list[DeadlineRow]]], owners: Collection[str] | None, now: datetime,
    lang: str, damaged: list[str],
) -> Iterator[Event]:  # fmt: skip
    shown = []
    for matter, rows in matters:
        try:
            held = unpack(campaign, matter, rows, now)
        except Damaged:
            damaged.append(matter.ref)
            held = unpack(campaign, without(matter), rows, now)
        own = (row for row in rows if row.status not in WATCHED)
        shown += [(row, held) for row in own if owners is None or row.owner_body in owners]
    for row, held in sorted(shown, key=lambda each: (each[0].breach_at, each[0].id)):
        if not rule_of(campaign, held.machine, row).timer:
            yield _event(campaign, held, row, lang)


def _event(campaign: Campaign, held: Held, row: DeadlineRow, lang: str) -> Event:
    spec = rule_of(campaign, held.machine, row)
    label = getattr(spec.label, lang)
    event = Event()
    event.add("uid", f"deadline-{row.id}@{domain_of(campaign.code)}")
    event.add("sequence", _sequence(row))
    event.add("dtstamp", from_us(held.row.updated_at))
    event.add("last-modified", from_us(held.row.updated_at))
    event.add("summary", f"{label}：{held.row.title}" if lang == "zh" else f"{label}: {held.row.title}")
    event.add("description", _words(campaign, held, row, lang))
    event.add("status", _status(row))
    event.add("transp", "TRANSPARENT")
    event.add("categories", [held.machine.kind])
    _add_time(event, row, by_the_hour=spec.term.hours is not None)
    if row.status == "running":
        for at in _alarms(campaign, held, row):
            event.add_component(_alarm(at, label))
    return event


def _sequence(row: DeadlineRow) -> int:
    """Higher after every change of the event: a new end, a pause, even while paused, and the end of the deadline."""
    return row.epoch + len(json.loads(row.moves)) + (row.stopped_at is not None)


def _add_time(event: Event, row: DeadlineRow, *, by_the_hour: bool) -> None:
    """An event of the whole last day, whose end is the first day that is none of it; a deadline of hours ends at its minute."""
    if by_the_hour:
        event.add("dtstart", from_us(row.breach_at) - SHOWN)
        event.add("dtend", from_us(row.breach_at))
    else:
        last = date.fromisoformat(row.last_day)
        event.add("dtstart", last)
        event.add("dtend", last + DAY)


def _status(row: DeadlineRow) -> str:
    if row.stopped_at is not None:
        return "CANCELLED"
    return "TENTATIVE" if row.provisional or row.status == "paused" else "CONFIRMED"


def _words(campaign: Campaign, held: Held, row: DeadlineRow, lang: str) -> str:
    spec, leaf = rule_of(campaign, held.machine, row), held.machine.tree.leaves[held.row.state]
    owner = campaign.body_name(row.owner_body, lang)
    if lang == "zh":
        lines = [
            f"编号：{held.row.ref}",
            f"责任单位：{owner}",
            f"现状态：{leaf.label.zh}",
            f"依据：{spec.basis}〔{spec.mark}〕",
        ]
        lines += ["暂定：所涉年度的放假安排尚未公布"] * bool(row.provisional) + ["已中止计时"] * (
            row.status == "paused"
        )
    else:
        lines = [f"Matter: {held.row.ref}", f"Body in charge: {owner}", f"State: {leaf.label.en}"]
        lines += [f"Basis: {spec.basis} [{spec.mark}]"]
        lines += ["Provisional: holidays not announced yet"] * bool(row.provisional)
        lines += ["The clock is paused"] * (row.status == "paused")
    return "\n".join(lines)


def _alarms(campaign: Campaign, held: Held, row: DeadlineRow) -> list[datetime]:
    """The instants of the rungs still to come before the deadline is over."""
    steps = held.clocks.steps(row, rule_of(campaign, held.machine, row), due_of(row))
    return sorted({at for _, at in steps[row.rung :] if at < from_us(row.breach_at)})


def _alarm(at: datetime, label: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", label)
    alarm.add("trigger", at, parameters={"VALUE": "DATE-TIME"})
    return alarm
