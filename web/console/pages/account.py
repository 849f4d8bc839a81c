"""One's own account: posts, sessions, tokens, who stands in for whom, and how one is reached."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from engine.clock import to_us
from engine.contacts import LAST_RANK, Contacts
from engine.delegating import Delegations
from engine.errors import DubanError, Invalid, NotFound
from engine.notice_desk import NoticeDesk
from engine.people import TOKEN_DAYS
from engine.register import Register
from engine.scopes import SCOPES, read_scope
from engine.tokens import Tokens
from web.console.browser import device_of
from web.console.held_form import SECRET
from web.console.pages.activation import enrolled, room
from web.console.pages.door import refusal_at_the_door
from web.console.refusal_words import STATUS, in_words
from web.console.request import drop_session
from web.console.visit import Visit, Visitor

router = APIRouter()


@router.get("/account")
def account(visit: Visitor) -> Response:
    """Everything about one's own account."""
    return _page(visit)


@router.post("/account/sessions/end")
def end_sessions(visit: Visitor) -> Response:
    """End one of one's sessions, or all of them, this one too."""
    ident = visit.field("id")
    if ident:

        def end() -> str:
            visit.house.doors.sessions.end_one(ident, visit.actor)
            return visit.t("会话已结束", "The session is ended")

        return _done(visit, "sessions", end)
    visit.house.doors.sessions.end_all(visit.actor.login, visit.actor)
    answer = RedirectResponse("/login", status_code=303)
    drop_session(answer, visit.house)
    return answer


@router.post("/account/totp")
def second_factor(visit: Visitor) -> Response:
    """Take a new secret of the second factor; every session ends, and one signs in with its first code."""
    login = visit.actor.login
    try:
        said = room(visit).enrol(*_proof(visit))
    except DubanError as error:
        if error.exit_code != 5:
            raise
        words = {**refusal_at_the_door(visit, error), "title": visit.t("未能更换", "Not changed")}
        return _page(visit, STATUS[5], {"at": "totp", "error": words})
    visit.seen = None
    answer = enrolled(visit, login, said["otpauth"], codes=said["recovery_codes"])
    drop_session(answer, visit.house)
    return answer


@router.post("/account/recovery")
def recovery(visit: Visitor) -> Response:
    """Make another set of recovery codes, shown this once; the earlier ones are void."""
    try:
        said = room(visit).recovery_codes(*_proof(visit))
    except DubanError as error:
        if error.exit_code not in (4, 5):
            raise
        words = {**refusal_at_the_door(visit, error), "title": visit.t("未生成恢复码", "No codes were made")}
        return _page(visit, STATUS[error.exit_code], {"at": "recovery", "error": words})
    return _page(visit, codes=said["recovery_codes"])


def _proof(visit: Visit) -> tuple[str, str, str, str, str]:
    """What somebody who is in proves himself with once more."""
    password, code = visit.secret(SECRET + "password"), visit.field(SECRET + "code")
    return visit.actor.login, password, code, visit.address, device_of(visit)


@router.post("/account/tokens")
def make_token(visit: Visitor) -> Response:
    """Make a token for a program, shown this once: it outlives the session, and asks for no proof afterwards."""
    visit.require_step_up("token")
    try:
        typed = visit.field("days")
        if not typed.isdecimal() or len(typed) > 4:
            raise Invalid(f"a token lives 1 to {TOKEN_DAYS} days", "days")
        scope = [each for each in visit.form.getlist("scope") if isinstance(each, str)]
        said = Tokens(visit.workspace.engine, visit.actor).make(visit.actor.login, int(typed), read_scope(scope))
    except DubanError as error:
        return _refused(visit, "tokens", error)
    return _page(visit, made=said)


@router.post("/account/tokens/revoke")
def revoke_token(visit: Visitor) -> Response:
    """Take a token back."""

    def revoke() -> str:
        Tokens(visit.workspace.engine, visit.actor).revoke(visit.field("id"))
        return visit.t("令牌已收回", "The token is taken back")

    return _done(visit, "tokens", revoke)


@router.post("/account/delegations")
def delegate(visit: Visitor) -> Response:
    """Let somebody stand in for oneself."""

    def make() -> str:
        since, until = _day(visit, "since"), _day(visit, "until", after=1)
        body, _, post = visit.field("seat").partition(".")
        Delegations(visit.workspace.engine, visit.actor).make(
            visit.actor.login, visit.field("to"), since, until, visit.field("reason"), body or None, post or None
        )
        return visit.t(f"已委托 {visit.field('to')}", f"{visit.field('to')} stands in for you")

    return _done(visit, "delegations", make)


