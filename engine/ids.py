"""Identifiers of 63 bits made without asking the database: milliseconds, process, counter."""

import os
import random
import secrets
import threading

from engine.clock import real_milliseconds
from engine.errors import Unavailable

_EPOCH_MS = 946_684_800_000
"""2000-01-01T00:00:00Z in milliseconds: 41 bits of milliseconds from here last until 2069."""

_LAST_MS = 1 << 41
"""One more than the largest of them."""

_lock = threading.Lock()
_node = secrets.randbits(10)
_chance = random.Random(secrets.randbits(128))  # noqa: S311 - no secret: it spreads the ids of a millisecond
_last_ms = 0
_counter = 0


OUT_OF_TIME = "the clock of this machine is ahead of 2069, for which there are no identifiers; nothing was done"
OUT_OF_TIME_ZH = "本机时钟晚于2069年，无法编号；什么都没有办理"


def _be_another() -> None:
    """Tell a fork from the process that it was."""
    global _node  # noqa: PLW0603 - one a process is the point
    _node = secrets.randbits(10)
    _chance.seed(secrets.randbits(128))


os.register_at_fork(after_in_child=_be_another)


def new_id() -> int:
    """Return an identifier that is larger than every earlier one of this process and practically unique elsewhere.

    Raises Unavailable (``clock``) if the machine's clock is of a time for which there are none.
    """
    global _last_ms, _counter  # noqa: PLW0603 - one counter a process is the point
    with _lock:
        ms = max(real_milliseconds() - _EPOCH_MS, _last_ms)
        if ms >= _LAST_MS:
            raise Unavailable(OUT_OF_TIME, "clock", hint="put the clock right, then try again", zh=OUT_OF_TIME_ZH)
        if ms == _last_ms:
            _counter += 1
            if _counter > 0xFFF:
                ms, _counter = ms + 1, 0
        else:
            _counter = _chance.getrandbits(8)
        _last_ms = ms
        return (ms << 22) | (_node << 12) | _counter


NOWHERE = "duban.invalid"
"""The end of a domain that cannot exist (RFC 2606, section 2): names are unique under it and lead nowhere."""


def domain_of(campaign: str) -> str:
    """The domain under which a campaign's messages and calendar events have their names."""
    return f"{campaign}.{NOWHERE}"
