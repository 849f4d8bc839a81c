"""Backup and restore: one complete file out of a running database, and a new database out of such a file."""

from datetime import UTC
from pathlib import Path
from typing import Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.paper import entry, line, local
from commands.values import TEXT


@command(
    "backup", help="备份：数据库、材料和清单合为一个文件 · Back up database, documents and a manifest in one file."
)
@click.option("--to", "target", metavar="FILE", type=TEXT, required=True, help="备份文件，不覆盖 · never overwritten")
@pass_call
def backup(call: Call, target: str) -> None:
    """Write a backup while others go on working."""
    from workflows.backup import back_up
    from workflows.workspace import documents_folder

    call.operator = True
    workspace = call.workspace
    said = back_up(workspace.database, documents_folder(workspace.database), Path(target), workspace.clock.now())

    def page() -> None:
        entry(call.word("备份", "backup"), f"{said['file']}  {said['size'] / 1e6:.1f} MB", 12)
        entry(call.word("材料", "documents"), str(len(said["files"]) - 1), 12)
        entry(call.word("留痕", "entries"), str(sum(each["entries"] for each in said["campaigns"])), 12)
        _missing(call, said["missing"])

    call.answer(said, page)
    if said["missing"]:
        click.get_current_context().exit(9)


@command(
    "restore", help="恢复到新库，先核验；到期通知先暂缓 · Restore into a new database (--db), verified, in held mode."
)
@click.argument("source", type=TEXT, metavar="FILE")
@pass_call
def restore_(call: Call, source: str) -> None:
    """Make a new database of a backup."""
    from engine.errors import Usage
    from workflows.restore import restore

    call.operator = True
    if not call.named_database:
        raise Usage("name the new database: duban --db URL db restore FILE", "nothing_said")
    said = restore(Path(source), call.db)

    def page() -> None:
        entry(call.word("新库", "database"), said["database"], 12)
        entry(call.word("备份时间", "made at"), f"{local(said['made_at'], UTC, seconds=True)} UTC", 12)
        for each in said["campaigns"]:
            entry(call.word("核验", "verified"), f"{each['code']}  {each['entries']}", 12)
        entry(call.word("材料", "documents"), str(said["documents"]), 12)
        _missing(call, said["missing"])
        line(
            call.word(
                "已进入积压待发状态：备份之后可能已发过的通知先暂缓，核定后 duban notice release --all",
                "held mode is on: what may have been sent after the backup waits for duban notice release --all",
            )
        )

    call.note(
        f"备份（{said['made_at']}）之后删除的个人信息又在其中，办理之前须执行：duban privacy reapply 台账 --approve-by 登录名",
        f"personal data erased after the backup ({said['made_at']}) are there again; before anybody works in it: "
        "duban privacy reapply LEDGER --approve-by LOGIN",
    )
    call.answer(said, page)


COMMANDS = (backup, restore_)
"""The commands for the group of the database."""


def _missing(call: Call, missing: list[dict[str, Any]]) -> None:
    for each in missing:
        line(
            call.word(
                f"缺材料：{each['sha256']}（{each['why']}）", f"document missing: {each['sha256']} ({each['why']})"
            )
        )
