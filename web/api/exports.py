"""Exports for other tools: the event log as CSV, XES and OCEL, the calendar; in production each is on record before it goes out."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from engine.errors import Usage
from engine.exports import SetDown, note_export, set_down
from engine.orders import Actor
from web.api.parts import Parts
from web.api.routes import router, told
from web.api.sights import exported, reader_of
from web.api.speaking import body, caller, instant, looker
from workflows.event_log import event_log
from workflows.event_table import event_table
from workflows.feed import feed
from workflows.ocel import ocel
from workflows.xes import xes

Acts = Annotated[Actor, Depends(caller)]
Kind = Annotated[str | None, Query(max_length=100, description="只导出此类事项 · only this kind")]
At = Annotated[str | None, Query(max_length=64, description="截至 · as of (RFC 3339)")]
Lang = Literal["zh", "en"]

FORMS = {"csv": "text/csv", "xes": "application/xml", "ocel": "application/json"}


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()
    for form, media in FORMS.items():
        _add(found, parts, form, media)
    _calendar(found, parts)
    return found


def _add(found: APIRouter, parts: Parts, form: str, media: str) -> None:
    workspace = parts.workspace

    def export(request: Request, actor: Acts, kind: Kind = None, as_of: At = None, lang: Lang = "zh") -> Response:
        if kind is not None:
            workspace.campaign.kind(kind)
        refs = exported(parts, actor)
        until = instant(parts, as_of, "as_of") or workspace.clock.now()
        campaign = workspace.campaign

        def read() -> Any:
            return event_log(workspace.database, campaign, kind, until, refs)

        made: dict[str, Callable[[], Iterable[str]]] = {
            "csv": lambda: event_table(read()), "ocel": lambda: ocel(read, campaign),
            "xes": lambda: xes(read(), getattr(campaign.doc.name, lang), lang),
        }  # fmt: skip
        taken = set_down(made[form]())
        _note(parts, actor, form, taken, {"kind": kind})
        name = f"{campaign.code}.{'ocel.json' if form == 'ocel' else form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(taken.size)}
        return StreamingResponse(taken.pieces(), media_type=media, headers=headers)

    export.__doc__ = f"办理留痕（{form}） · The record as an event log: {form}."
    found.get(
        f"/exports/events.{form}", tags=["exports"], responses=told("Binary", "事件日志 · The event log", media=media),
        name=f"export_{form}", operation_id=f"export_{form}",
    )(export)  # fmt: skip


def _note(parts: Parts, actor: Actor, what: str, taken: SetDown | bytes, about: dict[str, str | None]) -> None:
    """Put on record who takes it, in production alone: a rehearsal has nothing that could leave the house."""
    if parts.workspace.mode == "production":
        note_export(parts.workspace.engine, actor, what, taken, about)


def _calendar(found: APIRouter, parts: Parts) -> None:
    workspace = parts.workspace

    @found.get(
        "/calendar.ics",
        tags=["exports"],
        responses=told("Binary", "期限日历 · The calendar of deadlines", media="text/calendar"),
    )
    def export_calendar(
        request: Request, actor: Annotated[Actor, Depends(looker)], person: Annotated[str | None, Query(max_length=100)] = None,
        body_: Annotated[str | None, Query(alias="body", max_length=100)] = None, lang: Lang = "zh",
    ) -> Response:  # fmt: skip
        """期限日历 · The deadlines as iCalendar: of a body, of a person, or of all."""
        if body_ is not None and person is not None:
            raise Usage("choose by body or by person, not by both", "both")
        owners = None if body(parts, body_) is None else {body_ or ""}
        if person is not None:
            holder = actor if person == actor.login else workspace.holder(person)
            seats = {*holder.posts, *(seat for each in workspace.deputies(holder).values() for seat in each.posts)}
            owners = {each for each, _ in seats}
        exported(parts, actor)
        reader = reader_of(parts, actor)
        with workspace.database.snapshot() as tx:
            matters = reader.matters(tx)
        written = feed(workspace.campaign, matters, owners, workspace.clock.now(), lang)
        _note(parts, actor, "ics", written, {"body": body_, "person": person})
        headers = {"Content-Disposition": f'attachment; filename="{workspace.campaign.code}.ics"'}
        return Response(written, 200, headers, "text/calendar")
