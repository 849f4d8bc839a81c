"""Getting in: sign in, activate an account, change the password and the second factor, see and end sessions."""

from typing import TYPE_CHECKING, Any

import click

from commands.asking import address, asked, file_option, keep_secret
from commands.call import Call
from commands.fresh_proof import prove_again
from commands.group import command, pass_call
from commands.paper import Column, entry, line, listing, local
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.activation import Activation

password_option = file_option(
    "--password-file", "口令文件；不填则提示输入", "file with the password; asked for if left out"
)
code_option = file_option(
    "--code-file", "激活码文件；不填则提示输入", "file with the one-time code; asked for if left out"
)
totp_option = file_option(
    "--totp-file", "动态码或恢复码文件", "file with the code of the second factor, or a recovery code"
)
login_argument = click.argument("login", type=TEXT, metavar="LOGIN")

SESSIONS = (
    Column("id", "编号", "id"),
    Column("address", "地址", "address"),
    Column("created_at", "登录", "signed in"),
    Column("seen_at", "最近使用", "last used"),
)


def activation(call: Call) -> "Activation":
    """The room where accounts are made one's own; nobody need be known to enter it."""
    from engine.activation import Activation

    return Activation(call.workspace.engine, call.workspace.sessions.clock)


def _totp(call: Call, path: str | None) -> str:
    return asked(
        call,
        path,
        "--totp-file",
        "动态码或恢复码（没有则回车）",
        "code of the second factor, or a recovery code (Enter for none)",
        needless=True,
    )


def _new(call: Call, path: str | None, option: str) -> str:
    """A new password; typed, it is typed twice. Raises Invalid if the two differ."""
    first = asked(call, path, option, "新口令", "new password")
    if path is None and asked(call, None, option, "再输一次", "once more") != first:
        from engine.errors import Invalid

        raise Invalid(call.word("两次输入不同", "the two differ"), "password")
    return first


@command(
    "login",
    help="登录：会话密钥写入文件，供 --token-file 使用 · Sign in; the session's secret goes to a file for --token-file.",
)
@login_argument
@click.option(
    "--to", "path", metavar="FILE", type=TEXT, required=True, help="会话文件，仅本人可读 · file, for its owner's eyes"
)
@password_option
@totp_option
@pass_call
def login_(call: Call, login: str, path: str, password_file: str | None, totp_file: str | None) -> None:
    """Sign in."""
    call.operator = True
    sessions = call.workspace.sessions
    if call.workspace.mode == "rehearsal":
        secret, session = sessions.enter(login, address())
    else:
        password = asked(call, password_file, "--password-file", "口令", "password")
        secret, session = sessions.sign_in(login, password, _totp(call, totp_file), address())
    keep_secret(path, secret)
    said = {**session.as_json(), "file": path}
    call.answer(
        said,
        lambda: line(
            call.word(
                f"{login} 已登录；export DUBAN_TOKEN_FILE={path}",
                f"{login} is signed in; export DUBAN_TOKEN_FILE={path}",
            )
        ),
    )


@command(
    "code",
    help="发放一次性激活码，只显示这一次 · Issue the one-time code with which LOGIN makes the account their own.",
)
@login_argument
@pass_call
def code(call: Call, login: str) -> None:
    """Issue a code."""
    prove_again(call, "code")
    said = activation(call).issue(call.actor(), login)

    def page() -> None:
        line(said["code"])
        until = local(said["expires_at"], call.zone)
        call.note(
            f"有效至 {until}，用后即废；请当面交给本人：duban user activate {login}",
            f"valid until {until}, once; hand it to its holder: duban user activate {login}",
        )

    call.answer(said, page)


@command(
    "activate", help="凭激活码设置本人口令 · With the one-time code: set one's own password and take the second factor."
)
@login_argument
@code_option
@password_option
@click.option(
    "--second-factor",
    is_flag=True,
    help="同时启用动态码（管理岗位必用） · also a second factor; posts of administration always",
)
@pass_call
def activate(call: Call, login: str, code_file: str | None, password_file: str | None, second_factor: bool) -> None:
    """Activate an account."""
    from workflows.workspace import keyboard

    call.operator = True
    room = activation(call)
    shown = asked(call, code_file, "--code-file", "激活码", "one-time code")
    password = _new(call, password_file, "--password-file")
    by = keyboard(call.workspace.database)
    said = room.activate(login, shown, password, address(), second_factor=second_factor, by=by)
    if by is not None:
        call.note(
            "在数据库所有者处激活：此账户与其所有者视为同一人",
            "activated at the keyboard of the database's owner: separation of duties takes both for one person",
        )
    _enrolled(call, said, f"{login} 已激活", f"{login} is active")


