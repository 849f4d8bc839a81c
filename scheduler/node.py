"""A process that runs the campaign: the heart beats, orders poke it, a signal ends it."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import Any

from engine.clock import VirtualClock, elapsed_s
from engine.errors import Unavailable
from engine.log import logger
from engine.timekeeping import CLOCK
from scheduler.channels import Channel
from scheduler.chores import occurrences
from scheduler.heart import Heart
from scheduler.turn import Turn
from workflows.workspace import Workspace

LONGEST_WAIT_S = 24 * 3600.0
"""The heart is never armed further ahead; the sweep would find it anyhow. PLACEHOLDER"""

UNSURE_S = 5.0
"""When to look again while the machine's clock cannot be believed, or the database not used: it may be right at any moment."""

ANOTHER_LOOK_S = 1.0
"""When to look again at what was due and is not done: another process is at it, or it cannot be done. PLACEHOLDER"""


class Outage:
    """Say once that the database cannot be used, again if it becomes another trouble, and when it is over."""

    def __init__(self) -> None:
        self._code = ""
        self._since = 0.0

    def note(self, error: Unavailable) -> None:
        """It cannot be used now."""
        if error.code == self._code:
            return
        self._since = self._since if self._code else elapsed_s()
        self._code = error.code
        logger.bind(code=error.code).error(
            "nothing falls due and nothing is sent until the database can be used again: {}", error.message
        )

    def over(self) -> None:
        """It can be used."""
        if self._code:
            self._code = ""
            logger.warning("the database can be used again after {} s; work goes on", round(elapsed_s() - self._since))


def heart_of(
    workspace: Workspace,
    channels: Mapping[str, Channel] | None = None,
    told: Callable[[dict[str, Any]], None] | None = None,
) -> Heart:
    """The heart of a workspace: each beat is one turn, armed again at the next due instant."""
    turn = Turn(workspace, channels)

    outage = Outage()

    def beat() -> float | None:
        try:
            said = turn.run()
        except Unavailable as error:
            if error.code != CLOCK:  # of that the timekeeper has said so, once
                outage.note(error)
                heart.fail()
            return UNSURE_S
        outage.over()
        if told is not None:
            told(said)
        following = said["next_at"]
        if following is None or isinstance(workspace.clock, VirtualClock):
            return None
        ahead = (datetime.fromisoformat(following) - workspace.clock.now()).total_seconds()
        return min(ahead, LONGEST_WAIT_S) if ahead > 0 else ANOTHER_LOOK_S

    heart = Heart(beat, dates=_dates(workspace))
    turn.over = heart.stopping
    workspace.engine.poke = heart.poke
    return heart


def _dates(workspace: Workspace) -> dict[str, datetime]:
    """The campaign's milestones and chores as dates at which the heart beats in any case."""
    if isinstance(workspace.clock, VirtualClock):
        return {}
    return {f"{each.code}:{each.period}": each.at for each in occurrences(workspace.campaign)}


def run(
    workspace: Workspace,
    channels: Mapping[str, Channel] | None = None,
    told: Callable[[dict[str, Any]], None] | None = None,
    over: threading.Event | None = None,
    beating: Callable[[Heart], None] | None = None,
) -> None:
    """Run until a signal ends it, or until *over* is set; the beat under way is finished. *beating* is given the heart."""
    over = over or threading.Event()
    heart = heart_of(workspace, channels, told)
    if beating is not None:
        beating(heart)
    with signals(over):
        heart.start()
        try:
            over.wait()
        finally:
            if not heart.stop():
                logger.warning("a beat does not end in time; waiting for it")
                heart.stop(-1)  # whoever closes the database meanwhile takes it away under the beat


@contextmanager
def signals(over: threading.Event) -> Iterator[None]:
    """Set *over* at SIGINT, SIGTERM and SIGHUP, and put the old handlers back afterwards; under nohup SIGHUP stays ignored."""

    def end(_number: int, _frame: FrameType | None) -> None:
        over.set()

    ending = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # a terminal that is closed, a connection that is lost
        ending.append(signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in ending}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
