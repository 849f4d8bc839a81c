"""Deadlines: the list, the next one first, and where a date comes from."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field

from engine.deadline_pages import WantedDeadlines, deadlines_page
from engine.orders import Actor
from web.api.answers import Paged, answered, turned
from web.api.parts import Parts
from web.api.routes import router, told
from web.api.sights import reader_of
from web.api.speaking import body, instant, looker

Looking = Annotated[Actor, Depends(looker)]
Status = Literal["open", "running", "paused", "breached", "done", "met", "late", "cancelled"]
Light = Literal["red", "yellow", "green", "none"]


class DeadlinesAsked(Paged):
    """Which deadlines."""

    ref: Annotated[str, Field(max_length=200, description="事项 · matter")] | None = None
    status: Annotated[Status, Field(description="状态；open 未完，done 已完 · status, or open, or done")] | None = None
    light: Annotated[Light, Field(description="红黄绿灯 · light of an open one")] | None = None
    kind: Annotated[str, Field(max_length=100, description="事项类型 · kind of matter")] | None = None
    body: Annotated[str, Field(max_length=100, description="责任单位 · owner")] | None = None
    due_before: Annotated[str, Field(max_length=64, description="此前到期 · running out before")] | None = None


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()

    @found.get(
        "/deadlines",
        tags=["deadlines"],
        responses=told("Deadlines", "期限，最近到期的在前 · Deadlines, the next first", 304),
    )
    def list_deadlines(request: Request, asked: Annotated[DeadlinesAsked, Query()], actor: Looking) -> Response:
        """列出期限 · List deadlines."""
        until = instant(parts, asked.due_before, "due_before")
        reader = reader_of(parts, actor)
        now = reader.clock.now()
        if asked.kind is not None:
            parts.workspace.campaign.kind(asked.kind)
        which = WantedDeadlines(
            ref=asked.ref, status=asked.status, light=asked.light, owner=body(parts, asked.body), kind=asked.kind, before=until
        )  # fmt: skip
        if asked.ref is not None:
            with parts.workspace.database.snapshot() as tx:
                reader.look(tx, asked.ref)
        return answered(request, turned(asked, lambda cursor: deadlines_page(reader, which, now, asked.limit, cursor)))

    @found.get(
        "/deadlines/{ident}",
        tags=["deadlines"],
        responses=told("Deadline", "期限及其由来 · The deadline, explained", 304),
    )
    def explain_deadline(request: Request, ident: str, actor: Looking) -> Response:
        """说明日期如何得出 · Explain a date: rule, basis, calendar, days passed over, pauses, extensions."""
        return answered(request, reader_of(parts, actor).deadline(ident))

    return found
