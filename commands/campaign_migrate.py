"""Taking live matters over to another published version: ``campaign migrate``."""

from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.campaign import campaign_
from commands.dates import plan_page
from commands.group import pass_call
from commands.paper import line
from commands.second import approved, campaign_approver
from commands.values import TEXT
from engine.problem_words import worded

if TYPE_CHECKING:
    from workflows.migration import Impact

OPS = {
    "carried": ("延续（起算、期限不变）", "go on (start and date stay)"),
    "recounted": ("按新规定重算", "counted by the new rule"),
    "started": ("自迁移时起算", "begin with the migration"),
    "stopped": ("终止", "stop"),
}
"""What becomes of deadlines."""


@campaign_.command(
    "migrate",
    help="在办事项改用另一版本：先看影响，--apply 须第二人批准 · Take live matters over to another version; shows first.",
)
@click.argument("kind", type=TEXT, metavar="KIND")
@click.option("--to", "version", type=click.IntRange(1), required=True, help="目标版本 · the version wanted")
@click.option("--plan", "planned", is_flag=True, help="只看影响（默认） · only show what it would do")
@click.option("--apply", "applied", is_flag=True, help="确认迁移，中断后可续 · do it; goes on where it was cut off")
@click.option(
    "--batch", type=click.IntRange(1, 200), default=200, show_default=True, help="每批事项数 · matters a transaction"
)
@click.option("--ref", "refs", multiple=True, type=TEXT, metavar="REF", help="只迁移这些事项 · only these matters")
@approved
@pass_call
def migrate(
    call: Call, kind: str, version: int, planned: bool, applied: bool, batch: int, refs: tuple[str, ...],
    approver: str | None, token_file: str | None,
) -> None:  # fmt: skip
    """Print what a migration would do, and do it."""
    from engine.errors import Usage
    from workflows.migration import migrate, plan_migration
    from workflows.publication import find_version

    if planned and applied:
        raise Usage("either --plan or --apply", "both")
    workspace = call.workspace
    target = find_version(workspace, kind, version)
    impact = plan_migration(workspace, target, _known(call, kind, refs))
    said = {**impact.as_json(), "applied": False, "new": bool(impact.survey.matters)}
    if applied and impact.sound:
        actor, second = call.actor(), campaign_approver(call, approver, token_file, "a migration")
        said |= {"applied": True, **migrate(workspace, target, actor, second, refs, batch)}
    call.answer(said, lambda: _page(call, impact, said))
    if not impact.sound or said.get("left"):
        click.get_current_context().exit(7)


def _known(call: Call, kind: str, refs: tuple[str, ...]) -> tuple[str, ...]:
    """The references, each of which must be a matter of *kind*. Raises NotFound, Invalid."""
    from engine.errors import Invalid

    for ref in refs:
        shown = call.reader.show(ref)
        if shown["kind"] != kind:
            raise Invalid(f"{ref} is a {shown['kind']}, not a {kind}", "ref")
    return refs


def _page(call: Call, impact: "Impact", said: dict[str, Any]) -> None:
    what = f"{said['kind']}@{said['to']}  {said['hash'][:12]}"
    line(
        call.word(
            f"{what}  {said['matters']} 个在办事项，{said['situations']} 种情形",
            f"{what}  {said['matters']} live matters, {said['situations']} distinct situations",
        )
    )
    for each in said["states"]:
        place = each["to"] or call.word("没有位置", "no place")
        line(f"  @{each['from']}  {each['state']} → {place}  {each['count']}")
    for each in said["deadlines"]:
        renamed = f"{each['was']} → {each['code']}" if each["was"] else each["code"]
        line(f"  {call.word('期限', 'deadline')}  {renamed}  {call.word(*OPS[each['op']])}  {each['count']}")
    for each in said["problems"]:
        more = call.word("等", " …") if each["count"] > len(each["refs"]) else ""
        count, refs = each["count"], call.word("、", ", ").join(each["refs"]) + more
        line(f"  ✗ {call.beside(call.label(each), call.word(f'{count}件：{refs}', f'{count}: {refs}'))}", "red")
    for text in said["remarks"]:
        line(
            f"  ! {call.word('专项行动文件须一并调整：', 'the campaign file is to be amended too: ')}{worded(text, call.lang)}"
        )
    if said["changes"]:
        plan_page(call, what, said)
    _verdict(call, impact, said)


def _verdict(call: Call, impact: "Impact", said: dict[str, Any]) -> None:
    if not impact.sound:
        line(call.word("不能迁移，未作任何改动", "it cannot be done so; nothing was changed"))
    elif said["applied"]:
        line(call.word(f"已迁移 {said['migrated']} 个事项", f"{said['migrated']} matters taken over"))
        for each in said["left"]:
            line(f"  ✗ {each['ref']}: {call.label(each['text'])}", "red")
    elif said["matters"]:
        line(
            call.word("以上是预览；加 --apply --approve-by LOGIN 生效", "a preview; --apply --approve-by LOGIN does it")
        )
    else:
        line(call.word("没有需要迁移的在办事项", "no live matter follows another version"))
