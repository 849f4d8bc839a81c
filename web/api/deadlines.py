"""Deadlines: the list, the next one first, and where a date comes from."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field

from engine.clock import to_us
from engine.orders import Actor
from web.api.answers import Key, Paged, answered, paged
from web.api.parts import Parts
from web.api.routes import router, told
from web.api.sights import reader_of
from web.api.speaking import body, instant, looker

Looking = Annotated[Actor, Depends(looker)]
Status = Literal["running", "paused", "met", "late", "breached", "cancelled"]


class DeadlinesAsked(Paged):
    """Which deadlines."""

    ref: Annotated[str, Field(max_length=200, description="事项 · matter")] | None = None
    status: Annotated[Status, Field(description="状态 · status")] | None = None
    body: Annotated[str, Field(max_length=100, description="责任单位 · owner")] | None = None
    due_before: Annotated[str, Field(max_length=64, description="此前到期 · running out before")] | None = None


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()

    def at(each: Any) -> Key:
        when = instant(parts, each["breach_at"], "breach_at")
        return (to_us(when) if when else 0, int(each["id"]))

    @found.get(
        "/deadlines",
        tags=["deadlines"],
        responses=told("Deadlines", "期限，最近到期的在前 · Deadlines, the next first", 304),
    )
    def list_deadlines(request: Request, asked: Annotated[DeadlinesAsked, Query()], actor: Looking) -> Response:
        """列出期限 · List deadlines."""
        until = instant(parts, asked.due_before, "due_before")
        items = reader_of(parts, actor).deadlines(asked.ref, asked.status, body(parts, asked.body), until)["items"]
        return answered(request, paged(items, at, asked))

    @found.get(
        "/deadlines/{ident}",
        tags=["deadlines"],
        responses=told("Deadline", "期限及其由来 · The deadline, explained", 304),
    )
    def explain_deadline(request: Request, ident: str, actor: Looking) -> Response:
        """说明日期如何得出 · Explain a date: rule, basis, calendar, days passed over, pauses, extensions."""
        return answered(request, reader_of(parts, actor).deadline(ident))

    return found
