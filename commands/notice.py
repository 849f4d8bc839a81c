"""Notices: what is owed to whom, and what was sent."""

from typing import Any

import click

from commands.call import Call
from commands.damaged import tell_damaged
from commands.delegation import acting_on_notice, on_behalf_option
from commands.group import group, pass_call
from commands.held import COMMANDS
from commands.notice_ledger import list_, show
from commands.pages import body_cell, status_cell, word_cell
from commands.paper import Cell, Column, line, local, on_terminal, table
from commands.reference import KIND, REF, body_option
from commands.values import TEXT
from workflows.words import NOTICES

COLUMNS = (
    Column("id", "编号", "id"),
    Column("planned_at", "应发", "planned"),
    Column("sent_at", "发出", "sent"),
    Column("kind", "种类", "kind"),
    Column("recipient", "收件人", "to"),
    Column("status", "状态", "status"),
    Column("subject", "主题", "subject"),
)

URGED = (
    Column("body", "单位", "body"),
    Column("name", "名称", "name"),
    Column("times", "催办次数", "times"),
    Column("matters", "事项数", "matters"),
    Column("last_at", "最近一次", "last"),
)
FORESEEN = (
    Column("effective_at", "发出", "goes"),
    Column("kind", "种类", "kind"),
    Column("recipient", "收件人", "to"),
    Column("channel", "渠道", "channel"),
    Column("digest", "合发", "digest"),
    Column("ref", "事项", "matter"),
    Column("subject", "主题", "subject"),
)
WAYS = (
    Column("channel", "渠道", "channel"),
    Column("type", "类型", "type"),
    Column("default", "默认", "default"),
    Column("leads_to", "去向", "leads to"),
)


@group("notice", help="通知 · Notices: one message owed to one recipient over one channel.")
def notice_() -> None:
    """Hold the commands about notices."""


for _command in (list_, show, *COMMANDS):
    notice_.add_command(_command)


def _row(call: Call, each: dict[str, Any]) -> list[Any]:
    times = [local(each[name], call.zone) for name in ("planned_at", "sent_at")]
    status: Any = status_cell(each["status"], call)
    if each.get("acknowledged_by"):
        how = call.word("（链接）", " (link)") if each["acknowledged_auth"] == "link" else ""
        when = local(each["acknowledged_at"], call.zone)
        status = Cell(f"{status.shown} {each['acknowledged_by']}{how} {when}", "", each["status"])
    return [each["id"], *times, word_cell(NOTICES, each["kind"], call), each["recipient"], status, each["subject"]]


@notice_.command("ack", help="签收通知 · Acknowledge notices: it was received. The deadline runs on.")
@click.argument("idents", type=TEXT, metavar="ID", nargs=-1, required=True)
@on_behalf_option
@pass_call
def ack(call: Call, idents: tuple[str, ...], on_behalf: str | None) -> None:
    """Acknowledge each notice, in order, up to the first that may not be."""
    from engine.notice_desk import NoticeDesk

    engine = call.workspace.engine
    _changed(
        call,
        [NoticeDesk(engine, acting_on_notice(call, on_behalf, each)).acknowledge(each) for each in idents],
    )


@notice_.command("retry", help="重发未能送达的通知 · Send dead notices again.")
@click.argument("idents", type=TEXT, metavar="[ID]", nargs=-1)
@click.option("--dead", is_flag=True, help="全部未能送达的 · all that could not be delivered")
@click.option(
    "--to",
    "holder",
    metavar="HOLDER",
    type=TEXT,
    help="此人、岗位或单位的，仍未办结的 · of HOLDER, as far as they still matter",
)
@pass_call
def retry(call: Call, idents: tuple[str, ...], dead: bool, holder: str | None) -> None:
    """Owe dead notices again."""
    from engine.errors import Usage
    from engine.notice_desk import NoticeDesk

    if bool(idents) + dead + (holder is not None) != 1:
        raise Usage("name the notices by their ids, or say --dead, or --to HOLDER", "nothing_said")
    desk = NoticeDesk(call.workspace.engine, call.actor())
    chosen = desk.wanted(holder) if holder is not None else desk.dead() if dead else idents
    if not chosen:
        call.note("没有需要重发的通知", "there is nothing to send again")
    _changed(call, [desk.retry(ident) for ident in chosen])


def _changed(call: Call, done: list[dict[str, Any]]) -> None:
    rows = [_row(call, each["notice"]) for each in done]
    call.answer({"items": done}, lambda: table(COLUMNS, rows, call.lang) if rows or not on_terminal() else None)


