"""Personal data (个人信息): what is held of somebody, asking for erasure, deciding it, keeping what must be kept, the ledger."""

import json
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from engine.erasing import TABLES
from engine.erasing_again import ledger as ledger_of
from engine.erasure_grounds import GROUNDS
from engine.errors import DubanError, Invalid, NotFound, Reason
from engine.privacy_desk import PrivacyDesk
from engine.privacy_finding import Holdings
from engine.unscrubbed import scrub_and_note
from web.console.downloads import download
from web.console.privacy_view import Fields, asked_form, shown_items
from web.console.refusal_words import STATUS, in_words
from web.console.visit import Visit, Visitor
from workflows.erased_papers import destroy_papers

router = APIRouter()

ROWS = 50
"""Requests of a page. PLACEHOLDER"""

MOST_FOUND = 500
"""Places that are shown of what is found. PLACEHOLDER"""

Wrong = dict[str, Any]


@router.get("/privacy")
def overview(visit: Visitor) -> Response:
    """What waits for a decision, what is kept, and all requests, the newest first."""
    return _overview(visit)


@router.get("/privacy/find")
def find_form(visit: Visitor) -> Response:
    """The form by which somebody is looked for; what is looked for is sent, and never part of an address."""
    _enter(visit)
    return visit.page("privacy_find.html", found=None, wrong=None)


@router.post("/privacy/find")
def find(visit: Visitor) -> Response:
    """What the record holds of a person, a matter or an account."""
    _enter(visit)
    holdings = Holdings(visit.workspace.database, visit.campaign, visit.workspace.clock, visit.sight)
    text, what = visit.field("text"), visit.field("what") or "text"
    try:
        if what == "person":
            found = holdings.of_account(text, keeps_accounts=visit.sight.may("accounts"))
        else:
            found = holdings.of_matter(text) if what == "matter" else holdings.of_text(text)
    except DubanError as error:
        return _refused(visit, error, "privacy_find.html", found=None)
    items = shown_items(visit, found["items"][:MOST_FOUND])
    return _unkept(
        visit.page("privacy_find.html", found=found, items=items, total=len(found["items"]), what=what, wrong=None)
    )


@router.get("/privacy/ask")
def ask_form(visit: Visitor) -> Response:
    """The form of a request to erase."""
    _enter(visit)
    return _ask_page(visit)


@router.get("/privacy/preview")
def preview_again(visit: Visitor) -> Response:
    """Lead back to the form: what was looked at is in no address."""
    _enter(visit)
    return visit.back("/privacy/ask")


@router.post("/privacy/preview")
def preview(visit: Visitor) -> Response:
    """Show each place that a request would take, with the words around it, before it is made."""
    _enter(visit)
    said = asked_form(visit)
    try:
        if not said.ref:
            raise Invalid(
                "name a matter",
                "matter",
                [Reason("matter", "请填事项编号后预览", "name a matter to look at beforehand")],
            )
        seen = _desk(visit).preview(said.ref, said.fields, said.text)
    except DubanError as error:
        return _ask_page(visit, error)
    return _ask_page(visit, seen=seen)


@router.post("/privacy/ask")
def ask(visit: Visitor) -> Response:
    """Ask for erasure."""
    _enter(visit)
    said = asked_form(visit)
    desk = _desk(visit)
    try:
        if said.person:
            made = desk.ask_of(said.person, said.ground, said.note)
        else:
            made = desk.ask(said.ref, said.fields, said.ground, said.note, said.text, said.spare)
    except DubanError as error:
        return _ask_page(visit, error)
    return visit.back(
        _url(made["request"]["id"]),
        visit.t("已提出申请，须由另一人查看并决定", "Asked: another person looks and decides"),
    )


@router.get("/privacy/r/{ident}")
def request(ident: str, visit: Visitor) -> Response:
    """One request: what it would take, or what became of it."""
    return _request_page(visit, ident)


@router.post("/privacy/r/{ident}/approve")
def approve(ident: str, visit: Visitor) -> Response:
    """Approve a request: what it names is erased at once."""
    _enter(visit)
    visit.require_step_up("erase")
    try:
        said = _desk(visit).approve(ident, visit.field("seen"))["request"]
    except DubanError as error:
        return _request_page(visit, ident, error)
    words = visit.t(f"已依法删除 {said['values']} 项", f"{said['values']} values erased by law")
    return visit.back(_url(ident), words)


@router.post("/privacy/r/{ident}/decline")
def decline(ident: str, visit: Visitor) -> Response:
    """Decline a request, with the reason that the person is owed."""
    _enter(visit)
    try:
        _desk(visit).decline(ident, visit.field("reason"))
    except DubanError as error:
        return _request_page(visit, ident, error)
    return visit.back(_url(ident), visit.t("已决定不予删除，理由须告知本人", "Declined: the person is owed the reason"))


