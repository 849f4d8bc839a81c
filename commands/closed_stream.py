"""A stdout or stderr that was closed before we began: nothing is written to it, and that is no success."""

import errno
import io
import os
import sys
from contextlib import suppress
from typing import TextIO


class Closed(io.RawIOBase):
    """Refuses whatever is written, as the closed stream would.

    Its place among the descriptors is taken, so that no file that is opened later is written to by mistake.
    """

    def __init__(self) -> None:
        super().__init__()
        self._place = os.open(os.devnull, os.O_WRONLY)

    def writable(self) -> bool:
        """Say that it is a stream to write to."""
        return True

    def write(self, _said: object) -> int:
        """Raise OSError."""
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def closed_stdout() -> io.TextIOWrapper:
    """A stdout that keeps what it is given until it is to be written, and then raises OSError."""
    return io.TextIOWrapper(io.BufferedWriter(Closed()), encoding="utf-8")


def unwatched(error: OSError, stream: TextIO) -> None:
    """Let what is still said on a *stream* go nowhere whose reader has gone or was never there. Raises any other *error*."""
    if isinstance(error, BrokenPipeError):
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    elif error.errno == errno.EBADF:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  as long as we live
    else:
        raise error
