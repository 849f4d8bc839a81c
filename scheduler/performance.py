"""One showing of a rehearsal: played event by event at a pace that can be changed, stopped and taken up at will."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.publishing import stored_clock
from engine.transacting import transact
from scheduler.playbill import Superseded
from scheduler.rehearse import Stage

DAY_S = 86_400.0
"""Seconds of a day."""


class Performance:
    """One showing: each beat does the next event and says how long to wait for the one after it.

    *days_per_s* is its pace, 0 as fast as possible. It may be changed from other threads; *poke* wakes the beat then,
    *late_s* tells how late it comes.
    """

    def __init__(self, stage: Stage, end: datetime, days_per_s: float) -> None:
        self.stage = stage
        self.end = end
        self.days_per_s = days_per_s
        self.over = threading.Event()
        self.playing = threading.Event()
        self.playing.set()
        self.finished = False
        self.superseded = False
        self.failed: BaseException | None = None
        self.poke: Callable[[], None] = lambda: None
        self.late_s: Callable[[], float | None] = lambda: None
        self._goal: datetime | None = None

    def status(self) -> dict[str, Any]:
        """How the showing stands."""
        playing = self.playing.is_set() and not self.over.is_set()
        return {"playing": playing, "days_per_s": self.days_per_s, "finished": self.finished}

    def play(self, days_per_s: float) -> None:
        """Go on at this pace."""
        self.days_per_s = max(days_per_s, 0.0)
        self._goal = None
        self.playing.set()
        self.poke()

    def pause(self) -> None:
        """Stand still after the event that is under way."""
        self._goal = None
        self.playing.clear()

    def advance(self, to: datetime) -> None:
        """Play as fast as possible up to *to*, and stand still there."""
        self._goal = min(to, self.end)
        self.playing.set()
        self.poke()

    def beat(self) -> float | None:
        """Do what comes next; as fast as possible if no speed is set."""
        try:
            return self._beat()
        except Superseded:
            self.superseded = True
            self.over.set()
            return None
        except BaseException as error:
            self.failed = error
            self.over.set()
            raise

    def _beat(self) -> float | None:
        while not self.over.is_set() and self.playing.is_set():
            at, goal = self.stage.next_at(), self._goal
            if at is None or at > self.end:
                self._finish()
                return None
            if goal is not None and at > goal:
                self._arrive(goal)
                return None
            self.stage.step(max(at, self.stage.workspace.clock.now()))
            wait = self._wait()
            if wait > 0:
                return wait
        return None

    def _wait(self) -> float:
        """Seconds until the next event is shown."""
        following = self.stage.next_at()
        if following is None or not self.days_per_s or self._goal is not None:
            return 0.0
        return (following - self.stage.workspace.clock.now()).total_seconds() / DAY_S / self.days_per_s

    def _arrive(self, goal: datetime) -> None:
        """Stand still where somebody wanted to be."""
        self._move(goal)
        self.stage.turn.dispatcher.deliver()
        self.pause()

    def _move(self, at: datetime) -> None:
        workspace = self.stage.workspace
        transact(workspace.database, lambda tx: workspace.move_clock(tx, max(at, stored_clock(tx))))

    def _finish(self) -> None:
        self.stage.turn.run()
        self._move(self.end)
        self.stage.turn.dispatcher.deliver()  # what waited for the office's hours
        self.finished = True
        self.over.set()
