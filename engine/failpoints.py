"""Places where a test may kill the process, to show that nothing is lost or done twice whenever it dies."""

import os
import signal

VARIABLE = "DUBAN_FAILPOINT"
"""``name`` kills at the first time that place is reached, ``name:3`` at the third; unset, as always, it costs a look."""

_PLACE, _, _TIMES = os.environ.get(VARIABLE, "").partition(":")

_reached: dict[str, int] = {}


def reach(name: str) -> None:
    """Kill this process without any clean-up if *name* is armed and was reached often enough; else do nothing."""
    if name != _PLACE:
        return
    _reached[name] = _reached.get(name, 0) + 1
    if _reached[name] >= int(_TIMES or 1):
        os.kill(os.getpid(), signal.SIGKILL)
