"""How long a way out may take: a limit on the whole of a sending, whatever the other side does in between."""

import contextlib
import threading
from collections.abc import Callable, Iterator

CONNECT_S = 5.0
"""Seconds to reach a server, and for each answer of it."""

WHOLE_S = 10.0
"""Seconds for one message in all; a server that answers byte by byte holds up nobody longer."""


@contextlib.contextmanager
def within(seconds: float, cut: Callable[[], object]) -> Iterator[None]:
    """Run a block that is cut off after *seconds*: *cut* must make its waiting fail. Raises TimeoutError then."""
    over = threading.Event()

    def end() -> None:
        over.set()
        with contextlib.suppress(Exception):  # it may be closed already
            cut()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if over.is_set():
            raise TimeoutError(f"no end after {seconds:g} s") from error
        raise
    finally:
        timer.cancel()
    if over.is_set():
        raise TimeoutError(f"no end after {seconds:g} s")
