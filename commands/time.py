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


@group("clock", help="推演时钟 · The clock of a rehearsal database; production has the real one.")
def clock_() -> None:
    """Hold the commands about the clock."""


@clock_.command("show", help="现在几点 · What time it is.")
@pass_call
def show(call: Call) -> None:
    """Print the clock."""
    from engine.clock import VirtualClock, rfc3339

    workspace = call.workspace
    now, movable = rfc3339(workspace.clock.now()), isinstance(workspace.clock, VirtualClock)
    said = {"now": now, "mode": workspace.mode, "movable": movable, "zone": workspace.campaign.zone.key}
    call.answer(
        said,
        lambda: entry(call.word(*MODES[workspace.mode]), f"{local(now, call.zone, seconds=True)} {said['zone']}", 12),
    )


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
    entry(call.word("失败", "failed"), str(said["failed"]), 12)
    if said["held"]:
        entry(call.word("暂缓", "held"), call.word(f"{said['held']}（duban notice list --status held）",
                                                 f"{said['held']} (duban notice list --status held)"), 12)  # fmt: skip
    entry(call.word("下一次", "next"), local(said["next_at"], call.zone) or "–", 12)
