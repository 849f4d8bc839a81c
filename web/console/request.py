"""What a request brings before anybody knows who it is: the house it came to, its cookies, and its form."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import cast

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.errors import Forbidden
from web.console.house import House
from web.console.shell import Lang
from web.form_text import in_utf8, sound

SESSION, LANG = "duban", "duban-lang"
"""Names of cookies; that of the session gets the prefix ``__Host-`` wherever cookies are for TLS only."""

MOST_FIELDS = 300
"""Fields of a form. PLACEHOLDER"""

STRANGERS_FORM = 1024 * 1024
"""Bytes of a form of whoever has not come in: what was typed, but no documents. PLACEHOLDER"""


def cookie_name(house: House) -> str:
    """Under which name the session's secret is kept."""
    return ("__Host-" if house.secure else "") + SESSION


def keep_session(answer: Response, house: House, secret: str) -> None:
    """Give the session's secret to the browser: to no script, to no other site, and for TLS only where there is any."""
    answer.set_cookie(cookie_name(house), secret, httponly=True, samesite="strict", secure=house.secure, path="/")


def drop_session(answer: Response, house: House) -> None:
    """Let the browser forget the session."""
    answer.delete_cookie(cookie_name(house), path="/", secure=house.secure, httponly=True, samesite="strict")


def house_of(request: Request) -> House:
    """What the console works with."""
    return cast(House, request.app.state.house)


def language_of(request: Request) -> Lang:
    """The visitor's language: Chinese unless he chose otherwise."""
    return "en" if request.cookies.get(LANG) == "en" else "zh"


async def sent(request: Request) -> AsyncIterator[FormData]:
    """The form of a request, read within bounds; an empty one of a request that changes nothing. Its files go with it."""
    if request.method in ("GET", "HEAD"):
        yield FormData()
        return
    if _large(request) and await run_in_threadpool(_nobody, request):
        raise HTTPException(413)
    if not in_utf8(request.headers.get("content-type", "")):
        raise HTTPException(400)
    async with request.form(max_files=20, max_fields=MOST_FIELDS, max_part_size=64 * 1024) as form:
        if not sound(form):
            raise HTTPException(400)
        yield form


def _large(request: Request) -> bool:
    size = request.headers.get("content-length", "0")
    return not size.isdigit() or int(size) > STRANGERS_FORM


def _nobody(request: Request) -> bool:
    """Whether nobody is behind a request, so that it may not bring much."""
    with suppress(Forbidden):
        house_of(request).doors.resolve(session_secret(request))
        return False
    return True


def session_secret(request: Request) -> str:
    """The secret of the request's session, empty without one: that of its cookie, or what took its place meanwhile."""
    renewed = getattr(request.state, "session_secret", None)
    return str(renewed or request.cookies.get(cookie_name(house_of(request)), ""))
