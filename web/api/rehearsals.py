"""The player of a rehearsal (推演): how it stands, play, pause, go on to an instant."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from engine.clock import rfc3339
from engine.errors import Invalid, Refused
from engine.orders import Actor
from web.api.answers import answered
from web.api.bodies import taken
from web.api.forms_schema import AdvanceForm, EmptyForm, PlayForm
from web.api.parts import Parts
from web.api.routes import body, router, told
from web.api.sights import require
from web.api.speaking import caller, instant, looker

Acts = Annotated[Actor, Depends(caller)]


def routes(parts: Parts) -> APIRouter:
    """The routes."""
    found = router()
    workspace = parts.workspace
    done = told("Any", "推演的状态 · How it stands", 409, 415)

    def standing() -> dict[str, Any]:
        return {"now": rfc3339(workspace.clock.now()), **parts.machinery.status()}

    @found.get("/rehearsal", tags=["rehearsal"], responses=told("Any", "推演的状态 · How it stands", 409, 304))
    def show_rehearsal(request: Request, actor: Annotated[Actor, Depends(looker)]) -> Response:
        """推演进行到何时 · Where a rehearsal stands."""
        _only_rehearsal(parts)
        return answered(request, standing())

    @found.post("/rehearsal/play", tags=["rehearsal"], responses=done, openapi_extra=body(PlayForm))
    def play_rehearsal(
        request: Request, form: Annotated[PlayForm, Depends(taken(PlayForm, parts))], actor: Acts
    ) -> Response:
        """开始推演 · Let it run at a pace."""
        _must_rehearse(parts, actor)
        parts.machinery.play(float(form.days_per_s))
        return answered(request, standing())

    @found.post("/rehearsal/pause", tags=["rehearsal"], responses=done, openapi_extra=body(EmptyForm))
    def pause_rehearsal(
        request: Request, form: Annotated[EmptyForm, Depends(taken(EmptyForm, parts))], actor: Acts
    ) -> Response:
        """暂停推演 · Let it stand still."""
        _must_rehearse(parts, actor)
        parts.machinery.pause()
        return answered(request, standing())

    @found.post("/rehearsal/advance", tags=["rehearsal"], responses=done, openapi_extra=body(AdvanceForm))
    def advance_rehearsal(
        request: Request, form: Annotated[AdvanceForm, Depends(taken(AdvanceForm, parts))], actor: Acts
    ) -> Response:
        """推演到某时，途中到期的依次处理 · Move its clock; everything on the way falls due in order."""
        _must_rehearse(parts, actor)
        to = instant(parts, form.to, "to")
        if to is None or to <= workspace.clock.now():
            raise Invalid(f"to: {form.to} is past: a clock does not run backwards", "clock_back")
        parts.machinery.advance(to)
        return answered(request, standing())

    return found


def _only_rehearsal(parts: Parts) -> None:
    if parts.workspace.mode != "rehearsal":
        raise Refused("only a rehearsal database has a clock that can be moved", "no_virtual_clock")


def _must_rehearse(parts: Parts, actor: Actor) -> None:
    _only_rehearsal(parts)
    require(parts, actor, "rehearse")
