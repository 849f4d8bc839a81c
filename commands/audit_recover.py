"""``audit recover``: what to do when an older database had to be put back."""

from typing import Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.paper import entry
from commands.values import TEXT


@command(
    "recover",
    help="恢复：两人共同登记数据库被退回或分叉，日志进入新纪元 · Put on record, by two people, that an older database was put "
    "back; the log goes on in another epoch, which witnesses accept only by hand.",
)
@click.option("--reason", metavar="TEXT", type=TEXT, help="缘由 · why")
@click.option("--approve-by", metavar="LOGIN", type=TEXT, help="批准人（推演） · who approves it, in a rehearsal")
@click.option(
    "--approve-token-file", metavar="FILE", type=TEXT, help="批准人的令牌文件 · file with the token of who approves it"
)
@pass_call
def recover(call: Call, reason: str | None, approve_by: str | None, approve_token_file: str | None) -> None:
    """Show what is lost; with a reason and a second person, put it on record."""
    from engine.errors import Usage
    from workflows.recovering import loss
    from workflows.recovering import recover as put_on_record

    workspace = call.workspace
    approver = call.approver(approve_by, approve_token_file)
    if (approver is None) != (reason is None):
        raise Usage(
            "to put it on record give both --reason and --approve-by (in production --approve-token-file)", "both"
        )
    if approver is None or reason is None:
        with workspace.database.snapshot() as tx:
            found = loss(tx, workspace.campaign)
        said: dict[str, Any] = {"recorded": False, "loss": found.as_json() if found else None}
    else:
        done = put_on_record(workspace, call.actor(), approver, reason)
        said = {"recorded": True, "loss": done}
    call.answer(said, lambda: _page(call, said))


def _page(call: Call, said: dict[str, Any]) -> None:
    found = said["loss"]
    if found is None:
        entry(
            call.word("结论", "result"),
            call.word("与锚点一致，没有丢失", "it agrees with its anchors; nothing is lost"),
            16,
        )
        return
    entry(call.word("情形", "what"), call.word({"rollback": "退回", "fork": "分叉"}[found["code"]], found["code"]), 16)
    entry(call.word("一致至", "agrees up to"), f"{found['agreed']['size']}  {found['agreed']['root'][:16]}", 16)
    entry(
        call.word("最新锚点", "newest anchor"),
        f"{found['lost']['size']}  {found['lost']['root'][:16]}  {found['lost']['at']}",
        16,
    )
    if said["recorded"]:
        entry(call.word("新纪元", "new epoch"), found["origin"], 16)
        call.note(
            "请把新纪元的 vkey 交给核验者和见证人：duban audit key show",
            "give the vkey of the new epoch to verifiers and witnesses: duban audit key show",
        )
    else:
        call.note(
            "登记：duban audit recover --reason … --approve-token-file FILE（推演用 --approve-by LOGIN）",
            "to put it on record: duban audit recover --reason … --approve-token-file FILE (in a rehearsal --approve-by LOGIN)",
        )
