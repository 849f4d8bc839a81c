"""The reporter's vault on the command line: ask, approve, reveal, list, and the key."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.fresh_proof import prove_again
from commands.group import group, pass_call
from commands.paper import Cell, Column, entry, line, local, table
from commands.reference import REF
from commands.second import approved
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.vault_desk import VaultDesk

COLUMNS = (
    Column("id", "编号", "id"),
    Column("ref", "事项", "matter"),
    Column("reporter", "举报人代号", "reporter"),
    Column("status", "状态", "status"),
    Column("asked_by", "申请人", "asked by"),
    Column("asked_at", "申请时间", "asked at"),
    Column("approved_by", "批准人", "approved by"),
    Column("ends_at", "有效至", "holds until"),
    Column("readings", "查看次数", "readings"),
    Column("purpose", "用途", "purpose"),
)
STATUSES = {"asked": ("待批准", "asked for"), "open": ("已批准", "approved"), "ended": ("已失效", "ended")}


@group(
    "vault",
    help="举报人保密库：申请、批准、查看均留痕 · The reporter's vault: who reported is read by approval only.",
)
def vault_() -> None:
    """Hold the commands of the vault."""


@vault_.command("request", help="申请查看事项 REF 的举报人 · Ask to read who reported the matter REF.")
@click.argument("ref", type=REF, metavar="REF")
@click.option("--purpose", metavar="TEXT", type=TEXT, required=True, help="用途 · what it is needed for")
@pass_call
def request(call: Call, ref: str, purpose: str) -> None:
    """Ask."""
    said = _desk(call).ask(ref, purpose)
    call.answer(said, lambda: _page(call, [said["request"]]))


@vault_.command(
    "approve", help="批准申请 ID（保管单位负责人，不得是申请人） · Approve a request, as the keeper's head."
)
@click.argument("ident", type=TEXT, metavar="ID")
@pass_call
def approve(call: Call, ident: str) -> None:
    """Approve."""
    said = _desk(call).approve(ident)
    call.answer(said, lambda: _page(call, [said["request"]]))


@vault_.command("reveal", help="查看举报人（申请人本人，有效期内） · Read who reported, while the approval holds.")
@click.argument("ident", type=TEXT, metavar="ID")
@pass_call
def reveal(call: Call, ident: str) -> None:
    """Read; each reading is an entry."""
    prove_again(call, "reveal")
    said = _desk(call).reveal(ident)

    def page() -> None:
        entry(call.word("举报人", "reporter"), f"{said['request']['reporter']}  {said['identity']}", 12)
        entry(call.word("查看", "read by"), f"{said['read_by']}  {local(said['read_at'], call.zone)}", 12)
        line(call.word("不得复制、转发或向被举报人透露。", "Not to be copied, passed on, or told to who is reported."))

    call.answer(said, page)


@vault_.command("list", help="申请、批准与查看的清单 · Requests, approvals and how often each was read.")
@pass_call
def list_(call: Call) -> None:
    """Print the requests."""
    found = _desk(call).listed()
    call.answer(found, lambda: _page(call, found["items"]))


@vault_.group("key", help="保密库的密钥（DUBAN_VAULT_KEY） · The key of the vault.")
def key_() -> None:
    """Hold the commands of the key."""


@key_.command("new", help="生成密钥文件 FILE，只有所有者可读 · Make a key in FILE, readable by its owner alone.")
@click.argument("file", type=TEXT, metavar="FILE")
@pass_call
def key_new(call: Call, file: str) -> None:
    """Make a key; it stays away from the database and its backups."""
    from commands.key_change import tell_new
    from engine.sealing_key import new_key_file
    from engine.vault import load_vault

    path = Path(file)
    new_key_file(path)
    apart = "请另行备份，不得与数据库放在一处：", "Back it up, and not beside the database: "
    tell_new(call, load_vault(path).key_name, "DUBAN_VAULT_KEY", file, apart)


@key_.command(
    "rotate",
    help="更换密钥并重新加密（两人，可中断续办） · Change the key and seal everything anew: by two persons; it may be cut off.",
)
@approved
@pass_call
def key_rotate(call: Call, approver: str | None, token_file: str | None) -> None:
    """Change the key."""
    from commands.key_change import change
    from engine.vault_keys import kept_by
    from workflows.vault_key import vault_file

    workspace = call.workspace
    change(call, kept_by(workspace.engine.vault), vault_file(workspace.database, workspace.mode), approver, token_file)


def _desk(call: Call) -> "VaultDesk":
    from engine.vault_desk import VaultDesk

    return VaultDesk(call.workspace.engine, call.actor(), call.sight)


def _page(call: Call, items: list[dict[str, Any]]) -> None:
    table(COLUMNS, [[_cell(call, each, column.code) for column in COLUMNS] for each in items], call.lang)


def _cell(call: Call, each: dict[str, Any], name: str) -> Any:
    value = each[name]
    if name.endswith("_at"):
        return local(value, call.zone) if value else ""
    return (
        Cell(call.word(*STATUSES[value]), "", value)
        if name == "status"
        else str(value or 0 if name == "readings" else value or "")
    )
