"""What a new calendar or a new campaign file changes: which dates move, who is told, how many of what."""

from typing import Any

from commands.call import Call
from commands.pages import body_cell
from commands.paper import Column, line, on_terminal, table

COLUMNS = (
    Column("ref", "事项", "ref"),
    Column("code", "代码", "code"),
    Column("label", "期限", "deadline"),
    Column("owner", "责任单位", "owner"),
    Column("before", "原定", "before"),
    Column("last_day", "改为", "becomes"),
    Column("provisional", "暂定", "provisional"),
    Column("gained", "新增提醒", "reminders gained"),
    Column("lost", "取消提醒", "reminders lost"),
)
COUNTS = (
    ("moved", "日期有变", "dates moved"),
    ("watches", "监测时点有变", "findings told on another day"),
    ("confirmed", "暂定转为确定", "no longer provisional"),
    ("over", "按新日期已经逾期", "over already by the new date"),
    ("reminders_gained", "新增提醒", "reminders gained"),
    ("reminders_lost", "取消提醒", "reminders lost"),
    ("recipients", "通知人数", "recipients told"),
)

PARTS = (("bodies", "机构", "body"), ("roster", "报送单位", "roster"), ("duties", "工作职责", "duty"))


def plan_page(call: Call, title: str, said: dict[str, Any]) -> None:
    """Show a plan: a row a deadline; on a terminal what stands above and below it too."""
    shown = on_terminal()
    if shown:
        line(title, "bold")
    if shown and not said["new"] and not said["changes"]:
        line(call.word("已在使用，没有变化", "in force already; nothing changes"))
        return
    table(COLUMNS, [_row(call, each) for each in said["changes"]], call.lang)
    if not shown:
        return
    _parts(call, said)
    _versions(call, said)
    for key, zh, en in COUNTS:
        line(f"  {call.word(zh, en)}  {said['counts'][key]}")
    if not said["applied"]:
        line(
            call.word("以上是预览，尚未生效；加 --apply 生效", "this is what would change; add --apply to do it"),
            "bold",
        )


def _versions(call: Call, said: dict[str, Any]) -> None:
    """Say which version new matters follow, and how open ones may."""
    for each in said.get("definitions", ()):
        version = f"{each['kind']}@{each['before']} → @{each['after']}  (campaign migrate {each['kind']} --plan)"
        line(f"  {call.word('新事项所用流程', 'new matters follow')}  {version}")


def _parts(call: Call, said: dict[str, Any]) -> None:
    """Show what else a new campaign file says otherwise."""
    for key, zh, en in PARTS:
        for what, sign in (("added", "+"), ("removed", "−")):
            for each in said.get(key, {}).get(what, ()):
                line(f"  {call.word(zh, en)}  {sign} {each}")
    for each in said.get("dates", ()):
        line(f"  {call.word('行动日期', 'named date')}  {each['name']}  {each['before']} → {each['after']}")
    for each in said.get("texts", ()):
        line(f"  {call.word('通知用语', 'notice text')}  {each}")


def _row(call: Call, each: dict[str, Any]) -> list[Any]:
    mark = provisional_mark(call, each["provisional"])
    after = each["last_day"] + (call.word("（已过）", " (over)") if each["over"] else "")
    counts = [str(len(each["gained"])), str(len(each["lost"]))]
    return [
        each["ref"],
        each["code"],
        call.label(each["label"]),
        body_cell(call, each["owner"]),
        each["before"],
        after,
        mark,
        *counts,
    ]


def provisional_mark(call: Call, provisional: bool) -> str:
    """Say that a date rests on holidays that are not announced yet."""
    return call.word("暂定", "provisional") if provisional else ""
