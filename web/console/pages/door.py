"""The door: coming in, leaving, and the language of the pages."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from engine.errors import Forbidden
from web.console.visit import LANG, Stranger, Visit, Visitor, cookie_name, drop_session, keep_session, local

router = APIRouter()


@router.get("/")
def front(visit: Stranger) -> Response:
    """To one's work, or to the door."""
    return RedirectResponse("/work" if visit.seen else "/login", status_code=303)


@router.get("/login")
def door(visit: Stranger) -> Response:
    """The door; in a rehearsal every role stands there, to be entered with one click."""
    return visit.page("login.html", roles=_roles(visit), wanted=local(visit.asked("next") or "/work"))


@router.post("/enter")
def enter(visit: Stranger) -> Response:
    """Come into a rehearsal as one of its logins."""
    if visit.workspace.mode != "rehearsal":
        raise Forbidden("only a rehearsal is entered without a password", "no_identity")
    client = visit.request.client
    secret = visit.house.doors.enter(visit.field("login"), client.host if client else "")
    answer = visit.back(visit.field("next") or "/work")
    keep_session(answer, visit.house, secret)
    return answer


@router.post("/logout")
def leave(visit: Visitor) -> Response:
    """End the session, here and in the database."""
    visit.house.doors.leave(visit.request.cookies.get(cookie_name(visit.house), ""))
    answer = RedirectResponse("/login", status_code=303)
    drop_session(answer, visit.house)
    return answer


@router.post("/language")
def language(visit: Stranger) -> Response:
    """Speak the other language from now on."""
    answer = visit.back(visit.field("next") or "/")
    chosen = "en" if visit.field("lang") == "en" else "zh"
    answer.set_cookie(LANG, chosen, max_age=365 * 86_400, httponly=True, samesite="strict", secure=visit.house.secure)
    return answer


def _roles(visit: Visit) -> list[dict[str, object]]:
    """The logins of a rehearsal by body, in the campaign's order; nobody's in production."""
    if visit.workspace.mode != "rehearsal":
        return []
    campaign = visit.campaign
    by_body: dict[str, list[dict[str, object]]] = {}
    for login, posts in visit.workspace.people.rehearsal.items():
        body, post = min(posts)
        by_body.setdefault(body, []).append({"login": login, "post": post})
    order = {code: at for at, code in enumerate(campaign.bodies)}
    return [
        {"body": body, "name": campaign.body_name(body, visit.lang), "logins": logins}
        for body, logins in sorted(by_body.items(), key=lambda each: order.get(each[0], len(order)))
    ]
