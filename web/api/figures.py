"""Figures: the board, statistics, what differs between two days, what is watched and what is found missing."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from engine.errors import Unavailable
from engine.orders import Actor
from engine.two_days import compare
from web.api.answers import answered
from web.api.parts import Figures, Parts
from web.api.routes import router, told
from web.api.sights import reader_of, require
from web.api.speaking import body, instant, looker

Looking = Annotated[Actor, Depends(looker)]
At = Annotated[str | None, Query(max_length=64, description="当时的情形 · as it was then (RFC 3339)")]
Code = Annotated[str | None, Query(max_length=100)]


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()

    @found.get("/board", tags=["figures"], responses=told("Board", "各单位各类事项 · The board", 304))
    def show_board(request: Request, actor: Looking, as_of: At = None) -> Response:
        """各单位各类事项的阶段、灯与件数 · Stage, light and counts of every body and kind."""
        return answered(request, reader_of(parts, actor).board(instant(parts, as_of, "as_of")))

    @found.get("/comparison", tags=["figures"], responses=told("Any", "两日之间的变化 · What differs", 304))
    def compare_days(
        request: Request, actor: Looking, since: Annotated[str, Query(max_length=64)],
        until: Annotated[str | None, Query(max_length=64)] = None,
        body_: Annotated[str | None, Query(alias="body", max_length=100)] = None
    ) -> Response:  # fmt: skip
        """两日对比 · What was opened, moved, ended, breached between two instants."""
        now = parts.workspace.reader.clock.now()
        first, last = instant(parts, since, "since") or now, instant(parts, until, "until") or now
        return answered(request, compare(reader_of(parts, actor), first, last, body(parts, body_)))

    @found.get("/statistics", tags=["figures"], responses=told("Any", "统计 · The figures", 304))
    def show_statistics(request: Request, actor: Looking, as_of: At = None) -> Response:
        """统计：按时、补录、报表 · Kept deadlines by act and by record, late entries, returns."""
        require(parts, actor, "statistics")
        found = figures_of(parts).statistics(instant(parts, as_of, "as_of"), reader_of(parts, actor))
        return answered(request, found)

    @found.get("/monitors", tags=["figures"], responses=told("Items", "所设监测项 · What is watched", 304))
    def list_monitors(request: Request, actor: Looking) -> Response:
        """所设监测项 · The monitors of the campaign and its definitions."""
        require(parts, actor, "monitors")
        return answered(request, {"items": figures_of(parts).monitors()})

    @found.get("/findings", tags=["figures"], responses=told("Items", "应办未办 · What did not happen", 304))
    def list_findings(
        request: Request, actor: Looking, ref: Annotated[str | None, Query(max_length=200)] = None,
        body_: Annotated[str | None, Query(alias="body", max_length=100)] = None, as_of: At = None
    ) -> Response:  # fmt: skip
        """应办未办：自何时、告知了谁 · What did not happen, since when, and who was told."""
        reader = parts.workspace.reader.seen_by(require(parts, actor, "monitors"))
        if ref is not None:
            reader.show(ref)
        found = figures_of(parts).findings(ref, body(parts, body_), instant(parts, as_of, "as_of"), reader)
        return answered(request, found)

    return found


def figures_of(parts: Parts) -> Figures:
    """What the scheduler works out. Raises Unavailable in a process that has none of it."""
    if parts.figures is None:
        raise Unavailable("this process has nothing that works out figures", "no_machinery")
    return parts.figures
