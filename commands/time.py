"""What time touches: the clock of a rehearsal, and one turn of the scheduler."""

from typing import Any

import click

from commands.call import Call
from commands.group import group, pass_call
from commands.paper import entry, local
from commands.values import TEXT
from workflows.words import MODES

MOST_SHOWN = 20
"""How many notices are shown of those that went out while a rehearsal's clock was moved; months bring thousands."""


@group(
    "clock",
    help="时钟：推演可拨动，正式库核对本机 · The clock: a rehearsal's is moved, a production's is the machine's.",
)
def clock_() -> None:
    """Hold the commands about the clock."""


@clock_.command("show", help="现在几点，时钟是否可信 · What time it is, and whether the clock is believed.")
@pass_call
def show(call: Call) -> None:
    """Print the clock."""
    from engine.clock import VirtualClock, rfc3339

    workspace = call.workspace
    now, movable = rfc3339(workspace.clock.now()), isinstance(workspace.clock, VirtualClock)
    said: dict[str, Any] = {"now": now, "mode": workspace.mode, "movable": movable, "zone": workspace.campaign.zone.key}
    said |= believed(call)

    def page() -> None:
        entry(call.word(*MODES[workspace.mode]), f"{local(now, call.zone, seconds=True)} {said['zone']}", 12)
        if not movable:
            entry(call.word("可信", "believed"), _belief(call, said), 12)

    call.answer(said, page)


def believed(call: Call) -> dict[str, Any]:
    """Whether the machine's clock is believed, why not, and by how much the database's server differs; nothing of a rehearsal's."""
    timekeeper = call.workspace.engine.timekeeper
    if timekeeper is None:
        return {}
    doubt, offset_us = timekeeper.doubt(), timekeeper.server_offset_us()
    if doubt is not None:
        call.note(*doubt.words)
        call.note(
            "核对现时间无误的：duban clock confirm --reason …",
            "if what it says is right: duban clock confirm --reason …",
        )
    return {
        "clock_believed": doubt is None, "clock_doubt": doubt.as_json() if doubt is not None else None,
        "clock_offset_s": round(offset_us / 1e6, 3) if offset_us is not None else None,
    }  # fmt: skip


def _belief(call: Call, said: dict[str, Any]) -> str:
    doubt, offset_s = said["clock_doubt"], said["clock_offset_s"]
    told = call.word("是", "yes")
    if doubt is not None:
        other = local(doubt["otherwise"], call.zone, seconds=True)
        told = call.word(
            f"否，应为{other}（相差{doubt['by_s']}秒）", f"no, otherwise {other} (off by {doubt['by_s']} s)"
        )
    if offset_s is None:
        return told
    return told + call.word(f"；与数据库服务器相差{offset_s}秒", f"; {offset_s} s from the database's server")


@clock_.command("confirm", help="确认本机现时间无误，恢复工作 · What the machine's clock says is right: work goes on.")
@click.option("--reason", metavar="TEXT", type=TEXT, required=True, help="核对依据 · how you know")
@pass_call
def confirm(call: Call, reason: str) -> None:
    """Believe the clock, on the record."""
    from engine.clock import rfc3339
    from engine.errors import Refused
    from workflows.timekeeping import confirm_clock

    call.operator = True
    workspace = call.workspace
    if workspace.engine.timekeeper is None:
        raise Refused("a rehearsal's clock is moved, not confirmed: duban clock advance", "no_machine_clock")
    doubt = confirm_clock(workspace, call.actor(), reason)
    said: dict[str, Any] = {"now": rfc3339(workspace.clock.now()), "confirmed": doubt.as_json(), "clock_believed": True}

    def page() -> None:
        entry(call.word("已确认", "confirmed"), local(said["now"], call.zone, seconds=True), 12)

    call.answer(said, page)


@clock_.command("advance", help="拨快推演时钟，其间到期的依次发生 · Let time pass: everything falls due in order.")
@click.option("--to", metavar="INSTANT", type=TEXT, required=True, help="拨到何时 · until when")
@click.option(
    "--without-scheduler", is_flag=True, help="其间无人计时（停机） · an outage: nothing falls due on the way"
)
@pass_call
def advance(call: Call, to: str, without_scheduler: bool) -> None:
    """Move the clock."""
    from engine.clock import VirtualClock
    from engine.errors import Refused
    from scheduler.channels import ConsoleChannel
    from scheduler.turn import Turn, channels_of

    if not isinstance(call.workspace.clock, VirtualClock):
        raise Refused("only a rehearsal database has a clock that can be moved", "no_virtual_clock")
    at = call.instant(to, "--to")
    console = ConsoleChannel(most=MOST_SHOWN)
    turn = Turn(call.workspace, channels_of(call.workspace, console))
    said = turn.advance(at or call.workspace.clock.now(), without_scheduler=without_scheduler)
    if console.sent > MOST_SHOWN:
        more = console.sent - MOST_SHOWN
        call.note(f"……另发出{more}件，全部见 duban notice list", f"… and {more} more; all of them: duban notice list")
    call.answer(said, lambda: _turned(call, said))


@group("scheduler", help="计时 · The scheduler: fire what is due, deliver what is owed.")
def scheduler_() -> None:
    """Hold the commands about the scheduler."""


@scheduler_.command("once", help="计时一轮：到期的发生，应发的发出 · One turn: fire what is due, deliver what is owed.")
@pass_call
def once(call: Call) -> None:
    """Take one turn."""
    call.operator = True
    from scheduler.turn import Turn

    said = Turn(call.workspace).run()
    call.answer(said, lambda: _turned(call, said))


def _turned(call: Call, said: dict[str, Any]) -> None:
    entry(call.word("现在", "now"), local(said["now"], call.zone), 12)
    entry(call.word("到期", "fired"), str(said["fired"]), 12)
    entry(call.word("发出", "delivered"), str(said["delivered"]), 12)
    failed = call.beside(str(said["failed"]), "duban notice list --status dead") if said["failed"] else "0"
    entry(call.word("失败", "failed"), failed, 12)
    if said["held"]:
        entry(call.word("暂缓", "held"), call.word(f"{said['held']}（duban notice list --status held）",
                                                 f"{said['held']} (duban notice list --status held)"), 12)  # fmt: skip
    entry(call.word("下一次", "next"), local(said["next_at"], call.zone) or "–", 12)
