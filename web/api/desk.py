"""What waits for the caller, the filters he keeps, and the boards: bodies by stages, by kinds, and duties by bodies."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field

from engine.figures import Figures
from engine.lists import Page, wanted_of
from engine.orders import Actor
from engine.saved_views import SavedViews
from engine.work import WorkDesk
from web.api.answers import Paged, answered, turned
from web.api.bodies import taken
from web.api.forms_schema import ViewForm
from web.api.matters import listed
from web.api.parts import Parts
from web.api.routes import body as sent
from web.api.routes import router, told
from web.api.sifting import MattersAsked, Sifted
from web.api.sights import reader_of, require
from web.api.speaking import acting, caller, instant, looker

Acts = Annotated[Actor, Depends(caller)]
Looking = Annotated[Actor, Depends(looker)]
At = Annotated[str | None, Query(max_length=64, description="当时的情形 · as it was then (RFC 3339)")]
For = Annotated[str | None, Query(max_length=200)]
Group = Literal["act", "receipt", "returned", "deadline", "notice", "waiting"]


class ViewPage(Paged):
    """Which page of a kept filter, and in which order."""

    order: Annotated[Literal["urgency", "ref", "updated"], Field(description="排序 · order")] = "urgency"


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()
    _working(found, parts)
    _boards(found, parts)
    _counting(found, parts)
    _views(found, parts)
    return found


def _working(found: APIRouter, parts: Parts) -> None:
    @found.get("/work", tags=["matters"], responses=told("Work", "我的待办 · My work", 304))
    def show_work(
        request: Request, actor: Looking, limit: Annotated[int, Query(ge=1, le=200, description="每组条数 · rows of a group")] = 20,
        on_behalf_of: For = None,
    ) -> Response:  # fmt: skip
        """我的待办：待办理、待签收、被退回、期限、通知 · What waits for the caller, what hurts first."""
        return answered(request, WorkDesk(reader_of(parts, actor)).of(acting(parts, actor, on_behalf_of), limit))

    @found.get("/work-groups/{group}", tags=["matters"], responses=told("WorkPage", "一组待办 · One group", 304))
    def show_work_group(request: Request, group: Group, asked: Annotated[Paged, Query()], actor: Looking) -> Response:
        """一组待办，逐页 · One group of it, page by page; deadlines and notices are one page."""
        desk = WorkDesk(reader_of(parts, actor))
        found = turned(asked, lambda cursor: desk.group(group, actor, Page("urgency", asked.limit, cursor)))
        return answered(request, found)


def _boards(found: APIRouter, parts: Parts) -> None:
    @found.get("/board/kinds", tags=["figures"], responses=told("Matrix", "单位 × 事项类型 · Bodies by kinds", 304))
    def show_kinds(request: Request, actor: Looking, as_of: At = None) -> Response:
        """各单位各类事项 · Bodies by kinds of matters, with lights and counts."""
        return answered(request, reader_of(parts, actor).kinds(instant(parts, as_of, "as_of")))

    @found.get(
        "/board/phases/{kind}", tags=["figures"], responses=told("Matrix", "单位 × 阶段 · Bodies by stages", 304)
    )
    def show_phases(request: Request, kind: str, actor: Looking, as_of: At = None) -> Response:
        """各单位所处阶段 · Bodies by the stages of a kind, with lights and counts."""
        return answered(request, reader_of(parts, actor).phases(kind, instant(parts, as_of, "as_of")))

    @found.get(
        "/board/duties/{kind}", tags=["figures"], responses=told("Matrix", "职责 × 单位 · Duties by bodies", 304)
    )
    def show_duties(request: Request, kind: str, actor: Looking, as_of: At = None) -> Response:
        """各项职责由何单位办到何处 · Duties by bodies, for a kind of which each body has one a duty."""
        return answered(request, reader_of(parts, actor).duties(kind, instant(parts, as_of, "as_of")))


def _counting(found: APIRouter, parts: Parts) -> None:
    workspace = parts.workspace

    @found.get("/statistics/{axis}", tags=["figures"], responses=told("Counted", "按一个方面计数 · Counted", 304))
    def count_matters(request: Request, axis: str, asked: Annotated[Sifted, Query()], actor: Looking) -> Response:
        """按一个方面计数：content、area、field、body、month 等 · How many matters fit, by one side; a row has its filter."""
        reader = workspace.reader.seen_by(require(parts, actor, "statistics"))
        figures = Figures(workspace.database, workspace.campaign, reader.clock, reader.seen())
        return answered(request, figures.by(axis, asked.wanted(parts)))


def _views(found: APIRouter, parts: Parts) -> None:
    engine = parts.workspace.engine

    @found.get("/views", tags=["views"], responses=told("Items", "自存筛选 · Kept filters", 304))
    def list_views(request: Request, actor: Looking) -> Response:
        """我的筛选 · The caller's own filters."""
        return answered(request, SavedViews(engine, actor).listed())

    @found.post(
        "/views", tags=["views"], status_code=201, openapi_extra=sent(ViewForm),
        responses=told("View", "已保存 · Kept", 409, 415, status=201),
    )  # fmt: skip
    def save_view(
        request: Request, form: Annotated[ViewForm, Depends(taken(ViewForm, parts))], actor: Looking
    ) -> Response:
        """保存筛选 · Keep a filter under a name; it is the caller's alone."""
        said: dict[str, Any] = SavedViews(engine, actor).save(form.name, form.filter)
        return answered(request, said, status=201)

    @found.delete("/views/{name}", tags=["views"], responses=told("View", "已删除 · Removed"))
    def drop_view(request: Request, name: str, actor: Looking) -> Response:
        """删除筛选 · Remove a filter."""
        return answered(request, SavedViews(engine, actor).drop(name))

    @found.get("/views/{name}/matters", tags=["views"], responses=told("Matters", "事项 · Matters", 304))
    def list_view(request: Request, name: str, asked: Annotated[ViewPage, Query()], actor: Looking) -> Response:
        """按筛选列出事项 · The matters of a kept filter."""
        wanted = wanted_of(SavedViews(engine, actor).named(name)["filter"])
        # the name stands for the filter in the cursors of this list
        own = MattersAsked(limit=asked.limit, cursor=asked.cursor, order=asked.order, text=name[:200])
        return answered(request, listed(parts, actor, own, wanted))
