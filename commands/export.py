"""Exports for other people's tools: the calendar feed; the event log is in `commands/export_log.py`."""

import sys

import click

from commands.call import Call
from commands.damaged import MARKED, tell_damaged
from commands.export_log import csv, exported, note, ocel, xes
from commands.fresh_file import write_fresh
from commands.group import group, pass_call
from commands.paper import line
from commands.reference import body_option
from commands.values import TEXT


@group("export", help="导出 · Exports for other tools.")
def export_() -> None:
    """Hold the commands that export."""


for each in (xes, ocel, csv):
    export_.add_command(each)


@export_.command(
    "ics", help="期限日历（iCalendar） · The deadlines as a calendar feed: of all, of a body, or of a person."
)
@body_option
@click.option(
    "--person",
    metavar="LOGIN",
    type=TEXT,
    help="某人所在单位的期限 · deadlines of the bodies where LOGIN has a post or stands in",
)
@click.option("--out", metavar="FILE", type=TEXT, help="写入文件 · write to a file instead of stdout")
@pass_call
def ics(call: Call, body: str | None, person: str | None, out: str | None) -> None:
    """Write the feed; an existing file is replaced only when the new one is complete."""
    from engine.errors import Usage
    from workflows.feed import feed

    if body is not None and person is not None:
        raise Usage("choose by --body or by --person, not by both", "both")
    workspace, now = call.workspace, call.workspace.clock.now()
    owners = None if call.body(body) is None else {body or ""}
    if person is not None:
        holder = workspace.holder(person)
        seats = {*holder.posts, *(seat for each in workspace.deputies(holder).values() for seat in each.posts)}
        owners = {each for each, _ in seats}
    exported(call)
    reader, damaged = call.reader, list[str]()
    with workspace.database.snapshot() as tx:
        written = feed(workspace.campaign, reader.matters(tx), owners, now, call.lang, damaged)
    note(call, "ics", written, {"body": body, "person": person})
    tell_damaged(call, damaged, MARKED)
    if out is None and not call.json:
        sys.stdout.flush()
        sys.stdout.buffer.write(written)
        return
    if out is None:
        call.write_json({"ics": written.decode(), "damaged": damaged})
        return
    write_fresh(out, lambda path: path.write_bytes(written), workspace.database)
    events = written.count(b"BEGIN:VEVENT")
    call.answer(
        {"file": out, "events": events, "damaged": damaged},
        lambda: line(call.word(f"{out}：{events} 项期限", f"{out}: {events} deadlines")),
    )
