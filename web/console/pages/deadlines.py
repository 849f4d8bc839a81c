"""Deadlines (期限): the list, the month, and the campaign in time."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.deadline_pages import STATUSES, WantedDeadlines, deadlines_page, ends_by_day
from engine.errors import Invalid
from engine.workdays import MAKE_UP, PUBLIC_HOLIDAY, WEEKEND, WORKING_DAY
from web.console.asking import Asking
from web.console.shell import query
from web.console.visit import Visit, Visitor
from web.pictures.timeline import Milestone, Phase, Position, campaign_timeline

router = APIRouter()

A_PAGE = 50

FIRST_YEAR, LAST_YEAR = 1949, 2199
"""Years that the calendar shows. PLACEHOLDER"""

UNNAMED = (WEEKEND, WORKING_DAY, PUBLIC_HOLIDAY, MAKE_UP)
"""What a day is called that has no name of its own."""

STATUS_WORDS = {
    "open": ("未办结", "open"),
    "running": ("计时中", "running"),
    "paused": ("中止", "paused"),
    "breached": ("已逾期未办结", "breached, still open"),
    "done": ("已办结", "done"),
    "met": ("按期办结", "met"),
    "late": ("逾期办结", "late"),
    "cancelled": ("已撤销", "cancelled"),
}


@router.get("/deadlines")
def deadlines(visit: Visitor) -> Response:
    """The deadlines, the next one first; those still open if nothing else is asked."""
    asking = Asking(visit)
    wanted = WantedDeadlines(
        status=asking.choice("status", (*STATUSES, "any")) or (None if visit.asked("light") else "open"),
        light=asking.choice("light", ("red", "yellow", "green")), owner=asking.choice("owner", visit.campaign.bodies),
        kind=asking.choice("kind", visit.campaign.machines.newest), since=asking.day("from"), until=asking.day("until"),
    )  # fmt: skip
    found: dict[str, Any] = {"items": [], "next": None}
    if wanted.status == "any":
        wanted = WantedDeadlines(
            light=wanted.light, owner=wanted.owner, kind=wanted.kind, since=wanted.since, until=wanted.until
        )
    if not asking.errors:
        try:
            found = deadlines_page(visit.reader, wanted, visit.now, A_PAGE, asking.text("cursor"))
        except Invalid as error:
            asking.not_a_cursor(error)
    today = visit.now.astimezone(visit.campaign.zone).date()
    return visit.page(
        "deadlines.html", asking.status, tab="list", found=found, errors=asking.errors, kept=_kept(visit),
        today=today.isoformat(), week=(today + timedelta(days=6)).isoformat(), **_choices(visit),
    )  # fmt: skip


@router.get("/deadlines/calendar")
def month(visit: Visitor) -> Response:
    """A month: rest days, make-up days, phases, milestones, and how many deadlines end on each day."""
    asking = Asking(visit)
    first = _month(asking)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    owner, kind = asking.choice("owner", visit.campaign.bodies), asking.choice("kind", visit.campaign.machines.newest)
    counts = ends_by_day(visit.reader, first, last, visit.now, WantedDeadlines(owner=owner, kind=kind))
    calendar = visit.campaign.work.calendar
    day = first - timedelta(days=first.weekday())
    weeks: list[list[Any]] = []
    week: list[Any] = []
    while day <= last or week:
        week.append(_cell(visit, day, counts) if first <= day <= last else None)
        if len(week) == 7:
            weeks.append(week)
            week = []
        day += timedelta(days=1)
    return visit.page(
        "deadlines_calendar.html", asking.status, tab="calendar", weeks=weeks, month=first.isoformat()[:7],
        before=_next_month(first, -1), after=_next_month(first, 1), errors=asking.errors, kept=_kept(visit),
        sources=calendar.sources(first, last), provisional=calendar.guesses(first, last),
        worked=sum(calendar.is_workday(date.fromordinal(each)) for each in range(first.toordinal(), last.toordinal() + 1)),
        phases=[each for each in visit.campaign.doc.phases if each.start <= last.isoformat() and each.end >= first.isoformat()],
        **_choices(visit),
    )  # fmt: skip


def _month(asking: Asking) -> date:
    """The month that is asked, else the present one."""
    visit = asking.visit
    now = visit.now.astimezone(visit.campaign.zone).date().replace(day=1)
    said = visit.asked("month")
    if not said:
        return now
    try:
        found = date.fromisoformat(f"{said}-01")
        if FIRST_YEAR <= found.year <= LAST_YEAR and len(said) == 7:
            return found
    except ValueError:
        pass
    asking.errors["month"] = visit.t(
        f"请填 {FIRST_YEAR} 至 {LAST_YEAR} 年间的月份，如 2010-12", f"a month like 2010-12, {FIRST_YEAR} to {LAST_YEAR}"
    )
    return now


def _next_month(first: date, step: int) -> str:
    found = (first + timedelta(days=31)) if step > 0 else first - timedelta(days=1)
    return found.isoformat()[:7] if FIRST_YEAR <= found.year <= LAST_YEAR else ""


def _cell(visit: Visit, day: date, counts: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """What a day of the calendar shows."""
    calendar, campaign, text = visit.campaign.work.calendar, visit.campaign, day.isoformat()
    name = calendar.name_of(day)
    phases = [
        visit.t(f"{each.name.zh}{verb[0]}", f"{each.name.en} {verb[1]}")
        for each in campaign.doc.phases
        for at, verb in ((each.start, ("开始", "begins")), (each.end, ("结束", "ends")))
        if at == text
    ]
    return {
        "day": day, "text": text, "rest": not calendar.is_workday(day), "make_up": calendar.is_make_up(day),
        "name": "" if name in UNNAMED else visit.t(*name), "provisional": calendar.is_provisional(day),
        "today": day == visit.now.astimezone(campaign.zone).date(), "phases": phases,
        "milestones": [visit.speech.label(each) for each in milestones_of_day(visit).get(text, ())],
        "counts": counts.get(text, {}),
    }  # fmt: skip


def milestones_of_day(visit: Visit) -> dict[str, list[Any]]:
    """The labels of what is owed on which day of the campaign, each once."""
    doc = visit.campaign.doc
    found: dict[str, list[Any]] = {}
    for owed in doc.deliverables:
        found.setdefault(doc.dates[owed.due], []).append(owed.name)
    for each in doc.milestones:
        if doc.dates[each.date] not in found:
            found[doc.dates[each.date]] = [each.label]
    return {day: list({label.zh: label for label in labels}.values()) for day, labels in found.items()}


@router.get("/deadlines/timeline")
def timeline(visit: Visitor) -> Response:
    """The campaign in time: phases, milestones, today, and where each body stands, as of any day."""
    asking, lang, zone = Asking(visit), visit.lang, visit.campaign.zone
    today = visit.now.astimezone(zone).date()
    asked = asking.day("as_of")
    if asked is not None and asked > today:
        asking.errors["as_of"] = visit.t("该日尚未到来", "that day has not come")
        asked = None
    as_of = None if asked in (None, today) or asked is None else asking.midnight(asked, after=1)
    at = visit.now if as_of is None else as_of - timedelta(seconds=1)
    doc = visit.campaign.doc
    phases = [
        Phase(each.code, visit.speech.label(each.name), date.fromisoformat(each.start), date.fromisoformat(each.end))
        for each in doc.phases
    ]
    mark = visit.t("、", ", ")
    milestones = [
        Milestone(date.fromisoformat(day), mark.join(visit.speech.label(each) for each in labels),
                  f"/deadlines/calendar?month={day[:7]}")
        for day, labels in sorted(milestones_of_day(visit).items())
    ]  # fmt: skip
    days = [each for phase in phases for each in (phase.start, phase.end)] or [today]
    rest = visit.campaign.work.calendar.days_off(min(days), max(days)) if (max(days) - min(days)).days < 1500 else []
    drawn = campaign_timeline(
        visit.speech.label(doc.name), phases, milestones, _positions(visit, as_of), at, zone, lang, rest, 1250
    )
    return visit.page(
        "deadlines_timeline.html", asking.status, tab="timeline", drawn=_findable(drawn), errors=asking.errors,
        as_of=visit.asked("as_of"), at=at,
    )  # fmt: skip


def _findable(drawn: str) -> str:
    """The picture with an address for the line of today, so that a link leads there without scripts; it is the page's only one."""
    return drawn.replace("<g data-now=", '<g id="today" data-now=', 1)


