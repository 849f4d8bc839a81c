"""Notices: what is owed to whom, and what was sent."""

from typing import Any

import click

from commands.call import Call
from commands.group import group, pass_call
from commands.pages import status_cell
from commands.paper import Column, local, table
from commands.reference import REF, body_option

COLUMNS = (
    Column("id", "编号", "id"),
    Column("planned_at", "应发", "planned"),
    Column("sent_at", "发出", "sent"),
    Column("kind", "种类", "kind"),
    Column("recipient", "收件人", "to"),
    Column("status", "状态", "status"),
    Column("subject", "主题", "subject"),
)
STATUSES = ("owed", "held", "sent", "failed", "dead", "acknowledged", "cancelled")


@group("notice", help="通知 · Notices: one message owed to one recipient over one channel.")
def notice_() -> None:
    """Hold the commands about notices."""


@notice_.command("list", help="列出通知 · List notices in the order in which they were planned.")
@click.argument("ref", type=REF, metavar="[REF]", required=False)
@click.option("--status", type=click.Choice(STATUSES), help="状态 · status")
@body_option
@pass_call
def list_(call: Call, ref: str | None, status: str | None, body: str | None) -> None:
    """Print the notices that fit."""
    found = call.workspace.reader.notices(ref, call.body(body), status)
    if ref is not None and not found["items"]:
        call.workspace.reader.history(ref)  # raises NotFound for a matter that is not there
    call.answer(found, lambda: table(COLUMNS, [_row(call, each) for each in found["items"]], call.lang))


def _row(call: Call, each: dict[str, Any]) -> list[Any]:
    times = [local(each[name], call.zone) for name in ("planned_at", "sent_at")]
    return [each["id"], *times, each["kind"], each["recipient"], status_cell(each["status"], call), each["subject"]]
