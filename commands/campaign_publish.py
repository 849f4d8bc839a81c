"""Publishing definitions, and what is published: ``campaign publish`` and ``campaign versions``."""

from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.campaign import campaign_
from commands.group import pass_call
from commands.pages import kind_cell
from commands.paper import Column, line, local, on_terminal, table
from commands.second import approved, campaign_approver
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.campaign import Campaign
    from engine.errors import Problem

STATES = {
    "in_force": ("专项行动文件与现行一致", "the campaign file is the one in force"),
    "differs": (
        "专项行动文件与现行不同：须由 campaign amend 生效",
        "the campaign file differs from the one in force: campaign amend puts it in force",
    ),
    "new": ("专项行动尚未开立：duban init --campaign FILE", "the campaign is not open: duban init --campaign FILE"),
}
"""What became of a campaign file that was published with its definitions."""

VERSIONS = (
    Column("kind", "事项类型", "kind"),
    Column("version", "版本", "version"),
    Column("hash", "摘要", "hash"),
    Column("published_at", "发布时间", "published"),
    Column("published_by", "发布人", "by"),
    Column("approved_by", "批准人", "approved by"),
    Column("live", "在办", "live"),
    Column("ended", "已结束", "ended"),
    Column("opens", "新事项", "new matters"),
)
FILES = (
    Column("number", "版本", "version"),
    Column("hash", "摘要", "hash"),
    Column("stored_at", "时间", "at"),
    Column("stored_by", "经办人", "by"),
    Column("approved_by", "批准人", "approved by"),
)


@campaign_.command(
    "publish",
    help="发布流程定义的新版本，须第二人批准 · Publish definitions as new versions; a second person approves.",
)
@click.argument("names", nargs=-1, required=True, type=TEXT, metavar="FILE...")
@approved
@pass_call
def publish(call: Call, names: tuple[str, ...], approver: str | None, token_file: str | None) -> None:
    """Publish definitions, or a campaign file with its definitions."""
    from workflows.publication import publish_bundle, read_bundle, unfit

    workspace = call.workspace
    _refuse(gate(names, workspace.campaign))
    bundle = read_bundle(names)
    _refuse(unfit(workspace.campaign, bundle))
    said = publish_bundle(workspace, bundle, call.actor(), campaign_approver(call, approver, token_file, "publishing"))
    call.answer(said, lambda: _page(call, said))


def _refuse(problems: "list[Problem]") -> None:
    from engine.errors import Invalid

    if problems:
        raise Invalid(f"not published: {len(problems)} problems", "unfit", problems=problems)


def gate(names: tuple[str, ...], bound: "Campaign | None" = None) -> "list[Problem]":
    """Everything that stands against the files, as the open campaign *bound* has them: the one way to the checks."""
    from commands.proving import check_files

    return check_files(names, None, corrections=False, bound=bound).problems


def _page(call: Call, said: dict[str, Any]) -> None:
    for each in said["published"]:
        what = (
            call.word("已发布", "published") if each["new"] else call.word("早已发布，没有变化", "was published before")
        )
        line(f"{each['kind']}@{each['version']}  {each['hash'][:12]}  {what}")
        if each["new"] and not each["opens"]:
            line(
                call.word(
                    f"  新事项仍用专项行动文件所指版本；改文件后 campaign amend，在办事项用 campaign migrate {each['kind']}",
                    f"  new matters follow the version the campaign file names: change it and campaign amend; "
                    f"for open ones campaign migrate {each['kind']}",
                )
            )
    for each in said["campaigns"]:
        line(f"{each['code']}  {each['hash'][:12]}  {call.word(*STATES[each['state']])}")


@campaign_.command(
    "versions", help="已发布的版本及各版本在办事项 · What is published, and how many live matters follow each."
)
@click.argument("kind", required=False, type=TEXT, metavar="[KIND]")
@pass_call
def versions(call: Call, kind: str | None) -> None:
    """List versions."""
    from workflows.publication import versions_of

    said = versions_of(call.workspace, kind)

    def page() -> None:
        opens = call.word("是", "yes")
        table(
            VERSIONS,
            [
                [
                    kind_cell(call, each["kind"]), str(each["version"]), each["hash"][:12], local(each["published_at"], call.zone),
                    each["published_by"], each["approved_by"] or "", str(each["live"]), str(each["ended"]),
                    opens if each["opens"] else "",
                ]
                for each in said["items"]
            ],
            call.lang,
        )  # fmt: skip
        if said["files"] and on_terminal():
            line(f"{call.word('专项行动文件', 'campaign file')}  {said['campaign']}")
            table(FILES, [_file(call, each) for each in said["files"]], call.lang)

    call.answer(said, page)


def _file(call: Call, each: dict[str, Any]) -> list[str]:
    when = local(each["stored_at"], call.zone)
    return [str(each["number"]), each["hash"][:12], when, each["stored_by"], each["approved_by"] or ""]
