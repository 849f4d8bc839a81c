"""Standing in for somebody who is away: delegations on the command line, and acting on behalf of another."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.pages import body_cell
from commands.paper import Cell, Column, line, local, table
from commands.reference import body_option
from commands.values import TEXT

if TYPE_CHECKING:
    from datetime import datetime

    from engine.delegating import Delegations
    from engine.orders import Actor

on_behalf_option: Callable[[Any], Any] = click.option(
    "--on-behalf", metavar="LOGIN", type=TEXT, help="代谁办理（须有生效的委托） · for whom, by a delegation in force"
)

COLUMNS = (
    Column("delegator", "委托人", "away"),
    Column("delegate", "受托人", "stands in"),
    Column("body", "单位", "body"),
    Column("post", "岗位", "post"),
    Column("from", "自", "from"),
    Column("until", "至", "until"),
    Column("status", "状态", "status"),
    Column("reason", "事由", "reason"),
)
STATUSES = {
    "in_force": ("生效", "in force"),
    "to_come": ("未开始", "to come"),
    "over": ("已期满", "over"),
    "ended": ("已终止", "ended"),
    "void": ("失效：已不任职或已停用", "void: a post was lost or an account disabled"),
}
post_option = click.option(
    "--post", metavar="POST", type=TEXT, help="岗位，不填则为其全部岗位 · post; all of them if left out"
)


def acting(call: Call, on_behalf: str | None) -> "Actor":
    """Who acts: in his own name, or for *on_behalf*. Raises Forbidden without a delegation in force."""
    actor = call.actor()
    return actor if on_behalf is None else call.workspace.deputy(actor, on_behalf)


def acting_on(call: Call, on_behalf: str | None, ref: str, trigger: str) -> "Actor":
    """Who acts on a matter: without *on_behalf*, somebody who may not himself acts for the only one for whom he may.

    Raises Forbidden if there are several.
    """
    actor = acting(call, on_behalf)
    found = {} if on_behalf is not None else call.workspace.deputies(actor)
    if not found or _may(call, ref, trigger, actor):
        return actor
    able = {who: deputy for who, deputy in found.items() if _may(call, ref, trigger, deputy)}
    return _only(call, actor, able, f"{trigger} {ref}")


def acting_on_notice(call: Call, on_behalf: str | None, ident: str) -> "Actor":
    """Who acknowledges a notice, found in the same way."""
    from engine.notice_desk import NoticeDesk

    actor = acting(call, on_behalf)
    found = {} if on_behalf is not None else call.workspace.deputies(actor)
    engine = call.workspace.engine
    if not found or NoticeDesk(engine, actor).may_acknowledge(ident):
        return actor
    able = {who: deputy for who, deputy in found.items() if NoticeDesk(engine, deputy).may_acknowledge(ident)}
    return _only(call, actor, able, f"ack {ident}")


def _may(call: Call, ref: str, trigger: str, actor: "Actor") -> bool:
    return any(each["trigger"] == trigger for each in call.workspace.reader.can(ref, actor)["possible"])


def _only(call: Call, actor: "Actor", able: "dict[str, Actor]", what: str) -> "Actor":
    if len(able) > 1:
        from engine.errors import Forbidden, Reason

        whom = ", ".join(able)
        words = Reason("delegation", f"请写明代谁：--on-behalf（{whom}）", f"say for whom: --on-behalf ({whom})")
        raise Forbidden(f"{actor.login} may do {what} for several", "ambiguous", [words])
    for who, deputy in able.items():
        call.note(f"代 {who} 办理", f"acting for {who}")
        return deputy
    return actor


def _desk(call: Call) -> "Delegations":
    from engine.delegating import Delegations

    return Delegations(call.workspace.engine, call.actor())


def _day(call: Call, text: str, what: str) -> "datetime":
    """The beginning of a day in the campaign's zone."""
    at = call.instant(text, what)
    assert at is not None
    return at.astimezone(call.zone).replace(hour=0, minute=0, second=0, microsecond=0)


@command(
    "delegate", help="委托 OTHER 在 LOGIN 离岗期间代行其岗位 · Let OTHER stand in for LOGIN, with dates and a reason."
)
@click.argument("login", type=TEXT, metavar="LOGIN")
@click.option("--to", metavar="OTHER", type=TEXT, required=True, help="受托人 · who stands in")
@click.option("--from", "since", metavar="DATE", type=TEXT, required=True, help="首日 · first day")
@click.option("--until", metavar="DATE", type=TEXT, required=True, help="末日（含） · last day, inclusive")
@body_option
@post_option
@click.option("--reason", metavar="T", type=TEXT, required=True, help="事由 · why")
@pass_call
def delegate(
    call: Call, login: str, to: str, since: str, until: str, body: str | None, post: str | None, reason: str
) -> None:
    """Make a delegation; both days are days of the campaign's zone."""
    first = _day(call, since, "--from")
    last = _day(call, (_day(call, until, "--until") + timedelta(days=1)).date().isoformat(), "--until")
    said = _desk(call).make(login, to, first, last, reason, call.body(body), post)
    posts = ", ".join(said["posts"])
    call.answer(said, lambda: line(call.word(f"{to} 代 {login}：{posts}", f"{to} stands in for {login}: {posts}")))


@command("undelegate", help="终止委托，立即生效 · End a delegation, at once.")
@click.argument("login", type=TEXT, metavar="LOGIN")
@click.option("--to", metavar="OTHER", type=TEXT, required=True, help="受托人 · who stands in")
@body_option
@post_option
@pass_call
def undelegate(call: Call, login: str, to: str, body: str | None, post: str | None) -> None:
    """End what OTHER stands in for LOGIN."""
    said = _desk(call).end(login, to, call.body(body), post)
    posts = ", ".join(said["posts"])
    words = (f"{to} 不再代 {login}：{posts}", f"{to} stands in for {login} no more: {posts}")
    call.answer(said, lambda: line(call.word(*words)))


@command(
    "delegations", help="列出委托：办公室看全部，他人看自己的 · Delegations: all for the office, one's own for others."
)
@pass_call
def delegations(call: Call) -> None:
    """Print who stands in for whom."""
    items = _desk(call).listed()

    def page() -> None:
        rows = [
            [
                each["delegator"],
                each["delegate"],
                body_cell(call, each["body"]),
                each["post"],
                local(each["from"], call.zone),
                local(each["until"], call.zone),
                Cell(call.word(*STATUSES[each["status"]]), "", each["status"]),
                each["reason"],
            ]
            for each in items
        ]
        table(COLUMNS, rows, call.lang)

    call.answer({"items": items}, page)
