"""The door: coming in, leaving, and the language of the pages."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from engine.admission import MustWait
from engine.clock import from_us
from engine.errors import DubanError, Forbidden
from web.console.beginnings import Beginning, beginnings
from web.console.browser import device_of, forget_coming, in_clear, keep_device, lost_session
from web.console.held_form import SECRET, HeldForm, held_in
from web.console.refusal_words import STATUS, in_words
from web.console.request import LANG, cookie_name, drop_session, keep_session, session_secret
from web.console.visit import Stranger, Visit, Visitor, local

router = APIRouter()


@router.get("/")
def front(visit: Stranger) -> Response:
    """To one's work, or to the door."""
    return RedirectResponse("/work" if visit.seen else "/login", status_code=303)


@router.get("/login")
def door(visit: Stranger) -> Response:
    """The door; in a rehearsal every role stands there, to be entered with one click."""
    answer = door_page(visit, ended=bool(visit.asked("ended")))
    if visit.asked("ended") and visit.seen is None:
        drop_session(answer, visit.house)
    return answer


@router.post("/login")
def sign_in(visit: Stranger) -> Response:
    """Come in with login, password and code; one answer to every way to be wrong."""
    try:
        secret = visit.house.doors.sign_in(
            visit.field("login"), visit.secret(SECRET + "password"), visit.field(SECRET + "code"), visit.address,
            device_of(visit),
        )  # fmt: skip
    except Forbidden as error:
        if error.code == "password_aged":
            return RedirectResponse(
                "/password?" + urlencode({"login": visit.field("login"), "aged": 1}), status_code=303
            )
        status = 429 if isinstance(error, MustWait) else STATUS[5]
        return door_page(visit, status, held=held_in(visit.form), error=refusal_at_the_door(visit, error))
    return come_in(visit, secret, visit.field("login"))


@router.post("/enter")
def enter(visit: Stranger) -> Response:
    """Come into a rehearsal as one of its logins."""
    if visit.workspace.mode != "rehearsal":
        raise Forbidden("only a rehearsal is entered without a password", "no_identity")
    return come_in(visit, visit.house.doors.enter(visit.field("login"), visit.address))


@router.post("/logout")
def leave(visit: Visitor) -> Response:
    """End the session, here and in the database."""
    visit.house.doors.leave(session_secret(visit.request))
    answer = RedirectResponse("/login", status_code=303)
    drop_session(answer, visit.house)
    forget_coming(answer)
    return answer


@router.post("/language")
def language(visit: Stranger) -> Response:
    """Speak the other language from now on."""
    answer = visit.back(visit.field("next") or "/")
    chosen = "en" if visit.field("lang") == "en" else "zh"
    answer.set_cookie(LANG, chosen, max_age=365 * 86_400, httponly=True, samesite="strict", secure=visit.house.secure)
    return answer


def come_in(visit: Visit, secret: str, login: str = "") -> Response:
    """Begin with a session: where one wanted to go, or the form that was held at the door, to be sent by who came in.

    The browser is known from then on to be one of *login*'s. A session that this browser had before ends: its secret is never used on.
    """
    before, held = session_secret(visit.request), held_in(visit.form)
    if before:
        visit.house.doors.leave(before)
    answer: Response
    if held is None:
        answer = visit.back(visit.field("next") or "/work")
    else:
        visit.seen = visit.house.doors.resolve(secret)
        answer = visit.page("held.html", held=held, why="ended")
    keep_session(answer, visit.house, secret)
    if login:
        keep_device(answer, visit, login)
    return answer


def door_page(
    visit: Visit, status: int = 200, *, held: HeldForm | None = None, error: dict[str, Any] | None = None,
    ended: bool = False,
) -> Response:  # fmt: skip
    """The door, with a word why one stands before it."""
    wanted = local(visit.asked("next") or visit.field("next") or "/work")
    return visit.page(
        "login.html", status, roles=_roles(visit), starts=_starts(visit, wanted), wanted=wanted, held=held, error=error,
        ended=ended, login=visit.field("login"), lost=lost_session(visit, cookie_name(visit.house)), in_clear=in_clear(visit),
    )  # fmt: skip


def refusal_at_the_door(visit: Visit, error: DubanError) -> dict[str, Any]:
    """A refusal as somebody at the door may read it: no way to be wrong is told from another, and how long to wait is."""
    said = {**in_words(error, visit.lang), "message": "", "detail": ""}
    said["title"] = visit.t("未能登录", "Not signed in")
    if isinstance(error, MustWait):
        until, now = from_us(error.until), visit.house.doors.sessions.clock.now()
        minutes = max(1, -(-int((until - now).total_seconds()) // 60))
        at = visit.speech.when(until, seconds=True)
        said["reasons"] = [
            visit.t(
                f"尝试次数过多，请约 {minutes} 分钟后（{at}）再试",
                f"Too many attempts: try again in about {minutes} min ({at})",
            )
        ]
    if error.code == "second_factor_missing":
        said["reasons"] = [
            visit.t(
                "管理岗位须使用动态码；请安全管理员重新发放激活码，再到“激活账户”启用",
                "A post of administration needs a second factor: ask the security administrator for a new one-time code, "
                "then activate the account again",
            )
        ]
    return said


def _starts(visit: Visit, wanted: str) -> list[Beginning]:
    """Where a newcomer to a rehearsal begins; whoever was on his way somewhere is no newcomer."""
    return beginnings(visit) if visit.workspace.mode == "rehearsal" and wanted == "/work" else []


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
