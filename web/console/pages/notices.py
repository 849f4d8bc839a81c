"""Notices (通知): the ledger, its counts, and what could not be delivered."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine.errors import DubanError, Invalid, NotFound
from engine.notice_desk import NoticeDesk
from engine.notice_ledger import Where
from engine.notice_pages import GROUPS, STATUSES, LedgerPages
from engine.urging import administers
from web.console.asking import Asking
from web.console.refusals import STATUS, in_words
from web.console.visit import Visit, Visitor
from workflows.words import NOTICES

router = APIRouter()

A_PAGE = 50

ASKED = ("status", "kind", "body", "recipient", "ref", "from", "until", "as_of")
"""The filters of the ledger, as the address has them."""


@router.get("/notices")
def ledger(visit: Visitor) -> Response:
    """The ledger, newest first."""
    pages, asking = pages_of(visit), Asking(visit)
    where, as_of = _where(asking), asking.end("as_of")
    found: dict[str, Any] = {"items": [], "next": None}
    if not asking.errors:
        try:
            found = pages.page(where, as_of, A_PAGE, asking.text("cursor"))
        except Invalid as error:
            asking.not_a_cursor(error)
    return visit.page(
        "notices.html",
        asking.status,
        tab="ledger",
        found=found,
        errors=asking.errors,
        kept=kept(visit),
        **choices(visit),
    )


@router.get("/notices/summary")
def summary(visit: Visitor) -> Response:
    """Who was told, who acknowledged, what never arrived; by body, or by the recipients of one."""
    pages, asking = pages_of(visit), Asking(visit)
    where = _where(asking)
    found = pages.counts(where, recipients=where.body is not None) if not asking.errors else None
    return visit.page(
        "notices_summary.html", asking.status, tab="summary", found=found, errors=asking.errors, kept=kept(visit),
        recipients=where.body is not None, **choices(visit),
    )  # fmt: skip


@router.get("/notices/failed")
def failed(visit: Visitor) -> Response:
    """What could not be delivered, and what is still tried."""
    return _failed(visit)


@router.post("/notices/failed")
def retry(visit: Visitor) -> Response:
    """Send dead notices again: those ticked, or all of them."""
    pages_of(visit)
    desk = NoticeDesk(visit.workspace.engine, visit.actor)
    everything = visit.field("which") == "all"
    idents = desk.dead()[:MOST_RETRIED] if everything else ticked(visit, "notice")
    try:
        if not idents:
            raise Invalid("tick what is to be sent again", "which")
        for ident in idents:
            desk.retry(ident)
    except DubanError as error:
        return _failed(visit, error, idents)
    return visit.back(
        "/notices/failed",
        said=visit.t(f"已重新列入待发：{len(idents)} 件", f"{len(idents)} owed again"),
    )


MOST_RETRIED = 1000
"""Dead notices that one press of a button sends again. PLACEHOLDER"""


def _failed(visit: Visit, error: DubanError | None = None, chosen: list[str] | None = None) -> Response:
    pages = pages_of(visit)
    dead = pages.page(Where(status="dead"), limit=A_PAGE, cursor=visit.asked("cursor") or None)
    trying = pages.page(Where(status="failed"), limit=A_PAGE)
    status = 200 if error is None else STATUS[error.exit_code]
    return visit.page(
        "notices_failed.html", status, tab="failed", dead=dead, trying=trying, chosen=chosen or [],
        error=in_words(error, visit.lang) if error else None, may=administers(visit.campaign, visit.actor),
    )  # fmt: skip


def pages_of(visit: Visit) -> LedgerPages:
    """The ledger as the visitor sees it. Raises Forbidden without the function."""
    visit.sight.require("notices", "查看通知", "look at notices")
    workspace, reader = visit.workspace, visit.reader
    within = (reader.notices_within(), reader.notices_within(few=True))
    return LedgerPages(workspace.database, workspace.campaign, workspace.clock, *within)


def _where(asking: Asking) -> Where:
    """The filter that is asked. A recipient that is nobody, or a matter that is not there, is said beside its field."""
    visit = asking.visit
    said = {
        "status": asking.choice("status", (*STATUSES, *GROUPS)), "kind": asking.text("kind"),
        "body": asking.choice("body", visit.campaign.bodies), "recipient": asking.text("recipient"),
        "ref": asking.text("ref"),
    }  # fmt: skip
    since: datetime | None = asking.start("from")
    until: datetime | None = asking.end("until")
    if since is not None and until is not None and since >= until:
        asking.errors["until"] = visit.t("截止日早于起始日", "the last day is before the first")
    if said["ref"] is not None:
        with visit.workspace.database.snapshot() as tx:
            try:
                visit.reader.look(tx, said["ref"])
            except NotFound:
                asking.errors["ref"] = visit.t("没有该事项", "there is no such matter")
    return Where(**said, since=since, until=until)


def kept(visit: Visit) -> dict[str, str]:
    """The filters that are asked, for the links that change one of them."""
    return {name: visit.asked(name) for name in ASKED if visit.asked(name)}


def choices(visit: Visit) -> dict[str, Any]:
    """What the filters of the ledger offer."""
    lang = visit.lang
    at = 0 if lang == "zh" else 1
    return {
        "statuses": [(code, STATUS_WORDS[code][at]) for code in (*STATUSES, *GROUPS)],
        "kinds": [(code, words[at]) for code, words in NOTICES.items()],
        "bodies": [
            (code, visit.campaign.body_name(code, lang))
            for code in visit.campaign.bodies
            if visit.sight.everything or code in visit.sight.bodies
        ],
    }


STATUS_WORDS = {
    "owed": ("待发", "owed"),
    "failed": ("发送未成，继续重试", "failed, tried again"),
    "held": ("暂缓", "held"),
    "sent": ("已发未签收", "sent, not acknowledged"),
    "acknowledged": ("已签收", "acknowledged"),
    "dead": ("无法送达", "undeliverable"),
    "cancelled": ("已撤销", "cancelled"),
    "told": ("已送达（含已签收）", "told (acknowledged or not)"),
    "not_delivered": ("未送达（无法送达、已撤销）", "not delivered (dead or cancelled)"),
    "waiting": ("待发（含暂缓、重试）", "waiting (owed, held, tried again)"),
}


def ticked(visit: Visit, name: str) -> list[str]:
    """What was ticked of *name*, each once."""
    return list(dict.fromkeys(each for each in visit.form.getlist(name) if isinstance(each, str) and each))
