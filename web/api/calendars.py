"""The calendar of working days (放假安排): a year as it is counted, and a year's notice looked at or taken over."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from engine.orders import Actor
from engine.workdays import WorkCalendar
from web.api.answers import answered
from web.api.bodies import taken
from web.api.forms_schema import CalendarForm
from web.api.parts import Parts
from web.api.routes import body, router, told
from web.api.sights import require
from web.api.speaking import caller, looker
from workflows.calendar_import import import_calendar, plan_import, read_sent

Year = Annotated[int, Path(ge=1949, le=2199, description="年份 · year")]


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()
    workspace = parts.workspace

    @found.get(
        "/calendar/{year}", tags=["campaign"], responses=told("Year", "一年的工作日 · A year's working days", 304)
    )
    def show_calendar(request: Request, year: Year, actor: Annotated[Actor, Depends(looker)]) -> Response:
        """一年中与星期不符的日子、来源与推定 · The days of a year that are otherwise than the week says, with their sources."""
        return answered(request, year_of(workspace.campaign.work.calendar, year))

    @found.post(
        "/calendar", tags=["campaign"], openapi_extra=body(CalendarForm),
        responses=told("Any", "导入的影响 · What taking it over changes", 409, 415),
    )  # fmt: skip
    def take_over_calendar(
        request: Request, form: Annotated[CalendarForm, Depends(taken(CalendarForm, parts))], actor: Annotated[Actor, Depends(caller)]
    ) -> Response:  # fmt: skip
        """预览或导入放假安排 · Look at what a notice of holidays would change, or take it over (`apply`)."""
        require(parts, actor, "calendar")
        notice = read_sent(form.name, form.content.encode())
        plan = plan_import(workspace, notice)
        said = {"year": notice.year, "source": notice.source, "known": plan.known, **plan.as_json()}
        applied = form.apply and import_calendar(workspace, notice, actor)
        return answered(request, {**said, "applied": bool(applied)})

    return found


def year_of(calendar: WorkCalendar, year: int) -> dict[str, Any]:
    """What a calendar knows of a year: sources, provisional days, and each day that is otherwise than the week says."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    days = [date.fromordinal(each) for each in range(first.toordinal(), last.toordinal() + 1)]
    unusual = [day for day in days if calendar.is_workday(day) == (day.weekday() >= 5)]
    return {
        "year": year, "workdays": sum(map(calendar.is_workday, days)), "sources": list(calendar.sources(first, last)),
        "days": [_day(calendar, day) for day in unusual],
    }  # fmt: skip


def _day(calendar: WorkCalendar, day: date) -> dict[str, Any]:
    zh, en = calendar.name_of(day)
    return {
        "day": day.isoformat(), "work": calendar.is_workday(day), "label": {"zh": zh, "en": en},
        "provisional": calendar.is_provisional(day),
    }  # fmt: skip
