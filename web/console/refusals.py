"""What stands against a request, as a page: in the visitor's language, with the right code, and never a trace."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from engine.denials import note_denial
from engine.dialect_errors import Clash, Deadlocked
from engine.errors import Conflict, DubanError, Unavailable
from engine.ids import new_id
from engine.log import logger
from web.console.held_form import held_of
from web.console.pages.door import door_page
from web.console.pages.proof import prove_page
from web.console.proving import ProveAgain, StaleForm
from web.console.refusal_words import STATUS as STATUS  # noqa: PLC0414 - handed on
from web.console.refusal_words import in_words as in_words  # noqa: PLC0414 - handed on
from web.console.request import drop_session, house_of, language_of, session_secret
from web.console.visit import NotSignedIn, Visit
from web.gone import let_go
from web.heads import methods_of
from web.problem_titles import TITLES


def refusal_page(request: Request, error: DubanError) -> HTMLResponse:
    """The page of a refusal."""
    visit = _visit(request)
    _note(visit, error)
    status = STATUS.get(error.exit_code, 500)
    page = visit.page("refusal.html", status, error=in_words(error, visit.lang))
    if status == 503:
        page.headers["Retry-After"] = "10"
    return page


def _visit(request: Request) -> Visit:
    """A visit for telling what is wrong: the one that was made, or of nobody if who is there cannot be told now."""
    made = getattr(request.state, "visit", None)
    if isinstance(made, Visit):
        return made
    house = house_of(request)
    seen = None
    with suppress(DubanError):
        secret = session_secret(request)
        seen = house.doors.resolve(secret) if secret else None
    return Visit(request, house, seen, language_of(request))


def _note(visit: Visit, error: DubanError) -> None:
    """Count who asks for what is not his; a database that takes nothing now does not change the answer."""
    if visit.seen is not None:
        with suppress(DubanError, Clash, Deadlocked):
            note_denial(visit.workspace.engine, visit.actor, error)


def _led_to_the_door(request: Request) -> Response:
    """To the door and back to where one was; a form that was being sent is kept there."""
    visit = _visit(request)
    ended = bool(session_secret(request))
    if request.method in ("GET", "HEAD"):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        said = [f"next={quote(wanted)}"] * (wanted != "/") + ["ended=1"] * ended
        answer: Response = RedirectResponse("/login" + ("?" + "&".join(said) if said else ""), status_code=303)
    elif ended:
        answer = door_page(visit, 403, held=held_of(request, visit.form), ended=True)
    else:
        return RedirectResponse("/login", status_code=303)
    if ended:
        drop_session(answer, visit.house)
    return answer


def _plain(request: Request, status: int, more: Mapping[str, Any] | None = None) -> HTMLResponse:
    visit = _visit(request)
    title = visit.t(*TITLES.get(status, TITLES[400]))
    said = {"title": title, "message": "", "reasons": [], "hint": "", "possible": [], "code": str(status), "detail": ""}
    return visit.page("refusal.html", status, error={**said, **(more or {})})


def _ask_first(app: FastAPI) -> None:
    """Let what must be done before a request can be answered be asked: signing in, a look, a proof."""

    @app.exception_handler(NotSignedIn)
    def to_the_door(request: Request, _error: Exception) -> Response:
        return _led_to_the_door(request)

    @app.exception_handler(StaleForm)
    def stale(request: Request, _error: Exception) -> Response:
        visit = _visit(request)
        return visit.page("held.html", 403, held=held_of(request, visit.form), why="stale")

    @app.exception_handler(ProveAgain)
    def prove(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProveAgain)  # noqa: S101 - it is registered for these
        visit = _visit(request)
        return prove_page(visit, error.act, error.error)


def answer_refusals(app: FastAPI, pages: Sequence[Any]) -> None:
    """Let every refusal and every fault of a handler of *app* end in a page; *pages* are the routes of the console."""
    _ask_first(app)
    let_go(app)

    @app.exception_handler(DubanError)
    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, DubanError)  # noqa: S101 - it is registered for these
        if type(error) is DubanError:
            return failed(request, error)
        return refusal_page(request, error)

    @app.exception_handler(Clash)
    def clash(request: Request, _error: Exception) -> Response:
        return refusal_page(request, Conflict("somebody was faster with the same thing; look again", "clash"))

    @app.exception_handler(Deadlocked)
    def deadlocked(request: Request, _error: Exception) -> Response:
        return refusal_page(request, Unavailable("too many orders at once; try again", "contention"))

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, _error: Exception) -> Response:
        return _plain(request, 400)

    @app.exception_handler(HTTPException)
    def wrong(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 400)
        page = _plain(request, status)
        if status == 405:
            page.headers["Allow"] = ", ".join(methods_of([*app.routes, *pages], request.scope["path"]))
        return page

    @app.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> Response:
        number = str(new_id())
        logger.bind(fault=number, path=request.url.path).opt(exception=error).error("a request failed")
        return _plain(request, 500, {"hint": number})
