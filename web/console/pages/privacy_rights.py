"""What persons ask about their own data (个人的请求): entered, answered within its term with reasons, a copy handed over."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import DubanError, Invalid, Reason
from engine.right_desk import RightDesk
from engine.right_record import OUTCOMES, RIGHTS
from web.console.downloads import download
from web.console.refusal_words import STATUS, in_words
from web.console.visit import Visit, Visitor

router = APIRouter()

ROWS = 50
"""Requests of a page. PLACEHOLDER"""


@router.get("/privacy/rights")
def rights(visit: Visitor) -> Response:
    """What waits for an answer, the most urgent first, and what was answered."""
    return _page(visit)


@router.post("/privacy/rights")
def enter(visit: Visitor) -> Response:
    """Enter a request."""
    _enter(visit)
    try:
        made = _desk(visit).enter(
            visit.field("what"), visit.field("person"), _day(visit), visit.field("note"), visit.field("ref") or None
        )
    except DubanError as error:
        return _page(visit, error, "enter")
    due = made["right"]["answer_by"]
    return visit.back("/privacy/rights", visit.t(f"已登记，{due} 前答复", f"Entered: to be answered by {due}"))


@router.post("/privacy/rights/answer")
def answer(visit: Visitor) -> Response:
    """Answer a request."""
    _enter(visit)
    try:
        _desk(visit).answer(visit.field("id"), visit.field("outcome"), visit.field("reason"))
    except DubanError as error:
        return _page(visit, error, visit.field("id"))
    return visit.back("/privacy/rights", visit.t("已答复", "Answered"))


@router.post("/privacy/rights/copy")
def copy(visit: Visitor) -> Response:
    """Hand over the copy for a person; that it was made is on record first."""
    _enter(visit)
    visit.require_step_up("export")
    try:
        made = _desk(visit).copy(visit.field("id"), visit.field("text"))
    except DubanError as error:
        return _page(visit, error, visit.field("id"))
    return download(made.encode(), "personal-data.txt", "text/plain; charset=utf-8")


def _enter(visit: Visit) -> None:
    visit.sight.require("privacy", "个人信息", "look after personal data")


def _desk(visit: Visit) -> RightDesk:
    return RightDesk(visit.workspace.engine, visit.actor, visit.sight)


def _day(visit: Visit) -> date:
    try:
        return date.fromisoformat(visit.field("received"))
    except ValueError:
        why = Reason("received", "请填收到之日", "say the day on which it was received")
        raise Invalid(f"{visit.field('received')!r} is no day like 2026-11-26", "received", [why]) from None


def _page(visit: Visit, error: DubanError | None = None, at: str = "") -> Response:
    _enter(visit)
    if error is not None and error.exit_code == 1:
        raise error
    items = _desk(visit).listed()["items"]
    page = visit.asked("page")
    begin = ROWS * (int(page) if page.isdecimal() and len(page) < 6 else 0)
    waiting = sorted((each for each in items if each["outcome"] is None), key=lambda each: str(each["answer_by"]))
    answered = [each for each in reversed(items) if each["outcome"] is not None]
    values: dict[str, Any] = {
        "waiting": waiting[:ROWS], "waits": len(waiting), "answered": answered[begin : begin + ROWS], "total": len(answered),
        "more": begin // ROWS + 1 if len(answered) > begin + ROWS else 0,
        "kinds": [(code, visit.speech.label(name)) for code, name in RIGHTS.items()],
        "outcomes": [(code, visit.speech.label(name)) for code, name in OUTCOMES.items()],
        "wrong": {"at": at, "error": in_words(error, visit.lang)} if error else None,
    }  # fmt: skip
    answer = visit.page("privacy_rights.html", STATUS[error.exit_code] if error else 200, **values)
    answer.headers["Cache-Control"] = "no-store, max-age=0"
    return answer
