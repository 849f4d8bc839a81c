"""Making an account one's own: the one-time code, a password, the second factor with its picture, and a password past its age."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from engine import recovery_codes
from engine.activation import Activation
from engine.admission import MustWait
from engine.errors import DubanError, Invalid, Reason
from engine.one_time_codes import LETTERS
from engine.password_rules import LONGEST, PROFILES
from web.console.browser import device_of
from web.console.held_form import SECRET
from web.console.pages.door import come_in, refusal_at_the_door
from web.console.refusal_words import STATUS
from web.console.visit import Stranger, Visit
from web.qr import picture

router = APIRouter()

OTPAUTH, LONGEST_ADDRESS = "otpauth://totp/", 400
"""How the address of a second factor begins, and its most characters."""


@router.get("/activate")
def activation(visit: Stranger) -> Response:
    """The form for the code and the password, with the rules told before anything is typed."""
    return _page(visit, visit.asked("login"))


@router.post("/activate")
def activate(visit: Stranger) -> Response:
    """Make the account one's own; then the picture of the second factor, or straight in."""
    login, password = visit.field("login"), visit.secret(SECRET + "password")
    try:
        must_agree(password, visit.secret(SECRET + "again"))
        said = room(visit).activate(
            login,
            visit.field(SECRET + "code"),
            password,
            visit.address,
            second_factor=bool(visit.field("second_factor")),
            by=_at_the_keyboard(visit, login),
        )
    except DubanError as error:
        if error.exit_code not in (5, 7):
            raise
        return _page(visit, login, _status(error), refused(visit, error, visit.t("未能激活", "Not activated")))
    if said["totp_secret"] is not None:
        return enrolled(visit, login, said["otpauth"], codes=said["recovery_codes"])
    return come_in(visit, visit.house.doors.sign_in(login, password, "", visit.address), login)


def _at_the_keyboard(visit: Visit, login: str) -> str | None:
    """Who else than the holder is known to be there: whoever this browser is signed in as."""
    return visit.actor.person if visit.seen is not None and visit.actor.login != login else None


@router.post("/activate/first")
def first(visit: Stranger) -> Response:
    """Sign in with the first code; if it is wrong, the picture stays: it is the visitor's own, sent back by himself."""
    login, otpauth = visit.field("login"), visit.field(SECRET + "otpauth")
    try:
        secret = visit.house.doors.sign_in(
            login, visit.secret(SECRET + "password"), visit.field(SECRET + "code"), visit.address
        )
    except DubanError as error:
        if error.exit_code != 5:
            raise
        kept = codes_in(visit.field(SECRET + "codes"))
        return enrolled(visit, login, otpauth, _status(error), refusal_at_the_door(visit, error), kept)
    return come_in(visit, secret, login)


@router.get("/password")
def password(visit: Stranger) -> Response:
    """The form for a password that has reached its age, or that its holder wants to change."""
    login = visit.asked("login") or (visit.actor.login if visit.seen else "")
    return _password_page(visit, login, aged=bool(visit.asked("aged")))


@router.post("/password")
def change(visit: Stranger) -> Response:
    """Set another password; every session ends, and one signs in with the new one."""
    login, new = visit.field("login"), visit.secret(SECRET + "new")
    try:
        must_agree(new, visit.secret(SECRET + "again"))
        room(visit).change_password(
            login, visit.secret(SECRET + "old"), new, visit.field(SECRET + "code"), visit.address, device_of(visit)
        )
    except DubanError as error:
        if error.exit_code not in (5, 7):
            raise
        said = refused(visit, error, visit.t("口令未更换", "The password was not changed"))
        return _password_page(visit, login, _status(error), said)
    return visit.back("/login", visit.t("口令已更换，全部会话已结束，请用新口令登录", "The password is changed"))  # fmt: skip


def room(visit: Visit) -> Activation:
    """The engine's room for accounts that are made one's own."""
    doors = visit.house.doors
    return Activation(visit.workspace.engine, doors.sessions.clock, doors.passwords)


def must_agree(password: str, again: str) -> None:
    """Raise Invalid if what was typed twice differs."""
    if password != again:
        raise Invalid(
            "the two differ", "password", [Reason("password", "两次输入的口令不一致", "the two passwords differ")]
        )


def rules(visit: Visit) -> list[str]:
    """What a password must be like, in words."""
    profile = PROFILES[visit.campaign.doc.sign_in.passwords]
    said = [
        visit.t(
            f"至少 {profile.length} 个字符，至多 {LONGEST} 个",
            f"at least {profile.length} characters, at most {LONGEST}",
        )
    ]
    if profile.kinds > 1:
        said.append(visit.t(
            f"含大写字母、小写字母、数字、其他字符中的至少 {profile.kinds} 类",
            f"{profile.kinds} of: capital letters, small letters, figures, other characters",
        ))  # fmt: skip
    said.append(visit.t(
        "不得使用常见口令，不得含登录名、行动名称和代码（含其中的年份）、单位代码",
        "not common; no login, no code of the campaign (nor its year) or of a body",
    ))  # fmt: skip
    if profile.days:
        said.append(visit.t(f"每 {profile.days} 天更换一次", f"to be changed every {profile.days} days"))
    return said


def refused(visit: Visit, error: DubanError, title: str) -> dict[str, Any]:
    """A refusal of these forms."""
    return {**refusal_at_the_door(visit, error), "title": title}


def enrolled(
    visit: Visit, login: str, otpauth: str, status: int = 200, error: dict[str, Any] | None = None,
    codes: Sequence[str] = (),
) -> Response:  # fmt: skip
    """The picture of the second factor, shown this once, with the form for the first code."""
    sound = otpauth.startswith(OTPAUTH) and len(otpauth) <= LONGEST_ADDRESS and otpauth.isascii()
    key = otpauth.partition("secret=")[2].partition("&")[0] if sound else ""
    spaced = " ".join(key[at : at + 4] for at in range(0, len(key), 4))
    return visit.page(
        "enrolled.html", status, login=login, otpauth=otpauth if sound else "", picture=picture(otpauth) if sound else "",
        key=spaced, error=error, codes=codes,
    )  # fmt: skip


def codes_in(text: str) -> list[str]:
    """The recovery codes that a form sends back, so that a wrong code of the moment does not take them from the page."""
    words = text.split() if len(text) <= LONGEST_ADDRESS else []
    return [each for each in words if recovery_codes.is_one(each) and set(each) <= {*LETTERS, "-"}][
        : recovery_codes.COUNT
    ]


def _status(error: DubanError) -> int:
    return 429 if isinstance(error, MustWait) else STATUS[error.exit_code]


def _page(visit: Visit, login: str, status: int = 200, error: dict[str, Any] | None = None) -> Response:
    return visit.page(
        "activate.html", status, login=login, error=error, rules=rules(visit), wanted=bool(visit.field("second_factor")),
    )  # fmt: skip


def _password_page(
    visit: Visit, login: str, status: int = 200, error: dict[str, Any] | None = None, *, aged: bool = False
) -> Response:
    return visit.page("password.html", status, login=login, error=error, aged=aged, rules=rules(visit))
