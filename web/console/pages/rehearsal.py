"""The rehearsal in the browser (推演): press play and see the campaign run, who did what and who was told."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import Invalid, Refused
from engine.facts import read_instant
from engine.recent import happenings, told_lately
from web.console.refusals import STATUS, in_words
from web.console.visit import Visit, Visitor

router = APIRouter()

PACES = ((0.1, "0.1"), (0.5, "0.5"), (2.0, "2"), (7.0, "7"))
"""Days of the campaign a second that are offered; 0 is as fast as possible. PLACEHOLDER"""

SHOWN = 25
"""Acts and notices that are shown. PLACEHOLDER"""


@router.get("/rehearsal")
def rehearsal(visit: Visitor) -> Response:
    """Where the rehearsal stands, what has just happened, and the buttons of the player."""
    return _page(visit)


@router.post("/rehearsal/play")
def play(visit: Visitor) -> Response:
    """Let the showing run at a pace."""
    _only_rehearsal(visit)
    try:
        pace = float(visit.field("pace") or "0.5")
    except ValueError:
        raise Invalid("not a pace", "pace") from None
    visit.house.machinery.play(min(max(pace, 0.0), 1000.0))
    return visit.back("/rehearsal")


@router.post("/rehearsal/pause")
def pause(visit: Visitor) -> Response:
    """Let it stand still."""
    _only_rehearsal(visit)
    visit.house.machinery.pause()
    return visit.back("/rehearsal")


@router.post("/rehearsal/advance")
def advance(visit: Visitor) -> Response:
    """Move the clock; everything on the way falls due in order."""
    _only_rehearsal(visit)
    try:
        to = _goal(visit)
    except Invalid as error:
        return _page(visit, STATUS[7], error=in_words(error, visit.lang))
    visit.house.machinery.advance(to)
    return visit.back("/rehearsal", visit.t(f"推演到 {visit.speech.when(to)}", f"On to {visit.speech.when(to)}"))


def _only_rehearsal(visit: Visit) -> None:
    if visit.workspace.mode != "rehearsal":
        raise Refused("only a rehearsal database has a clock that can be moved", "no_virtual_clock")
    visit.sight.require("rehearse", "操作推演", "play a rehearsal")


def _goal(visit: Visit) -> datetime:
    """Until when: a day or instant that was typed. Raises Invalid."""
    try:
        to = read_instant(visit.field("to"), visit.campaign.zone)
    except (ValueError, OverflowError):
        raise Invalid(f"not an instant: {visit.field('to')[:40]!r}; write 2010-12-10", "instant") from None
    if to <= visit.now:
        raise Invalid(f"{visit.field('to')[:40]} is past: a clock does not run backwards", "clock_back")
    return to


def _page(visit: Visit, status: int = 200, error: dict[str, Any] | None = None) -> Response:
    if visit.workspace.mode != "rehearsal":
        raise Refused("this database is no rehearsal", "no_virtual_clock")
    return visit.page(
        "rehearsal.html", status, error=error, paces=PACES, acts=happenings(visit.reader, SHOWN),
        told=told_lately(visit.reader, SHOWN) if visit.sight.may("notices") else [], stops=_stops(visit), typed=visit.field("to"),
        may=visit.sight.may("rehearse"), progress=_progress(visit),
    )  # fmt: skip


def _stops(visit: Visit) -> list[dict[str, str]]:
    """Where one may want to go: tomorrow morning, and the milestones of the campaign that are to come."""
    doc, zone = visit.campaign.doc, visit.campaign.zone
    tomorrow = (visit.now.astimezone(zone) + timedelta(days=1)).date()
    stops = [(tomorrow, visit.t("次日9时", "next morning"))]
    for milestone in doc.milestones:
        day = date.fromisoformat(visit.campaign.doc.dates[milestone.date])
        stops.append((day, visit.speech.label(milestone.label)))
    found = []
    for day, name in stops:
        at = datetime.combine(day, time(9), zone)
        if at.astimezone(UTC) > visit.now:
            found.append({"to": at.strftime("%Y-%m-%dT%H:%M"), "name": name, "day": day.isoformat()})
    return found[:6]


def _progress(visit: Visit) -> int:
    """How much of the campaign is over, in percent."""
    begun = visit.campaign.launched_at
    end = datetime.combine(date.fromisoformat(visit.campaign.doc.end) + timedelta(days=1), time(0), visit.campaign.zone)
    return max(0, min(100, round((visit.now - begun) / (end - begun) * 100)))
