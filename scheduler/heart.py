"""The heart-beat: APScheduler wakes us at the next due instant, every half minute, and at the campaign's dates.

It never holds a deadline: its job stores drop late one-shot jobs and must not be shared, so it keeps nothing but the
times at which to look into the database.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from engine.clock import Clock, SystemClock, wall_against_monotonic_s
from engine.log import logger

SWEEP_S = 30
"""Seconds between two looks into the database whatever is armed: another process may have put something there."""

STEP_S = 2.0
"""A wall clock that moves this many seconds against the monotonic one was stepped. PLACEHOLDER"""

WATCH_S = 1.0
"""Seconds between two looks at the wall clock."""

NEVER_AGAIN_WEEKS = 5_200

CALLERS = 3
"""How many calls for a beat APScheduler lets in at once; our own lock lets one of them beat, the others leave a mark."""

Beat = Callable[[], float | None]
"""What is done at a beat; it returns the seconds until it wants to be called again, or None."""


class Heart:
    """Call *beat* when it asked for it, at every sweep, at the instants in *dates*, and whenever poked.

    Beats never overlap; a poke during a beat makes another one follow. A beat that raises is logged and the heart goes on.
    """

    def __init__(
        self,
        beat: Beat,
        *,
        sweep_s: float = SWEEP_S,
        dates: Mapping[str, datetime] | None = None,
        clock: Clock | None = None,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._beat = beat
        self._sweep_s = sweep_s
        self._dates = dict(dates or {})
        self._clock = clock or SystemClock()
        self._seconds = seconds
        self._expected: float | None = None
        self._late_s: float | None = None
        self._sound = True
        self._failing_since: float | None = None
        self._scheduler = self._new_scheduler()
        self._busy = threading.Lock()
        self._again = threading.Event()
        self._armed = threading.Event()
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="duban-clock-watch", daemon=True)

    def _new_scheduler(self) -> BackgroundScheduler:
        return BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )

    def start(self) -> None:
        """Begin to beat; the first beat comes at once."""
        self._scheduler.start()
        self._arm_standing()
        self._armed.set()
        self._watcher.start()
        self.poke()

    def _arm_standing(self) -> None:
        """Arm the sweep and the dates that are still to come, and put the beat there to be armed.

        The beat is a standing job whose next time is moved, and a date comes again in a century: APScheduler removes a
        one-shot job after its run, and its thread dies of the missing job if that happens while it is shut down.
        """
        now = self._clock.now()
        once_a_day = IntervalTrigger(days=1, timezone=UTC)
        self._scheduler.add_job(self._pulse, once_a_day, id="beat", replace_existing=True, max_instances=CALLERS)
        self._scheduler.add_job(
            self._pulse,
            IntervalTrigger(seconds=self._sweep_s, start_date=now, timezone=UTC),
            id="sweep",
            replace_existing=True,
        )
        for name, at in self._dates.items():
            if at > now:
                once = IntervalTrigger(weeks=NEVER_AGAIN_WEEKS, start_date=at, timezone=UTC)
                self._scheduler.add_job(self._pulse, once, id=name, replace_existing=True)

    def poke(self) -> None:
        """Ask for a beat as soon as may be; safe from any thread. Before the start there is nothing to hurry."""
        if self._armed.is_set() and not self._stopping.is_set():
            self._arm(0.0)

    def late_s(self) -> float | None:
        """Seconds by which the last beat came late, or the next one is overdue by now, or no beat has done its work, if more.

        None before the start. A beat is expected when it was asked for, and at the latest one sweep after the last began;
        the monotonic clock counts, so that a stepped wall clock makes nobody late.
        """
        expected, failing = self._expected, self._failing_since
        if expected is None:
            return None
        now = self._seconds()
        return max(self._late_s or 0.0, now - expected, 0.0 if failing is None else now - failing)

    def fail(self) -> None:
        """Say from within a beat that it could not do its work: the heart is late from then on, until one can."""
        self._sound = False

    def stopping(self) -> bool:
        """Whether the heart was told to stop: a beat that has much to do then leaves the rest to the next start."""
        return self._stopping.is_set()

    def jobs(self) -> list[str]:
        """The names of what is armed."""
        return sorted(job.id for job in self._scheduler.get_jobs())

    def stop(self, timeout_s: float = 30.0) -> bool:
        """Stop after the beat that is under way; return whether it came to an end in time. -1 waits as long as it takes.

        ``shutdown(wait=True)`` would hold the job store's lock while the beat wants to re-arm: a deadlock. So no new
        beat is let in, the one under way is waited for on our own lock, and only then is the scheduler shut down.
        """
        self._stopping.set()
        ended = self._busy.acquire(timeout=timeout_s)
        if ended:
            self._busy.release()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        return ended

    def _arm(self, delay_s: float) -> None:
        at = self._seconds() + max(delay_s, 0.0)
        self._expected = at if self._expected is None else min(self._expected, at)
        self._scheduler.modify_job("beat", next_run_time=self._clock.now() + timedelta(seconds=max(delay_s, 0.0)))

    def _pulse(self) -> None:
        """Beat, unless a beat is under way: then one more follows it."""
        self._again.set()
        while self._again.is_set() and not self._stopping.is_set():
            if not self._busy.acquire(blocking=False):
                return
            try:
                self._again.clear()
                delay_s = self._beat_once()
            finally:
                self._busy.release()
            if delay_s is not None and not self._stopping.is_set():
                self._arm(delay_s)

    def _beat_once(self) -> float | None:
        began = self._seconds()
        self._late_s = 0.0 if self._expected is None else max(0.0, began - self._expected)
        self._expected = began + self._sweep_s
        self._sound = True
        try:
            return self._beat()
        except Exception as error:  # noqa: BLE001 - one bad beat must not stop the heart; the sweep comes again
            self.fail()
            logger.bind(error=str(error)[:300]).error("a beat failed: {}", type(error).__name__)
            return None
        finally:
            self._failing_since = None if self._sound else self._failing_since or began

    def _watch(self) -> None:
        """Re-arm when the wall clock was stepped: APScheduler would otherwise wait until the old time comes again."""
        offset = wall_against_monotonic_s()
        while not self._stopping.wait(WATCH_S):
            current = wall_against_monotonic_s()
            if abs(current - offset) > STEP_S:
                offset = current
                logger.warning(
                    "the wall clock was stepped, or the machine slept; looking again at everything that is due"
                )
                self._arm_standing()
                self.poke()
