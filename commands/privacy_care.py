"""After erasing: the database's files written anew, the ledger of erasures, and a restored backup."""

from pathlib import Path

import click

from commands.call import Call
from commands.group import pass_call
from commands.paper import entry, line
from commands.privacy import STATUSES, desk_of, scrubbed
from commands.privacy import privacy_ as privacy_  # noqa: PLC0414 - handed on with these commands
from commands.privacy_holds import preview as preview  # noqa: PLC0414 - loaded with these commands
from commands.privacy_rights import right_ as right_  # noqa: PLC0414 - loaded with these commands
from commands.second import approved, second_person
from commands.values import TEXT


@privacy_.command(
    "scrub", help="重写数据库文件，不留已删除的内容 · Write the database's files anew: nothing deleted stays in them."
)
@pass_call
def scrub(call: Call) -> None:
    """Write the files anew."""
    call.sight.require("backup", "维护数据库", "look after the database")
    done = scrubbed(call)
    call.answer({"scrubbed": done}, lambda: line(call.word("数据库文件已重写", "written anew") if done else ""))


@privacy_.command(
    "ledger", help="导出删除台账 FILE，与备份一同保管 · Write all erasures, without a value, to keep beside backups."
)
@click.option("--to", "target", metavar="FILE", type=TEXT, required=True, help="文件 · a new file")
@pass_call
def ledger_(call: Call, target: str) -> None:
    """Write the ledger."""
    import json

    from commands.fresh_file import write_fresh, write_pieces
    from engine.erasing_again import ledger

    found = ledger(desk_of(call, call.actor()))
    write_fresh(target, write_pieces([json.dumps(found, ensure_ascii=False, indent=1)]), call.workspace.database)
    count = len(found["erasures"])
    call.answer(
        {"file": target, "erasures": count}, lambda: line(call.word(f"{target}：{count} 项", f"{target}: {count}"))
    )


@privacy_.command(
    "reapply", help="在恢复的数据库中重新删除（两人） · Erase again in a restored database what the ledger FILE names."
)
@click.argument("file", type=TEXT, metavar="FILE")
@approved
@pass_call
def reapply(call: Call, file: str, approver: str | None, token_file: str | None) -> None:
    """Erase again; what was erased here already is left alone."""
    from engine.erasing_again import erase_again, read_ledger
    from engine.errors import Invalid

    second = second_person(call, approver, token_file, "erasing again")
    try:
        text = Path(file).read_bytes()
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror or error}", "no_file") from None
    asking = desk_of(call, call.actor())
    items = erase_again(read_ledger(text, asking), asking, desk_of(call, second))
    done = scrubbed(call) if any(each["status"] == "erased" for each in items) else True

    def page() -> None:
        for each in items:
            about = each.get("matter") or each.get("person")
            line(f"{each['id']}  {about}  {call.word(*STATUSES[each['status']])}  {each['values']}")
            for reason in each.get("reasons", ()):
                entry(call.word("理由", "why"), call.label(reason["text"]), 12)

    call.answer({"items": items, "scrubbed": done}, page)
