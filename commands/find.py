"""Finding: matters by what they are about, what waits for me, and the filters I keep."""

from typing import Any

import click

from commands.call import Call
from commands.group import command, group, pass_call
from commands.look import MATTERS, list_page
from commands.pages import word_cell
from commands.paper import Column, local, table
from commands.sift import sifted, sifting
from commands.values import TEXT
from workflows.words import STATUSES

limit_option = click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="件数 · rows")
cursor_option = click.option("--cursor", metavar="CURSOR", type=TEXT, help="接上一页 · go on after the page before")

DEADLINES = (
    Column("ref", "编号", "ref"),
    Column("code", "期限", "deadline"),
    Column("last_day", "到期日", "last day"),
    Column("status", "状态", "status"),
    Column("title", "标题", "title"),
)
NOTICES = (
    Column("id", "通知", "notice"),
    Column("ref", "编号", "ref"),
    Column("sent_at", "发出", "sent"),
    Column("subject", "标题", "subject"),
)
VIEWS = (Column("name", "名称", "name"), Column("filter", "条件", "filter"))


@command("search", help="查找事项：标题、编号、非个人信息 · Find matters by words, most urgent first.")
@click.argument("words", metavar="TEXT", type=TEXT)
@sifting
@limit_option
@cursor_option
@pass_call
def search_(call: Call, words: str, limit: int, cursor: str | None, **given: Any) -> None:
    """Print what was found."""
    from engine.lists import Page

    if given.pop("text", None) is not None:
        raise click.UsageError("TEXT is what is searched for; --text says it again")
    which = sifted(call, given)
    found = call.reader.listed(**{**which, "text": words}, page=Page("urgency", limit, cursor))
    call.answer(found, lambda: list_page(call, found, MATTERS))


@command(
    "work",
    help="我的待办：待办理、待签收、被退回、期限、通知、等待 · What waits for me, what hurts first; last what I wait for.",
)
@click.option(
    "--limit", type=click.IntRange(1, 500), default=20, show_default=True, help="每组件数 · rows of each group"
)
@pass_call
def work_(call: Call, limit: int) -> None:
    """Print what waits for the actor."""
    from engine.work import WorkDesk

    found = WorkDesk(call.reader).of(call.actor(), limit)
    call.answer(found, lambda: _work_page(call, found))


def _work_page(call: Call, found: dict[str, Any]) -> None:
    for group_ in found["groups"]:
        if not group_["count"]:
            continue
        call.tell(f"{call.label(group_['label'])}  {group_['count']}")
        if group_["code"] == "deadline":
            rows = [[*(each[name] for name in ("ref",)), call.label(each["label"]), each["last_day"],
                     word_cell(STATUSES, each["status"], call), each["title"]]
                    for each in group_["items"]]  # fmt: skip
            table(DEADLINES, rows, call.lang)
        elif group_["code"] == "notice":
            table(
                NOTICES,
                [
                    [each["id"], each["ref"] or "", local(each["sent_at"], call.zone), each["subject"]]
                    for each in group_["items"]
                ],
                call.lang,
            )
        else:
            list_page(call, {"items": group_["items"]}, MATTERS)
    if not any(group_["count"] for group_ in found["groups"]):
        call.tell(call.word("没有待办", "nothing waits"))
    for each in found["bodies"]:
        name = call.workspace.campaign.body_name(each["body"], call.lang)
        call.note(
            f"{name}有{each['count']}项待本单位其他人办理或签收：duban list --waiting-for {each['body']} --open",
            f"{each['count']} wait for others of {name}: duban list --waiting-for {each['body']} --open",
        )


@group("view", help="自存筛选 · Filters that I keep under a name.")
def view_() -> None:
    """Hold the views."""


@view_.command("save", help="以 NAME 保存筛选条件 · Keep the options that follow under NAME.")
@click.argument("name", type=TEXT)
@sifting
@pass_call
def save(call: Call, name: str, **given: Any) -> None:
    """Keep a filter."""
    from engine.lists import Wanted

    wanted = Wanted(**sifted(call, given))
    found = _views(call).save(name, wanted.as_json())
    call.answer(found, lambda: table(VIEWS, [_view(found)], call.lang))


@view_.command("list", help="我的筛选 · My filters.")
@pass_call
def list_(call: Call) -> None:
    """Print the filters of the actor."""
    found = _views(call).listed()
    call.answer(found, lambda: table(VIEWS, [_view(each) for each in found["items"]], call.lang))


@view_.command("show", help="按筛选 NAME 列出事项 · List the matters of the filter NAME.")
@click.argument("name", type=TEXT)
@limit_option
@cursor_option
@pass_call
def show(call: Call, name: str, limit: int, cursor: str | None) -> None:
    """Print the matters of a kept filter."""
    from engine.lists import Page, wanted_of

    wanted = wanted_of(_views(call).named(name)["filter"])
    found = call.reader.matching(wanted, page=Page("urgency", limit, cursor))
    call.answer(found, lambda: list_page(call, found, MATTERS))


@view_.command("drop", help="删除筛选 NAME · Remove the filter NAME.")
@click.argument("name", type=TEXT)
@pass_call
def drop(call: Call, name: str) -> None:
    """Remove a filter."""
    found = _views(call).drop(name)
    call.answer(found, lambda: table(VIEWS, [_view(found)], call.lang))


def _views(call: Call) -> Any:
    from engine.saved_views import SavedViews

    return SavedViews(call.workspace.engine, call.actor())


def _view(each: dict[str, Any]) -> list[str]:
    import json

    return [each["name"], json.dumps(each["filter"], ensure_ascii=False)]