@router.post("/privacy/hold")
def hold(visit: Visitor) -> Response:
    """Keep the data of a matter, or refuse that this ends."""
    _enter(visit)
    try:
        _desk(visit).hold(visit.field("ref"), visit.field("reason"))
    except DubanError as error:
        return _overview(visit, error, "hold")
    return visit.back("/privacy#holds", visit.t("已暂缓删除", "The data are kept"))


@router.post("/privacy/release")
def release(visit: Visitor) -> Response:
    """Ask that the keeping end, or end it as the second person."""
    _enter(visit)
    try:
        said = _desk(visit).release(visit.field("ref"), visit.field("reason"))
    except DubanError as error:
        return _overview(visit, error, "hold")
    asked = visit.t("已申请解除，须由另一人批准", "Asked: it ends when another person approves")
    return visit.back("/privacy#holds", visit.t("已解除暂缓删除", "The keeping has ended") if said["ended"] else asked)


@router.post("/privacy/scrub")
def scrub(visit: Visitor) -> Response:
    """Write the database's files anew."""
    _enter(visit)
    visit.sight.require("backup", "维护数据库", "look after the database")
    try:
        left = destroy_papers(visit.workspace)
        done = scrub_and_note(visit.workspace.engine, visit.actor, TABLES, left) and not left
    except DubanError as error:
        return _overview(visit, error, "scrub")
    later = visit.t("尚未全部完成，请稍后再试", "Something hindered it: try again later")
    return visit.back("/privacy", visit.t("数据库文件已重写", "The files are written anew") if done else later)


@router.post("/privacy/ledger")
def ledger(visit: Visitor) -> Response:
    """Hand over the ledger of all erasures, without a value, to be kept beside the backups."""
    _enter(visit)
    said = ledger_of(_desk(visit))
    content = json.dumps(said, ensure_ascii=False, indent=1).encode()
    return download(content, f"erasures-{visit.campaign.code}.json", "application/json")


def _enter(visit: Visit) -> None:
    visit.sight.require("privacy", "个人信息", "look after personal data")


def _desk(visit: Visit) -> PrivacyDesk:
    return PrivacyDesk(visit.workspace.engine, visit.actor, visit.sight)


def _url(ident: str) -> str:
    return f"/privacy/r/{quote(ident)}"


def _unkept(answer: Response) -> Response:
    """Values are on it: nothing on the way keeps the page."""
    answer.headers["Cache-Control"] = "no-store, max-age=0"
    return answer


def _refused(visit: Visit, error: DubanError, template: str, **values: Any) -> Response:
    if error.exit_code == 1:
        raise error
    return visit.page(template, STATUS[error.exit_code], wrong=in_words(error, visit.lang), **values)


def _overview(visit: Visit, error: DubanError | None = None, at: str = "") -> Response:
    _enter(visit)
    if error is not None and error.exit_code == 1:
        raise error
    found = _desk(visit).listed()
    items = list(reversed(found["items"]))
    page = visit.asked("page")
    begin = ROWS * (int(page) if page.isdecimal() and len(page) < 6 else 0)
    values: dict[str, Any] = {
        "waiting": [each for each in items if each["status"] == "asked"][:ROWS],
        "waits": sum(each["status"] == "asked" for each in items),
        "others": items[begin : begin + ROWS],
        "more": begin // ROWS + 1 if len(items) > begin + ROWS else 0,
        "total": len(items), "holds": found["holds"], "unscrubbed": found["unscrubbed"],
        "wrong": {"at": at, "error": in_words(error, visit.lang)} if error else None,
        "fields": Fields(visit),
    }  # fmt: skip
    return visit.page("privacy.html", STATUS[error.exit_code] if error else 200, **values)


def _ask_page(visit: Visit, error: DubanError | None = None, seen: dict[str, Any] | None = None) -> Response:
    if error is not None and error.exit_code == 1:
        raise error
    said = asked_form(visit)
    between = visit.t("——", ": ")
    grounds = [
        (code, f"{visit.speech.label(g.statute)}{between}{visit.speech.label(g.label)}") for code, g in GROUNDS.items()
    ]
    return _unkept(
        visit.page(
            "privacy_ask.html", STATUS[error.exit_code] if error else 200, form=said, grounds=grounds, seen=seen,
            wrong=in_words(error, visit.lang) if error else None, fields=Fields(visit),
        )
    )  # fmt: skip


def _request_page(visit: Visit, ident: str, error: DubanError | None = None) -> Response:
    _enter(visit)
    if error is not None and error.exit_code == 1:
        raise error
    desk = _desk(visit)
    found = next((each for each in desk.listed()["items"] if each["id"] == ident), None)
    if found is None:
        raise NotFound(f"no request {ident!r} to erase; duban privacy list shows them", "no_request")
    seen = None
    if found["status"] == "asked":
        try:
            seen = desk.preview_of(ident)
        except DubanError as refused:
            if refused.exit_code == 1:
                raise
    return _unkept(
        visit.page(
            "privacy_request.html", STATUS[error.exit_code] if error else 200, each=found, seen=seen, fields=Fields(visit),
            wrong=in_words(error, visit.lang) if error else None,
        )
    )  # fmt: skip
