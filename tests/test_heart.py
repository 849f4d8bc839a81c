"""The heart-beat: it beats when asked, never twice at once, outlives a bad beat, and stops without a deadlock."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from engine import clock as clocks
from scheduler import heart as hearts
from scheduler.heart import Heart

PATIENCE_S = 10.0
"""How long a test waits for a thread before it calls it lost."""


class Beats:
    """Counts beats and lets a test wait for them."""

    def __init__(self, answer: Callable[[int], float | None] = lambda count: None) -> None:
        self.count = 0
        self._answer = answer
        self._changed = threading.Condition()

    def __call__(self) -> float | None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()
            count = self.count
        return self._answer(count)

    def reach(self, count: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.count >= count, PATIENCE_S)


@pytest.fixture
def started() -> Iterator[Callable[..., Heart]]:
    hearts_made: list[Heart] = []

    def start(beat: Callable[[], float | None], **options: object) -> Heart:
        heart = Heart(beat, **options)  # type: ignore[arg-type]
        hearts_made.append(heart)
        heart.start()
        return heart

    yield start
    for heart in hearts_made:
        heart.stop()


def test_the_heart_beats_at_once_and_again_when_the_beat_asked_for_it(started: Callable[..., Heart]) -> None:
    beats = Beats(lambda count: 0.01 if count < 4 else None)

    started(beats, sweep_s=3600)

    assert beats.reach(4)


def test_a_poke_makes_it_beat(started: Callable[..., Heart]) -> None:
    beats = Beats()
    heart = started(beats, sweep_s=3600)
    assert beats.reach(1)

    before = beats.count
    heart.poke()

    assert beats.reach(before + 1)


def test_the_sweep_comes_though_nothing_is_armed(started: Callable[..., Heart]) -> None:
    beats = Beats()

    started(beats, sweep_s=0.05)

    assert beats.reach(4)


def test_dates_to_come_are_armed_and_past_ones_are_not(started: Callable[..., Heart]) -> None:
    now = clocks.SystemClock().now()
    dates = {"summaries:2011-03-31": now + timedelta(days=1), "deployment:2010-11-26": now - timedelta(days=1)}

    heart = started(Beats(), dates=dates)

    assert "summaries:2011-03-31" in heart.jobs()
    assert "deployment:2010-11-26" not in heart.jobs()
    assert "sweep" in heart.jobs()


def test_a_beat_that_raises_does_not_stop_the_heart(started: Callable[..., Heart]) -> None:
    def answer(count: int) -> float | None:
        if count == 1:
            raise RuntimeError("one bad beat")
        return None

    beats = Beats(answer)

    started(beats, sweep_s=0.05)

    assert beats.reach(3)


def test_beats_never_overlap_and_a_poke_during_one_makes_another_follow(started: Callable[..., Heart]) -> None:
    inside = threading.Semaphore(1)
    entered, go_on = threading.Event(), threading.Event()
    overlaps: list[int] = []

    def answer(count: int) -> float | None:
        if not inside.acquire(blocking=False):
            overlaps.append(count)
            return None
        entered.set()
        go_on.wait(PATIENCE_S)
        inside.release()
        return None

    beats = Beats(answer)
    heart = started(beats, sweep_s=3600)
    assert entered.wait(PATIENCE_S)

    heart.poke()
    heart.poke()
    go_on.set()

    assert beats.reach(2)
    assert overlaps == []


def test_stopping_waits_for_the_beat_that_wants_to_re_arm(started: Callable[..., Heart]) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def answer(count: int) -> float | None:
        entered.set()
        go_on.wait(PATIENCE_S)
        return 0.001

    beats = Beats(answer)
    heart = started(beats, sweep_s=3600)
    assert entered.wait(PATIENCE_S)

    stopper: list[bool] = []
    thread = threading.Thread(target=lambda: stopper.append(heart.stop(PATIENCE_S)))
    thread.start()
    go_on.set()
    thread.join(PATIENCE_S)

    assert stopper == [True]
    assert beats.count == 1


@pytest.mark.parametrize("step", [timedelta(hours=2), timedelta(hours=-2)])
def test_a_stepped_wall_clock_makes_it_look_again(
    step: timedelta, started: Callable[..., Heart], monkeypatch: pytest.MonkeyPatch
) -> None:
    offset = [0.0]
    monkeypatch.setattr(hearts, "wall_against_monotonic_s", lambda: offset[0])
    monkeypatch.setattr(hearts, "WATCH_S", 0.01)
    beats = Beats()
    started(beats, sweep_s=3600)
    assert beats.reach(1)

    before = beats.count
    offset[0] = step.total_seconds()

    assert beats.reach(before + 1)


def test_the_heart_takes_the_time_from_its_clock() -> None:
    class Fixed:
        def now(self) -> datetime:
            return datetime(2010, 11, 26, 1, tzinfo=clocks.EPOCH.tzinfo)

    heart = Heart(Beats(), dates={"past": datetime(2010, 11, 25, tzinfo=clocks.EPOCH.tzinfo)}, clock=Fixed())
    heart.start()

    assert heart.stop()
    assert "past" not in heart.jobs()


def test_a_heart_says_how_late_its_last_beat_came_and_how_long_the_next_is_overdue() -> None:
    now = [100.0]
    beats: list[float] = []
    heart = Heart(lambda: beats.append(now[0]), sweep_s=30.0, seconds=lambda: now[0])  # type: ignore[arg-type,func-returns-value]
    assert heart.late_s() is None

    heart._scheduler.modify_job = lambda *_, **__: None  # type: ignore[method-assign,assignment,return-value]
    heart._arm(5.0)
    now[0] = 112.0
    assert heart.late_s() == 7.0
    heart._pulse()
    assert (beats, heart.late_s()) == ([112.0], 7.0)

    now[0] = 140.0
    heart._pulse()
    assert heart.late_s() == 0.0
    now[0] = 190.0
    assert heart.late_s() == 20.0


def test_a_heart_whose_beats_cannot_do_their_work_is_late_from_the_first_of_them_until_one_can() -> None:
    now, troubles = [100.0], [True, True, False]

    def beat() -> None:
        if troubles.pop(0):
            heart.fail()

    heart = Heart(beat, sweep_s=30.0, seconds=lambda: now[0])
    late = []
    for at in (100.0, 120.0, 140.0):
        now[0] = at
        heart._pulse()
        now[0] = at + 10.0
        late.append(heart.late_s())

    assert late == [10.0, 30.0, 0.0]
