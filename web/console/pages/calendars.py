"""The calendar (放假安排): a year as the State Council's notices have it, and a year's notice taken over."""

from calendar import monthrange
from datetime import date
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from engine.errors import DubanError, Invalid
from web.console.pages.campaign import tabs
from web.console.refusals import STATUS, in_words
from web.console.visit import Visit, Visitor
from workflows.calendar_import import LARGEST_SENT, import_calendar, plan_import, read_sent

router = APIRouter()

FIRST_YEAR, LAST_YEAR = 1949, 2199
"""Years that are shown, as on the command line. PLACEHOLDER"""

MOST = 200
"""Dates that are shown one by one. PLACEHOLDER"""


@router.get("/campaign/calendar")
def calendar(visit: Visitor) -> Response:
    """A year, month by month."""
    return _page(visit)


@router.post("/campaign/calendar")
def take_over(visit: Visitor) -> Response:
    """Show what a notice would change; take it over if that was asked."""
    visit.sight.require("calendar", "导入放假安排", "take over a notice of holidays")
    text = ""
    try:
        name, content = _sent(visit)
        notice = read_sent(name, content)
        text = content.decode("utf-8")
        if visit.field("action") == "apply":
            new = import_calendar(visit.workspace, notice, visit.actor)
            said = (
                visit.t("已导入，期限已重算", "taken over; dates are counted again")
                if new
                else visit.t("已在使用，没有变化", "in force already")
            )
            return visit.back(f"/campaign/calendar?year={notice.year}", said)
        plan = plan_import(visit.workspace, notice)
    except DubanError as error:
        return _page(visit, STATUS.get(error.exit_code, 422), error=in_words(error, visit.lang))
    shown: dict[str, Any] = {"year": notice.year, "source": notice.source, "known": plan.known, **plan.as_json()}
    return _page(visit, year=notice.year, plan=shown, name=name, content=text)


def _sent(visit: Visit) -> tuple[str, bytes]:
    """The name and content of what was uploaded, else of what the form carried."""
    sent = visit.form.get("file")
    if isinstance(sent, UploadFile) and sent.filename:
        name, content = sent.filename.replace("\\", "/").rpartition("/")[2][:80], sent.file.read(LARGEST_SENT + 1)
    else:
        said = visit.form.get("content", "")
        name, content = visit.field("name")[:80], (said if isinstance(said, str) else "").encode()
    return name, content


def _page(visit: Visit, status: int = 200, *, year: int | None = None, **more: Any) -> Response:
    shown = year if year is not None else _asked(visit)
    work = visit.campaign.work.calendar
    first, last = date(shown, 1, 1), date(shown, 12, 31)
    days = [date.fromordinal(each) for each in range(first.toordinal(), last.toordinal() + 1)]
    unusual = [each for each in days if work.is_workday(each) == (each.weekday() >= 5)]
    said = {"error": None, "plan": None, "name": "", "content": "", **more}
    return visit.page(
        "calendar.html", status, year=shown, months=[_month(visit, shown, month) for month in range(1, 13)],
        before=max(shown - 1, FIRST_YEAR), after=min(shown + 1, LAST_YEAR), workdays=sum(map(work.is_workday, days)),
        provisional=work.guesses(first, last), sources=work.sources(first, last), may=visit.sight.may("calendar"),
        tabs=tabs(visit), most=MOST, unusual=[_unusual(visit, each) for each in unusual], **said,
    )  # fmt: skip


def _unusual(visit: Visit, day: date) -> dict[str, Any]:
    work = visit.campaign.work.calendar
    return {
        "day": day,
        "work": work.is_workday(day),
        "name": visit.t(*work.name_of(day)),
        "guess": work.is_provisional(day),
    }


def _asked(visit: Visit) -> int:
    asked = visit.asked("year")
    if not asked:
        return visit.now.astimezone(visit.campaign.zone).year
    if not (asked.isascii() and asked.isdigit() and len(asked) == 4 and FIRST_YEAR <= int(asked) <= LAST_YEAR):
        raise Invalid(f"the calendar goes from {FIRST_YEAR} to {LAST_YEAR}, not {asked[:20]!r}", "year")
    return int(asked)


def _month(visit: Visit, year: int, month: int) -> dict[str, Any]:
    """A month as weeks of seven cells; a cell outside it is empty."""
    work, today = visit.campaign.work.calendar, visit.now.astimezone(visit.campaign.zone).date()
    lead, count = monthrange(year, month)
    cells: list[dict[str, Any] | None] = [None] * lead
    for number in range(1, count + 1):
        day = date(year, month, number)
        worked, weekend = work.is_workday(day), day.weekday() >= 5
        look = "make-up" if worked and weekend else "" if worked else "weekend" if weekend else "off"
        mark = visit.t("班", "work") if look == "make-up" else visit.t("休", "off") if look == "off" else ""
        title = visit.t(*work.name_of(day))
        cells.append(
            {"number": number, "look": f"{look}{' today' if day == today else ''}", "mark": mark, "title": title}
        )
    cells += [None] * (-len(cells) % 7)
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return {
        "name": visit.t(f"{month}月", names[month - 1]),
        "weeks": [cells[at : at + 7] for at in range(0, len(cells), 7)],
    }
