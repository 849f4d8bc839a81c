"""Looking: show, list, history and board."""

from typing import Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.pages import body_cell, kind_cell, show_page
from commands.paper import Column, light_cell, table
from commands.past import history_page
from commands.reference import REF
from commands.sift import sifted, sifting
from commands.values import TEXT

as_of_option = click.option("--as-of", metavar="INSTANT", type=TEXT, help="当时的情形 · as it was then")

MATTERS = (
    Column("ref", "编号", "ref"),
    Column("kind", "类型", "kind"),
    Column("body", "单位", "body"),
    Column("stage", "阶段", "stage"),
    Column("state", "状态", "state"),
    Column("light", "灯", "light"),
    Column("due", "期限", "due"),
    Column("title", "标题", "title"),
)
WAITING = (*MATTERS[:-1], Column("waits", "待办单位", "waits for"), MATTERS[-1])
OVERDUE = Column("overdue", "逾期", "overdue")
"""Only when piped, after the others: on a terminal it stands under the deadline."""
BOARD = (
    Column("body", "代码", "code"),
    Column("name", "单位", "body"),
    Column("kind", "事项类型", "kind"),
    Column("stage", "阶段", "stage"),
    Column("light", "灯", "light"),
    Column("open", "未办结", "open"),
    Column("counts", "各阶段件数", "in each stage"),
)


@command("show", help="查看事项 REF：状态、期限、材料、可以办理什么 · Show the matter REF.")
@click.argument("ref", type=REF, metavar="REF")
@as_of_option
@pass_call
def show_(call: Call, ref: str, as_of: str | None) -> None:
    """Print a matter."""
    found = call.reader.show(ref, call.instant(as_of, "--as-of"), call.looker())
    call.answer(found, lambda: _shown(call, found))


def _shown(call: Call, found: dict[str, Any]) -> None:
    from commands.handovers import handovers_page

    show_page(call, found)
    handovers_page(call, found["handovers"], {each["code"]: each["label"] for each in found["deadlines"]})


@command("list", help="列出事项 · List matters.")
@sifting
@click.option(
    "--order",
    type=click.Choice(["urgency", "ref", "updated"]),
    default="ref",
    help="排序：紧急程度、编号、最近更新 · order",
)
@click.option("--limit", type=click.IntRange(1, 500), help="每页件数 · rows of a page")
@click.option("--cursor", metavar="CURSOR", type=TEXT, help="接上一页的 next · go on after the page before")
@as_of_option
@pass_call
def list_(call: Call, as_of: str | None, order: str, limit: int | None, cursor: str | None, **given: Any) -> None:
    """Print the matters that fit, all or a page of them."""
    from engine.lists import Page

    which = sifted(call, given)
    found = call.reader.listed(**which, as_of=call.instant(as_of, "--as-of"), page=Page(order, limit, cursor))
    columns = WAITING if which["waiting_for"] else MATTERS
    call.answer(found, lambda: list_page(call, found, columns))


def list_page(call: Call, found: dict[str, Any], columns: tuple[Column, ...]) -> None:
    """Print a list of matters, with what comes after the page."""
    from commands.paper import on_terminal

    drawn, rows = columns, [_matter(call, each, columns) for each in found["items"]]
    if not on_terminal():
        drawn = (*columns, OVERDUE)
        rows = [[*row, _over(each["overdue"])] for row, each in zip(rows, found["items"], strict=True)]
    table(drawn, rows, call.lang)
    if found.get("next"):
        shown, total, after = len(found["items"]), found["total"], found["next"]
        call.note(
            f"本页{shown}件，共{total}件；下一页：--cursor {after}",
            f"{shown} of {total}; the next page: --cursor {after}",
        )


def _matter(call: Call, each: dict[str, Any], columns: tuple[Column, ...]) -> list[Any]:
    from commands.paper import Cell

    due = _due(call, each["due"], each["overdue"])
    state = Cell(call.label(each["state_label"]) + _on_its_way(call, each), "", each["state"])
    stage = Cell(call.label(each["stage_label"]), "", each["stage"])
    kind = kind_cell(call, each["kind"])
    body = body_cell(call, each["body"])
    awaited = [Cell(_awaited(call, each), "", ",".join(dict.fromkeys(_bodies(each))))] if columns is WAITING else []
    return [each["ref"], kind, body, stage, state, light_cell(each["light"], call.lang), due, *awaited, each["title"]]


def _due(call: Call, due: dict[str, Any] | None, over: dict[str, Any] | None) -> Any:
    """What is overdue longest, else the nearest deadline, by its name; the nearest one's code when piped."""
    from commands.paper import Cell

    shown = over or due
    if shown is None:
        return ""
    piped = f"{due['last_day']} {due['code']}" if due else ""
    if over is None:
        return Cell(f"{shown['last_day']} {call.label(shown['label'])}", "", piped)
    late = (
        call.word(f"已逾期{over['days']}天", f"{over['days']} days overdue")
        if over["days"]
        else call.word("已逾期", "overdue")
    )
    return Cell(f"{call.label(over['label'])} {over['last_day']} {late}", "bold red", piped)


def _over(over: dict[str, Any] | None) -> str:
    return f"{over['last_day']} {over['code']}" if over else ""


def _on_its_way(call: Call, each: dict[str, Any]) -> str:
    """Whose receipt is awaited, if something was sent and not received."""
    names = [call.workspace.campaign.body_name(sent["to"], call.lang) for sent in each["pending_handovers"]]
    return call.word(f"（待{'、'.join(names)}签收）", f" (to be received by {', '.join(names)})") if names else ""


def _bodies(each: dict[str, Any]) -> list[str]:
    return [one["body"] for one in each["waits_for"] if one["body"]]


def _awaited(call: Call, each: dict[str, Any]) -> str:
    return "  ".join(dict.fromkeys(call.workspace.campaign.body_name(code, call.lang) for code in _bodies(each)))


@command("history", help="事项 REF 的留痕：谁、何时、做了什么、理由 · Every entry of REF: who, when, what and why.")
@click.argument("ref", type=REF, metavar="REF")
@pass_call
def history_(call: Call, ref: str) -> None:
    """Print the entries of a matter."""
    found = call.reader.history(ref)
    call.answer(found, lambda: history_page(call, ref, found))


@command("board", help="各单位各类事项的阶段、灯与件数 · Stage, light and counts of every body and kind.")
@as_of_option
@pass_call
def board_(call: Call, as_of: str | None) -> None:
    """Print the board."""
    found = call.reader.board(call.instant(as_of, "--as-of"))
    call.answer(found, lambda: table(BOARD, [_board_row(call, row) for row in found["rows"]], call.lang))


def _board_row(call: Call, row: dict[str, Any]) -> list[Any]:
    from commands.paper import Cell

    states = call.workspace.campaign.kind(row["kind"]).doc.states
    counts = "  ".join(
        f"{call.label(states[stage].label)} {count}" for stage, count in row["counts"].items() if stage in states
    )
    piped = ",".join(f"{stage}={count}" for stage, count in row["counts"].items())
    return [
        row["body"],
        call.label(row["name"]),
        Cell(call.label(row["kind_label"]), "", row["kind"]),
        Cell(call.label(row["stage_label"]), "", row["stage"]),
        light_cell(row["light"], call.lang),
        str(row["open"]),
        Cell(counts, "", piped),
    ]
