"""Proving oneself once more (step-up): the page that asks for it and then goes on with what was asked."""

from fastapi import APIRouter
from fastapi.responses import Response

from engine.admission import MustWait
from engine.errors import DubanError
from engine.step_up import ACTS
from web.console.held_form import HeldForm, held_of
from web.console.pages.door import refusal_at_the_door
from web.console.visit import Visit, Visitor, local

router = APIRouter()


@router.get("/prove")
def ask(visit: Visitor) -> Response:
    """Ask for the proof before a page with files is filled in."""
    act = visit.asked("act")
    held = HeldForm("/prove", [("next", local(visit.asked("next") or "/"))])
    return _page(visit, act if act in ACTS else "", held, None, 200)


@router.post("/prove")
def proved(visit: Visitor) -> Response:
    """The proof came with the form and was right: go on."""
    return visit.back(visit.field("next") or "/", visit.t("身份已验证", "You have proved who you are"))


def prove_page(visit: Visit, act: str, error: DubanError | None) -> Response:
    """The page that asks for a proof and holds what was being sent."""
    if visit.request.method in ("GET", "HEAD"):
        query = f"?{visit.request.url.query}" if visit.request.url.query else ""
        held = HeldForm("/prove", [("next", visit.request.url.path + query)])
    else:
        held = held_of(visit.request, visit.form)
    return _page(visit, act, held, error, 429 if isinstance(error, MustWait) else 403)


def _page(visit: Visit, act: str, held: HeldForm, error: DubanError | None, status: int) -> Response:
    said = None
    if error is not None:
        said = refusal_at_the_door(visit, error)
        said["title"] = visit.t("未能验证", "Not proved")
        if error.code == "sign_in_failed":
            said["reasons"] = [visit.t("口令或动态码有误", "the password or the code is wrong")]
    what = visit.speech.label(ACTS[act]) if act in ACTS else ""
    return visit.page("prove.html", status, held=held, act=act if act in ACTS else "", what=what, error=said)
