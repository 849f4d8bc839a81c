"""What is said beside an answer, on stderr: it is for whoever watches, and nothing that is done hangs on it."""

import contextlib
import io
import sys


class Margin(io.TextIOWrapper):
    """A stream that loses what its file does not take, because the disk is full or the reader has gone."""

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            super().flush()


def forgive() -> None:
    """Let stderr be such a stream from now on: a service whose log lies on a full disk goes on, and so does an order."""
    if type(sys.stderr) is io.TextIOWrapper:
        encoding, errors = sys.stderr.encoding, sys.stderr.errors
        sys.stderr = Margin(sys.stderr.detach(), encoding=encoding, errors=errors, line_buffering=True)
