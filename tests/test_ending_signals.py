"""What ends a process that runs the campaign: it finishes what is under way and gives back what it had claimed."""

import signal
import threading
from collections.abc import Iterator

import pytest

from scheduler.node import signals


@pytest.fixture
def hangup() -> Iterator[None]:
    """Whatever a test does to SIGHUP is undone."""
    before = signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.usefixtures("hangup")
def test_an_interrupt_an_end_and_a_lost_terminal_end_it_alike(number: signal.Signals) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    before, over = signal.getsignal(number), threading.Event()

    with signals(over):
        signal.raise_signal(number)

    assert over.is_set()
    assert signal.getsignal(number) == before


@pytest.mark.usefixtures("hangup")
def test_what_was_started_to_outlive_its_terminal_does() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    over = threading.Event()

    with signals(over):
        signal.raise_signal(signal.SIGHUP)

    assert not over.is_set()
