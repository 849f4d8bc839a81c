"""The ledger of notices on the command line: who was told what, when, by whom, and did they acknowledge it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.group import command, pass_call
from commands.held import counted as waiting
from commands.held import counts_page
from commands.pages import body_cell, status_cell, word_cell
from commands.paper import Cell, Column, entry, line, local, table
from commands.reference import REF, body_option
from commands.values import TEXT
from engine.problem_words import worded
from workflows.words import ANSWERS, NOTICES, SYSTEM

if TYPE_CHECKING:
    from engine.notice_ledger import Ledger, Where

COLUMNS = (
    Column("id", "编号", "id"),
    Column("planned_at", "应发", "planned"),
    Column("effective_at", "待发", "owed since"),
    Column("sent_at", "发出", "sent"),
    Column("acknowledged_at", "签收", "received"),
    Column("acknowledged_by", "签收人", "received by"),
    Column("kind", "种类", "kind"),
    Column("body", "单位", "body"),
    Column("recipient", "收件人", "to"),
    Column("by", "发起", "by"),
    Column("channel", "渠道", "channel"),
    Column("status", "状态", "status"),
    Column("answer", "回执", "answer"),
    Column("words", "文本哈希", "hash"),
    Column("subject", "主题", "subject"),
)
ON_SCREEN = frozenset(
    ("id", "sent_at", "acknowledged_at", "kind", "recipient", "by", "channel", "status", "answer", "words", "subject")
)
"""Columns that a terminal has room for; piped, all of them are written."""

COUNTS = (
    Column("body", "单位", "body"),
    Column("recipient", "收件人", "to"),
    Column("owed", "应发", "owed"),
    Column("told", "已送达", "told"),
    Column("acknowledged", "已签收", "acknowledged"),
    Column("not_delivered", "未送达", "not delivered"),
    Column("waiting", "待发", "waiting"),
    Column("median_to_acknowledge_s", "签收用时中位数", "median time to acknowledge"),
)
STATUSES = ("owed", "held", "sent", "failed", "dead", "acknowledged", "cancelled")

CODED = {"kind": NOTICES, "by": SYSTEM, "answer": ANSWERS}
"""Fields that hold a code, with its words."""

HASH_SHOWN = 12
"""Hex digits of a hash that a terminal shows; piped and in JSON it stands in full."""

WORDS = {
    "sent": ("发出", "sent"),
    "failed": ("未成", "failed"),
    "dead": ("无法送达", "put aside as dead"),
    "retry": ("重发", "owed again"),
    "acknowledge": ("签收", "acknowledged"),
    "passed_on": ("转交接任者", "passed on"),
}
"""What is done with a notice."""


@command(
    "list",
    help="通知台账：告知了谁、何时、谁发起、是否签收 · The ledger of notices: who was told, and did they acknowledge.",
)
@click.argument("ref", type=REF, metavar="[REF]", required=False)
@click.option(
    "--status", type=click.Choice(STATUSES), help="状态 · status; owed takes in what was tried in vain (failed)"
)
@body_option
@click.option("--to", "recipient", metavar="LOGIN", type=TEXT, help="收件人 · to whom")
@click.option("--kind", metavar="KIND", type=TEXT, help="种类 · kind: reminder, escalation, urge …")
@click.option("--day", metavar="DATE", type=TEXT, help="哪一天的 · owed on this day")
@click.option("--from", "since", metavar="INSTANT", type=TEXT, help="自何时起 · owed from then on")
@click.option("--until", metavar="INSTANT", type=TEXT, help="到何时为止（不含） · owed before then")
@click.option("--as-of", metavar="INSTANT", type=TEXT, help="按当时的留痕 · as the record stood then")
@click.option("--summary", is_flag=True, help="按收件人和单位计数 · counts per recipient and body")
@pass_call
def list_(
    call: Call,
    ref: str | None,
    body: str | None,
    recipient: str | None,
    kind: str | None,
    as_of: str | None,
    summary: bool,
    **when: str | None,
) -> None:
    """Print the notices that fit, or their counts."""
    from engine.notice_ledger import summary as counted

    code = call.body(body)
    _must_be_somebody(call, recipient)
    said = _ledger(call).listed(
        _where(call, ref=ref, body=code, recipient=recipient, kind=kind, **when), call.instant(as_of, "--as-of")
    )
    if ref is not None and not said["items"]:
        call.reader.history(ref)  # raises NotFound for a matter that is not there
    if summary:
        counts = counted(said["items"])
        rows = [[_cell(call, each, column.code) for column in COUNTS] for each in (*counts["items"], *counts["bodies"])]
        call.answer({**said, **counts}, lambda: table(COUNTS, rows, call.lang))
        return
    held = waiting(call) if when.get("status") == "held" and as_of is None else {}

    def page() -> None:
        _page(call, said["items"])
        if held:
            counts_page(call, held)

    call.answer({**said, **held}, page)


def _where(call: Call, day: str | None, since: str | None, until: str | None, **said: Any) -> "Where":
    from engine.errors import Usage
    from engine.notice_ledger import Where

    if day is not None and (since is not None or until is not None):
        raise Usage("choose by --day or by --from and --until, not by both", "both")
    first, last = call.instant(since, "--from"), call.instant(until, "--until")
    if day is not None:
        at = call.instant(day, "--day")
        assert at is not None
        first = at.astimezone(call.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        last = first + timedelta(days=1)
    return Where(**said, since=first, until=last)


def _must_be_somebody(call: Call, recipient: str | None) -> None:
    """Raise NotFound for a recipient that is nobody's login and no post: an empty list would be no answer."""
    if recipient is None:
        return
    from engine.errors import NotFound

    workspace = call.workspace
    body, _, post = recipient.partition(".")
    if body in workspace.campaign.bodies and post in workspace.campaign.bodies[body].posts:
        return
    with workspace.database.snapshot() as tx:
        if not workspace.people.exists(tx, recipient):
            raise NotFound(f"nobody has the login {recipient!r}, and it is no post of a body (wujia.head)", "no_login")


