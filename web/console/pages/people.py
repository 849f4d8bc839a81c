"""Persons and their posts (人员与权限): for who keeps the accounts; each act is the engine's and enters the record."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from engine.accounts import Accounts
from engine.errors import DubanError, Forbidden, Invalid, Reason
from engine.register import Register
from engine.tokens import Tokens
from engine.vouching import Vouching
from web.console.pages.activation import room
from web.console.refusal_words import STATUS, in_words
from web.console.visit import Visit, Visitor

router = APIRouter()

Wrong = dict[str, Any]


@router.get("/people")
def people(visit: Visitor) -> Response:
    """Everybody with a login, searched and paged, the three administrators, and the posts that nobody holds."""
    _only_keepers(visit)
    return _list(visit)


@router.post("/people")
def add(visit: Visitor) -> Response:
    """Add a person."""
    _only_keepers(visit)
    login = visit.field("login")
    try:
        if not visit.field("name"):
            raise Invalid("a person has a name", "name", [Reason("name", "请填姓名", "say the name")])
        _desk(visit).add(login, visit.field("name"))
    except DubanError as error:
        return _list(visit, _status(error), {"at": "add", "error": in_words(error, visit.lang)})
    return visit.back(
        _url(login), visit.t("已新增，请授予岗位并发放激活码", "Added: now give a post and issue the one-time code")
    )


@router.get("/people/proposals")
def proposals(visit: Visitor) -> Response:
    """The posts that wait for a second person, and those that were decided."""
    return _proposals(visit)


@router.post("/people/decide")
def decide(visit: Visitor) -> Response:
    """Approve a proposal, or put it aside."""
    desk, ident, approved = _desk(visit), visit.field("id"), visit.field("what") == "approve"
    if approved:
        visit.require_step_up("grant")
    try:
        said = desk.approve(ident) if approved else desk.decline(ident)
    except DubanError as error:
        return _proposals(visit, _status(error), {"at": ident, "error": in_words(error, visit.lang)})
    what = visit.t("已批准", "Approved") if approved else visit.t("已否决", "Declined")
    return visit.back("/people/proposals", f"{what}: {said['login']} {said['grant']}")


@router.post("/people/vouch")
def vouch(visit: Visitor) -> Response:
    """Confirm that an account is its holder's."""
    login = visit.field("login")
    visit.require_step_up("grant")
    try:
        Vouching(visit.workspace.engine, visit.actor).vouch(login)
    except DubanError as error:
        return _proposals(visit, _status(error), {"at": login or "-", "error": in_words(error, visit.lang)})
    return visit.back("/people/proposals#vouch", visit.t(f"已确认 {login}", f"{login} is confirmed"))


@router.get("/people/p/{login}")
def person(visit: Visitor, login: str) -> Response:
    """One person: posts, tokens, sessions, and what can be done."""
    _only_keepers(visit)
    return _person(visit, login)


@router.post("/people/p/{login}/code")
def code(visit: Visitor, login: str) -> Response:
    """Issue a one-time code, shown this once."""
    _only_keepers(visit)
    visit.require_step_up("code")
    try:
        said = room(visit).issue(visit.actor, login)
    except DubanError as error:
        return _refused(visit, login, "code", error)
    return _person(visit, login, made=said)


@router.post("/people/p/{login}/grant")
def grant(visit: Visitor, login: str) -> Response:
    """Give a post, or propose it where a second person must approve."""
    _only_keepers(visit)
    visit.require_step_up("grant")

    def give() -> str:
        body, _, post = visit.field("seat").partition(".")
        said = _desk(visit).grant(login, body, post, _until(visit))
        if "proposal" in said:
            return visit.t("已提出，待第二人批准", "Proposed: a second person approves it")
        return visit.t("岗位已授予", "The post is given")

    return _done(visit, login, "grant", give)


@router.post("/people/p/{login}/revoke")
def revoke(visit: Visitor, login: str) -> Response:
    """Take a post back."""
    _only_keepers(visit)
    visit.require_step_up("grant")

    def take() -> str:
        body, _, post = visit.field("seat").partition(".")
        _desk(visit).revoke(login, body, post)
        return visit.t("岗位已撤销", "The post is taken back")

    return _done(visit, login, "grant", take)


