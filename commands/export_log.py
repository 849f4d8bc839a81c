"""Exports of the record as an event log, for tools that mine processes: XES, OCEL, CSV."""

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.call import Call
from commands.fresh_file import write_fresh, write_pieces
from commands.group import command, pass_call
from commands.look import as_of_option
from commands.paper import line
from commands.reference import KIND
from commands.values import TEXT

if TYPE_CHECKING:
    from engine.exports import SetDown
    from workflows.event_log import Event

kind_option = click.option("--kind", metavar="KIND", type=KIND, help="只导出此类事项 · only matters of this kind")
out_option = click.option("--out", metavar="FILE", type=TEXT, help="写入文件 · write to a file instead of stdout")


@command("xes", help="办理留痕为 XES（IEEE 1849-2016） · The record as an XES event log: a trace a matter.")
@kind_option
@as_of_option
@out_option
@pass_call
def xes(call: Call, kind: str | None, as_of: str | None, out: str | None) -> None:
    """Write the log; activities are named in the language of the call, their codes stand beside them."""
    from workflows.xes import xes as written

    name = call.label(call.workspace.campaign.doc.name)
    _hand_out(call, "xes", written(_read(call, kind, as_of)(), name, call.lang), out, kind)


@command("csv", help="办理留痕为 CSV 表 · The record as a table, a row an entry.")
@kind_option
@as_of_option
@out_option
@pass_call
def csv(call: Call, kind: str | None, as_of: str | None, out: str | None) -> None:
    """Write the table."""
    from workflows.event_table import event_table

    _hand_out(call, "csv", event_table(_read(call, kind, as_of)()), out, kind)


@command(
    "ocel",
    help="办理留痕为 OCEL 2.0（JSON；文件名以 .sqlite 结尾时为 SQLite） · As OCEL 2.0: JSON, or SQLite if FILE ends in .sqlite.",
)
@kind_option
@as_of_option
@out_option
@pass_call
def ocel(call: Call, kind: str | None, as_of: str | None, out: str | None) -> None:
    """Write the log with matters, bodies, documents and deadlines as objects."""
    from workflows.ocel import ocel as written

    read, campaign = _read(call, kind, as_of), call.workspace.campaign
    if out is None or not out.endswith((".sqlite", ".db")):
        _hand_out(call, "ocel", written(read, campaign), out, kind)
        return
    from workflows.ocel_sqlite import write_ocel

    size = write_fresh(out, lambda path: write_ocel(path, read(), campaign), call.workspace.database)
    note(call, "ocel", Path(out), {"kind": kind})
    _say(call, out, size)


def _read(call: Call, kind: str | None, as_of: str | None) -> "Callable[[], Iterable[Event]]":
    """What reads the events; it may be called more than once and reads the same."""
    from workflows.event_log import event_log

    workspace = call.workspace
    if kind is not None:
        workspace.campaign.kind(kind)
    until = call.instant(as_of, "--as-of") or workspace.clock.now()
    refs = exported(call)
    return lambda: event_log(workspace.database, workspace.campaign, kind, until, refs)


def exported(call: Call) -> frozenset[str] | None:
    """The references of what who exports may take out of the house; None for everything. Raises Forbidden."""
    if call.sight.everything and call.sight.may("exports_all"):
        return None
    call.sight.require("exports_own", "导出", "export")
    return frozenset(ref for ref, _ in call.reader.refs())


def note(call: Call, what: str, taken: "Path | bytes | SetDown", about: Mapping[str, str | None]) -> None:
    """Put on record who took it out of a production database; a rehearsal has nothing that could leave the house."""
    if call.workspace.mode == "production":
        from engine.exports import note_export

        note_export(call.workspace.engine, call.actor(), what, taken, about)


def _hand_out(call: Call, what: str, pieces: Iterable[str], out: str | None, kind: str | None) -> None:
    """Write *pieces* to the file, or to stdout when they are on record."""
    from engine.errors import Usage
    from engine.exports import set_down

    if out is not None:
        size = write_fresh(out, write_pieces(pieces), call.workspace.database)
        note(call, what, Path(out), {"kind": kind})
        _say(call, out, size)
        return
    if call.json and what != "ocel":
        raise Usage("with --json the log needs a file of its own: --out FILE", "no_file")
    taken = set_down(pieces)
    note(call, what, taken, {"kind": kind})
    sys.stdout.flush()
    taken.copy_to(sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _say(call: Call, out: str, size: int) -> None:
    found: dict[str, Any] = {"file": out, "written": size}
    call.answer(found, lambda: line(call.word(f"已写入 {out}", f"{out} is written")))
