"""A long piece of work that makes hardly any garbage in circles, not interrupted every while to look for some."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (2_000_000, 50, 1000)
"""After how many new objects the collector looks at the young, the middle-aged and the old ones. PLACEHOLDER

A rehearsal of 500 cases keeps a million objects until its end and leaves no circle behind: looking through all of them
again and again took a twentieth of its time.
"""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let the collector look seldom, and never at what is there already; afterwards all is as it was."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
