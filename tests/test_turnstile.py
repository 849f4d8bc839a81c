"""The queue of writers: one at a time, whoever waits and however often, and nobody who has given up stands in the way."""

import threading
from pathlib import Path

import pytest

from engine.errors import Unavailable
from engine.turnstile import Turnstile

SOON = 0.05
"""Seconds in which nothing will become free."""

PATIENT = 20.0
"""Seconds in which it will."""


def test_who_has_waited_in_vain_gets_his_turn_later_and_holds_up_nobody(tmp_path: Path) -> None:
    first, second, third = (Turnstile(tmp_path / "queue") for _ in range(3))
    for _ in range(3):
        first.enter(PATIENT)
        with pytest.raises(Unavailable):
            second.enter(SOON)
        first.leave()
        with third.turn(PATIENT):
            with pytest.raises(Unavailable):
                second.enter(SOON)
            with pytest.raises(Unavailable):
                first.enter(SOON)
        with second.turn(PATIENT), pytest.raises(Unavailable):
            third.enter(SOON)
    for each in (first, second, third):
        each.close()


def test_whoever_waits_again_and_again_is_alone_every_time(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def pass_through(number: int) -> None:
        queue = Turnstile(tmp_path / "queue")
        for _ in range(40):
            with queue.turn(PATIENT):
                inside.append(number)
                most.append(len(inside))
                inside.remove(number)
        queue.close()

    threads = [threading.Thread(target=pass_through, args=(number,)) for number in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (len(most), max(most)) == (200, 1)


def test_a_wait_that_is_broken_off_does_not_keep_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Turnstile(tmp_path / "queue"), Turnstile(tmp_path / "queue")
    first.enter(PATIENT)
    with pytest.raises(Unavailable):
        second.enter(SOON)
    assert second._asking is not None

    def breaks_off(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(second._asking, "_got", _Breaking(second._asking._got, breaks_off))
        with pytest.raises(KeyboardInterrupt):
            second.enter(PATIENT)
    first.leave()
    for each in (first, second, first):
        each.enter(PATIENT)
        each.leave()
    first.close()
    second.close()


class _Breaking:
    """A semaphore of which whoever waits for it in patience is called away."""

    def __init__(self, real: threading.Semaphore, breaks_off: object) -> None:
        self._real, self._breaks_off = real, breaks_off
        self.release = real.release

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        return self._real.acquire(blocking=False) if not blocking else self._breaks_off()  # type: ignore[operator,no-any-return]
