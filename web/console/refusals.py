"""What stands against a request, as a page: in the visitor's language, with the right code, and never a trace."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from engine.dialect import Clash, Deadlocked
from engine.errors import Conflict, DubanError, Invalid, Unavailable
from engine.ids import new_id
from engine.log import logger
from web.console.shell import Lang
from web.console.visit import NotSignedIn, Visit, house_of, language_of
from workflows.words import CATEGORIES, CODES

STATUS = {1: 500, 2: 400, 3: 404, 4: 409, 5: 403, 6: 409, 7: 422, 8: 503, 9: 409}
"""The status code by the exit code of a refusal."""

PAGES = {
    400: ("请求有误", "The request is wrong"),
    404: ("没有此页面", "There is no such page"),
    405: ("不支持的请求方式", "This cannot be asked here"),
    413: ("内容过大", "Too large"),
    500: ("程序故障，未作任何改动", "Something went wrong; nothing was changed"),
}


def in_words(error: DubanError, lang: Lang) -> dict[str, Any]:
    """A refusal in words: ``title``, ``message``, ``reasons``, ``hint`` and ``possible``."""
    at = 0 if lang == "zh" else 1
    reasons = [reason.zh if lang == "zh" else reason.en for reason in error.reasons]
    if isinstance(error, Invalid):
        reasons += [problem.said(lang) for problem in error.problems]
    known = CODES.get(error.code)
    message = error.message
    if lang == "zh" and (known or reasons):
        message = known or ""
    return {
        "title": CATEGORIES.get(error.exit_code, CATEGORIES[1])[at], "message": message, "reasons": reasons,
        "hint": error.hint, "possible": error.possible, "code": error.code,
        "detail": error.message if message != error.message else "",
    }  # fmt: skip


def refusal_page(request: Request, error: DubanError) -> HTMLResponse:
    """The page of a refusal."""
    visit = _visit(request)
    status = STATUS.get(error.exit_code, 500)
    page = visit.page("refusal.html", status, error=in_words(error, visit.lang))
    if status == 503:
        page.headers["Retry-After"] = "10"
    return page


def _visit(request: Request) -> Visit:
    """A visit for telling what is wrong: of nobody if who is there cannot be told now."""
    house = house_of(request)
    seen = None
    try:
        from web.console.visit import cookie_name

        secret = request.cookies.get(cookie_name(house))
        seen = house.doors.resolve(secret) if secret else None
    except DubanError:
        pass
    return Visit(request, house, seen, language_of(request))


def _plain(request: Request, status: int, more: Mapping[str, Any] | None = None) -> HTMLResponse:
    visit = _visit(request)
    title = visit.t(*PAGES.get(status, PAGES[400]))
    said = {"title": title, "message": "", "reasons": [], "hint": "", "possible": [], "code": str(status), "detail": ""}
    return visit.page("refusal.html", status, error={**said, **(more or {})})


def answer_refusals(app: FastAPI) -> None:
    """Let every refusal and every fault of a handler of *app* end in a page."""

    @app.exception_handler(NotSignedIn)
    def to_the_door(request: Request, _error: Exception) -> Response:
        if request.method in ("GET", "HEAD"):
            from urllib.parse import quote

            wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse("/login" + (f"?next={quote(wanted)}" if wanted != "/" else ""), status_code=303)
        return RedirectResponse("/login", status_code=303)

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
        return _plain(request, getattr(error, "status_code", 400))

    @app.exception_handler(Exception)
    def failed(request: Request, error: Exception) -> Response:
        number = str(new_id())
        logger.bind(fault=number, path=request.url.path).opt(exception=error).error("a request failed")
        return _plain(request, 500, {"hint": number})
