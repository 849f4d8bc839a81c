"""One notice: its words, each attempt, its receipt, what proves it. It comes after the pages of notices with names of their own."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import DubanError
from engine.notice_desk import NoticeDesk
from engine.orders import Actor
from engine.urging import administers
from web.console.pages.notices import pages_of
from web.console.refusals import STATUS, in_words
from web.console.visit import Visit, Visitor

router = APIRouter()


@router.get("/notices/{ident}")
def one(visit: Visitor, ident: str) -> Response:
    """One notice: its words, each attempt, the receipt, and what proves it."""
    return _one(visit, ident)


@router.post("/notices/{ident}/ack")
def acknowledge(visit: Visitor, ident: str) -> Response:
    """Say that it was received, for oneself or for whom one stands in."""
    shown = _shown(visit, ident)
    try:
        NoticeDesk(visit.workspace.engine, _hand(visit, visit.field("on_behalf"))).acknowledge(ident)
    except DubanError as error:
        return _one(visit, ident, error)
    return visit.back(f"/notices/{shown['id']}", said=visit.t("已签收", "Acknowledged"))


@router.post("/notices/{ident}/retry")
def retry_one(visit: Visitor, ident: str) -> Response:
    """Send a dead one again."""
    shown = _shown(visit, ident)
    try:
        NoticeDesk(visit.workspace.engine, visit.actor).retry(ident)
    except DubanError as error:
        return _one(visit, ident, error)
    return visit.back(f"/notices/{shown['id']}", said=visit.t("已重新列入待发", "Owed again"))


def _one(visit: Visit, ident: str, error: DubanError | None = None) -> Response:
    said = _shown(visit, ident)
    hands = _hands(visit, ident) if said["status"] == "sent" else []
    status = 200 if error is None else STATUS[error.exit_code]
    return visit.page(
        "notice.html", status, tab="ledger", notice=said, hands=hands, error=in_words(error, visit.lang) if error else None,
        may_retry=said["status"] == "dead" and administers(visit.campaign, visit.actor),
    )  # fmt: skip


def _shown(visit: Visit, ident: str) -> dict[str, Any]:
    """The notice, if the visitor sees it. Raises NotFound."""
    return pages_of(visit).shown(ident, addresses=administers(visit.campaign, visit.actor))


def _hands(visit: Visit, ident: str) -> list[str]:
    """For whom the visitor may acknowledge: himself (an empty name), or those he stands in for."""
    engine = visit.workspace.engine
    if NoticeDesk(engine, visit.actor).may_acknowledge(ident):
        return [""]
    deputies = visit.workspace.deputies(visit.actor)
    return [login for login, actor in deputies.items() if NoticeDesk(engine, actor).may_acknowledge(ident)]


def _hand(visit: Visit, on_behalf: str) -> Actor:
    return visit.workspace.deputy(visit.actor, on_behalf) if on_behalf else visit.actor