def _enrolled(call: Call, said: dict[str, Any], zh: str, en: str) -> None:
    def page() -> None:
        line(call.word(zh, en))
        if said["totp_secret"]:
            entry(call.word("动态码密钥", "secret"), said["totp_secret"], 16)
            entry("otpauth", said["otpauth"], 16)
            call.note("只显示这一次；录入验证器后再登录", "shown this once; put it into an authenticator, then sign in")
            _codes(call, said["recovery_codes"])

    call.answer(said, page)


def _codes(call: Call, codes: list[str]) -> None:
    for each in codes:
        entry(call.word("恢复码", "recovery code"), each, 16)
    call.note(
        "验证器丢失时，一个恢复码代替一次动态码；只显示这一次，请与口令分开保管",
        "if the authenticator is lost, each stands once for a code of it; shown this once, keep them apart from the password",
    )


@command("recovery", help="重新生成恢复码，原有的作废 · New recovery codes for a lost second factor; earlier ones end.")
@login_argument
@password_option
@totp_option
@pass_call
def recovery(call: Call, login: str, password_file: str | None, totp_file: str | None) -> None:
    """Make recovery codes."""
    call.operator = True
    room = activation(call)
    shown = asked(call, password_file, "--password-file", "口令", "password")
    said = room.recovery_codes(login, shown, _totp(call, totp_file), address())
    call.answer(said, lambda: _codes(call, said["recovery_codes"]))


@command("password", help="更换本人口令，全部会话结束 · Change one's own password; every session ends.")
@login_argument
@file_option("--password-file", "原口令文件", "file with the old password")
@file_option("--new-file", "新口令文件", "file with the new password")
@totp_option
@pass_call
def password(call: Call, login: str, password_file: str | None, new_file: str | None, totp_file: str | None) -> None:
    """Change a password."""
    call.operator = True
    room = activation(call)
    old = asked(call, password_file, "--password-file", "原口令", "old password")
    new = _new(call, new_file, "--new-file")
    said = room.change_password(login, old, new, _totp(call, totp_file), address())
    call.answer(said, lambda: line(call.word("口令已更换", "the password is changed")))


@command("totp", help="启用或更换动态码 · Take a new secret of the second factor; every session ends.")
@login_argument
@password_option
@totp_option
@pass_call
def totp(call: Call, login: str, password_file: str | None, totp_file: str | None) -> None:
    """Enrol a second factor."""
    call.operator = True
    room = activation(call)
    said = room.enrol(
        login, asked(call, password_file, "--password-file", "口令", "password"), _totp(call, totp_file), address()
    )
    _enrolled(call, said, "动态码已更换", "the second factor is changed")


@command("sessions", help="谁在何处登录 · Where LOGIN is signed in.")
@login_argument
@pass_call
def sessions(call: Call, login: str) -> None:
    """List sessions."""
    found = [each.as_json() for each in call.workspace.sessions.listed(login, call.actor())]
    call.answer({"items": found}, lambda: listing(call, SESSIONS, found))


@command(
    "signout", help="退出登录；--all 结束某人全部会话 · End the session of --token-file; with --all every one of LOGIN."
)
@click.argument("login", type=TEXT, metavar="[LOGIN]", required=False)
@click.option("--all", "every", is_flag=True, help="全部会话 · every session of LOGIN")
@pass_call
def signout(call: Call, login: str | None, every: bool) -> None:
    """Sign out."""
    from engine.errors import Usage

    if every and login is not None:
        ended = call.workspace.sessions.end_all(login, call.actor())
    elif not every and login is None and (secret := call.token()) is not None:
        call.operator = True
        call.workspace.sessions.sign_out(secret)
        ended = 1
    else:
        raise Usage("signout ends the session of --token-file; or: signout LOGIN --all", "signout")
    call.answer({"ended": ended}, lambda: line(call.word(f"已结束会话：{ended}", f"sessions ended: {ended}")))
