"""The law as data: the standards in force on a day, and files of standards checked."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from commands.call import Call
from commands.group import group, pass_call
from commands.paper import Column, entry, line, on_terminal, table
from commands.values import TEXT, Text

if TYPE_CHECKING:
    from engine.standard_file import Standard

ROWS = (
    Column("crime", "罪名", "crime"),
    Column("row", "代码", "row"),
    Column("label", "计算项目", "measure"),
    Column("condition", "标准", "figures"),
    Column("tier", "档次", "tier"),
    Column("basis", "依据", "basis"),
    Column("mark", "核验", "mark"),
)
TIERS = {"base": ("入罪", "base"), "next": ("加重", "next")}


class Crime(Text):
    """A code of a crime, completed from the standards that come with duban."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """List the crimes whose code begins so."""
        from workflows.standards import shipped_standards

        found = {row.crime: row.crime_label.zh for file in shipped_standards().files for row in file.rows}
        return [CompletionItem(code, help=name) for code, name in sorted(found.items()) if code.startswith(incomplete)]


@group("law", help="法律标准：查看、检查 · The law as data: standards in force, files checked.")
def law_() -> None:
    """Hold the commands about the law."""


@law_.command(
    "thresholds", help="现行立案追诉标准 · The prosecution standards in force, of one CRIME (c213) or of all."
)
@click.argument("crime", type=Crime(), metavar="[CRIME]", required=False)
@click.option("--on", metavar="DATE", type=TEXT, help="哪一天的标准，默认今天 · in force on this day; else today")
@pass_call
def thresholds(call: Call, crime: str | None, on: str | None) -> None:
    """Print the rows in force."""
    day = _day(call, on)
    said = _in_force(day, crime)
    call.answer(said, lambda: _page(call, said))


def _day(call: Call, text: str | None) -> date:
    from engine.clock import SystemClock
    from engine.errors import Invalid

    if text is None:
        if not call.has_database():
            return SystemClock().now().date()
        return call.workspace.clock.now().astimezone(call.zone).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"not a day: {text[:40]!r}; write YYYY-MM-DD", "day") from None


def _in_force(day: date, crime: str | None) -> dict[str, Any]:
    """The standards in force on *day*. Raises NotFound for a crime that no file knows."""
    from engine.errors import NotFound
    from engine.suggest import did_you_mean
    from engine.verdicts import row_json
    from workflows.standards import shipped_standards

    standards = shipped_standards()
    known = {row.crime for file in standards.files for row in file.rows}
    if crime is not None and crime not in known:
        there = ", ".join(sorted(known))
        raise NotFound(
            f"no crime {crime[:40]!r} in the standards; there are: {there}", "no_crime", hint=did_you_mean(crime, known)
        )
    files = [
        file for file in standards.files if file.doc.valid_from <= day.isoformat() <= (file.doc.valid_to or "9999")
    ]
    rows = [row for file in files for row in file.rows if row.first <= day <= row.last]
    wanted = [row for row in rows if crime is None or row.crime == crime or row.covers(crime, day)]
    return {
        "on": day.isoformat(),
        "standards": [_file_json(file) for file in files],
        "items": [row_json(row) for row in wanted],
    }


def _file_json(file: "Standard") -> dict[str, Any]:
    doc = file.doc
    return {
        "code": doc.code, "family": doc.family, "label": doc.label.model_dump(), "basis": doc.basis, "digest": file.digest,
        "valid_from": doc.valid_from, "valid_to": doc.valid_to,
        "computing": [{**note.label.model_dump(), "basis": note.basis, "mark": note.mark} for note in doc.computing],
        "crimes": {
            code: {"label": spec.label.model_dump(), "basis": spec.basis, "note": spec.note.model_dump() if spec.note else None}
            for code, spec in doc.crimes.items()
        },
    }  # fmt: skip


def _page(call: Call, said: dict[str, Any]) -> None:
    table(ROWS, [_row(call, each) for each in said["items"]], call.lang)
    if not on_terminal():
        return
    if not said["items"]:
        line(call.word(f"{said['on']} 无现行标准", f"no standard in force on {said['on']}"))
    shown = {each["code"].partition(".")[0] for each in said["items"]}
    for file in said["standards"]:
        if file["code"] in shown:
            entry(
                file["code"],
                f"{call.label(file['label'])}  {file['valid_from']} – {file['valid_to'] or ''}  {file['digest'][:12]}",
                16,
            )
            for note in file["computing"]:
                line(f"  · {call.beside(note[call.lang], note['basis'])} [{note['mark']}]")


def _row(call: Call, each: dict[str, Any]) -> list[Any]:
    from commands.paper import Cell

    crime = Cell(call.label(each["crime_label"]), "", each["crime"])
    tier = Cell(call.word(*TIERS[each["tier"]]), "", each["tier"])
    label, condition = call.label(each["label"]), call.label(each["condition"])
    return [crime, each["code"], label, condition, tier, each["basis"], each["mark"]]


@law_.command(
    "check", help="检查标准文件：所有错误一次列出 · Check a file of standards; every mistake at once, exit 7."
)
@click.argument("file", type=TEXT, metavar="FILE")
@pass_call
def check(call: Call, file: str) -> None:
    """Check a file of standards."""
    from engine.errors import Invalid, Problem
    from workflows.standards import read_standard

    problems: list[Problem] = []
    try:
        read_standard(Path(file))
    except Invalid as error:
        problems = error.flaws(file)
    said = {"ok": not problems, "problems": [problem.as_json() for problem in problems]}

    def page() -> None:
        for problem in problems:
            line(problem.said(call.lang))
        good, bad = ("没有发现问题", "no problem found"), (f"{len(problems)} 处错误", f"{len(problems)} problems")
        line(call.word(*(bad if problems else good)))

    call.answer(said, page)
    if problems:
        click.get_current_context().exit(7)
