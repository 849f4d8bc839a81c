"""Who has a login and which posts, and the posts that nobody holds."""

from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.paper import Column, line, listing, local
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.register import Register

AT_ONCE = 500
"""Persons read in one go. PLACEHOLDER"""

PERSONS = (
    Column("login", "登录名", "login"),
    Column("name", "姓名", "name"),
    Column("posts", "岗位", "posts"),
    Column("status", "状态", "status"),
)
VACANT = (Column("body", "单位代码", "body"), Column("name", "单位", "name"), Column("post", "岗位", "post"))


@command(
    "list",
    help="人员及其岗位；--vacant 列出无人担任的岗位 · Who has a login, with the posts they hold; --vacant: the posts that "
    "nobody holds.",
)
@click.argument("words", type=TEXT, metavar="[WORDS]", required=False)
@click.option("--vacant", is_flag=True, help="无人担任的岗位 · posts that nobody holds")
@pass_call
def persons(call: Call, words: str | None, vacant: bool) -> None:
    """List the persons whose login, name or body has *words* in it, or the vacant posts."""
    from engine.register import Register

    call.sight.require("accounts", "查看人员与权限", "see accounts")
    register = Register(call.workspace.engine)
    if vacant:
        _vacant(call, register, words or "")
        return
    found = _everybody(register, words or "")
    call.answer({"items": found, "total": len(found)}, lambda: _page(call, found))


def _everybody(register: "Register", words: str) -> list[dict[str, Any]]:
    found, after = list[dict[str, Any]](), ""
    while True:
        page = register.page(words, after, AT_ONCE)
        found += page["items"]
        if page["next"] is None:
            return found
        after = page["next"]


def _page(call: Call, found: list[dict[str, Any]]) -> None:
    rows = [
        {**each, "posts": ", ".join(_post(call, seat) for seat in each["posts"]), "status": _status(call, each)}
        for each in found
    ]
    listing(call, PERSONS, rows)


def _post(call: Call, seat: dict[str, Any]) -> str:
    until = local(seat["until"], call.zone)
    return f"{seat['body']}.{seat['post']}" + (call.word(f"（至 {until}）", f" (until {until})") if until else "")


def _status(call: Call, each: dict[str, Any]) -> str:
    if call.workspace.mode == "rehearsal":
        return call.word("推演", "rehearsal")
    if each["disabled_at"]:
        return call.word("已停用", "disabled")
    if not each["activated"]:
        return call.word("未激活", "not activated")
    return (
        call.word("已激活，有动态码", "active, second factor")
        if each["second_factor"]
        else call.word("已激活", "active")
    )


def _vacant(call: Call, register: "Register", words: str) -> None:
    names = {code: body.name for code, body in call.workspace.campaign.bodies.items()}
    found = [each for each in register.vacant() if words in each["body"]]

    def page() -> None:
        listing(call, VACANT, [{**each, "name": call.label(names[each["body"]])} for each in found])
        if not found:
            line(call.word("没有无人担任的岗位", "no post is vacant"))

    call.answer({"items": found}, page)
