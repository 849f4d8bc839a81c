"""What a browser keeps beside its session: that its holder has signed in there before, and that somebody has just done so."""

from typing import TYPE_CHECKING

from fastapi.responses import Response

if TYPE_CHECKING:
    from web.console.visit import Visit

KNOWN, CAME = "duban-known", "duban-came"
"""Names of the cookies. The first is for TLS only wherever the session is; the second never, to show what becomes of such."""

KNOWN_S = 180 * 86_400
"""How long a browser stays known. PLACEHOLDER"""

CAME_S = 60
"""How long it is remembered that somebody has just signed in."""

PROXIED = ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-real-ip", "via")
"""Who has one of these comes through a proxy, which may well do TLS without a word of it."""

LOOPBACK = ("127.0.0.1", "::1")


def known_name(visit: "Visit") -> str:
    """Under which name a known browser keeps its secrets."""
    return ("__Host-" if visit.house.secure else "") + KNOWN


def device_of(visit: "Visit") -> str:
    """What this browser keeps of those who have signed in here."""
    return visit.request.cookies.get(known_name(visit), "")


def keep_device(answer: Response, visit: "Visit", login: str) -> None:
    """Let the browser be known the next time *login* signs in here."""
    kept = visit.house.doors.sessions.remember(login, device_of(visit))
    answer.set_cookie(
        known_name(visit), kept, max_age=KNOWN_S, httponly=True, samesite="strict", secure=visit.house.secure, path="/"
    )
    answer.set_cookie(CAME, "1", max_age=CAME_S, httponly=True, samesite="strict", path="/")


def forget_coming(answer: Response) -> None:
    """Let the browser forget that somebody has just signed in."""
    answer.delete_cookie(CAME, path="/", httponly=True, samesite="strict")


def lost_session(visit: "Visit", session_cookie: str) -> bool:
    """Whether somebody has just signed in and the browser has not kept the session: it keeps such cookies over TLS only."""
    return CAME in visit.request.cookies and session_cookie not in visit.request.cookies and visit.house.secure


def in_clear(visit: "Visit") -> bool:
    """Whether the request came over plain HTTP from another machine, for all to read on the way."""
    request = visit.request
    proxied = any(name in request.headers for name in PROXIED)
    return visit.house.secure and request.url.scheme == "http" and not proxied and visit.address not in LOOPBACK
