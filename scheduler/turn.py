"""One turn of the wheel: fire what is due, do the chores, deliver what is owed."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.clock import rfc3339, to_us
from engine.dialect import sqlite_file
from engine.errors import Invalid
from engine.firing import fire_due, next_due
from engine.holding import begin_outage
from engine.store import Tx
from engine.transacting import transact
from scheduler.backlog import Backlog
from scheduler.channels import Channel, Usual, channels_for
from scheduler.chores import Chores
from scheduler.dispatch import HAND, Dispatcher
from scheduler.insistence import Insistence
from scheduler.sealing import Sealing
from scheduler.tidying import Tidying
from scheduler.unreached import Unreached
from workflows.workspace import Workspace

if TYPE_CHECKING:
    from scheduler.channel_file import ChannelFile


def outbox_folder(workspace: Workspace) -> Path:
    """Where the ``file`` channel writes: beside a SQLite file, or where ``DUBAN_OUTBOX`` says."""
    said = os.environ.get("DUBAN_OUTBOX")
    path = sqlite_file(workspace.database.url)
    if said:
        return Path(said)
    return path.with_name(path.name + ".outbox") if path else Path("var/outbox")


def channels_of(workspace: Workspace, console: Channel | None = None) -> Mapping[str, Channel]:
    """The ways out of a workspace: console and file, and those of the channels file that ``DUBAN_CHANNELS`` names.

    *console* takes the place of the usual one. Raises Invalid with every flaw of that file, Refused if a rehearsal could
    tell anybody outside this machine.
    """
    from scheduler.dressing import dressed

    made = channels_for(outbox_folder(workspace), durable=workspace.mode != "rehearsal")
    usual = {**made, **({} if console is None else {"console": console})}
    read = channel_file_of(workspace)
    if read is None:
        return dressed(workspace, usual, {"file": "file"}, None)
    types = {"file": "file", **{code: spec.type for code, spec in read.specs.items()}}
    links = read.links.links_of(workspace.campaign) if read.links else None
    ways = dressed(workspace, {**usual, **read.channels}, types, links)
    name = workspace.campaign.channel
    return ways if name == read.default else {**ways, name: Usual(read.default, ways[read.default])}


def channel_file_of(workspace: Workspace) -> "ChannelFile | None":
    """The channels file that ``DUBAN_CHANNELS`` names, read and checked; None if there is none. Raises Invalid, Refused."""
    said = os.environ.get("DUBAN_CHANNELS")
    if not said:
        return None
    from scheduler.channel_file import load_channels

    return load_channels(said, workspace.clock.now, rehearsal=workspace.mode == "rehearsal")


class Turn:
    """Let time take effect on a workspace, once whenever asked."""

    def __init__(self, workspace: Workspace, channels: Mapping[str, Channel] | None = None, hand: int = HAND) -> None:
        self.workspace = workspace
        self.chores = Chores(workspace)
        self.unreached = Unreached(workspace)
        self.backlog = Backlog(workspace)
        self.insistence = Insistence(workspace)
        self.sealing = Sealing(workspace)
        self.tidying = Tidying(workspace)
        self.held = 0
        self.over: Callable[[], bool] = lambda: False
        self.dispatcher = Dispatcher(workspace, channels or channels_of(workspace), hand)

    def run(self) -> dict[str, Any]:
        """One turn at the clock's present instant, with the calendar and the campaign that the database has now."""
        return {**self._said(*self.take()), "held": self.held}

    def take(self) -> tuple[int, int, int]:
        """The same without a look at what comes next; return how much fired, was delivered, failed.

        Raises Unavailable while the machine's clock cannot be believed.
        """
        timekeeper = self.workspace.engine.timekeeper
        if timekeeper is not None:
            timekeeper.refuse()
            timekeeper.mark()
        self.workspace.refresh()
        if self.chores.campaign is not self.workspace.campaign:
            self.chores = Chores(self.workspace)
        fired = fire_due(self.workspace.engine, self.over)
        if self.over():
            return fired, 0, 0
        fired += self.chores.run()
        self.unreached.run()
        self.insistence.run()
        self.backlog.run()
        delivered, failed = self.dispatcher.deliver(self.over)
        self.held = self.dispatcher.held
        if self.held and self.backlog.run(just_held=True):
            more = self.dispatcher.deliver(self.over)
            delivered, failed = delivered + more[0], failed + more[1]
        self.tidying.run()
        if timekeeper is not None:
            timekeeper.refuse()
        self.sealing.run()
        return fired, delivered, failed

    def next_at(self) -> datetime | None:
        """The next instant at which there is something to do."""
        times = (
            next_due(self.workspace.engine),
            self.chores.next_at(),
            self.dispatcher.next_at(),
            self.insistence.next_at(),
        )
        return min((each for each in times if each is not None), default=None)

    def advance(self, to: datetime, *, without_scheduler: bool = False) -> dict[str, Any]:
        """Move a rehearsal's clock to *to*, letting everything fall due in order on the way, or (an outage) nothing.

        Raises Refused in production and Invalid for an instant before the present one.
        """
        now = self.workspace.clock.now()
        if to < now:
            raise Invalid(
                f"the clock stands at {rfc3339(now)}; it cannot be turned back to {rfc3339(to)}", "clock_back"
            )
        if without_scheduler:
            self._move(to, outage=True)
            return self._said(0, 0, 0)
        total, held = [0, 0, 0], 0
        said: dict[str, Any] = {}
        while True:
            following = self.next_at()
            at_end = following is None or following > to or self._stuck(following, said)
            self._move(to if at_end or following is None else max(following, self.workspace.clock.now()))
            said = self.run()
            total = [was + said[name] for was, name in zip(total, ("fired", "delivered", "failed"), strict=True)]
            held += said["held"]
            if at_end:
                self.sealing.run(at_once=True)
                return {**self._said(*total), "held": held}

    def _stuck(self, following: datetime, said: Mapping[str, Any]) -> bool:
        """Say whether the last turn left undone what was due: something that cannot be fired must not stop the clock."""
        return bool(said) and following <= self.workspace.clock.now() and not (said["fired"] or said["delivered"])

    def _move(self, to: datetime, *, outage: bool = False) -> None:
        before = self.workspace.clock.now()

        def work(tx: Tx) -> None:
            self.workspace.move_clock(tx, to)
            if outage:
                begin_outage(tx, self.workspace.campaign, to_us(before))

        transact(self.workspace.database, work)

    def _said(self, fired: int, delivered: int, failed: int) -> dict[str, Any]:
        following = self.next_at()
        return {
            "now": rfc3339(self.workspace.clock.now()),
            "fired": fired,
            "delivered": delivered,
            "failed": failed,
            "held": 0,
            "next_at": rfc3339(following) if following else None,
        }