def _positions(visit: Visit, as_of: Any) -> list[Position]:
    """Where each body stands in the kind of matter whose stages are the campaign's phases."""
    phases = {each.code for each in visit.campaign.doc.phases}
    newest = visit.campaign.machines.newest
    fitting = {kind: len(phases & visit.campaign.kind(kind).doc.states.keys()) for kind in newest}
    kind = max(fitting, key=lambda each: fitting[each], default=None)
    if kind is None or not fitting[kind]:
        return []
    return [
        Position(
            visit.speech.label(row["name"]), row["stage"] if row["stage"] in phases else None,
            visit.speech.label(row["stage_label"]), row["light"], "/matters" + str(query({"kind": kind, "body": row["body"]})),
        )
        for row in visit.reader.board(as_of)["rows"]
        if row["kind"] == kind
    ]  # fmt: skip


def _kept(visit: Visit) -> dict[str, str]:
    names = ("status", "light", "owner", "kind", "from", "until")
    return {name: visit.asked(name) for name in names if visit.asked(name)}


def _choices(visit: Visit) -> dict[str, Any]:
    campaign = visit.campaign
    return {
        "statuses": [
            *((code, visit.t(*words)) for code, words in STATUS_WORDS.items()),
            ("any", visit.t("全部", "all")),
        ],
        "kinds": [(code, visit.speech.label(campaign.kind(code).doc.label)) for code in campaign.machines.newest],
        "bodies": [(code, campaign.body_name(code, visit.lang)) for code in campaign.bodies],
    }