@router.post("/people/p/{login}/standing")
def standing(visit: Visitor, login: str) -> Response:
    """Disable a person, or let him in again."""
    _only_keepers(visit)

    def change() -> str:
        if visit.field("what") == "enable":
            _desk(visit).enable(login)
            return visit.t("账户已恢复", "The account is enabled")
        _desk(visit).disable(login)
        return visit.t("账户已停用，会话、令牌、激活码全部失效", "Disabled: sessions, tokens and codes are void")

    return _done(visit, login, "standing", change)


@router.post("/people/p/{login}/end")
def end(visit: Visitor, login: str) -> Response:
    """End the sessions of a person, or take a token back."""
    _only_keepers(visit)

    def work() -> str:
        if visit.field("token"):
            Tokens(visit.workspace.engine, visit.actor).revoke(visit.field("token"))
            return visit.t("令牌已收回", "The token is taken back")
        count = visit.house.doors.sessions.end_all(login, visit.actor)
        return visit.t(f"已结束 {count} 个会话", f"{count} sessions ended")

    return _done(visit, login, "sessions", work)


def _only_keepers(visit: Visit) -> None:
    visit.sight.require("accounts", "人员与权限", "see and change accounts")


def _desk(visit: Visit) -> Accounts:
    return Accounts(visit.workspace.engine, visit.actor)


def _until(visit: Visit) -> datetime | None:
    """The end of a post's last day. Raises Invalid."""
    typed = visit.field("until")
    try:
        return (
            datetime.combine(date.fromisoformat(typed) + timedelta(days=1), time(0), visit.campaign.zone)
            if typed
            else None
        )
    except (ValueError, OverflowError):
        raise Invalid(f"not a day: {typed[:40]!r}; write 2026-12-10", "day") from None


def _status(error: DubanError) -> int:
    if error.exit_code == 1:
        raise error
    return STATUS[error.exit_code]


def _url(login: str) -> str:
    return f"/people/p/{quote(login, safe='@')}"


def _done(visit: Visit, login: str, at: str, work: Callable[[], str]) -> Response:
    try:
        said = work()
    except DubanError as error:
        return _refused(visit, login, at, error)
    return visit.back(_url(login), said)


def _refused(visit: Visit, login: str, at: str, error: DubanError) -> Response:
    return _person(visit, login, _status(error), {"at": at, "error": in_words(error, visit.lang)})


def _open(visit: Visit) -> list[dict[str, Any]]:
    return [each for each in _desk(visit).proposals() if each["status"] == "open"]


def _list(visit: Visit, status: int = 200, wrong: Wrong | None = None) -> Response:
    register = Register(visit.workspace.engine)
    words = visit.asked("words")[:64]
    return visit.page(
        "people.html", status, found=register.page(words, visit.asked("after")), words=words, three=register.three(),
        vacant=register.vacant(), show_vacant=visit.asked("show") == "vacant", waiting=_open(visit), may=_may(visit),
        wrong=wrong or {"at": ""},
    )  # fmt: skip


def _person(
    visit: Visit, login: str, status: int = 200, wrong: Wrong | None = None, made: dict[str, Any] | None = None
) -> Response:
    engine, actor = visit.workspace.engine, visit.actor
    found, may = Register(engine).one(login), _may(visit)
    tokens = Tokens(engine, actor).listed(login) if may else []
    sessions = [each.as_json() for each in visit.house.doors.sessions.listed(login, actor)] if may else []
    return visit.page(
        "person.html", status, person=found, url=_url(login), tokens=tokens, sessions=sessions, may=may, made=made,
        waiting=[each for each in _open(visit) if each["login"] == login], wrong=wrong or {"at": ""},
    )  # fmt: skip


def _proposals(visit: Visit, status: int = 200, wrong: Wrong | None = None) -> Response:
    desk = _desk(visit)
    if not desk.may_approve() and not visit.sight.may("accounts"):
        reason = Reason("function", "所任职务不批准岗位授予", "no post held approves posts")
        raise Forbidden(f"{visit.actor.login} may not see proposals", "forbidden", [reason])
    found = desk.proposals()
    return visit.page(
        "proposals.html", status, waiting=[each for each in found if each["status"] == "open"],
        decided=[each for each in reversed(found) if each["status"] != "open"][:50], may=desk.may_approve(),
        wrong=wrong or {"at": ""}, unconfirmed=Vouching(visit.workspace.engine, visit.actor).waiting(),
    )  # fmt: skip


def _may(visit: Visit) -> bool:
    """Whether the visitor changes accounts here: in a rehearsal they come with the campaign."""
    return visit.workspace.mode != "rehearsal" and visit.sight.may("accounts")