@notice_.command("urge", help="催办：一个或多个事项 · Urge the bodies of matters, with words; counted on the record.")
@click.argument("refs", type=REF, metavar="[REF]", nargs=-1)
@click.option("--text", "words", metavar="TEXT", type=TEXT, required=True, help="催办内容 · the words")
@click.option(
    "--light", type=click.Choice(["yellow", "red"]), help="所有亮此灯的事项 · every open matter with this light"
)
@click.option("--kind", metavar="KIND", type=KIND, help="事项类型 · of this kind only")
@body_option
@pass_call
def urge(call: Call, refs: tuple[str, ...], words: str, light: str | None, kind: str | None, body: str | None) -> None:
    """Urge each matter by an order of its own."""
    from engine.errors import Usage
    from engine.orders import Urge

    if bool(refs) == (light is not None):
        raise Usage("name the matters, or choose them by --light", "nothing_said")
    damaged: list[str] = []
    if light is not None:
        found = [
            each
            for each in call.reader.listed(light=light, kind=kind, body=call.body(body))["items"]
            if not each["closed"]
        ]
        refs = tuple(each["ref"] for each in found if "damaged" not in each)
        damaged = [each["ref"] for each in found if "damaged" in each]
    actor, engine = call.actor(), call.workspace.engine
    done = [engine.execute(Urge(ref=ref, reason=words), actor).as_json() for ref in refs]
    notices = [notice for each in done for notice in each["notices"]]
    tell_damaged(call, damaged)
    call.answer(
        {"items": done, "damaged": damaged}, lambda: table(COLUMNS, [_row(call, each) for each in notices], call.lang)
    )


@notice_.command("urged", help="各单位被催办次数 · How often each body was urged.")
@pass_call
def urged_(call: Call) -> None:
    """Print the bodies that were urged, the most urged first."""
    from engine.pressing import urged

    sight = call.sight
    sight.require("notices", "查看催办次数", "see how often bodies were urged")
    with call.workspace.database.snapshot() as tx:
        found = urged(tx, call.workspace.campaign, None if sight.everything else sight.bodies)

    def page() -> None:
        rows = [
            [
                body_cell(call, each["body"]),
                each["name"],
                str(each["times"]),
                str(each["matters"]),
                local(each["last_at"], call.zone),
            ]
            for each in found["items"]
        ]
        table(URGED, rows, call.lang)

    call.answer(found, page)


@notice_.command(
    "forecast",
    help="预告：若无人办理，将发出哪些通知 · What will be sent if nobody acts, from the clocks that run now.",
)
@click.option("--until", metavar="INSTANT", type=TEXT, required=True, help="到何时 · until when")
@click.option("--to", "recipient", metavar="LOGIN", type=TEXT, help="收件人 · to whom")
@body_option
@pass_call
def forecast(call: Call, until: str, recipient: str | None, body: str | None) -> None:
    """Print what is foreseen, in the order of time."""
    from engine.foresight import what_is_foreseen

    workspace, end = call.workspace, call.instant(until, "--until")
    code, now = call.body(body), workspace.clock.now()
    call.sight.require("forecast", "查看通知预告", "look at what is foreseen")
    reader = call.reader
    with workspace.database.snapshot() as tx:
        found = what_is_foreseen(tx, reader, workspace.people, now, end or now, code)
    tell_damaged(call, found.damaged)
    fitting = [each for each in found.items if recipient in (None, each.recipient)]
    rows = [
        [
            local(said["effective_at"], call.zone),
            word_cell(NOTICES, said["kind"], call),
            said["recipient"],
            said["channel"],
            "✓" if said["digest"] else "",
            said["ref"],
            said["subject"],
        ]
        for said in (each.as_json() for each in fitting)
    ]
    said = {"items": [each.as_json() for each in fitting], "damaged": list(found.damaged)}
    call.answer(said, lambda: table(FORESEEN, rows, call.lang))


@notice_.command("channels", help="检查通知渠道文件 · Check the channels file (DUBAN_CHANNELS), and show its ways out.")
@click.argument("file", type=TEXT, metavar="[FILE]", required=False)
@pass_call
def channels(call: Call, file: str | None) -> None:
    """Print the ways out of the channels file; secrets are fetched and not shown."""
    import os

    from engine.errors import Usage
    from scheduler.channel_file import load_channels, where_to

    call.operator = True
    path = file or os.environ.get("DUBAN_CHANNELS")
    if not path:
        raise Usage("name a channels file, or set DUBAN_CHANNELS", "nothing_said")
    workspace = call.workspace
    read = load_channels(path, workspace.clock.now, rehearsal=workspace.mode == "rehearsal")
    items = [
        {"channel": code, "type": spec.type, "default": code == read.default, "leads_to": where_to(spec)}
        for code, spec in read.specs.items()
    ]
    rows = [[code, spec.type, "✓" if code == read.default else "", where_to(spec)] for code, spec in read.specs.items()]
    links = {"base": read.links.base, "days": read.links.days} if read.links else None
    rows += [["links", call.word("签收链接", "acknowledgement"), "", read.links.base]] if read.links else []
    call.answer({"items": items, "links": links}, lambda: table(WAYS, rows, call.lang))


@notice_.command(
    "try", help="试发一条通知，不入库 · Send one message now, to see whether a way out works; none is recorded."
)
@click.argument("channel", type=TEXT, metavar="CHANNEL")
@click.option("--to", "recipient", metavar="LOGIN", type=TEXT, required=True, help="收件人 · to whom")
@pass_call
def try_(call: Call, channel: str, recipient: str) -> None:
    """Send a trial message and print the provider's answer."""
    from scheduler.trial import send_trial

    call.operator = True
    answer = send_trial(call.workspace, channel, recipient)
    said = {"channel": channel, "recipient": recipient, "answer": answer}
    call.answer(said, lambda: line(call.word(f"已发出：{answer}", f"sent: {answer}")))
