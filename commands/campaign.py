"""Campaign files and definitions: check them, show them, draw their machines."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.group import group, pass_call
from commands.paper import entry, line
from commands.second import approved, campaign_approver
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.campaign_schema import CampaignDoc
    from engine.definition import Definition

FIRST = "baodi-2010"


@group("campaign", help="专项行动文件 · Campaign files and the machines they run.")
def campaign_() -> None:
    """Hold the commands about campaigns."""


@campaign_.command(
    "check",
    help="检查并证明：所有错误一次列出，违反之处给出各步 · Check and prove files; exit 7 if something is wrong.",
)
@click.argument("names", nargs=-1, type=TEXT, metavar="[NAME|FILE]...")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="最多查看的情形数 · situations to look at, at most")
@click.option("--corrections", is_flag=True, help="连同留痕更正一并查证 · facts may be corrected at any time")
@pass_call
def check(call: Call, names: tuple[str, ...], limit: int | None, corrections: bool) -> None:
    """Check and prove campaigns and definitions."""
    from commands.open_questions import open_questions, tell_open
    from commands.proving import check_files, page

    checked = check_files(names or (FIRST,), limit, corrections=corrections)
    questions = open_questions(names)

    def told() -> None:
        tell_open(call, questions)
        page(call, checked)

    call.answer({**checked.as_json(), "open": questions}, told)
    if checked.problems:
        click.get_current_context().exit(7)


@campaign_.command("show", help="查看专项行动 · Show a campaign: one of ours, a file, or the open one.")
@click.argument("name", required=False, type=TEXT, metavar="[NAME|FILE]")
@pass_call
def show(call: Call, name: str | None) -> None:
    """Show a campaign."""
    from engine.campaign_shape import campaign_json

    doc = _doc(call, name)
    call.answer(campaign_json(doc), lambda: _page(call, doc))


def _doc(call: Call, name: str | None) -> "CampaignDoc":
    from workflows.library import read_shelf

    if name is None and call.has_database():
        return call.workspace.campaign.doc
    return read_shelf(name or call.campaign or FIRST).campaign.doc


def _page(call: Call, doc: "CampaignDoc") -> None:
    names = {each.code: call.label(each.name) for each in doc.bodies}
    entry(call.word("专项行动", "campaign"), f"{doc.code}  {call.label(doc.name)}", 12)
    entry(call.word("时间", "time"), f"{doc.start} – {doc.end}  {doc.zone}", 12)
    line(call.word("阶段", "Phases"))
    for phase in doc.phases:
        line(f"  {phase.number}  {call.label(phase.name)}  {phase.start} – {phase.end}")
    line(call.beside(call.word("报送单位", "Roster"), len(doc.roster)))
    line("  " + call.word("、", ", ").join(names[code] for code in doc.roster))
    line(call.beside(call.word("工作职责", "Duties"), len(doc.duties)))
    for duty in doc.duties:
        who = call.word("、", ", ").join(names.get(code, code) for code in duty.responsible)
        lead = call.word("（牵头）", " (lead)") if duty.lead else ""
        line(f"  {duty.number}  {call.label(duty.title)}  {who}{lead}")
    line(call.word("报送材料", "Deliverables"))
    for owed in doc.deliverables:
        line(f"  {doc.dates[owed.due]}  {call.label(owed.name)}")
    if doc.returns:
        line(call.word("定期报表", "Periodic returns"))
    for each in doc.returns:
        line(f"  {each.first} – {each.last}  {each.on} {each.due_at or '24:00'}  {call.label(each.label)}")


@campaign_.command(
    "diagram",
    help="流程图（Mermaid，或 SVG） · Draw the machine of a kind, as the campaign runs it, as Mermaid or SVG.",
)
@click.argument("kind", type=TEXT, metavar="KIND")
@click.option("--svg", type=TEXT, metavar="FILE", help="另存为图片（SVG） · the picture, into a new file")
@pass_call
def diagram(call: Call, kind: str, svg: str | None) -> None:
    """Draw a machine."""
    from engine.diagram import mermaid

    definition = _definition(call, kind)
    answer: dict[str, Any] = {"kind": definition.doc.kind, "version": definition.doc.version}
    if svg is not None:
        said = _draw_svg(call, definition, svg)
        call.answer({**answer, "file": svg}, lambda: line(said))
        return
    drawn = mermaid(definition, call.lang)
    call.answer({**answer, "mermaid": drawn}, lambda: _draw(drawn))


def _definition(call: Call, kind: str) -> "Definition":
    """The machine in a file; else as the campaign at hand runs it; else one that comes with duban. Raises NotFound."""
    from engine.errors import NotFound, Usage
    from workflows.library import read_definition, shipped_definition

    if Path(kind).is_file():
        return read_definition(Path(kind))
    if call.has_database():
        with suppress(NotFound, Usage):  # it has no such kind, or several campaigns of which none was chosen
            return call.workspace.campaign.kind(kind).definition
    return shipped_definition(kind)


def _draw_svg(call: Call, definition: "Definition", file: str) -> str:
    from commands.fresh_file import write_fresh, write_pieces
    from engine.machine import Compiled
    from web.pictures.state_diagram import state_diagram

    drawn = state_diagram(Compiled(definition, 0, {}), call.lang)
    size = write_fresh(file, write_pieces([drawn]), call.workspace.database if call.has_database() else None)
    return call.word(f"已写入 {file}（{size} 字节）", f"written to {file} ({size} bytes)")


def _draw(drawn: str) -> None:
    for text in drawn.splitlines():
        click.echo(text)


@campaign_.command(
    "amend",
    help="调整进行中的专项行动：先看影响，--apply 须第二人批准 · Put a new version of the file in force; shows first.",
)
@click.argument("name", type=TEXT, metavar="FILE")
@click.option("--apply", "applied", is_flag=True, help="确认调整并重算期限 · do it, and count every date again")
@approved
@pass_call
def amend(call: Call, name: str, applied: bool, approver: str | None, token_file: str | None) -> None:
    """Print what the new file changes, and change it."""
    from commands.dates import plan_page
    from workflows.amendment import amend, plan_amendment, read_amendment
    from workflows.proving import refuse_unproved

    workspace = call.workspace
    shelf = read_amendment(workspace, name)
    plan, more = plan_amendment(workspace, shelf)
    new = not plan.known
    if applied:
        second = campaign_approver(call, approver, token_file, "an amendment")
        refuse_unproved(shelf)
        new = amend(workspace, shelf, call.actor(), second)
    said = {"campaign": shelf.campaign.doc.code, "new": new, "applied": applied, **more, **plan.as_json()}
    call.answer(said, lambda: plan_page(call, f"{said['campaign']}  {name}", said))


from commands import campaign_diff, campaign_expects, campaign_migrate, campaign_new, campaign_publish, campaign_schema  # noqa: E402, F401 - they add their commands to the group
