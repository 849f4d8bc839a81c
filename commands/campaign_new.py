"""Next year's campaign file from this year's: ``campaign new``."""

from pathlib import Path
from typing import Any

import click

from commands.call import Call
from commands.campaign import FIRST, campaign_
from commands.campaign_publish import gate
from commands.group import pass_call
from commands.paper import line
from commands.values import TEXT

KEPT = {
    "workdays": ("工作日数不变", "keeps its working days"),
    "days": ("日历天数不变", "keeps its calendar days"),
    "month_end": ("仍止于月末", "still ends with a month"),
}
"""What of its length a phase keeps."""


@campaign_.command(
    "new",
    help="由往年文件起草新一年专项行动，待定处标 OPEN · Draft next year's campaign; what is open is marked # OPEN.",
)
@click.argument("code", type=TEXT, metavar="CODE")
@click.option(
    "--from", "name", type=TEXT, metavar="NAME|FILE", default=FIRST, show_default=True, help="旧文件 · the old campaign"
)
@click.option("--shift", "start", type=TEXT, metavar="DAY", required=True, help="新的首日 YYYY-MM-DD · its first day")
@click.option("--out", type=TEXT, metavar="FILE", required=True, help="写到 · where to write it")
@pass_call
def new(call: Call, code: str, name: str, start: str, out: str) -> None:
    """Write the draft and say what is open."""
    from workflows.next_year import draft, write_draft

    path = Path(out)
    found = draft(code, name, start, path)
    problems = write_draft(found, path, lambda written: gate((written,)))
    said = {"file": out, **found.as_json(), "ok": not problems, "problems": [each.as_json() for each in problems]}
    call.answer(said, lambda: _page(call, said))
    for each in problems if not call.json else ():
        line(f"  ✗ {each}", "red")
    if problems:
        click.get_current_context().exit(7)


def _page(call: Call, said: dict[str, Any]) -> None:
    line(f"{said['code']}  {said['file']}", "bold")
    for each in said["phases"]:
        days, worked = each["days"], each["workdays"]
        zh, en = KEPT[each["kept"]]
        line(
            f"  {each['code']}  {' – '.join(each['before'])} → {' – '.join(each['after'])}  "
            + call.word(
                f"{days[1]}日（原{days[0]}），{worked[1]}个工作日（原{worked[0]}），{zh}",
                f"{days[1]} days (were {days[0]}), {worked[1]} working days (were {worked[0]}), {en}",
            )
        )
    rest = sum(each["rest_day"] for each in said["dates"])
    guessed = sum(each["provisional"] for each in said["dates"])
    line(
        call.word(
            f"移动日期 {len(said['dates'])} 处，落在休息日 {rest} 处，暂定 {guessed} 处",
            f"{len(said['dates'])} dates moved, {rest} on rest days, {guessed} provisional",
        )
    )
    line(
        call.word(
            f"待定 {len(said['open'])} 项（文件中标 # OPEN）",
            f"{len(said['open'])} open questions (# OPEN in the file)",
        ),
        "bold",
    )
    for each in said["open"]:
        line(f"  {each['path']}  {call.label(each)}")
    line(call.word("没有发现问题", "no problem found") if said["ok"] else call.word("发现问题", "problems found"))