def _ledger(call: Call) -> "Ledger":
    from engine.notice_ledger import Ledger

    workspace = call.workspace
    call.sight.require("notices", "查看通知", "look at notices")
    return Ledger(workspace.database, workspace.campaign, workspace.clock, call.reader.notices_within())


def _page(call: Call, items: list[dict[str, Any]]) -> None:
    from commands.paper import on_terminal

    columns = [column for column in COLUMNS if column.code in ON_SCREEN or not on_terminal()]
    table(columns, [[_line_cell(call, each, column.code) for column in columns] for each in items], call.lang)
    if on_terminal():
        _count_line(call, items)


def _line_cell(call: Call, each: dict[str, Any], name: str) -> str | Cell:
    value = each[name]
    if name in ("status", "body"):
        return status_cell(value, call) if name == "status" else body_cell(call, value)
    if name in CODED:
        return word_cell(CODED[name], value, call)
    if name == "acknowledged_at" and value:
        return Cell(f"{_received_by(call, each)} {local(value, call.zone)}", "", local(value, call.zone))
    if name.endswith("_at"):
        return local(value, call.zone)
    if name == "words" and value:
        return Cell(value[:HASH_SHOWN], "", value)
    return "" if value is None else str(value)


def _received_by(call: Call, each: dict[str, Any]) -> str:
    """Who acknowledged, and whether by the link in the message, which whoever reads it can use."""
    how = call.word("（链接）", " (link)") if each["acknowledged_auth"] == "link" else ""
    return f"{each['acknowledged_by']}{how}"


def _count_line(call: Call, items: list[dict[str, Any]]) -> None:
    from engine.notice_ledger import summary as counted

    total = counted(items)["total"]
    told, received, lost, waiting = (total[name] for name in ("told", "acknowledged", "not_delivered", "waiting"))
    zh = f"共 {len(items)} 件：已送达 {told}（其中已签收 {received}），未送达 {lost}，待发 {waiting}"
    en = f"{len(items)} in all: told {told} (acknowledged {received}), not delivered {lost}, waiting {waiting}"
    line(call.word(zh, en))


def _cell(call: Call, each: dict[str, Any], name: str) -> Any:
    value = each.get(name)
    if name == "body" and value not in (None, "*"):
        return body_cell(call, value)
    if name == "median_to_acknowledge_s":
        return "" if value is None else str(timedelta(seconds=round(value)))
    return "*" if value is None else str(value)


@command("show", help="一条通知的全部：原文、每次发送、签收、留痕 · All of one notice: text, attempts, receipt, proof.")
@click.argument("ident", type=TEXT, metavar="ID")
@pass_call
def show(call: Call, ident: str) -> None:
    """Print everything of one notice."""
    from engine.urging import administers

    looker = call.looker()
    addresses = looker is not None and administers(call.workspace.campaign, looker)
    said = _ledger(call).shown(ident, addresses=addresses)
    call.answer(said, lambda: _one(call, said))


def _one(call: Call, said: dict[str, Any]) -> None:
    for zh, en, name in (
        ("编号", "id", "id"), ("事项", "matter", "ref"), ("种类", "kind", "kind"), ("收件人", "to", "recipient"),
        ("单位", "body", "body"), ("渠道", "channel", "channel"), ("发起", "by", "by"), ("应发", "planned", "planned_at"),
        ("待发", "owed since", "effective_at"), ("发出", "sent", "sent_at"), ("签收", "received", "acknowledged_at"),
        ("签收人", "received by", "acknowledged_by"), ("回执", "answer", "answer"),
    ):  # fmt: skip
        value = said[name]
        if value is not None:
            shown = local(value, call.zone, seconds=True) if name.endswith("_at") else str(value)
            shown = word_cell(CODED[name], shown, call).shown if name in CODED else shown
            shown = body_cell(call, shown).shown if name == "body" else shown
            shown = _received_by(call, said) if name == "acknowledged_by" else shown
            entry(call.word(zh, en), shown, 12)
    entry(call.word("状态", "status"), status_cell(said["status"], call).shown, 12)
    for act in said["acts"]:
        what = call.word(*WORDS.get(act["what"], (act["what"], act["what"])))
        proof = f"{act['proof']['stream']}#{act['proof']['seq']} {act['proof']['hash'][:HASH_SHOWN]}"
        words = (
            what,
            act["actor"],
            act.get("address"),
            act["to"],
            act["answer"],
            worded(act["error"] or "", call.lang),
            proof,
        )
        entry(local(act["at"], call.zone, seconds=True), "  ".join(str(each) for each in words if each), 21)
    _checked(call, said["words_check"])
    line()
    line(said["subject"], "bold")
    line(said["text"].rstrip())


def _checked(call: Call, check: dict[str, Any]) -> None:
    """Say whether the words on record are those that were sent."""
    words = {
        True: ("与留痕中发出的一致", "as sent, by the record"),
        False: ("与留痕中发出的不一致！", "NOT what was sent, by the record"),
        None: ("尚未发出", "not sent yet"),
    }
    entry(call.word("原文", "words"), f"{call.word(*words[check['same']])}  {check['on_record']}", 12)