@router.post("/account/delegations/end")
def end_delegation(visit: Visitor) -> Response:
    """End a delegation, given or received."""

    def end() -> str:
        said = [visit.field(name) for name in ("delegator", "delegate", "body", "post")]
        Delegations(visit.workspace.engine, visit.actor).end(*said)
        return visit.t("委托已终止", "The delegation is ended")

    return _done(visit, "delegations", end)


@router.post("/account/contacts")
def reach(visit: Visitor) -> Response:
    """Say how one is reached over a channel, and when one is left in peace."""

    def put() -> str:
        rank = visit.field("rank") or "1"
        since, until = visit.field("quiet_from"), visit.field("quiet_until")
        quiet = f"{since[:5]}-{until[:5]}" if since or until else ""
        if not visit.field("channel"):
            raise Invalid("say over which channel: mail", "channel")
        Contacts(visit.workspace.engine, visit.actor).set(
            visit.actor.login,
            visit.field("channel"),
            visit.field("address"),
            quiet,
            int(rank) if rank.isdecimal() else 0,
        )
        waiting = len(NoticeDesk(visit.workspace.engine, visit.actor).wanted(visit.actor.login))
        if not waiting:
            return visit.t("联系方式已保存", "Saved")
        return visit.t(
            f"联系方式已保存；此前无法送达、事项尚未办结的通知有{waiting}件，可由办公室在“通知”中补发",
            f"Saved. {waiting} notices could not be delivered before and still matter: the office sends them again under Notices",
        )

    return _done(visit, "contacts", put)


@router.post("/account/contacts/drop")
def drop(visit: Visitor) -> Response:
    """Be reached over a channel no more."""

    def end() -> str:
        Contacts(visit.workspace.engine, visit.actor).drop(visit.actor.login, visit.field("channel"))
        return visit.t("已停用该联系方式", "Not used any more")

    return _done(visit, "contacts", end)


def _done(visit: Visit, at: str, work: Callable[[], str]) -> Response:
    """Do what a section's form asks; back to the section, or the page again with what was typed and what is wrong."""
    try:
        said = work()
    except DubanError as error:
        return _refused(visit, at, error)
    return visit.back(f"/account#{at}", said)


def _refused(visit: Visit, at: str, error: DubanError) -> Response:
    if error.exit_code == 1:
        raise error
    return _page(visit, STATUS[error.exit_code], {"at": at, "error": in_words(error, visit.lang)})


def _day(visit: Visit, name: str, after: int = 0) -> datetime:
    """The beginning of a day that was typed, or of one so many days *after* it. Raises Invalid."""
    try:
        day = date.fromisoformat(visit.field(name)) + timedelta(days=after)
        begins = datetime.combine(day, time(0), visit.campaign.zone)
        to_us(begins)  # the first and the last days of the calendar are none in every zone
        return begins
    except (ValueError, OverflowError):
        raise Invalid(f"not a day: {visit.field(name)[:40]!r}; write 2010-12-10", "day") from None


def _page(
    visit: Visit, status: int = 200, wrong: dict[str, Any] | None = None, made: dict[str, Any] | None = None,
    codes: Sequence[str] = (),
) -> Response:  # fmt: skip
    engine, actor = visit.workspace.engine, visit.actor
    login, production = actor.login, visit.workspace.mode != "rehearsal"
    try:
        person = Register(engine).one(login)
    except NotFound:
        person = {"login": login, "name": login, "second_factor": False, "posts": []}
    tokens = Tokens(engine, actor).listed(login) if production else []
    sessions = [each.as_json() for each in visit.house.doors.sessions.list(login)]
    given = [each for each in Delegations(engine, actor).listed() if login in (each["delegator"], each["delegate"])]
    order = {"in_force": 0, "to_come": 1}
    return visit.page(
        "account.html", status, person=person, production=production, wrong=wrong or {"at": ""}, made=made, tokens=tokens,
        sessions=sorted(sessions, key=lambda each: each["seen_at"], reverse=True), scopes=SCOPES, days=TOKEN_DAYS,
        delegations=sorted(given, key=lambda each: (order.get(each["status"], 2), each["from"])),
        deputies=visit.workspace.deputies(actor), ranks=range(1, LAST_RANK + 1),
        contacts=Contacts(engine, actor).listed(login), chosen=visit.form.getlist("scope"), codes=codes,
    )  # fmt: skip
