"""The rehearsal of a whole campaign, in memory: the ledger of who would be told what, and what would be late."""

from typing import TYPE_CHECKING, Literal

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.paper import line
from commands.values import TEXT, given_text

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.script import ScriptLine

FIRST = "baodi-2010"


@command(
    "rehearse",
    help="推演整个专项行动（内存中，不碰 --db） · The whole campaign on a virtual clock; never touches --db.",
)
@click.argument("campaign", required=False, type=TEXT, metavar="[CAMPAIGN]")
@click.option("--script", metavar="FILE", type=TEXT, help="指令文件 JSON Lines · orders instead of people")
@click.option(
    "--people", metavar="MODEL", type=TEXT, default="typical", help="人员模型 · nobody, diligent, typical or a file"
)
@click.option("--seed", type=int, default=1, help="随机种子 · the same seed gives the same ledger")
@click.option("--cases", type=click.IntRange(0, 100_000), default=60, help="案件数 · cases that arrive")
@click.option("--until", metavar="INSTANT", type=TEXT, help="演到何时 · until when")
@click.option(
    "--calendar",
    type=click.Choice(["all", "asof"]),
    default="all",
    help="只知起始日前公布的放假安排 · asof: only the holiday notices issued by its start [all]",
)
@click.option(
    "--out", metavar="DIR", type=TEXT, help="写出 ledger.jsonl、ledger.csv、summary.json、summary.md · write them"
)
@pass_call
def rehearse_(
    call: Call,
    campaign: str | None,
    script: str | None,
    people: str,
    seed: int,
    cases: int,
    until: str | None,
    calendar: Literal["all", "asof"],
    out: str | None,
) -> None:
    """Rehearse and tell the result."""
    from scheduler.rehearse import rehearse

    said = None if script is None else _script(script)
    chosen = call.campaign or FIRST if campaign is None else given_text(campaign, "CAMPAIGN")
    result = rehearse(chosen, people, seed, cases, _until(chosen, until), said, out, calendar)
    for each in result.summary["refused"]:
        call.note(
            f"被拒：{each['ref']} {each['trigger']}：{each['error']}",
            f"refused: {each['ref']} {each['trigger']}: {each['error']}",
        )

    def page() -> None:
        for text in result.pages.page(result.summary, call.lang).splitlines():
            line(text, "bold" if text.startswith("#") else "")
        if out:
            line(call.word(f"已写入 {out}", f"written to {out}"))

    call.answer({"summary": result.summary, "ledger": result.ledger}, page)


def _script(path: str) -> "list[ScriptLine]":
    """Read a script in the form of ``apply``. Raises Invalid with every line that is wrong."""
    from commands.lines import Lines
    from engine.errors import Invalid
    from scheduler.script import ScriptLine

    try:
        with open(path, "rb") as file:  # noqa: PTH123  pathlib is not imported for every call
            lines = list(Lines(file))
    except OSError as error:
        raise Invalid(f"{path}: cannot be read: {error.strerror}", "unreadable") from None
    wrong = [(line.number, line.problem) for line in lines if line.problem is not None]
    if wrong:
        problems = [each.as_problem(path, number, 1) for number, each in wrong]
        raise Invalid(f"{path}: {len(wrong)} lines are wrong", "script", problems=problems)
    return [ScriptLine(f"{path}:{line.number}", line.said) for line in lines]


def _until(campaign: str, text: str | None) -> "datetime | None":
    if text is None:
        return None
    from zoneinfo import ZoneInfo

    from commands.values import instant
    from workflows.library import read_shelf

    return instant(text, ZoneInfo(read_shelf(campaign).campaign.doc.zone), "--until")
